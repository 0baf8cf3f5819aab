"""Where no thread can be begun for a moment, what wanted one does without, and has it the next time."""

import threading
from unittest import mock

import pytest
from sqlalchemy import create_engine

from inkhorn.core.generations import HeardGeneration
from inkhorn.core.replica import Replica
from inkhorn.core.streams import Streams

TOO_MANY = mock.patch.object(threading.Thread, "start", side_effect=RuntimeError("can't start new thread"))


def test_a_reader_without_a_watcher_takes_no_place() -> None:
    held = Streams(1, lambda topics: dict.fromkeys(topics, 1))
    with TOO_MANY:
        assert held.open(1, number=1) is None
    opened = held.open(1, number=1)
    assert opened is not None
    opened.close()


def test_pages_are_heard_of_later() -> None:
    known = HeardGeneration(mock.Mock())
    with TOO_MANY:
        assert known.read() is None
    with mock.patch.object(threading.Thread, "start") as start:
        known.read()
    assert start.called


@pytest.mark.parametrize("before", [0, 1])
def test_a_replica_is_asked_later_and_guarded_once(before: int) -> None:
    replica, begun = Replica(create_engine("sqlite://")), []

    def start(thread: threading.Thread) -> None:
        if len(begun) == before and not begun_all:
            raise RuntimeError("can't start new thread")
        begun.append(thread.name)

    begun_all: list[bool] = []
    with mock.patch.object(threading.Thread, "start", start):
        assert not replica.is_answering()
        begun_all.append(True)
        replica.is_answering()
        replica.is_answering()
    assert begun == ["replica-guard", "replica"]
