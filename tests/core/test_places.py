"""Places that are few: all are given away, and no address takes every one."""

import threading

import pytest

from inkhorn.core.limits import place_of
from inkhorn.core.places import Places


def test_one_address_takes_its_share_and_others_are_still_served():
    places = Places(8)
    assert [places.take("203.0.113.7") for _ in range(4)] == [True, True, False, False]
    assert [places.take(f"203.0.113.{number}") for number in range(10, 16)] == [True] * 6
    assert not places.take("203.0.113.99")
    places.leave("203.0.113.7")
    assert places.take("203.0.113.7")


def test_few_places_leave_one_for_each():
    places = Places(2)
    assert [places.take("203.0.113.7"), places.take("203.0.113.7"), places.take("203.0.113.8")] == [True, False, True]


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.2", "::1", "::ffff:127.0.0.1", "", None])
def test_a_proxy_that_does_not_tell_for_whom_it_asks_is_no_single_reader(address):
    places, address = Places(4), place_of(address)
    assert [places.take(address) for _ in range(5)] == [True] * 4 + [False]


def test_where_there_are_none_nobody_finds_one():
    assert not Places(0).take("203.0.113.7")


def test_places_are_given_back_whole():
    places = Places(4)

    def come_and_go(number: int) -> None:
        for _ in range(200):
            if places.take(f"203.0.113.{number}"):
                places.leave(f"203.0.113.{number}")

    threads = [threading.Thread(target=come_and_go, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert places.held == 0
