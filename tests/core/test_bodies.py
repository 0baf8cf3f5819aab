"""Bodies are gathered before anybody's turn: whole, in time, and so many at once."""

import io
import threading
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


def ask(app: Bodies, source: Any, length: object, **more: str) -> tuple[str, bytes]:
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
