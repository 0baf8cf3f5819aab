"""Gathers what readers send before it is worked on: who sends slowly keeps a thread of the server, and nobody's turn (see core.turns)."""

import threading
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING

from inkhorn.core.config import BODIES_AT_ONCE
from inkhorn.core.limits import place_of
from inkhorn.core.places import Places

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# What a body may take, besides a second for each of so many bytes: the slowest telephone is faster.
PATIENCE_SECONDS = 20.0
BYTES_PER_SECOND = 8192
IN_MEMORY_BYTES = 1 << 20
PIECE_BYTES = 1 << 16


class Bodies:
    """Wraps an application. What is too large even for a form goes on unread, to be refused by its length."""

    def __init__(self, app: "WSGIApplication", *, form_bytes: int, upload_bytes: int) -> None:
        self._app, self._form_bytes, self._upload_bytes = app, form_bytes, upload_bytes
        self._places = Places(BODIES_AT_ONCE)
        self._guard = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        length = length_of(environ)
        # Only who carries a key or a cookie of ours may send files.
        may_send_files = "HTTP_AUTHORIZATION" in environ or "inkhorn" in environ.get("HTTP_COOKIE", "")
        if not 0 < length <= (self._upload_bytes if may_send_files else self._form_bytes):
            return self._app(environ, start_response)
        address = place_of(environ.get("REMOTE_ADDR"))
        if not self._places.take(address):
            return _refuse(start_response, "503 Service Unavailable", "Too much is being sent here at once. Send it again in a moment.")
        gathering = self._gather(environ["wsgi.input"], length, address)
        try:
            body = gathering.result(PATIENCE_SECONDS + length / BYTES_PER_SECOND)
        except TooSlow:
            # The server closes the line after this answer, which ends the reading too.
            return _refuse(start_response, "408 Request Timeout", "What you sent did not arrive in time. Send it again.")
        except Exception:
            return _refuse(start_response, "400 Bad Request", "What you sent did not arrive whole. Send it again.")
        with body:
            return self._app({**environ, "wsgi.input": body}, start_response)

    def _gather(self, source: IO[bytes], length: int, address: str) -> Future[IO[bytes]]:
        with self._guard:
            # Made by who needs it first, for a pool does not survive the fork.
            if self._pool is None:
                self._pool = ThreadPoolExecutor(BODIES_AT_ONCE, "bodies")
            gathering = self._pool.submit(gathered, source, length)
        # Whoever was given up keeps the place until the reading has ended.
        gathering.add_done_callback(lambda _done: self._places.leave(address))
        return gathering


def length_of(environ: "WSGIEnvironment") -> int:
    """Bytes that are to come; 0 where there are none, or nobody says how many."""
    told = environ.get("CONTENT_LENGTH") or ""
    return int(told) if told.isascii() and told.isdigit() and len(told) < 16 else 0


def gathered(source: IO[bytes], length: int) -> IO[bytes]:
    """The body whole, in memory or beside it; EOFError where it ended before."""
    body: IO[bytes] = SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115 - handed to who reads it
    left = length
    while left:
        piece = source.read(min(left, PIECE_BYTES))
        if not piece:
            body.close()
            raise EOFError
        body.write(piece)
        left -= len(piece)
    body.seek(0)
    return body


def _refuse(start_response: "StartResponse", status: str, sentence: str) -> list[bytes]:
    body = sentence.encode()
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body))), ("Connection", "close")]
    headers += [("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"), ("Retry-After", "5")]
    start_response(status, headers)
    return [body]
