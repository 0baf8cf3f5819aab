"""At most so many requests are worked on at once in a process, however many threads its server has."""

import math
import secrets
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from http import HTTPStatus
from typing import TYPE_CHECKING

from inkhorn.core.config import ASIDE_AT_ONCE
from inkhorn.core.last_words import answer_plainly
from inkhorn.core.logs import given_number

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Asked to know whether the process lives, which it does while others wait for a database.
WITHOUT_TURN = frozenset(("/healthz",))
# Where the work of one takes so long while many wait, more would only take the threads that others want: those who ask next are sent away.
STUCK_SECONDS = 1.0
BUSY = "The site waits for its database or another service just now, and many wait already. Nothing was changed; try again in a moment."


_turn: ContextVar["_Turn | None"] = ContextVar("turn", default=None)


@contextmanager
def aside() -> Iterator[None]:
    """Let others have the turn of this request meanwhile: for what takes long elsewhere, while no transaction is open.

    So many of a process do; whoever comes after them keeps their turn, as does what is no request.
    """
    turn = _turn.get()
    if turn is None or not turn.step_aside():
        yield
        return
    try:
        yield
    finally:
        turn.come_back()


class Turns:
    """Wraps an application. What is sent after its work is done, such as a stream or a large file, keeps a thread but nobody's turn."""

    def __init__(self, app: "WSGIApplication", most: int, *, most_waiting: float = math.inf) -> None:
        self._app, self._free, self._most_waiting = app, threading.BoundedSemaphore(most), most_waiting
        self._waiting, self._guard = 0, threading.Lock()
        # When work last began or ended, and how long what ended last had taken.
        self._moved_at, self._took = time.monotonic(), 0.0
        self.places_aside = threading.BoundedSemaphore(ASIDE_AT_ONCE)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ.get("PATH_INFO") in WITHOUT_TURN:
            return self._app(environ, start_response)
        if not self._free.acquire(blocking=False) and not self.wait(self._most_waiting):
            number = given_number(environ.get("HTTP_X_REQUEST_ID", "")) or secrets.token_hex(8)
            return answer_plainly(environ, start_response, HTTPStatus.SERVICE_UNAVAILABLE, BUSY, number)
        turn = _Turn(self)
        outer = _turn.set(turn)
        try:
            return self._app(environ, start_response)
        finally:
            _turn.reset(outer)
            self.leave(turn.began)

    def begin(self) -> float:
        """Have work begin whose turn it is; returns when."""
        self._moved_at = time.monotonic()
        return self._moved_at

    def leave(self, began: float) -> None:
        """Let the next one work."""
        self._moved_at = time.monotonic()
        # How long something took while nobody minded tells nothing of those who come later.
        self._took = self._moved_at - began if self._waiting else 0.0
        self._free.release()

    def wait(self, most_waiting: float = math.inf) -> bool:
        """Until it is one's turn; False where that would be in vain."""
        with self._guard:
            if self._waiting >= most_waiting and max(self._took, time.monotonic() - self._moved_at) > STUCK_SECONDS:
                return False
            self._waiting += 1
        try:
            return self._free.acquire()
        finally:
            with self._guard:
                self._waiting -= 1


class _Turn:
    """What one request has while it is worked on."""

    def __init__(self, turns: Turns) -> None:
        self._turns, self._is_aside = turns, False
        self.began = turns.begin()

    def step_aside(self) -> bool:
        if self._is_aside or not self._turns.places_aside.acquire(blocking=False):
            return False
        self._is_aside = True
        self._turns.leave(self.began)
        return True

    def come_back(self) -> None:
        self._turns.wait()
        self._is_aside = False
        self._turns.places_aside.release()
        self.began = self._turns.begin()
