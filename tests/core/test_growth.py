"""The measure itself: it lets even growth pass and sees a square."""

import pytest

from tests.growth import assert_grows_evenly


def test_even_growth_passes() -> None:
    assert_grows_evenly(lambda size: sum(range(size)), 6_000_000)


def test_growth_with_the_square_is_seen() -> None:
    with pytest.raises(AssertionError, match="4 times as much took"):
        assert_grows_evenly(lambda size: [sum(range(size)) for _ in range(size)], 2_400)
