"""Bodies are gathered before anybody's turn: whole, in time, and so many at once."""

import errno
import io
import threading
from tempfile import SpooledTemporaryFile
from typing import Any

import pytest

from inkhorn.core import bodies
from inkhorn.core.bodies import Bodies, length_of

FORM, UPLOAD = 4000, 9_000_000


class Slow:
    """What is sent without ever coming to its end, until the test lets it."""

    def __init__(self) -> None:
        self.has_begun, self.is_over = threading.Event(), threading.Event()

    def read(self, _size: int) -> bytes:
        self.has_begun.set()
        self.is_over.wait(60)
        return b""


def ask(app: Bodies, source: Any, length: object, **more: Any) -> tuple[str, bytes]:
    told: list[str] = []
    environ = {"wsgi.input": source, "CONTENT_LENGTH": str(length), "REMOTE_ADDR": "192.0.2.1"} | more
    answer = b"".join(app(environ, lambda status, _headers: told.append(status)))
    return told[0], answer


def echo(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [])
    return [environ["wsgi.input"].read()]


@pytest.fixture
def wrapped() -> Bodies:
    return Bodies(echo, form_bytes=FORM, upload_bytes=UPLOAD)


@pytest.mark.parametrize("size", [1, 3999, 4000])
def test_a_body_arrives_as_it_was_sent(wrapped, size):
    assert ask(wrapped, io.BytesIO(b"x" * size + b"of the next request"), size) == ("200 OK", b"x" * size)


def test_a_large_one_is_kept_beside_memory(wrapped):
    content = bytes(range(256)) * 10_000
    assert ask(wrapped, io.BytesIO(content), len(content), HTTP_COOKIE="inkhorn=1") == ("200 OK", content)


@pytest.mark.parametrize("length", ["", "0", "-1", "x", "1e3", "9" * 40, "²"])
def test_what_has_no_length_is_not_waited_for(length):
    assert length_of({"CONTENT_LENGTH": length}) == 0


