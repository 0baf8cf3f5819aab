"""Gathers what readers send before it is worked on: who sends slowly keeps a thread of the server, and nobody's turn (see core.turns)."""

import logging
import threading
from collections.abc import Iterable
from contextlib import suppress
from tempfile import SpooledTemporaryFile
from time import monotonic
from typing import IO, TYPE_CHECKING

from inkhorn.core.config import BODIES_AT_ONCE
from inkhorn.core.limits import place_of
from inkhorn.core.places import Places

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)

IN_MEMORY_BYTES = 1 << 20
# Granian's read returns when so much has come; the first ones are smaller, so that a minute over a few bytes is seen.
PIECE_BYTES = 1 << 12
# So long for the first megabyte; what is more has to come at a rate.
FIRST_SECONDS = 60.0
FIRST_BYTES = 1 << 20
LEAST_BYTES_A_SECOND = 16 << 10
# Of the largest that may be sent, so many are gathered in a process at once.
LARGEST_AT_ONCE = 2
READING = ("GET", "HEAD", "OPTIONS")


class BodyRefused(Exception):
    """What is sent is not worked on; the sentence says why."""

    def __init__(self, status: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Room:
    """How many bytes are gathered in this process, at most so many."""

    def __init__(self, most: int) -> None:
        self._left, self._lock = most, threading.Lock()

    def take(self, size: int) -> bool:
        with self._lock:
            if size > self._left:
                return False
            self._left -= size
            return True

    def give_back(self, size: int) -> None:
        with self._lock:
            self._left += size


class Bodies:
    """Wraps an application. What says that it is too large even for a form goes on unread, to be refused by its length."""

    def __init__(self, app: "WSGIApplication", *, form_bytes: int, upload_bytes: int) -> None:
        self._app, self._form_bytes, self._upload_bytes = app, form_bytes, upload_bytes
        self._places, self._room = Places(BODIES_AT_ONCE), Room(LARGEST_AT_ONCE * max(form_bytes, upload_bytes))

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        length = length_of(environ)
        ends_itself = not environ.get("CONTENT_LENGTH") and environ.get("wsgi.input_terminated", False)
        if ends_itself and environ.get("REQUEST_METHOD") in READING and "HTTP_TRANSFER_ENCODING" not in environ:
            # With HTTP/2 something could come nevertheless; nobody is to wait for it.
            return self._app({**environ, "wsgi.input_terminated": False}, start_response)
        # Only who carries a key or a cookie of ours may send files.
        may_send_files = "HTTP_AUTHORIZATION" in environ or "inkhorn" in environ.get("HTTP_COOKIE", "")
        most = self._upload_bytes if may_send_files else self._form_bytes
        if not ends_itself and not 0 < length <= most:
            return self._app(environ, start_response)
        address = place_of(environ.get("REMOTE_ADDR"))
        if not self._places.take(address):
            return _refuse(start_response, "503 Service Unavailable", "Too much is being sent here at once. Send it again in a moment.")
        gathering = Gathering(self._room)
        try:
            # To give up in the middle of a read would stop all of Granian's process until the sender goes (29 November 2026).
            try:
                gathering.read(environ["wsgi.input"], None if ends_itself else length, most)
            except BodyRefused as refused:
                return _refuse(start_response, refused.status, str(refused))
            finally:
                self._places.leave(address)
            told: WSGIEnvironment = {"wsgi.input": gathering.body}
            if ends_itself:
                # From here on it is one that said its length.
                environ = {name: value for name, value in environ.items() if name != "HTTP_TRANSFER_ENCODING"}
                told |= {"CONTENT_LENGTH": str(gathering.size)}
            return self._app({**environ, **told}, start_response)
        finally:
            gathering.close()


class Gathering:
    """One body on its way, in memory or beside it."""

    def __init__(self, room: Room) -> None:
        self.body: IO[bytes] = SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115 - closed with the gathering
        self.size, self._room, self._kept = 0, room, 0
        self._began = monotonic()
        self._refusal: BodyRefused | None = None

    def read(self, source: IO[bytes], length: int | None, most: int) -> None:
        """All of it, to its length or to its own end; BodyRefused where that cannot be."""
        while length is None or self.size < length:
            if monotonic() > self._began + FIRST_SECONDS + max(0, self.size - FIRST_BYTES) / LEAST_BYTES_A_SECOND:
                raise BodyRefused("408 Request Timeout", "What you sent came too slowly. Send it again by a better line, or send less.")
            wanted = min(self.size + 1, PIECE_BYTES)
            piece = _piece(source, wanted if length is None else min(length - self.size, wanted))
            if not piece:
                break
            self.size += len(piece)
            if self.size > most:
                raise BodyRefused("413 Content Too Large", "More was sent than may be sent here. Send less at once.")
            self._keep(piece)
        if self.size < (length or 0):
            raise BodyRefused("400 Bad Request", "What you sent did not arrive whole. Send it again.")
        self._end()

    def close(self) -> None:
        # A disk that is full says so again.
        with suppress(OSError):
            self.body.close()
        self._room.give_back(self._kept)
        self._kept = 0

    def _keep(self, piece: bytes) -> None:
        """Write it down; where that fails, the rest is read and thrown away, for who is still sending hears no answer."""
        if self._refusal:
            return
        if not self._room.take(len(piece)):
            self._refusal = BodyRefused("503 Service Unavailable", "Too much is being sent here at once. Send it again in a moment.")
            return
        self._kept += len(piece)
        try:
            self.body.write(piece)
        except OSError as error:
            self._refuse_for(error)

    def _end(self) -> None:
        if not self._refusal:
            try:
                self.body.seek(0)
            except OSError as error:
                self._refuse_for(error)
        if self._refusal:
            raise self._refusal

    def _refuse_for(self, error: OSError) -> None:
        log.error("body_not_kept", extra={"reason": error.strerror or str(error)})
        self._refusal = BodyRefused(
            "507 Insufficient Storage", "This site has no room for what you sent. Send it again later, or tell its operator."
        )


def length_of(environ: "WSGIEnvironment") -> int:
    """Bytes that are to come; 0 where there are none, or nobody says how many."""
    told = environ.get("CONTENT_LENGTH") or ""
    return int(told) if told.isascii() and told.isdigit() and len(told) < 16 else 0


def _piece(source: IO[bytes], size: int) -> bytes:
    try:
        return source.read(size)
    except Exception as error:
        raise BodyRefused("400 Bad Request", "What you sent did not arrive whole. Send it again.") from error


def _refuse(start_response: "StartResponse", status: str, sentence: str) -> list[bytes]:
    body = sentence.encode()
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body))), ("Connection", "close")]
    headers += [("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")]
    headers += [("Retry-After", "5")] if status.startswith("5") else []
    start_response(status, headers)
    return [body]
