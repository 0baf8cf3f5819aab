"""Streams of news: bounded places, one look for all, heartbeats, an end; and turns, which they do not take."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from inkhorn.core import streams
from inkhorn.core import turns as turns_module
from inkhorn.core.streams import STILL_HERE, Streams
from inkhorn.core.turns import Turns

PATIENCE_SECONDS = 120
HARBOUR, TIDES = 1, 2


class Board:
    """What changes, as the watcher reads it."""

    def __init__(self) -> None:
        self.numbers = {HARBOUR: 3, TIDES: 5}
        self.looks: list[set[int]] = []
        self.is_away = False

    def read(self, topics: set[int]) -> dict[int, int]:
        self.looks.append(topics)
        if self.is_away:
            raise ConnectionError
        return {topic: self.numbers[topic] for topic in topics}


@pytest.fixture(autouse=True)
def brisk(monkeypatch):
    monkeypatch.setattr(streams, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(streams, "HEARTBEAT_SECONDS", 0.1)
    others = set(watchers())
    yield
    # A watcher that has nobody left ends a moment later, which would be in the next test.
    for watcher in set(watchers()) - others:
        watcher.join(PATIENCE_SECONDS)


@pytest.fixture
def board() -> Board:
    return Board()


def first_that_is_no_heartbeat(told: Iterator[bytes]) -> bytes:
    return next(each for each in told if each != STILL_HERE)


def watchers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "streams"]


def test_a_change_is_told_to_those_who_follow_it_and_nobody_else(board):
    held = Streams(4, board.read)
    harbour, tides = held.open(HARBOUR, number=3), held.open(TIDES, number=5)
    about_harbour, about_tides = iter(harbour), iter(tides)
    assert next(about_harbour) == b"retry: 5000\nid: 3\nevent: here\ndata: 3\n\n"
    next(about_tides)
    board.numbers[HARBOUR] = 4
    assert first_that_is_no_heartbeat(about_harbour) == b"id: 4\nevent: changed\ndata: 4\n\n"
    assert [next(about_tides) for _ in range(3)] == [STILL_HERE] * 3
    for stream in (harbour, tides):
        stream.close()


@pytest.mark.parametrize(("seen", "event"), [("", b"here"), ("3", b"here"), ("2", b"changed"), ("\x00?", b"changed")])
def test_who_comes_again_hears_at_once_of_what_they_missed(board, seen, event):
    stream = Streams(1, board.read).open(HARBOUR, number=3, seen=seen)
    assert next(iter(stream)) == b"retry: 5000\nid: 3\nevent: " + event + b"\ndata: 3\n\n"
    stream.close()


def test_there_are_so_many_places_and_each_is_given_back(board):
    held = Streams(2, board.read)
    first, second = held.open(HARBOUR, number=3), held.open(HARBOUR, number=3)
    assert held.open(TIDES, number=5) is None
    first.close()
    third = held.open(TIDES, number=5)
    assert third is not None
    # One that the browser left in the midst of it, as the server tells.
    told = iter(third)
    next(told)
    told.close()
    assert held.held == 1
    second.close()
    assert Streams(0, board.read).open(HARBOUR, number=3) is None


def test_one_thread_looks_for_all_and_ends_with_the_last(board):
    held, others = Streams(3, board.read), set(watchers())
    for number in (4, 5):
        opened = [held.open(HARBOUR, number=number - 1) for _ in range(3)]
        (watcher,) = set(watchers()) - others
        told = [iter(stream) for stream in opened]
        for each in told:
            next(each)
        board.numbers[HARBOUR] = number
        assert {first_that_is_no_heartbeat(each) for each in told} == {b"id: %d\nevent: changed\ndata: %d\n\n" % (number, number)}
        for stream in opened:
            stream.close()
        watcher.join(PATIENCE_SECONDS)
        assert not watcher.is_alive()
    assert set().union(*board.looks) == {HARBOUR}


def test_a_database_that_is_away_ends_no_stream(board, caplog):
    stream = Streams(1, board.read).open(HARBOUR, number=3)
    told = iter(stream)
    next(told)
    board.is_away = True
    assert [next(told) for _ in range(3)] == [STILL_HERE] * 3
    board.numbers[HARBOUR], board.is_away = 4, False
    assert first_that_is_no_heartbeat(told) == b"id: 4\nevent: changed\ndata: 4\n\n"
    assert [record.message for record in caplog.records].count("streams_cannot_look") == 1
    stream.close()


def test_a_stream_ends_by_itself_and_gives_its_place_back(board, monkeypatch):
    monkeypatch.setattr(streams, "LIFE_SECONDS", (0.0, 0.0))
    held = Streams(1, board.read)
    assert len(list(held.open(HARBOUR, number=3))) == 1
    assert held.held == 0


def test_when_the_server_ends_so_do_streams_and_none_begins(board, monkeypatch):
    flag = bytearray(1)
    monkeypatch.setattr(streams, "_ending", flag)
    held = Streams(2, board.read)
    told = iter(held.open(HARBOUR, number=3))
    next(told)
    streams.say_ending()
    assert set(told) <= {STILL_HERE}
    assert held.open(HARBOUR, number=3) is None


def test_a_process_that_begins_after_others_ended_holds_streams(board, monkeypatch):
    monkeypatch.setattr(streams, "_ending", bytearray([255]))
    streams.say_ending()
    follows = Streams(2, board.read)
    stream = follows.open(HARBOUR, number=3)
    assert follows.is_open(stream)
    streams.say_ending()
    assert not follows.is_open(stream)
    stream.close()


def test_turns_bound_the_work_and_not_the_sending():
    inside, most, begun = [0], [0], threading.Barrier(3, timeout=PATIENCE_SECONDS)

    def app(_environ, _start):
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        threading.Event().wait(0.01)
        inside[0] -= 1
        # Bodies are handed out while all three are open.
        return iter([b"sent"])

    turns = Turns(app, 1)

    def ask() -> None:
        body = turns({}, None)
        begun.wait()
        assert list(body) == [b"sent"]

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert most == [1]
    assert begun.n_waiting == 0


def test_where_nothing_moves_no_more_are_let_wait_than_leave_threads_for_others(monkeypatch):
    monkeypatch.setattr(turns_module, "STUCK_SECONDS", -1.0)
    is_over, heads = threading.Event(), []

    def app(_environ, _start):
        is_over.wait(PATIENCE_SECONDS)
        return [b"done"]

    turns = Turns(app, 1, most_waiting=3)
    with ThreadPoolExecutor(4) as pool:
        those = [pool.submit(turns, {"PATH_INFO": "/"}, None) for _ in range(4)]
        until = time.monotonic() + PATIENCE_SECONDS
        while turns._waiting < 3 and time.monotonic() < until:
            time.sleep(0.01)
        sent = turns({"PATH_INFO": "/"}, lambda status, headers, _error=None: heads.append((status, dict(headers)["Retry-After"])))
        assert (heads, b"try again" in b"".join(sent)) == ([("503 Service Unavailable", "5")], True)
        monkeypatch.setattr(turns_module, "STUCK_SECONDS", PATIENCE_SECONDS)
        late = pool.submit(turns, {"PATH_INFO": "/"}, None)
        is_over.set()
        assert [each.result(PATIENCE_SECONDS) for each in [*those, late]] == [[b"done"]] * 5


def test_what_took_long_before_sends_nobody_of_a_later_crowd_away(monkeypatch):
    now, has_begun, is_over = [1000.0], threading.Event(), threading.Event()
    monkeypatch.setattr(turns_module, "time", SimpleNamespace(monotonic=lambda: now[0]))

    def app(environ, _start):
        now[0] += environ["takes"]
        if not environ["takes"]:
            has_begun.set()
        is_over.wait(0 if environ["takes"] else PATIENCE_SECONDS)
        return [b"done"]

    turns = Turns(app, 1, most_waiting=2)
    turns({"PATH_INFO": "/", "takes": 60.0}, None)
    now[0] += 3600
    with ThreadPoolExecutor(5) as pool:
        crowd = [pool.submit(turns, {"PATH_INFO": "/", "takes": 0}, lambda *_told: None)]
        assert has_begun.wait(PATIENCE_SECONDS)
        crowd += [pool.submit(turns, {"PATH_INFO": "/", "takes": 0}, lambda *_told: None) for _ in range(4)]
        while turns._waiting < 4 and not any(each.done() for each in crowd):
            threading.Event().wait(0.01)
        is_over.set()
        assert [each.result(PATIENCE_SECONDS) for each in crowd] == [[b"done"]] * 5


def test_whoever_asks_whether_the_process_lives_needs_no_turn():
    has_begun, is_over = threading.Event(), threading.Event()

    def app(environ, _start):
        if environ["PATH_INFO"] != "/healthz":
            has_begun.set()
            is_over.wait(PATIENCE_SECONDS)
        return [b"alive"]

    turns = Turns(app, 1, most_waiting=0)
    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(turns, {"PATH_INFO": "/"}, None)
        assert has_begun.wait(PATIENCE_SECONDS)
        assert pool.submit(turns, {"PATH_INFO": "/healthz"}, None).result(PATIENCE_SECONDS) == [b"alive"]
        is_over.set()
        one.result(PATIENCE_SECONDS)


def test_a_turn_is_given_back_when_the_work_fails():
    def app(environ, _start):
        raise environ["error"]

    turns = Turns(app, 1)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            turns({"error": ZeroDivisionError()}, None)
