"""Celery carries out the same rows: nothing is lost when it is killed or when the broker forgets."""

import os
import signal
import subprocess
import sys
from contextlib import suppress

import pytest
import redis
from flask import Flask

from inkhorn.core.config import Config
from tests.core.test_runner import left, notes, put, slow, until  # noqa: F401 - fixtures among them

pytest.importorskip("celery")
pytestmark = pytest.mark.slow


@pytest.fixture
def start(engine_config: Config, bare_app: Flask, redis_url: str):
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        words = [str(engine_config.data), engine_config.database_url, redis_url]
        command = [sys.executable, "-m", "tests.core.celery_program", *words]
        started.append(subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True))
        return started[-1]

    redis.Redis.from_url(redis_url).flushall()
    yield start
    for process in started:
        kill_all(process)


def kill_all(process: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.mark.redis
def test_celery_runs_what_was_enqueued(start, notes, slow):  # noqa: F811
    for number in range(5):
        put(slow, number=number, seconds=0.05)
    process = start()
    until(lambda: not left("tests.slow"))
    assert sorted(notes("end")) == [f"end {number}" for number in range(5)]
    process.send_signal(signal.SIGTERM)
    assert process.wait(120) == 0


@pytest.mark.redis
def test_nothing_is_lost_when_redis_forgets_and_celery_is_killed(start, notes, slow, redis_url):  # noqa: F811
    for number in range(5):
        put(slow, number=number, seconds=1)
    first = start()
    until(lambda: notes("start"))
    kill_all(first)
    redis.Redis.from_url(redis_url).flushall()
    start()
    until(lambda: not left("tests.slow"))
    assert set(notes("end")) == {f"end {number}" for number in range(5)}
