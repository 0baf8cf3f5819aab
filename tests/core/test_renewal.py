"""When a process ends so that a fresh one takes its place, and that nothing waits for it."""

import gc
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from inkhorn.core import renewal, supervisor
from inkhorn.core.renewal import EXIT_RENEWED, GROWN_MEGABYTES, IDLE_SECONDS, LEAST_SECONDS, Renewal
from inkhorn.core.supervisor import Child, Supervisor


class Process:
    """One whose size and clock the test sets."""

    def __init__(self) -> None:
        self.megabytes, self.now, self.looks = 6.0, 1000.0, 0
        self.renewal = Renewal(self.measure, lambda: self.now)

    def measure(self) -> float:
        self.looks += 1
        return self.megabytes

    def works(self, *, until: float, grows: float) -> None:
        self.now += until
        self.megabytes += grows
        self.renewal.note_work()


@pytest.fixture
def process() -> Process:
    return Process()


def test_who_grew_and_has_nothing_to_do_is_renewed(process):
    process.works(until=LEAST_SECONDS, grows=GROWN_MEGABYTES)
    assert not process.renewal.is_due()
    process.now += IDLE_SECONDS
    assert process.renewal.is_due()


def test_who_did_not_grow_is_looked_at_once_after_each_stretch_of_work(process):
    process.works(until=LEAST_SECONDS, grows=GROWN_MEGABYTES - 1)
    process.now += IDLE_SECONDS
    looks = process.looks
    assert [process.renewal.is_due() for _ in range(5)] == [False] * 5
    assert process.looks == looks + 1
    process.works(until=1, grows=1)
    process.now += IDLE_SECONDS
    assert process.renewal.is_due()


def test_nobody_is_renewed_who_is_young_or_was_never_at_work(process):
    process.now += 10 * LEAST_SECONDS
    assert not process.renewal.is_due()
    young = Process()
    young.works(until=0, grows=10 * GROWN_MEGABYTES)
    young.now += LEAST_SECONDS - 1
    assert not young.renewal.is_due()
    young.now += 1
    assert young.renewal.is_due()


def test_what_a_process_takes_for_itself_is_seen():
    # In a process of its own: in one that ran other tests, the bytes may come from what it has already.
    script = (
        "import os; from inkhorn.core.renewal import private_megabytes as size; "
        "before = size(); taken = bytearray(os.urandom(1 << 20)) * 40; print(size() - before)"
    )
    grown = float(subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout)
    assert 35 < grown < 60


def test_nobody_is_renewed_by_a_parent_that_is_of_another_version(process, monkeypatch):
    process.works(until=LEAST_SECONDS, grows=GROWN_MEGABYTES)
    process.now += IDLE_SECONDS
    monkeypatch.setattr(renewal, "_CODE_FROM", 0)
    assert not process.renewal.is_due()


@pytest.fixture
def supervised() -> Iterator[Callable[..., int]]:
    """The parent's exit code; in the process of the test, whose handlers it takes for a while."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    yield lambda child: Supervisor([child]).run()
    gc.unfreeze()
    for number, handler in handlers.items():
        signal.signal(number, handler)


def test_its_parent_begins_it_anew_at_once_and_calls_that_no_fault(tmp_path, caplog, monkeypatch, supervised):
    monkeypatch.setattr(supervisor, "YOUNG_SECONDS", 0.0)
    notes = tmp_path / "notes"

    def child() -> int:
        with notes.open("a") as file:
            file.write(f"{time.monotonic()}\n")
        return EXIT_RENEWED

    def stop() -> None:
        until = time.monotonic() + 120
        while time.monotonic() < until and not (notes.exists() and len(notes.read_text().splitlines()) > 12):
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=stop, daemon=True).start()
    with caplog.at_level(logging.INFO):
        # More than as many young deaths as would end it.
        assert supervised(Child("runner", child, renews=True)) == 0
    assert len(notes.read_text().splitlines()) > 12
    assert "child_ended" not in caplog.text
    assert "children_keep_dying" not in caplog.text


@pytest.mark.parametrize("renews", [True, False])
def test_who_ends_so_as_soon_as_it_began_or_without_leave_has_died(caplog, monkeypatch, supervised, renews):
    monkeypatch.setattr(supervisor, "MOST_YOUNG_DEATHS", 2)
    assert supervised(Child("web", lambda: EXIT_RENEWED, renews=renews)) == 1
    assert "child_ended" in caplog.text


# As the first process of a container is: whose parent ended becomes its child.
FIRST = """
import ctypes, os, sys, time
from inkhorn.core.supervisor import _bury_strangers
assert ctypes.CDLL(None).prctl(36, 1, 0, 0, 0) == 0
ours = os.fork()
if ours == 0:
    os.fork() or os._exit(0)
    os._exit(0)
os.waitid(os.P_PID, ours, os.WEXITED | os.WNOWAIT)
_bury_strangers({ours})
assert os.waitpid(ours, 0)[0] == ours
until = time.monotonic() + 60
while time.monotonic() < until:
    _bury_strangers(set())
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        sys.exit(0)
sys.exit(1)
"""


def test_the_first_process_buries_those_whose_parent_ended_and_leaves_its_own():
    assert subprocess.run([sys.executable, "-c", FIRST], timeout=120, check=False).returncode == 0
