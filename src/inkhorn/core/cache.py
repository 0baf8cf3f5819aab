"""Finished pages for visitors, kept in memory in front of the application, each valid by the generation it was drawn in."""

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any, Protocol

from werkzeug.http import is_resource_modified

from inkhorn.core.generations import Generation
from inkhorn.core.logs import given_number
from inkhorn.core.packing import packed_by, packing_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# What a room says of a page that it lets anybody keep who asks again before each use; such pages are kept here.
KEPT = "public, max-age=0, must-revalidate"
# What no transaction announces, such as the year in the footer, is right again after so long.
LONGEST_SECONDS = 300.0
LARGEST_BYTES = 1 << 20
# Of an entry besides its bodies: key, headers and what Python adds.
FRAME_BYTES = 2500
FLIGHT_SECONDS = 10.0
MOST_ROUNDS = 5
UNKEPT_SECONDS = 10.0
# Answers that an address gives to everybody; a refusal may be one reader's own.
LASTING = ("200 ", "301 ", "302 ", "303 ", "307 ", "308 ", "404 ", "410 ")
MOST_UNKEPT = 2048
LONGEST_PATH = 1000
SMALLEST_PACKED = 500
# Where nothing is kept, so nobody need look.
ELSEWHERE = ("/static/", "/media/", "/api/", "/desk/", "/admin/", "/account/")
# Words that other sites and letters hang on an address to count by; no page differs by them.
COUNTING = frozenset("fbclid gclid dclid msclkid mc_cid mc_eid igshid yclid _hsenc _hsmi".split())
CONDITIONS = frozenset(("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE"))
# Headers with which something else than the page may be meant.
UNUSUAL = frozenset(
    (
        "HTTP_AUTHORIZATION",
        "HTTP_RANGE",
        "HTTP_IF_RANGE",
        "HTTP_IF_MATCH",
        "HTTP_IF_UNMODIFIED_SINCE",
        "HTTP_TRANSFER_ENCODING",
        "HTTP_EXPECT",
    )
)
# Worked out anew for each answer.
RENEWED = frozenset(("x-request-id", "content-length", "etag", "vary"))

Key = tuple[str, str, str]
Headers = list[tuple[str, str]]


@dataclass
class Entry:
    """One finished page: its headers, its ETag and its body as it is and packed."""

    number: int
    until: float
    headers: Headers
    etag: str
    is_weak: bool
    modified: str
    bodies: dict[str, tuple[bytes, Headers]]
    size: int


class Notice(Protocol):
    """Who is told of what comes from memory and what does not."""

    def asked(self, result: str) -> None:
        """A request was a hit, a miss, or a bypass: one that memory is not asked for."""

    def given(self, environ: "WSGIEnvironment", status: int, size: int, number: str, began: float) -> None:
        """A page left from memory, with that many bytes and under that number; when it was asked for by the performance counter."""

    def keeps(self, size: int) -> None:
        """So many bytes are kept now."""


class Flight:
    """A page that is being drawn."""

    def __init__(self) -> None:
        self.landed = threading.Event()
        self.is_kept = False


