"""At most so many requests are worked on at once in a process, however many threads its server has."""

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Asked to know whether the process lives, which it does while others wait for a database.
WITHOUT_TURN = frozenset(("/healthz",))


class Turns:
    """Wraps an application. What is sent after its work is done, such as a stream or a large file, keeps a thread but nobody's turn."""

    def __init__(self, app: "WSGIApplication", most: int) -> None:
        self._app, self._turn = app, threading.BoundedSemaphore(most)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ.get("PATH_INFO") in WITHOUT_TURN:
            return self._app(environ, start_response)
        with self._turn:
            return self._app(environ, start_response)