@pytest.mark.parametrize(("length", "more"), [(FORM + 1, {}), (UPLOAD + 1, {"HTTP_AUTHORIZATION": "Bearer x"})])
def test_what_is_too_large_goes_on_unread(length, more):
    def look(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("413 Content Too Large", [])
        return [str(source.tell()).encode()]

    source = io.BytesIO(b"x" * 10_000)
    assert ask(Bodies(look, form_bytes=FORM, upload_bytes=UPLOAD), source, length, **more) == ("413 Content Too Large", b"0")


def test_a_body_that_ends_early_is_a_bad_request(wrapped):
    status, told = ask(wrapped, io.BytesIO(b"ab"), 3)
    assert (status, told) == ("400 Bad Request", b"What you sent did not arrive whole. Send it again.")


def test_one_address_keeps_no_other_from_sending(wrapped):
    slow = [Slow() for _ in range(bodies.BODIES_AT_ONCE // 4)]
    waiting = [threading.Thread(target=ask, args=(wrapped, each, 3)) for each in slow]
    try:
        for thread in waiting:
            thread.start()
        assert all(each.has_begun.wait(60) for each in slow)
        assert ask(wrapped, io.BytesIO(b"abc"), 3)[0] == "503 Service Unavailable"
        assert ask(wrapped, io.BytesIO(b"abc"), 3, REMOTE_ADDR="198.51.100.7") == ("200 OK", b"abc")
        assert ask(wrapped, io.BytesIO(b""), 0) == ("200 OK", b"")
    finally:
        for each in slow:
            each.is_over.set()
        for thread in waiting:
            thread.join(60)
    assert ask(wrapped, io.BytesIO(b"abc"), 3) == ("200 OK", b"abc")


CHUNKED = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True, "REQUEST_METHOD": "POST"}


def told_length(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [])
    return [f"{environ['CONTENT_LENGTH']} {'HTTP_TRANSFER_ENCODING' in environ} ".encode(), environ["wsgi.input"].read()]


@pytest.mark.parametrize("more", [{}, {"HTTP_TRANSFER_ENCODING": "chunked"}], ids=["HTTP/2", "chunks"])
@pytest.mark.parametrize("size", [0, 1, FORM])
def test_what_ends_itself_is_gathered_and_says_its_length_from_then_on(size, more):
    app = Bodies(told_length, form_bytes=FORM, upload_bytes=UPLOAD)
    told = {"wsgi.input_terminated": True, "REQUEST_METHOD": "POST"} | more
    assert ask(app, io.BytesIO(b"x" * size), "", **told) == ("200 OK", f"{size} False ".encode() + b"x" * size)


def test_what_ends_itself_is_read_no_further_than_it_may_be_large(wrapped):
    source = io.BytesIO(b"x" * 1_000_000)
    assert ask(wrapped, source, "", **CHUNKED) == ("413 Content Too Large", b"More was sent than may be sent here. Send less at once.")
    assert source.tell() <= FORM + bodies.PIECE_BYTES


def test_nobody_waits_for_what_comes_with_a_question():
    def look(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [str(environ["wsgi.input_terminated"]).encode()]

    app = Bodies(look, form_bytes=FORM, upload_bytes=UPLOAD)
    told = {"wsgi.input_terminated": True, "REQUEST_METHOD": "GET"}
    assert ask(app, Slow(), "", **told) == ("200 OK", b"False")


class Trickling:
    """Brings what it is asked for, at so many bytes a second of a clock of its own."""

    def __init__(self, rate: float) -> None:
        self.rate, self.now = rate, 0.0

    def read(self, size: int) -> bytes:
        self.now += size / self.rate
        return b"x" * size


@pytest.mark.parametrize(
    ("length", "rate"), [(FORM, 1), (UPLOAD, 1), ("", 1), (UPLOAD, bodies.LEAST_BYTES_A_SECOND / 2), ("", bodies.LEAST_BYTES_A_SECOND / 2)]
)
def test_who_sends_ever_more_slowly_is_sent_away(wrapped, monkeypatch, length, rate):
    source = Trickling(rate)
    monkeypatch.setattr(bodies, "monotonic", lambda: source.now)
    status, told = ask(wrapped, source, length, **(CHUNKED if length == "" else {}), HTTP_COOKIE="inkhorn=1")
    assert (status, told[:35]) == ("408 Request Timeout", b"What you sent came too slowly. Send")
    # It was not waited for much longer than it may take, however slowly it came.
    assert source.now < 4 * bodies.FIRST_SECONDS


def test_a_large_body_by_a_line_of_twice_the_least_rate_arrives(wrapped, monkeypatch):
    source = Trickling(2 * bodies.LEAST_BYTES_A_SECOND)
    monkeypatch.setattr(bodies, "monotonic", lambda: source.now)
    assert ask(wrapped, source, UPLOAD, HTTP_COOKIE="inkhorn=1")[0] == "200 OK"


class Full(SpooledTemporaryFile):  # type: ignore[type-arg]
    """A disk that takes nothing any more, or only as long as it need not be written to."""

    fails_at = "write"

    def write(self, content: bytes) -> int:
        if self.fails_at == "write" and self.tell() + len(content) > bodies.IN_MEMORY_BYTES:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(content)

    def seek(self, *where: int) -> int:
        if self.fails_at == "seek":
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().seek(*where)


@pytest.mark.parametrize("fails_at", ["write", "seek"])
def test_a_full_disk_is_said_once_all_has_come(wrapped, monkeypatch, fails_at):
    monkeypatch.setattr(bodies, "SpooledTemporaryFile", Full)
    monkeypatch.setattr(Full, "fails_at", fails_at)
    source = io.BytesIO(b"x" * 3_000_000)
    status, told = ask(wrapped, source, 3_000_000, HTTP_COOKIE="inkhorn=1")
    assert (status, told[:43]) == ("507 Insufficient Storage", b"This site has no room for what you sent. Se")
    assert source.tell() == 3_000_000
    monkeypatch.undo()
    # Nothing of it is counted any more.
    for _round in range(bodies.LARGEST_AT_ONCE + 1):
        assert ask(wrapped, io.BytesIO(b"x" * UPLOAD), UPLOAD, HTTP_COOKIE="inkhorn=1")[0] == "200 OK"


def test_no_more_is_gathered_at_once_than_there_is_room_for():
    within: list[str] = []

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        # While this is worked on, another one comes.
        within.append(ask(wrapped, io.BytesIO(b"x" * UPLOAD), UPLOAD, HTTP_COOKIE="inkhorn=1")[0])
        start_response("200 OK", [])
        return [b""]

    wrapped = Bodies(app, form_bytes=FORM, upload_bytes=UPLOAD)
    assert ask(wrapped, io.BytesIO(b"x" * UPLOAD), UPLOAD, HTTP_COOKIE="inkhorn=1")[0] == "200 OK"
    assert within == ["503 Service Unavailable", "200 OK"]
