"""A process that hears of the number trusts it for the length of a lease, and not for a moment that lies outside."""

from typing import Any
from unittest import mock

import pytest
from sqlalchemy.exc import OperationalError

from inkhorn.core import generations
from inkhorn.core.generations import LEASE_SECONDS, HeardGeneration


class Line:
    """A connection to the database, whose row says a number; a word to others may take its time."""

    def __init__(self) -> None:
        self.now, self.takes, self.number = 100.0, 0.0, 7

    def execute(self, statement: str, _values: tuple[Any, ...] = ()) -> Any:
        if statement == generations._HEARD:
            self.now += self.takes
        return mock.Mock(fetchone=lambda: (self.number,))


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Line:
    line = Line()
    monkeypatch.setattr(generations, "_now", lambda: line.now)
    return line


@pytest.fixture
def heard() -> HeardGeneration:
    known = HeardGeneration(mock.Mock())
    known._name = "here"
    return known


def test_a_lease_is_renewed_before_its_end(line: Line, heard: HeardGeneration):
    heard._renew(line)
    before = heard.read()
    line.now += LEASE_SECONDS - 0.1
    heard._renew(line)
    line.now += LEASE_SECONDS - 0.1
    assert heard.read() == before is not None


def test_a_lease_that_ended_while_it_was_renewed_is_begun_anew(line: Line, heard: HeardGeneration):
    heard._renew(line)
    before = heard.read()
    line.now += LEASE_SECONDS - 0.5
    # Meanwhile writers may take this process for dead, and answer though it knows the number from before.
    line.takes = 1.0
    heard._renew(line)
    assert heard.read() is None
    line.takes = 0.0
    heard._renew(line)
    assert heard.read() not in (None, before)


def test_a_writer_who_cannot_ask_who_heard_waits_until_no_lease_is_left(monkeypatch: pytest.MonkeyPatch):
    slept: list[float] = []
    monkeypatch.setattr(generations.time, "sleep", slept.append)
    HeardGeneration(mock.Mock(connect=mock.Mock(side_effect=OperationalError("", {}, Exception())))).raise_to(8)
    assert sum(slept) > LEASE_SECONDS
