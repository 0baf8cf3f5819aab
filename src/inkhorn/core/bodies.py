"""Gathers what readers send before it is worked on: who sends slowly keeps a thread of the server, and nobody's turn (see core.turns)."""

from collections.abc import Iterable
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING

from inkhorn.core.config import BODIES_AT_ONCE
from inkhorn.core.limits import place_of
from inkhorn.core.places import Places

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

IN_MEMORY_BYTES = 1 << 20
PIECE_BYTES = 1 << 16


class Bodies:
    """Wraps an application. What is too large even for a form goes on unread, to be refused by its length."""

    def __init__(self, app: "WSGIApplication", *, form_bytes: int, upload_bytes: int) -> None:
        self._app, self._form_bytes, self._upload_bytes = app, form_bytes, upload_bytes
        self._places = Places(BODIES_AT_ONCE)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        length = length_of(environ)
        # Only who carries a key or a cookie of ours may send files.
        may_send_files = "HTTP_AUTHORIZATION" in environ or "inkhorn" in environ.get("HTTP_COOKIE", "")
        if not 0 < length <= (self._upload_bytes if may_send_files else self._form_bytes):
            return self._app(environ, start_response)
        address = place_of(environ.get("REMOTE_ADDR"))
        if not self._places.take(address):
            return _refuse(start_response, "503 Service Unavailable", "Too much is being sent here at once. Send it again in a moment.")
        # To give up in the middle of a read would stop all of Granian's process until the sender goes (29 November 2026).
        try:
            body = gathered(environ["wsgi.input"], length)
        except Exception:
            return _refuse(start_response, "400 Bad Request", "What you sent did not arrive whole. Send it again.")
        finally:
            self._places.leave(address)
        with body:
            return self._app({**environ, "wsgi.input": body}, start_response)


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
