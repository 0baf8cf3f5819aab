"""Pages kept in memory: drawn once, given out packed, and never older than the reader's request."""

import gzip
import threading
from collections.abc import Callable, Iterable
from typing import Any

import brotli
import pytest
from werkzeug.test import Client, EnvironBuilder
from werkzeug.wrappers import Response

from inkhorn.core.cache import KEPT, PageCache, is_counting

PAGE = b"<p>" + b"gulls over the quay " * 100


class Counter:
    """A generation that the test raises."""

    def __init__(self) -> None:
        self.number: int | None = 1

    def read(self) -> int | None:
        return self.number

    def raise_to(self, number: int) -> None:
        self.number = number


class Drawing:
    """An application that counts what it draws."""

    def __init__(self, **headers: str) -> None:
        self.drawn: list[str] = []
        self.body = PAGE
        self.status = 200
        self.headers = {"Cache-Control": KEPT, "ETag": '"abc"', "X-Request-ID": "drawn", **headers}
        self.meanwhile: Callable[[], None] = lambda: None
        self.watch: Callable[[dict[str, Any]], None] = lambda _environ: None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.drawn.append(environ["PATH_INFO"])
        self.watch(environ)
        body = self.body
        self.meanwhile()
        answer = Response(body, status=self.status, headers=self.headers, content_type="text/html; charset=utf-8")
        return answer.make_conditional(environ)(environ, start_response)


@pytest.fixture
def generation() -> Counter:
    return Counter()


@pytest.fixture
def drawing() -> Drawing:
    return Drawing()


@pytest.fixture
def client(drawing: Drawing, generation: Counter) -> Client:
    return Client(PageCache(drawing, generation, 1 << 20), use_cookies=False)


def test_a_page_is_drawn_once_for_a_generation(client, drawing, generation):
    assert [client.get("/").data for _each in range(3)] == [PAGE] * 3
    assert drawing.drawn == ["/"]
    generation.raise_to(2)
    drawing.body = b"new"
    assert client.get("/").data == b"new"
    assert len(drawing.drawn) == 2


def test_each_packing_is_made_once_and_told(client, drawing):
    for accepted, packing, unpacked in (
        ("gzip, deflate, br", "br", brotli.decompress),
        ("gzip", "gzip", gzip.decompress),
        ("identity, br;q=0", None, bytes),
    ):
        for _round in range(2):
            answer = client.get("/", headers={"Accept-Encoding": accepted})
            assert answer.headers.get("Content-Encoding") == packing
            assert unpacked(answer.data) == PAGE
            assert answer.headers["Vary"] == "Accept-Encoding"
            assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert len(drawing.drawn) == 1


def test_who_has_the_page_already_is_told_so_whatever_its_packing(client, drawing):
    tags = {client.get("/", headers={"Accept-Encoding": packing}).headers["ETag"] for packing in ("br", "gzip", "")}
    assert len(tags) == 3
    for tag in (*tags, '"xyz", "abc"', "*"):
        answer = client.get("/", headers={"If-None-Match": tag})
        assert (answer.status_code, answer.data) == (304, b"")
        assert "Content-Length" not in answer.headers
    assert client.get("/", headers={"If-None-Match": '"xyz"'}).data == PAGE
    assert len(drawing.drawn) == 1


def test_the_first_who_asks_may_have_it_already(client, drawing):
    assert client.get("/", headers={"If-None-Match": '"abc"'}).status_code == 304
    assert client.get("/").data == PAGE
    assert len(drawing.drawn) == 1


def test_a_moment_is_compared_where_no_tag_is_sent(generation):
    drawing = Drawing(**{"Last-Modified": "Sun, 29 Nov 2026 08:00:00 GMT"})
    client = Client(PageCache(drawing, generation, 1 << 20), use_cookies=False)
    for moment, status in (
        ("Sun, 29 Nov 2026 08:00:00 GMT", 304),
        ("Sun, 29 Nov 2026 07:00:00 GMT", 200),
        # Something was taken down since.
        ("Sun, 29 Nov 2026 09:00:00 GMT", 200),
        ("no moment", 200),
    ):
        assert client.get("/", headers={"If-Modified-Since": moment}).status_code == status
    assert len(drawing.drawn) == 1


def test_a_head_is_answered_from_the_same_page(client, drawing):
    first, second = client.head("/"), client.get("/")
    assert (first.data, second.data) == (b"", PAGE)
    assert first.headers["Content-Length"] == second.headers["Content-Length"]
    assert len(drawing.drawn) == 1


def test_each_answer_has_a_number_of_its_own(client):
    numbers = [client.get("/").headers["X-Request-ID"] for _each in range(3)]
    assert len(set(numbers)) == 3
    # Of the one who had it drawn it is the number that the log tells of the drawing; of nobody else.
    assert [each == "drawn" for each in numbers] == [True, False, False]


