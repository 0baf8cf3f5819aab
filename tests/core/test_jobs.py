"""The job table: what is enqueued is run once, tried again, or set aside; on SQLite and PostgreSQL."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from inkhorn.core import job_board, jobs
from inkhorn.core.database import session, transaction
from inkhorn.core.jobs import JobRow, claim, enqueue, fail, finish, job

pytestmark = pytest.mark.usefixtures("bare_app")


@pytest.fixture
def greet():
    @job("tests.greet", max_attempts=3)
    def greet(name: str = "you") -> None:
        pass

    return greet


def put(what, **options) -> int:
    with transaction():
        return enqueue(what, **options)


def rows() -> list[JobRow]:
    session().rollback()
    return list(session().scalars(select(JobRow).order_by(JobRow.id)).all())


def test_a_job_is_claimed_with_its_arguments(greet):
    number = put(greet, name="Wren")
    claimed = claim("me")
    assert (claimed.id, claimed.name, claimed.args, claimed.attempts) == (number, "tests.greet", {"name": "Wren"}, 1)


def test_a_rolled_back_transaction_leaves_no_job(greet):
    with pytest.raises(ZeroDivisionError), transaction():
        enqueue(greet)
        raise ZeroDivisionError
    assert rows() == []


def test_arguments_that_the_function_does_not_take_are_refused_at_once(greet):
    with pytest.raises(TypeError), transaction():
        enqueue(greet, colour="red")


def test_arguments_that_are_not_json_are_refused_at_once(greet):
    with pytest.raises(TypeError), transaction():
        enqueue(greet, name=object())


def test_calling_a_job_runs_it_here(greet):
    assert greet(name="Ada") is None


def test_two_functions_cannot_share_a_name(greet):
    with pytest.raises(RuntimeError, match="two jobs named"):

        @job("tests.greet")
        def other() -> None:
            pass


def test_a_claimed_job_is_not_claimed_again(greet):
    put(greet)
    assert claim("me")
    assert claim("you") is None


def test_a_job_for_later_waits_for_its_hour(greet, clock):
    put(greet, at=clock.tomorrow())
    assert claim("me") is None
    clock.forward(days=1)
    assert claim("me")


def test_a_finished_job_is_gone(greet):
    put(greet)
    assert finish(claim("me"))
    assert rows() == []


def test_the_number_of_a_finished_job_is_never_used_again(greet):
    first = put(greet)
    paused = claim("me")
    assert finish(paused)
    assert put(greet) > first
    claim("you")
    assert not finish(paused)


def test_a_failed_job_waits_and_then_runs_again(greet, clock):
    put(greet)
    fail(claim("me"), "It rained.")
    assert claim("me") is None
    clock.forward(seconds=4)
    assert claim("me").attempts == 2


def test_pauses_grow_and_never_pass_an_hour_and_a_half(greet, clock):
    @job("tests.stubborn", max_attempts=99)
    def stubborn() -> None:
        pass

    put(stubborn)
    for attempts in range(1, 15):
        fail(claim("me"), "no")
        pause = (rows()[0].run_at - clock.now).total_seconds()
        assert 0.5 * min(3600, 2**attempts) <= pause <= 1.5 * min(3600, 2**attempts)
        clock.forward(hours=2)


def test_a_job_out_of_attempts_is_set_aside_with_its_error(greet, clock):
    put(greet)
    for _ in range(3):
        fail(claim("me"), "The press is broken.")
        clock.forward(hours=1)
    assert claim("me") is None
    assert (rows()[0].is_dead, rows()[0].error) == (True, "The press is broken.")
    assert job_board.job_counts() == job_board.Counts(waiting=0, dead=1)


def test_a_late_finish_of_a_paused_worker_is_refused(greet, clock):
    put(greet)
    paused = claim("paused")
    clock.forward(minutes=1)
    other = claim("other")
    assert not finish(paused)
    assert not fail(paused, "late")
    assert finish(other)


def test_a_heartbeat_keeps_the_lease(greet, clock):
    put(greet)
    mine = claim("me")
    for _ in range(5):
        clock.forward(seconds=20)
        assert jobs.heartbeat("me", [mine.id]) == 1
    assert claim("other") is None


def test_a_job_that_its_worker_is_at_no_more_is_not_kept_from_others(greet, clock):
    put(greet)
    put(greet)
    ended, going_on = claim("me"), claim("me")
    for _ in range(2):
        clock.forward(seconds=20)
        assert jobs.heartbeat("me", [going_on.id]) == 1
    assert claim("other").id == ended.id
    assert claim("other") is None


def test_leases_of_the_dead_are_freed_at_once(greet):
    put(greet)
    put(greet)
    claim("here/dead")
    claim("there/living")
    jobs.free_leases("here", keep="here/me")
    assert claim("here/me").attempts == 2
    assert claim("here/me") is None


def test_a_job_that_kills_its_worker_three_times_is_set_aside(greet):
    @job("tests.poison", max_attempts=99)
    def poison() -> None:
        pass

    put(poison)
    for _ in range(3):
        assert jobs.set_aside_killers() == 0
        claim("here/victim")
        jobs.free_leases("here", keep="here/me")
    assert jobs.set_aside_killers() == 1
    assert rows()[0].is_dead
    assert "killed 3 times" in rows()[0].error


def test_a_job_given_back_has_not_used_an_attempt(greet):
    put(greet)
    jobs.give_back(claim("stopping"))
    assert claim("next").attempts == 1
    assert rows()[0].crashes == 0


def test_a_unique_job_waits_once(greet):
    first = put(greet, unique="7", name="one")
    assert put(greet, unique="7", name="two") == first
    assert [row.args for row in rows()] == [{"name": "one"}]


def test_a_long_unique_key_is_as_good_as_a_short_one(greet):
    first = put(greet, unique="x" * 500 + "1")
    assert put(greet, unique="x" * 500 + "1") == first
    assert put(greet, unique="x" * 500 + "2") != first


def test_the_same_unique_key_of_another_job_is_another_key(greet):
    @job("tests.other")
    def other() -> None:
        pass

    assert put(greet, unique="7") != put(other, unique="7")


def test_a_unique_job_asked_for_while_it_runs_runs_once_more_and_after(greet):
    put(greet, unique="7")
    running = claim("me")
    put(greet, unique="7")
    assert claim("you") is None
    finish(running)
    assert claim("you")


def test_a_failed_unique_job_gives_way_to_the_one_that_waits(greet):
    put(greet, unique="7")
    running = claim("me")
    waiting = put(greet, unique="7")
    assert fail(running, "no")
    assert [row.id for row in rows()] == [waiting]


def test_the_earlier_of_two_hours_counts_for_a_unique_job(greet, clock):
    put(greet, unique="7", at=clock.tomorrow())
    put(greet, unique="7")
    assert claim("me")


def test_many_workers_share_the_work_without_overlap(greet, bare_app: Flask):
    with transaction():
        for _ in range(40):
            enqueue(greet)
    taken: list[int] = []

    def work(name: str) -> None:
        with bare_app.app_context():
            while claimed := claim(name):
                taken.append(claimed.id)

    threads = [threading.Thread(target=work, args=(f"worker {number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(set(taken))
    assert len(taken) == 40


def test_the_timetable_fires_once_across_three_runners(bare_app: Flask, clock):
    @job("tests.minute", every=timedelta(minutes=1))
    def minute() -> None:
        pass

    fired = 0
    for _ in range(20):
        fired += sum(jobs.tick() for _runner in range(3))
        finish(claim("me"))
        clock.forward(minutes=1)
    assert fired == 20


def test_a_clock_that_was_ahead_and_is_set_right_stops_no_timetable(bare_app: Flask, clock):
    @job("tests.minute", every=timedelta(minutes=1))
    def minute() -> None:
        pass

    clock.forward(hours=1)
    assert jobs.tick() == 1
    clock.forward(hours=-1)
    # Once, however many machines see it, and on from there.
    assert [jobs.tick() for _ in range(3)] == [1, 0, 0]
    finish(claim("me"))
    clock.forward(minutes=1)
    assert [jobs.tick() for _ in range(3)] == [1, 0, 0]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_machines_whose_clocks_differ_undo_nothing_of_each_other(bare_app: Flask, monkeypatch):
    @job("tests.minute", every=timedelta(minutes=1))
    def minute() -> None:
        pass

    fired, began = 0, time.time() // 60
    for number in range(10):
        ahead = timedelta(minutes=5 * (number % 2))
        monkeypatch.setattr(jobs.clock, "now", lambda ahead=ahead: datetime.now(UTC) + ahead)
        fired += jobs.tick()
    # As often as a minute began meanwhile, however long it took.
    assert 1 <= fired <= 1 + time.time() // 60 - began
