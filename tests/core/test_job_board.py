"""What edges see and do about background work: the list, the clock, another try, giving up; all of it noted."""

from dataclasses import replace
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from inkhorn.core import audit, commands, job_board, jobs
from inkhorn.core import clock as clocks
from inkhorn.core.access import House
from inkhorn.core.audit import Wanted
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import Conflict, NotFound
from inkhorn.core.jobs import JobRow, claim, enqueue, job

pytestmark = pytest.mark.usefixtures("bare_app")


@pytest.fixture
def greet():
    @job("tests.greet", max_attempts=3)
    def greet() -> None:
        pass

    return greet


def put(what) -> int:
    with transaction():
        return enqueue(what)


def set_aside(what) -> int:
    number = put(what)
    with transaction():
        session().execute(update(JobRow).values(is_dead=True, attempts=3, crashes=2, error="The ink is dry.\nTraceback"))
    return number


def retry(number) -> None:
    with transaction():
        job_board.retry_job(number, by=House())


def forget(number) -> None:
    with transaction():
        job_board.forget_job(number, by=House())


def test_the_board_tries_a_dead_job_again(greet):
    retry(set_aside(greet))
    assert claim("me").attempts == 1


def test_the_board_forgets_a_job(greet):
    forget(put(greet))
    session().rollback()
    assert session().scalars(select(JobRow)).all() == []


def set_aside_beside_a_twin(what) -> tuple[int, int]:
    """One under a key that was set aside, and one that was asked for since."""
    with transaction():
        dead = enqueue(what, unique="harbour")
    claimed = claim("me")
    jobs.fail(replace(claimed, attempts=3), "The ink is dry.")
    with transaction():
        return dead, enqueue(what, unique="harbour", at=clocks.now() + timedelta(hours=1))


def test_a_job_tried_again_is_the_only_one_of_its_key(greet):
    dead, waiting = set_aside_beside_a_twin(greet)
    retry(dead)
    assert [(row.id, row.waiting_key) for row in session().scalars(select(JobRow))] == [(waiting, "tests.greet:harbour")]
    assert (claim("one").id, claim("two")) == (waiting, None)
    assert len(session().scalars(audit.entries(Wanted(action="jobs.retried"))).all()) == 1


def test_what_is_asked_for_while_one_is_tried_again_joins_it(greet):
    dead, waiting = set_aside_beside_a_twin(greet)
    forget(waiting)
    retry(dead)
    with transaction():
        assert enqueue(greet, unique="harbour") == dead


@pytest.mark.parametrize("number", [99, 0, -1, 2**31, 2**70])
def test_the_board_says_when_there_is_no_such_job(number):
    with pytest.raises(NotFound, match="no job number"):
        retry(number)


@pytest.mark.parametrize("verb", [retry, forget])
def test_the_board_leaves_a_running_job_alone(greet, verb):
    number = put(greet)
    claim("me")
    with pytest.raises(Conflict, match="is running"):
        verb(number)


def test_both_are_noted(greet):
    retry(set_aside(greet))
    forget(set_aside(greet))
    noted = session().scalars(audit.entries(Wanted(action="jobs."))).all()
    assert [entry.action for entry in noted] == ["jobs.forgotten", "jobs.retried"]
    assert noted[0].details == {"error": "The ink is dry."}
    assert noted[1].subject_label.startswith("tests.greet #")


def test_what_runs_is_counted_apart(greet):
    put(greet)
    put(greet)
    claim("me")
    assert (job_board.running_count(), job_board.job_counts()) == (1, job_board.Counts(waiting=2, dead=0))


def test_the_timetable_tells_when_each_came_and_comes(clock):
    for name, every in (("tests.rare", timedelta(hours=1)), ("tests.often", timedelta(minutes=1))):
        job(name, every=every)(lambda: None)
    assert [(each.name, each.last_at, each.is_late) for each in job_board.timetable()] == [
        ("tests.often", None, False),
        ("tests.rare", None, False),
    ]
    jobs.tick()
    often, rare = job_board.timetable()
    assert (often.last_at, often.next_at) == (clock.now, clock.now + timedelta(minutes=1))
    clock.forward(minutes=10)
    assert [each.is_late for each in job_board.timetable()] == [True, False]
    assert rare.next_at > clock.now


def test_a_silent_runner_is_noticed(clock):
    assert job_board.silent_since() is None
    job("tests.often", every=timedelta(seconds=10))(lambda: None)
    jobs.tick()
    clock.forward(seconds=100)
    assert job_board.silent_since() is None
    last = clock.now - timedelta(seconds=100)
    clock.forward(seconds=30)
    assert job_board.silent_since() == last


def test_what_an_error_says_cannot_move_the_cursor(greet):
    set_aside(greet)
    with transaction():
        session().execute(update(JobRow).values(error="\x1b[2J\x1b]0;owned\x07The ink is dry.\x9b1m\nTraceback"))
    told = CliRunner().invoke(commands.jobs, ["list", "--dead"]).output
    assert not set("\x1b\x07\x9b") & set(told)
    assert "The ink is dry." in told
