"""R5: any process of the site killed while pictures come in and are drawn; what was acknowledged is whole, and nothing else can be reached or stays."""

import os
import signal
import threading
import time
from contextlib import suppress
from io import BytesIO

import pytest
from PIL import Image

from tests.dice import dice, tell, times
from tests.faults.pictures import PATIENCE_SECONDS, look_into, send_pictures
from tests.faults.writers import Program, ask, until_answering
from tests.processes import descendants
from tests.running import RunningSite
from tests.witness import Ledger

pytestmark = pytest.mark.slow

SENDERS = 3


def test_what_was_acknowledged_is_whole_and_nothing_else_stays(site: RunningSite, program: Program, ledger: Ledger):
    kills, chance, over = times(4), dice(), threading.Event()
    site.start()
    senders = [threading.Thread(target=send_pictures, args=(program, ledger, each, over), daemon=True) for each in range(SENDERS)]
    for each in senders:
        each.start()
    try:
        for _ in range(kills):
            time.sleep(chance.uniform(0.5, 3))
            with suppress(ProcessLookupError):
                os.kill(chance.choice(descendants(site.process.pid)), signal.SIGKILL)
    finally:
        over.set()
        for each in senders:
            each.join(PATIENCE_SECONDS * 2)
    assert not any(each.is_alive() for each in senders)
    until_answering(site)
    acknowledged = ledger.told("acknowledged")
    for what, line in acknowledged.items():
        Image.open(BytesIO(ask(site.port, "GET", line["path"]).body)).load()
        assert site.execute("SELECT count(*) FROM asset WHERE id = %s", line["number"]) == [(1,)], what
    assert acknowledged
    assert [line for line in ledger.told("refused").values() if not line["kind"]] == []
    assert site.stop() == 0
    look_into(site.data)
    tell(kills, kills, f"kills of any process, {len(acknowledged)} acknowledged pictures, each whole; nothing else stayed")
