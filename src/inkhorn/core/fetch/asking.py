"""The question itself, and what comes back: one pinned connection for each hop, cut off at its deadline."""

import http.client
import io
import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import BinaryIO, Self
from urllib.parse import quote, urljoin, urlsplit

from inkhorn import __version__
from inkhorn.core.errors import NoRoom
from inkhorn.core.fetch.refusals import FetchFailed, FetchRefused
from inkhorn.core.fetch.targets import PUBLIC, Resolver, Target

MAX_REDIRECTS = 5
READ_BYTES = 64 * 1024
_REDIRECTS = {301, 302, 303, 307, 308}
# Ours to say, since the rest relies on them.
_OWN_HEADERS = frozenset(("host", "user-agent", "accept-encoding", "connection", "content-length", "content-type", "transfer-encoding"))
_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z-]*")
_HEADER_VALUE = re.compile(r"[\x20-\x7e]*")


@dataclass(frozen=True)
class Fetched:
    """What another host answered with; content is empty where it was written into a file."""

    content: bytes
    content_type: str
    final_url: str
    status: int = 200


@dataclass(frozen=True)
class _Question:
    """What every hop is asked with."""

    headers: Mapping[str, str]
    accepts: frozenset[int]
    max_bytes: int
    deadline: float
    body: bytes | None = None
    into: BinaryIO | None = None


def fetch(
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    max_bytes: int = 10_000_000,
    timeout: float = 10,
    resolver: Resolver | None = None,
    into: BinaryIO | None = None,
) -> Fetched:
    """Get what stands at the address within the time for everything, redirects too; FetchRefused or FetchFailed if not.

    Headers go to the origin of the address and to no other that it leads on to. What is large is written into a file, piece by piece.
    """
    question = _Question(_checked(headers), frozenset((200,)), max_bytes, time.monotonic() + timeout, into=into)
    bare = replace(question, headers={})
    first: Target | None = None
    for _hop in range(MAX_REDIRECTS + 1):
        target = Target.of(url, resolver or PUBLIC, question.deadline)
        first = first or target
        answer = _ask(target, question if target.origin == first.origin else bare)
        if isinstance(answer, Fetched):
            return answer
        if target.scheme == "https" and urlsplit(answer).scheme == "http":
            raise FetchRefused("The address leads from https to plain http, so it was not followed.")
        url = answer
    raise FetchFailed(f"The address leads on more than {MAX_REDIRECTS} times.")


def send(
    url: str,
    body: bytes,
    *,
    content_type: str = "application/x-www-form-urlencoded",
    headers: Mapping[str, str] | None = None,
    accepts: frozenset[int] = frozenset((200,)),
    max_bytes: int = 1_000_000,
    timeout: float = 10,
    resolver: Resolver | None = None,
) -> Fetched:
    """Send a body to the address and take the answer, whose status is one of those accepted; what leads on is not followed."""
    checked = {**_checked(headers), "Content-Type": content_type}
    question = _Question(checked, accepts, max_bytes, time.monotonic() + timeout, body)
    answer = _ask(Target.of(url, resolver or PUBLIC, question.deadline), question)
    if isinstance(answer, Fetched):
        return answer
    raise FetchFailed("The host led on to another address instead of taking what was sent.")


def _checked(headers: Mapping[str, str] | None) -> Mapping[str, str]:
    for name, value in (headers or {}).items():
        if name.lower() in _OWN_HEADERS or not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            raise FetchRefused("A header of the request holds what it may not.")
    return headers or {}


