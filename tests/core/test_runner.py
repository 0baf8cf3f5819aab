"""The runner as a process: killed, paused, stopped and overrun, on SQLite and PostgreSQL."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from inkhorn.core import checkpoints, jobs
from inkhorn.core.config import Config
from inkhorn.core.database import session, transaction
from inkhorn.core.jobs import JobRow, enqueue, job
from inkhorn.core.renewal import EXIT_RENEWED
from inkhorn.core.runner import Runner

pytestmark = pytest.mark.slow

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start(engine_config: Config, bare_app: Flask) -> Iterator[Start]:
    started: list[subprocess.Popen[bytes]] = []

    def start(*more: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.core.runner_program", str(engine_config.data), engine_config.database_url, *more]
        started.append(subprocess.Popen(command, stderr=subprocess.DEVNULL))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def notes(engine_config: Config) -> Callable[[str], list[str]]:
    """The lines that jobs wrote and that begin with a word."""
    path = engine_config.data / "notes"
    return lambda word: [line for line in (path.read_text().splitlines() if path.exists() else []) if line.startswith(word)]


@pytest.fixture
def slow():
    @job("tests.slow")
    def slow(number: int, seconds: float = 0.4) -> None:
        pass

    return slow


def named(name: str):
    @job(name, max_attempts=99 if name == "tests.poison" else 1)
    def named() -> None:
        pass

    return named


def put(what, **options) -> int:
    with transaction():
        return enqueue(what, **options)


def until(true: Callable[[], object], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "It did not happen in time."
        time.sleep(0.02)


def left(name: str) -> list[JobRow]:
    session().rollback()
    session().expire_all()
    return list(session().scalars(select(JobRow).where(JobRow.name == name)))


def test_nothing_is_lost_when_the_runner_is_killed_in_the_middle(start, notes, slow):
    for number in range(5):
        put(slow, number=number)
    first = start()
    until(lambda: notes("start"))
    first.kill()
    first.wait()
    start()
    until(lambda: not left("tests.slow"))
    assert set(notes("end")) == {f"end {number}" for number in range(5)}


def test_a_job_starts_soon_after_it_was_enqueued(start, notes, slow):
    put(slow, number=0, seconds=0)
    start()
    until(lambda: notes("end 0"))
    waits = []
    for number in range(1, 6):
        began = time.monotonic()
        put(slow, number=number, seconds=0)
        until(lambda number=number: notes(f"start {number}"))
        waits.append(time.monotonic() - began)
    # The sweep comes once a second; sooner than that means that the watcher saw the commit.
    assert min(waits) < 0.8


def test_a_job_that_kills_its_runner_is_set_aside_after_three(start, notes):
    put(named("tests.poison"))
    for _ in range(3):
        process = start()
        assert process.wait(120) == -signal.SIGKILL
    start()
    until(lambda: left("tests.poison")[0].is_dead)
    assert len(notes("poison")) == 3


def test_a_job_past_its_time_limit_is_failed_and_its_process_ends(start, notes, slow):
    put(named("tests.endless"))
    process = start()
    until(lambda: notes("endless"))
    put(slow, number=7)
    assert process.wait(120) == 75
    row = left("tests.endless")[0]
    assert row.is_dead
    assert "longer than its limit" in row.error


def test_who_grew_ends_when_nothing_is_to_do_and_the_next_one_goes_on(start, notes, slow):
    put(named("tests.greedy"))
    put(slow, number=0, seconds=3)
    process = start("--renews")
    assert process.wait(120) == EXIT_RENEWED
    assert notes("greedy") == ["greedy"]
    assert notes("end") == ["end 0"]
    put(slow, number=1, seconds=0)
    lean = start("--renews")
    until(lambda: notes("end 1"))
    time.sleep(2)
    assert lean.poll() is None


def test_an_error_is_kept_with_the_job(start):
    put(named("tests.broken"))
    start()
    until(lambda: left("tests.broken")[0].is_dead)
    assert "ValueError: The ink is dry." in left("tests.broken")[0].error


def test_a_job_that_nobody_knows_fails_in_words(start):
    put(named("tests.from_the_future"))
    start()
    until(lambda: left("tests.from_the_future")[0].is_dead)
    assert "knows no job named tests.from_the_future" in left("tests.from_the_future")[0].error


def test_a_stopped_runner_ends_its_job_first(start, notes, slow):
    put(slow, number=1, seconds=1)
    process = start()
    until(lambda: notes("start 1"))
    process.send_signal(signal.SIGTERM)
    assert process.wait(120) == 0
    assert notes("end 1")
    assert not left("tests.slow")


def test_an_impatient_stop_gives_a_long_job_back(start, notes, slow):
    put(slow, number=1, seconds=60)
    process = start()
    until(lambda: notes("start 1"))
    process.send_signal(signal.SIGINT)
    assert process.wait(120) == 0
    row = left("tests.slow")[0]
    assert (row.lease_until, row.attempts) == (None, 0)


def test_a_job_sees_that_its_runner_was_told_to_stop(bare_app: Flask, engine_config: Config):
    runner, seen = Runner(bare_app, engine_config), []

    @job("tests.looks_up")
    def look_up() -> None:
        seen.append(jobs.is_stopping())
        runner.stop()
        seen.append(jobs.is_stopping())

    with bare_app.app_context():
        put(look_up)
        runner.take_up()
        until(lambda: len(seen) == 2)
        runner._stop()
        assert (seen, jobs.is_stopping(), left("tests.looks_up")) == ([False, True], False, [])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_timetable_runs_and_a_second_runner_on_the_folder_refuses(start, notes, monkeypatch, engine_config):
    start()
    until(lambda: len(notes("often")) >= 8)
    seconds = [int(each.split()[1]) for each in notes("often")]
    # A tick that a busy machine ran late may share its second with the next two; two for each second would be a doubled timetable.
    assert len(seconds) <= seconds[-1] - seconds[0] + 3
    second = start()
    assert second.wait(120) == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_three_runners_of_one_database_keep_one_timetable(start, notes):
    for _ in range(3):
        start()
    until(lambda: len(notes("often")) >= 8)
    seconds = [int(each.split()[1]) for each in notes("often")]
    # A tick that a busy machine ran late may share its second with the next two; two for each second would be a doubled timetable.
    assert len(seconds) <= seconds[-1] - seconds[0] + 3


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_checkpoint_empties_the_log_and_keeps_every_row(engine_config: Config, bare_app: Flask, slow):
    for number in range(50):
        put(slow, number=number)
    path = engine_config.sqlite_path
    checkpointer = checkpoints.Checkpointer(path)
    assert checkpointer.run()
    size = _log_size(path)
    put(slow, number=50)
    assert _log_size(path) == size
    assert checkpointer.run()
    checkpointer.close()
    assert len(left("tests.slow")) == 51


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_checkpoint_waits_for_readers_of_old_pages(engine_config: Config, bare_app: Flask, slow):
    put(slow, number=1)
    checkpointer = checkpoints.Checkpointer(engine_config.sqlite_path)
    with bare_app.app_context():
        assert len(session().scalars(select(JobRow)).all()) == 1
        with bare_app.app_context():
            put(slow, number=2)
        assert not checkpointer.run()
    assert checkpointer.run()
    checkpointer.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_checkpoint_gives_way_to_a_writer_that_holds_on(engine_config: Config, bare_app: Flask, slow, monkeypatch):
    put(slow, number=1)
    monkeypatch.setattr(checkpoints, "GUARD_SECONDS", 0.1)
    with transaction():
        enqueue(slow, number=2)
        assert not checkpoints.checkpoint(engine_config.sqlite_path)
    assert checkpoints.checkpoint(engine_config.sqlite_path)


def test_a_database_that_is_away_at_the_start_is_waited_for(bare_app: Flask, engine_config: Config, monkeypatch):
    runner, tries = Runner(bare_app, engine_config), []

    def free(_family: str, *, keep: str) -> int:
        tries.append(keep)
        if len(tries) == 1:
            raise OperationalError("UPDATE job", {}, OSError("away"))
        runner.stop(signal.SIGINT)
        return 0

    monkeypatch.setattr(jobs, "free_leases", free)
    assert runner.run() == 0
    assert tries == [runner.owner] * 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Only systems with fork can lose a parent this way.")
def test_a_runner_ends_with_its_parent(bare_app: Flask, engine_config: Config):
    runner = Runner(bare_app, engine_config, ends_with_parent=True)
    runner._parent = 1 if os.getppid() != 1 else 2
    assert runner.run() == 0


def _log_size(path: Path) -> int:
    return path.with_name(path.name + "-wal").stat().st_size
