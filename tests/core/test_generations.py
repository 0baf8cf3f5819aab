"""The number beside an SQLite file: seen by everybody at once, raised by every change, whatever the row says."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from inkhorn.core.generations import MappedGeneration


@pytest.fixture
def shared(tmp_path) -> tuple[MappedGeneration, MappedGeneration]:
    """The same file as two processes map it."""
    return MappedGeneration(tmp_path / "pages"), MappedGeneration(tmp_path / "pages")


def test_what_one_raises_the_other_reads(shared):
    one, other = shared
    before = other.read()
    one.raise_to(1)
    assert one.read() == other.read() > before


def test_a_change_counts_though_the_row_went_back(shared):
    one, other = shared
    one.raise_to(500)
    before = other.read()
    # A database restored from a backup counts on from there.
    other.raise_to(7)
    assert one.read() > before


def test_what_was_not_announced_is_caught_up_with_once(shared):
    one, other = shared
    one.raise_to(3)
    known = one.read()
    other.catch_up_with(3)
    assert one.read() == known
    other.catch_up_with(4)
    caught_up = one.read()
    assert caught_up > known
    other.catch_up_with(4)
    assert one.read() == caught_up


def test_nobodys_change_is_lost_among_many(shared):
    one, other = shared
    before = one.read()
    with ThreadPoolExecutor(8) as crowd:
        list(crowd.map(lambda number: (one, other)[number % 2].raise_to(number), range(200)))
    assert one.read() == before + 200