def _ask(target: Target, question: _Question) -> Fetched | str:
    """One request: what came, or the address it leads on to."""
    connection = http.client.HTTPConnection(target.host, target.port)
    try:
        with _Alarm(question.deadline) as alarm:
            connection.sock = _connect(target, alarm)
            method = "GET" if question.body is None else "POST"
            connection.request(method, target.path, body=question.body, headers={**question.headers, **_headers(target, question)})
            with connection.getresponse() as response:
                location = response.getheader("Location")
                if response.status in _REDIRECTS and location:
                    return urljoin(target.url, quote(location, safe="/%:@!$&'()*+,;=~-._?#[]"))
                if response.status not in question.accepts:
                    raise FetchFailed(f"The host answered {response.status} and not 200.", answered=response.status)
                kept = question.into or io.BytesIO()
                _read(response, question.max_bytes, kept)
                # A connection that was cut looks like one that ended.
                alarm.check()
                told = response.getheader("Content-Type", "").partition(";")[0].strip().lower()
                return Fetched(kept.getvalue() if isinstance(kept, io.BytesIO) else b"", told, target.url, response.status)
    except (OSError, http.client.HTTPException, ValueError, zlib.error) as error:
        alarm.check()
        raise FetchFailed("The host broke the connection off or answered what is not http.") from error
    finally:
        connection.close()


class _Alarm:
    """Cuts the watched connection at the deadline, since a socket's own time limit begins anew with every byte."""

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.watched: socket.socket | None = None
        self._timer = threading.Timer(self.left, self._cut)
        self._timer.daemon = True

    @property
    def left(self) -> float:
        return max(0.0, self.deadline - time.monotonic())

    def check(self) -> None:
        if not self.left:
            raise FetchFailed("The host took too long to answer.")

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._timer.cancel()

    def _cut(self) -> None:
        if self.watched is not None:
            with suppress(OSError):
                socket.socket.shutdown(self.watched, socket.SHUT_RDWR)


def _headers(target: Target, question: _Question) -> dict[str, str]:
    return {
        "Host": target.host_header,
        "User-Agent": f"Inkhorn/{__version__}",
        "Accept": question.headers.get("Accept", "*/*"),
        "Accept-Encoding": "identity",
        "Connection": "close",
    }


def _connect(target: Target, alarm: _Alarm) -> socket.socket:
    failure: OSError | None = None
    for address in target.addresses:
        alarm.check()
        try:
            # The address that was checked, not the name: a second look-up might lead elsewhere.
            plain = socket.create_connection((str(address), target.port), timeout=min(alarm.left, 5))
        except OSError as error:
            failure = error
            continue
        plain.settimeout(max(0.1, alarm.left))
        alarm.watched = plain
        return _secured(plain, target, alarm) if target.scheme == "https" else plain
    raise FetchFailed("The host could not be reached.") from failure


def _secured(plain: socket.socket, target: Target, alarm: _Alarm) -> socket.socket:
    try:
        secure = ssl.create_default_context().wrap_socket(plain, server_hostname=target.host, do_handshake_on_connect=False)
        alarm.watched = secure
        secure.do_handshake()
    except (OSError, ValueError) as error:
        plain.close()
        alarm.check()
        raise FetchFailed("No secure connection to the host could be made.") from error
    return secure


def _read(response: http.client.HTTPResponse, max_bytes: int, into: BinaryIO) -> None:
    too_large = FetchFailed(f"What stands at the address is larger than {max_bytes // 1_000_000 or 1} MB.")
    # We ask for no packing; a host that packs anyway is unpacked within the same bound.
    packing = (response.getheader("Content-Encoding") or "identity").lower()
    if packing not in ("identity", "gzip", "deflate", "x-gzip"):
        raise FetchFailed("The host packed its answer in a way that was not asked for.")
    if (response.length or 0) > max_bytes:
        raise too_large
    size = 0
    for piece in _pieces(response, is_packed=packing != "identity"):
        size += len(piece)
        if size > max_bytes:
            raise too_large
        try:
            into.write(piece)
        except OSError as error:
            # Ours is full, and not the host to blame.
            raise NoRoom("The disk is full, so the file could not be fetched. Make room and try again.") from error
    if response.length:
        raise http.client.IncompleteRead(b"")


def _pieces(response: http.client.HTTPResponse, *, is_packed: bool) -> Iterator[bytes]:
    """What comes, in pieces that stay small however much a few bytes unpack to."""
    unpack = zlib.decompressobj(wbits=47) if is_packed else None
    while chunk := response.read(READ_BYTES):
        if unpack is None:
            yield chunk
        while unpack is not None and (piece := unpack.decompress(chunk, READ_BYTES)):
            yield piece
            chunk = unpack.unconsumed_tail
