"""R5: any process of the site killed while pictures come in and are drawn; what was acknowledged is whole, and nothing else can be reached or stays."""

import os
import random
import secrets
import signal
import threading
import time
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

from inkhorn.app import create_app
from inkhorn.core.config_loading import load_config
from inkhorn.core.database import db, session
from inkhorn.core.storage import storage
from inkhorn.media import tasks
from inkhorn.media.models import Asset, Rendition
from inkhorn.media.services.checking import missing_files
from inkhorn.media.services.marking import MARK_KEY
from tests.dice import SEED, dice, tell, times
from tests.factories.media import picture_bytes
from tests.faults.test_sent_twice import upload
from tests.faults.writers import CUT_OFF, SETTINGS, Program, ask, until_answering
from tests.processes import descendants
from tests.running import RunningSite
from tests.witness import Ledger

pytestmark = pytest.mark.slow

SENDERS, PATIENCE_SECONDS, LONG_AGO = 3, 120, 2 * 86_400


def send_pictures(program: Program, ledger: Ledger, sender: int, over: threading.Event) -> None:
    chance, number = random.Random(f"{SEED} {sender}"), 0
    while not over.is_set():
        what, once = f"{sender}-{number}", secrets.token_hex(8)
        picture = picture_bytes(chance.randrange(900, 1500), 600 + sender * 100 + number, quality=95)
        ledger.note("asked", what)
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            with suppress(*CUT_OFF):
                answer = upload(program.site.port, program.key, picture, once)
                if answer.status == 201:
                    ledger.note("acknowledged", what, path=answer.json["data"]["path"], number=answer.json["data"]["id"])
                    break
                ledger.note("refused", what, kind=answer.is_kind_refusal, words=answer.body[:300].decode())
            time.sleep(0.1)
        number += 1


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


def look_into(data: Path) -> None:
    """Each row has its file, and once two days have passed each file its row."""
    for path in data.rglob("*"):
        if path.is_dir() or "media" in path.parts:
            os.utime(path, (time.time() - LONG_AGO,) * 2)
    with create_app(load_config(data=data, environ=SETTINGS)).app_context():
        _looked, missing = missing_files()
        assert missing == []
        tasks.sweep_orphans()
        rows = {*session().scalars(select(Asset.key)), *session().scalars(select(Rendition.key)), MARK_KEY}
        assert {each.key for each in storage().files()} <= rows
        assert list((data / "tmp").iterdir()) == []
        db.session.close()
        db.engine.dispose()
