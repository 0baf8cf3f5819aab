"""While a fleet changes over to a version that migrated the database, workers of the version before leave its jobs alone."""

import time

import pytest
from flask import Flask
from sqlalchemy import select

from inkhorn.core import jobs
from inkhorn.core.config import Config
from inkhorn.core.database import session, transaction
from inkhorn.core.jobs import JobRow, job
from inkhorn.core.runner import Runner
from inkhorn.worker import make_celery
from tests.stamps import stamp

JOBS, PATIENCE_SECONDS = 2, 60

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def waiting() -> list[JobRow]:
    session().rollback()
    return list(session().scalars(select(JobRow)))


@pytest.fixture
def _greet(bare_app: Flask) -> None:
    @job("tests.greet")
    def greet() -> None:
        pass

    with transaction():
        for number in range(JOBS):
            jobs.enqueue(greet, unique=str(number))


@pytest.mark.usefixtures("_greet")
def test_a_runner_works_on_in_its_own_form_alone(bare_app: Flask, engine_config: Config, caplog: pytest.LogCaptureFixture):
    runner = Runner(bare_app, engine_config)
    stamp("9999")
    for _ in range(3):
        runner._next_sweep = 0.0
        runner._step()
    assert [each.owner for each in waiting()] == [None] * JOBS
    assert [each.message for each in caplog.records].count("database_of_another_version") == 1
    stamp()
    until = time.monotonic() + PATIENCE_SECONDS
    while waiting():
        assert time.monotonic() < until
        runner._next_sweep = 0.0
        runner._step()
    runner._stop()


@pytest.mark.usefixtures("_greet")
def test_whoever_is_at_work_then_takes_no_further_job(bare_app: Flask, engine_config: Config):
    runner = Runner(bare_app, engine_config)
    claimed = jobs.claim(runner.owner)
    runner._note(claimed)
    runner._threads, runner._is_our_form = 1, False
    runner._work(claimed)
    assert [each.owner for each in waiting()] == [None] * (JOBS - 1)


@pytest.mark.usefixtures("_greet")
def test_so_does_a_celery_worker(bare_app: Flask, engine_config: Config):
    run_job = make_celery(bare_app, engine_config).tasks["inkhorn.run_job"]
    stamp("9999")
    run_job(waiting()[0].id)
    assert len(waiting()) == JOBS
    stamp()
    run_job(waiting()[0].id)
    assert len(waiting()) == JOBS - 1


def test_tables_that_no_migration_made_are_ours(bare_app: Flask):
    assert jobs.is_our_form()
