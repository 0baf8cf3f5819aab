"""What counting promises, whatever it is kept in."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from inkhorn.core import limits
from inkhorn.core.limits import Limit, TooMany, in_words
from tests.limits.conftest import TRIES, spend

DAILY = Limit("tests.daily", "5 per minute; 7 per day")
HOSTILE = ["", "\x00", "a" * 100_000, "'; DROP TABLE allowance; --", "\udcff", "ключ", "a/b\nc", "*", "LIMITER/x/y"]


def test_so_many_and_no_more(counted):
    assert [spend() for _ in range(8)] == [True] * 5 + [False] * 3


def test_every_key_and_every_limit_has_its_own(counted):
    assert [spend(TRIES, "ida") for _ in range(6)][-1] is False
    assert spend(TRIES, "eve")
    assert spend(TRIES, "ida", "here")
    assert spend(Limit("tests.other", "5 per minute"), "ida")


def test_two_words_are_not_one(counted):
    assert [spend(TRIES, "a", "bc") for _ in range(5)] == [True] * 5
    assert spend(TRIES, "ab", "c")


@pytest.mark.parametrize("key", HOSTILE)
def test_a_hostile_key_is_a_key(counted, key):
    assert [spend(TRIES, key) for _ in range(6)] == [True] * 5 + [False]


def test_many_at_once_get_exactly_so_many(counted):
    gate = Barrier(20)

    def attempt(_number):
        gate.wait()
        with counted.app_context():
            return spend()

    with ThreadPoolExecutor(20) as crowd:
        assert sum(crowd.map(attempt, range(20))) == 5


def test_what_was_harmless_is_given_back(counted):
    for _ in range(20):
        assert spend()
        limits.give_back(TRIES, "ida")
    assert limits.left(TRIES, "ida") == 5


def test_giving_back_what_was_never_spent_gives_nothing(counted):
    for _ in range(3):
        limits.give_back(TRIES, "ida")
    assert [spend() for _ in range(6)] == [True] * 5 + [False]


def test_clearing_forgets(counted):
    assert [spend() for _ in range(6)][-1] is False
    limits.clear(TRIES, "ida")
    assert limits.left(TRIES, "ida") == 5
    assert spend()


def test_asking_counts_nothing(counted):
    for _ in range(10):
        limits.refuse_spent(TRIES, "ida")
    assert limits.left(TRIES, "ida") == 5
    assert [spend() for _ in range(5)] == [True] * 5
    with pytest.raises(TooMany):
        limits.refuse_spent(TRIES, "ida")


def test_a_full_window_leaves_the_others_as_they_were(counted):
    assert [spend(DAILY) for _ in range(9)] == [True] * 5 + [False] * 4
    limits.clear(Limit(DAILY.name, "5 per minute"), "ida")
    assert [spend(DAILY) for _ in range(4)] == [True] * 2 + [False] * 2
    assert limits.left(Limit(DAILY.name, "5 per minute"), "ida") == 3


def test_the_wait_is_told(counted):
    hourly = Limit("tests.hourly", "5 per hour")
    for _ in range(5):
        spend(hourly)
    with pytest.raises(TooMany, match="Wait 1 hour and try again") as refused:
        limits.spend(hourly, "ida")
    assert 3400 <= refused.value.retry_after_seconds <= 3600


@pytest.mark.parametrize("store", ["file", "postgresql"])
def test_a_window_ends_when_it_said(make, request, clock, store):
    make(**({} if store == "file" else {"database_url": request.getfixturevalue("postgres_url")}))
    assert [spend() for _ in range(6)][-1] is False
    clock.forward(seconds=59)
    assert not spend()
    clock.forward(seconds=1)
    assert [spend() for _ in range(6)] == [True] * 5 + [False]


def test_a_clock_that_jumps_back_lets_nobody_through(make, clock):
    make()
    assert [spend() for _ in range(5)] == [True] * 5
    clock.forward(days=-1)
    assert not spend()


def test_counts_that_ended_are_cleared_away(make, clock, monkeypatch):
    monkeypatch.setattr("inkhorn.core.limit_stores.TIDIED_EVERY", 10)
    app = make()
    for number in range(9):
        spend(TRIES, str(number))
    clock.forward(minutes=2)
    spend(TRIES, "new")
    rows = app.extensions["inkhorn.limits"].storage._local.run("SELECT count(*) FROM allowance", {})
    assert rows == [(1,)]


def test_the_file_names_nobody(make, tmp_path):
    make()
    spend(TRIES, "ida@example.org")
    held = b"".join(path.read_bytes() for path in tmp_path.glob("limits.sqlite3*"))
    assert b"ida" not in held
    assert b"tests.tries" in held


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "1 second"), (40, "40 seconds"), (55, "1 minute"), (61, "2 minutes"), (300, "5 minutes"), (3_600, "1 hour"), (90_000, "2 days")],
)
def test_a_wait_in_words(seconds, words):
    assert in_words(seconds) == words


def test_a_wait_is_never_nothing():
    assert TooMany(timedelta(seconds=-3)).retry_after_seconds == 1