@pytest.mark.parametrize(
    "asked",
    [
        {"method": "POST"},
        {"method": "GET", "data": b"x"},
        {"headers": {"Authorization": "Bearer x"}},
        {"headers": {"Range": "bytes=0-9"}},
        {"headers": {"If-Match": '"x"'}},
        {"headers": {"If-Unmodified-Since": "Sun, 29 Nov 2026 08:00:00 GMT"}},
        {"headers": {"Cookie": "seen=1; inkhorn=abc"}},
        {"headers": {"Cookie": "__Host-inkhorn-notes=abc"}},
        {"query_string": "page=2"},
        {"query_string": "utm_source=a&page=2"},
        {"path": "/desk/posts"},
        {"path": "/" + "a" * 2000},
    ],
    ids=str,
)
def test_what_is_not_a_visitors_page_goes_through(client, drawing, asked):
    for _round in range(2):
        client.open(**asked)
    assert len(drawing.drawn) == 2
    client.get("/")
    assert len(drawing.drawn) == 3


def test_words_to_count_by_and_foreign_cookies_make_no_other_page(client, drawing):
    client.get("/")
    assert client.get("/?utm_source=letter&fbclid=1").data == PAGE
    assert client.get("/", headers={"Cookie": "_ga=1"}).data == PAGE
    assert len(drawing.drawn) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Cache-Control": "private, no-store"},
        {"Set-Cookie": "a=b"},
        {"Vary": "Cookie"},
        {"Content-Encoding": "gzip"},
    ],
    ids=str,
)
def test_what_may_not_be_kept_is_not(generation, headers):
    drawing = Drawing(**headers)
    client = Client(PageCache(drawing, generation, 1 << 20), use_cookies=False)
    assert [client.get("/").status_code for _each in range(2)] == [200, 200]
    assert len(drawing.drawn) == 2


def test_an_error_is_not_kept_and_keeps_nobody_from_the_page(client, drawing):
    drawing.status = 503
    assert client.get("/").status_code == 503
    drawing.status = 200
    assert [client.get("/").status_code for _each in range(3)] == [200] * 3
    assert len(drawing.drawn) == 2


def test_a_head_of_what_is_not_kept_asks_once(generation):
    drawing = Drawing(**{"Cache-Control": "private, no-store"})
    answer = Client(PageCache(drawing, generation, 1 << 20), use_cookies=False).head("/")
    assert (answer.status_code, answer.data) == (200, b"")
    assert len(drawing.drawn) == 1


def test_nothing_of_the_first_who_asks_gets_into_the_page(client, drawing):
    seen: list[str] = []
    drawing.watch = lambda environ: seen.append(environ["QUERY_STRING"])
    client.get("/?utm_source=evil")
    assert seen == [""]


def test_a_weak_tag_stays_weak(generation):
    drawing = Drawing(ETag='W/"abc"')
    client = Client(PageCache(drawing, generation, 1 << 20), use_cookies=False)
    assert client.get("/").headers["ETag"] == 'W/"abc"'
    assert client.get("/", headers={"If-None-Match": 'W/"abc"'}).status_code == 304


def test_a_packed_body_counts_as_well(drawing, generation):
    cache = PageCache(drawing, generation, len(PAGE) + 2600)
    client = Client(cache, use_cookies=False)
    client.get("/")
    for packing in ("br", "gzip"):
        client.get("/", headers={"Accept-Encoding": packing})
    assert cache.size <= len(PAGE) + 2600


def test_a_page_drawn_while_it_changed_is_given_to_nobody_later(client, drawing, generation):
    def change() -> None:
        generation.raise_to(2)
        drawing.body = b"new"

    drawing.meanwhile = change
    assert client.get("/").data == PAGE
    drawing.meanwhile = lambda: None
    assert client.get("/").data == b"new"


def test_nothing_is_given_out_while_the_generation_is_unknown(client, drawing, generation):
    client.get("/")
    generation.number = None
    client.get("/")
    assert len(drawing.drawn) == 2
    generation.number = 1
    client.get("/")
    assert len(drawing.drawn) == 2


def test_no_more_is_kept_than_there_is_room_for(drawing, generation):
    cache = PageCache(drawing, generation, 20_000)
    client = Client(cache)
    for number in range(40):
        client.get(f"/{number}", headers={"Accept-Encoding": "br"})
    assert cache.size <= 20_000
    client.get("/39")
    assert len(drawing.drawn) == 40
    client.get("/0")
    assert len(drawing.drawn) == 41


def test_many_who_ask_at_once_have_it_drawn_once(drawing, generation):
    cache, everybody, may_go_on = PageCache(drawing, generation, 1 << 20), 12, threading.Event()
    drawing.meanwhile = lambda: may_go_on.wait(120)
    bodies: list[bytes] = []

    def ask() -> None:
        environ = EnvironBuilder("/").get_environ()
        bodies.append(b"".join(cache(environ, lambda *_told: None)))

    threads = [threading.Thread(target=ask) for _each in range(everybody)]
    for each in threads:
        each.start()
    may_go_on.set()
    for each in threads:
        each.join(120)
    assert bodies == [PAGE] * everybody
    assert drawing.drawn == ["/"]


def test_who_waits_for_a_page_that_breaks_draws_it(generation):
    def broken(_environ: Any, _start: Any) -> Iterable[bytes]:
        raise OSError("broken")

    client = Client(PageCache(broken, generation, 1 << 20))
    for _round in range(2):
        with pytest.raises(OSError, match="broken"):
            client.get("/")


@pytest.mark.parametrize(
    ("query", "counts"),
    [("utm_source=a&gclid=2", True), ("p=3", False), ("utm_x=1&p=3", False), ("&", False), ("utm_a=" + "b" * 3000, False)],
)
def test_only_words_to_count_by_are_left_out(query, counts):
    assert is_counting(query) is counts
