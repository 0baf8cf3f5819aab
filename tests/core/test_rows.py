"""A row written at once is the row that the session would have written."""

import pytest
from sqlalchemy import Column, Integer, Sequence, func, inspect, select

from inkhorn.core import rows
from inkhorn.core.database import session, transaction
from inkhorn.core.jobs import JobRow
from inkhorn.core.rows import write_row


def made() -> JobRow:
    return JobRow(name="posts.test", args={"number": 7}, run_at=None, max_attempts=3)


@pytest.fixture
def job(database: None, clock) -> JobRow:
    written = made()
    written.run_at = clock.now
    return written


def columns(row: JobRow) -> dict[str, object]:
    return {each.key: getattr(row, each.key) for each in JobRow.__table__.c if each.key != "id"}


def test_defaults_stand_where_nothing_was_said(job: JobRow, clock):
    other = made()
    other.run_at = clock.now
    with transaction():
        write_row(job)
        session().add_all([job, other])
    session().expire_all()
    assert columns(job) == columns(other)
    assert (job.args, job.attempts, job.created_at) == ({"number": 7}, 0, clock.now)


def test_what_was_written_is_known_and_not_written_again(job: JobRow, queries):
    with transaction():
        write_row(job)
        queries.clear()
        session().add(job)
        session().flush()
        assert (job.attempts, job.error) == (0, None)
        assert queries == []
        assert inspect(job).persistent
    assert session().scalars(select(JobRow.id)).all() == [job.id]


def test_what_is_changed_later_is_written(job: JobRow):
    with transaction():
        write_row(job)
        session().add(job)
        job.attempts = 2
    session().expire_all()
    assert job.attempts == 2


def test_nothing_is_left_of_what_was_taken_back(job: JobRow):
    with pytest.raises(ZeroDivisionError), transaction():
        write_row(job)
        raise ZeroDivisionError
    assert session().scalars(select(JobRow.id)).all() == []


@pytest.mark.parametrize("told", [{"server_default": "3"}, {"default": func.now()}, {"default": Sequence("numbers")}])
def test_what_only_the_database_would_fill_in_is_refused(told):
    with pytest.raises(TypeError, match="only the database knows"):
        rows._default_of(Column("weight", Integer, **told))