class PageCache:
    """Wraps an application: visitors' pages that it lets be kept are drawn once for a generation, however many ask meanwhile."""

    def __init__(self, app: "WSGIApplication", generation: Generation, most_bytes: int, notice: Notice | None = None) -> None:
        self._app, self._generation, self._most, self._notice = app, generation, most_bytes, notice
        self._entries: OrderedDict[Key, Entry] = OrderedDict()
        self._size = 0
        self._flights: dict[Key, Flight] = {}
        # What was found not to be kept, and until when that is believed.
        self._unkept: OrderedDict[Key, float] = OrderedDict()
        self._guard = threading.Lock()
        # Counted from where each process begins by chance; they are forked from one.
        self._answers: count[int] | None = None

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        key, began = key_of(environ), time.perf_counter()
        # Read before anything is drawn: what is drawn now may be older than a number read later.
        number = self._generation.read() if key else None
        if key is None or number is None:
            return self._pass_by(environ, start_response)
        entry = self._entries.get(key)
        if entry is not None and entry.number == number and time.monotonic() < entry.until:
            return self._give(key, entry, environ, start_response, began=began)
        if self._unkept.get(key, 0.0) > time.monotonic():
            return self._pass_by(environ, start_response)
        for _round in range(MOST_ROUNDS):
            flight, is_ours = self._board(key)
            if is_ours:
                return self._draw(key, flight, environ, start_response)
            if not flight.landed.wait(FLIGHT_SECONDS) or not flight.is_kept:
                break
            entry = self._entries.get(key)
            # Who drew it may have begun before the change that this reader comes after.
            if entry is not None and entry.number >= number and time.monotonic() < entry.until:
                return self._give(key, entry, environ, start_response, began=began)
        return self._pass_by(environ, start_response)

    def _pass_by(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if self._notice is not None:
            self._notice.asked("bypass")
        return self._app(environ, start_response)

    @property
    def size(self) -> int:
        """Bytes that are kept, as far as they are counted."""
        return self._size

    def _board(self, key: Key) -> tuple[Flight, bool]:
        """What tells when the page is drawn, and whether it is the caller who draws it."""
        with self._guard:
            flight = self._flights.get(key)
            if flight is not None:
                return flight, False
            flight = self._flights[key] = Flight()
            return flight, True

    def _draw(self, key: Key, flight: Flight, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        number = self._generation.read()
        told: list[Any] = []
        if self._notice is not None:
            self._notice.asked("miss")

        def note(status: str, headers: Headers, error: Any = None) -> Any:
            told[:] = (status, headers, error)

        # The whole page is wanted, so whether the reader has it already is seen afterwards; and nothing of who asks may get into it.
        asked = {name: value for name, value in environ.items() if name not in CONDITIONS}
        asked |= {"REQUEST_METHOD": "GET", "QUERY_STRING": ""}
        entry = None
        try:
            answer = self._app(asked, note)
            if _may_be_kept(told[0], told[1]):
                entry = self._keep(key, number, told[1], _whole(answer))
                flight.is_kept = entry.size <= LARGEST_BYTES
        finally:
            self._land(key, flight, is_lasting=bool(told) and told[0].startswith(LASTING))
        if entry is None:
            return self._hand_on(told, answer, environ, start_response)
        return self._give(key, entry, environ, start_response, number=dict(told[1]).get("X-Request-ID", ""))

    def _hand_on(
        self, told: list[Any], answer: Iterable[bytes], environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """What is not kept goes to whoever asked, as the application would have answered."""
        if told[0].startswith("200 ") and not CONDITIONS.isdisjoint(environ):
            _close(answer)
            return self._app(environ, start_response)
        start_response(*told)
        if environ["REQUEST_METHOD"] == "HEAD":
            _close(answer)
            return []
        return answer

    def _keep(self, key: Key, number: int | None, headers: Headers, body: bytes) -> Entry:
        told = {name.lower(): value for name, value in headers}
        kept = [each for each in headers if each[0].lower() not in RENEWED]
        entry = Entry(
            number=-1 if number is None else number,
            until=time.monotonic() + LONGEST_SECONDS,
            headers=[*kept, ("Vary", "Accept-Encoding")],
            etag=told.get("etag", "").removeprefix("W/").strip('"'),
            is_weak=told.get("etag", "").startswith("W/"),
            modified=told.get("last-modified", ""),
            bodies={},
            size=FRAME_BYTES + len(body),
        )
        entry.bodies[""] = (body, _headers_of(entry, body, ""))
        if number is not None and entry.size <= LARGEST_BYTES:
            with self._guard:
                self._put(key, entry)
            self._tell_size()
        return entry

    def _put(self, key: Key, entry: Entry) -> None:
        before = self._entries.pop(key, None)
        self._size += entry.size - (before.size if before else 0)
        self._entries[key] = entry
        self._make_room()

    def _make_room(self) -> None:
        while self._size > self._most and self._entries:
            _gone, oldest = self._entries.popitem(last=False)
            self._size -= oldest.size

    def _land(self, key: Key, flight: Flight, *, is_lasting: bool) -> None:
        with self._guard:
            self._flights.pop(key, None)
            self._unkept.pop(key, None)
            if is_lasting and not flight.is_kept:
                self._unkept[key] = time.monotonic() + UNKEPT_SECONDS
                while len(self._unkept) > MOST_UNKEPT:
                    self._unkept.popitem(last=False)
        flight.landed.set()

    def _tell_size(self) -> None:
        if self._notice is not None:
            self._notice.keeps(self._size)

    def _give(
        self, key: Key, entry: Entry, environ: "WSGIEnvironment", start_response: "StartResponse", *, number: str = "", began: float = 0.0
    ) -> Iterable[bytes]:
        """The page, out of memory or as it was just drawn under the number."""
        packing = packing_of(environ.get("HTTP_ACCEPT_ENCODING", ""))
        found = entry.bodies.get(packing) or self._pack(key, entry, packing)
        with suppress(KeyError):
            self._entries.move_to_end(key)
        body, headers = found
        is_from_memory, has_it = not number, _has_it_already(entry, environ)
        number = number or self._number_for(environ)
        headers = [*headers, ("X-Request-ID", number)]
        if self._notice is not None and is_from_memory:
            size = 0 if has_it or environ["REQUEST_METHOD"] == "HEAD" else len(body)
            self._notice.given(environ, 304 if has_it else 200, size, number, began)
        if has_it:
            start_response(
                "304 Not Modified", [each for each in headers if each[0] not in ("Content-Length", "Content-Type", "Content-Encoding")]
            )
            return []
        start_response("200 OK", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _number_for(self, environ: "WSGIEnvironment") -> str:
        """A number of its own like every answer's, or the one that a proxy gave; nothing is opened by it, so it need not be a secret."""
        if sent := given_number(environ.get("HTTP_X_REQUEST_ID", "")):
            return sent
        if self._answers is None:
            self._answers = count(secrets.randbits(62))
        return f"{next(self._answers):016x}"

    def _pack(self, key: Key, entry: Entry, packing: str) -> tuple[bytes, Headers]:
        plain = entry.bodies[""]
        if not packing or len(plain[0]) < SMALLEST_PACKED:
            return plain
        body = packed_by(packing, plain[0])
        packed = (body, _headers_of(entry, body, packing))
        with self._guard:
            entry.bodies[packing] = packed
            if self._entries.get(key) is entry:
                entry.size += len(body)
                self._size += len(body)
                self._make_room()
        self._tell_size()
        return packed


def key_of(environ: "WSGIEnvironment") -> Key | None:
    """By what a page is kept; None where a visitor's page cannot be meant, such as for somebody who carries a cookie of ours."""
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or not UNUSUAL.isdisjoint(environ):
        return None
    # Whoever sends a body with it may never end it; nobody waits for what they have drawn.
    if environ.get("CONTENT_LENGTH", "") not in ("", "0"):
        return None
    path: str = environ["PATH_INFO"]
    if len(path) > LONGEST_PATH or path.startswith(ELSEWHERE) or "inkhorn" in environ.get("HTTP_COOKIE", ""):
        return None
    query = environ.get("QUERY_STRING")
    if query and not is_counting(query):
        return None
    return environ["wsgi.url_scheme"], environ.get("HTTP_HOST", ""), path


def is_counting(query: str) -> bool:
    """Whether nothing stands in it but what others count visits by."""
    if len(query) > 2000:
        return False
    names = [each.partition("=")[0] for each in query.split("&")]
    return all(name in COUNTING or name.startswith("utm_") for name in names)


def _may_be_kept(status: str, headers: Headers) -> bool:
    told = {name.lower(): value for name, value in headers}
    return (
        status.startswith("200 ")
        and told.get("cache-control") == KEPT
        and "set-cookie" not in told
        and "content-encoding" not in told
        and told.get("vary", "Accept-Encoding").lower() == "accept-encoding"
    )


def _whole(answer: Iterable[bytes]) -> bytes:
    try:
        return b"".join(answer)
    finally:
        _close(answer)


def _close(answer: Iterable[bytes]) -> None:
    if hasattr(answer, "close"):
        answer.close()


def _headers_of(entry: Entry, body: bytes, packing: str) -> Headers:
    told = [*entry.headers, ("Content-Length", str(len(body)))]
    if entry.etag:
        told.append(("ETag", f'{"W/" if entry.is_weak else ""}"{entry.etag}{"-" + packing if packing else ""}"'))
    if packing:
        told.append(("Content-Encoding", packing))
    return told


def _has_it_already(entry: Entry, environ: "WSGIEnvironment") -> bool:
    if known := environ.get("HTTP_IF_NONE_MATCH"):
        # Whichever packing it has: the page is the same.
        plain = known.replace('-br"', '"').replace('-gzip"', '"')
        return not is_resource_modified({**environ, "HTTP_IF_NONE_MATCH": plain}, etag=entry.etag)
    # The very moment: what was taken down makes a page older than it was.
    return bool(entry.modified) and environ.get("HTTP_IF_MODIFIED_SINCE") == entry.modified
