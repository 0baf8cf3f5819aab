"""Whoever waits for what is far away lets others have the turn meanwhile, and works on when it is theirs again."""

import threading
from concurrent.futures import ThreadPoolExecutor

from inkhorn.core.config import ASIDE_AT_ONCE
from inkhorn.core.turns import Turns, aside
from tests.patience import PATIENCE_SECONDS


def test_others_are_worked_on_while_one_waits_aside():
    is_aside, is_there, others = threading.Event(), threading.Event(), []

    def app(environ, _start):
        if environ["PATH_INFO"] == "/far":
            with aside():
                is_aside.set()
                assert is_there.wait(PATIENCE_SECONDS)
            assert others == ["/near", "/slow"]
        if environ["PATH_INFO"] == "/slow":
            is_there.set()
            # What was waited for is there now, and yet one is worked on at once.
            threading.Event().wait(0.2)
        others.append(environ["PATH_INFO"])
        return [b"done"]

    turns = Turns(app, 1)
    with ThreadPoolExecutor(2) as pool:
        far = pool.submit(turns, {"PATH_INFO": "/far"}, None)
        assert is_aside.wait(PATIENCE_SECONDS)
        for path in ("/near", "/slow"):
            assert pool.submit(turns, {"PATH_INFO": path}, None).result(PATIENCE_SECONDS) == [b"done"]
        assert far.result(PATIENCE_SECONDS) == [b"done"]
    assert others == ["/near", "/slow", "/far"]


def test_so_many_step_aside_and_the_next_keeps_its_turn():
    inside, all_there, is_over = [], threading.Event(), threading.Event()

    def app(environ, _start):
        with aside():
            inside.append(environ["PATH_INFO"])
            if len(inside) == ASIDE_AT_ONCE + 1:
                all_there.set()
            assert is_over.wait(PATIENCE_SECONDS)
        return [b"done"]

    turns = Turns(app, 1)
    with ThreadPoolExecutor(ASIDE_AT_ONCE + 2) as pool:
        first = [pool.submit(turns, {"PATH_INFO": str(number)}, None) for number in range(ASIDE_AT_ONCE + 1)]
        assert all_there.wait(PATIENCE_SECONDS)
        late = pool.submit(turns, {"PATH_INFO": "late"}, None)
        threading.Event().wait(0.2)
        assert "late" not in inside
        is_over.set()
        assert [each.result(PATIENCE_SECONDS) for each in [*first, late]] == [[b"done"]] * (ASIDE_AT_ONCE + 2)


def test_a_place_aside_is_given_back_however_it_ends():
    def app(_environ, _start):
        with aside(), aside():
            raise ZeroDivisionError

    turns = Turns(app, 1)
    for _ in range(ASIDE_AT_ONCE + 1):
        try:
            turns({"PATH_INFO": "/"}, None)
        except ZeroDivisionError:
            continue
        raise AssertionError
    assert all(turns.places_aside.acquire(blocking=False) for _ in range(ASIDE_AT_ONCE))


def test_what_is_no_request_has_no_turn_to_give():
    with aside():
        pass
