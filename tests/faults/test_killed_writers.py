"""R1, R2 and R9: web workers and whole sites killed or stopped while programs write; what was acknowledged is there, whole and once."""

import os
import signal
import time

import pytest

from tests.dice import dice, tell, times
from tests.faults.writers import Program, Writers, judge, settle, until_answering
from tests.processes import web_workers
from tests.running import RunningSite
from tests.witness import Ledger

pytestmark = pytest.mark.slow

# Longer than a worker takes to be there again, on a machine that does much else.
PAUSE_SECONDS = (0.2, 2.0)


def test_no_acknowledged_write_is_lost_when_workers_are_killed(site: RunningSite, program: Program, ledger: Ledger):
    kills, chance = times(5), dice()
    site.start()
    writers = Writers(program, ledger).start()
    killed = 0
    try:
        while killed < kills:
            time.sleep(chance.uniform(*PAUSE_SECONDS))
            workers = web_workers(site.process.pid)
            if workers:
                os.kill(chance.choice(workers), signal.SIGKILL)
                killed += 1
    finally:
        writers.stop()
    until_answering(site)
    settle(site)
    kept = judge(site, ledger)
    tell(killed, kills, f"kills of a web worker, {kept} acknowledged writes, none lost")
    assert kept > kills
    assert site.stop() == 0


def test_no_acknowledged_write_is_lost_when_everything_is_killed(site: RunningSite, program: Program, ledger: Ledger):
    kills, chance, slowest = times(3), dice(), 0.0
    site.start()
    writers = Writers(program, ledger).start()
    try:
        for _ in range(kills):
            time.sleep(chance.uniform(*PAUSE_SECONDS))
            site.kill()
            began = time.monotonic()
            site.start()
            slowest = max(slowest, time.monotonic() - began)
    finally:
        writers.stop()
    settle(site)
    kept = judge(site, ledger)
    tell(kills, kills, f"kills of the whole site, {kept} acknowledged writes, none lost; there again after {slowest:.1f} s at most")
    assert site.stop() == 0


def test_no_acknowledged_write_is_lost_when_the_site_is_told_to_stop(site: RunningSite, program: Program, ledger: Ledger):
    """R9, as far as the site alone can: whoever finds it closed comes again."""
    stops, chance = times(2), dice()
    site.start()
    writers = Writers(program, ledger).start()
    try:
        for _ in range(stops):
            time.sleep(chance.uniform(*PAUSE_SECONDS))
            assert site.stop() == 0
            site.start()
    finally:
        writers.stop()
    settle(site)
    kept = judge(site, ledger)
    tell(
        stops,
        stops,
        f"stops and starts in use, {kept} acknowledged writes, none lost; {ledger.count()['cut off']} times somebody came again",
    )
    assert site.stop() == 0
