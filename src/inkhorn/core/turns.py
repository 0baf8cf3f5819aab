"""At most so many requests are worked on at once in a process, however many threads its server has."""

import math
import secrets
import threading
import time
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from inkhorn.core.last_words import answer_plainly
from inkhorn.core.logs import given_number

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Asked to know whether the process lives, which it does while others wait for a database.
WITHOUT_TURN = frozenset(("/healthz",))
# Where the work of one takes so long while many wait, more would only take the threads that others want: those who ask next are sent away.
STUCK_SECONDS = 1.0
BUSY = "The site waits for its database or another service just now, and many wait already. Nothing was changed; try again in a moment."


class Turns:
    """Wraps an application. What is sent after its work is done, such as a stream or a large file, keeps a thread but nobody's turn."""

    def __init__(self, app: "WSGIApplication", most: int, *, most_waiting: float = math.inf) -> None:
        self._app, self._turn, self._most_waiting = app, threading.BoundedSemaphore(most), most_waiting
        self._waiting, self._guard = 0, threading.Lock()
        # When work last began or ended, and how long what ended last had taken.
        self._moved_at, self._took = time.monotonic(), 0.0

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ.get("PATH_INFO") in WITHOUT_TURN:
            return self._app(environ, start_response)
        if not self._turn.acquire(blocking=False) and not self._wait():
            number = given_number(environ.get("HTTP_X_REQUEST_ID", "")) or secrets.token_hex(8)
            return answer_plainly(environ, start_response, HTTPStatus.SERVICE_UNAVAILABLE, BUSY, number)
        began = self._moved_at = time.monotonic()
        try:
            return self._app(environ, start_response)
        finally:
            self._moved_at = time.monotonic()
            # How long something took while nobody minded tells nothing of those who come later.
            self._took = self._moved_at - began if self._waiting else 0.0
            self._turn.release()

    def _wait(self) -> bool:
        """Until it is one's turn; False where it would be in vain."""
        with self._guard:
            if self._waiting >= self._most_waiting and max(self._took, time.monotonic() - self._moved_at) > STUCK_SECONDS:
                return False
            self._waiting += 1
        try:
            return self._turn.acquire()
        finally:
            with self._guard:
                self._waiting -= 1
