"""Methods: each address says what it answers, whoever asks; a length is said once."""

import socket
from contextlib import suppress

import pytest

from tests.running import RunningSite

ALLOWED = {
    "/": {"GET", "HEAD"},
    "/feed.xml": {"GET", "HEAD"},
    "/nothing-at-all/": {"GET", "HEAD"},
    "/album/none/": {"GET", "HEAD"},
    "/sign-in": {"GET", "HEAD", "POST"},
    "/desk/": {"GET", "HEAD"},
    "/desk/media/upload": {"POST"},
    "/desk/media/uploads/" + "a" * 32: {"GET", "HEAD", "PATCH", "DELETE"},
    "/account/picture": {"POST"},
    "/comments/on/1": {"GET", "HEAD", "POST"},
    "/api/v1/posts/1": {"GET", "HEAD", "PATCH", "DELETE"},
}


@pytest.mark.parametrize(("path", "methods"), ALLOWED.items())
def test_an_address_tells_anybody_what_it_answers(client, path, methods):
    answer = client.options(path)
    assert (answer.status_code, set(answer.allow), answer.data) == (200, methods | {"OPTIONS"}, b"")


@pytest.mark.parametrize("path", ["/account/picture", "/account/picture/remove"])
def test_what_is_only_sent_to_cannot_be_read(client, path):
    answer = client.get(path)
    assert (answer.status_code, set(answer.allow)) == (405, {"POST", "OPTIONS"})


@pytest.mark.parametrize("path", ["/nothing-at-all/", "/album/none/", "/show/none/", "/media/2026/11/none.jpg", "/comments/on/x"])
def test_what_is_not_there_is_not_found(client, path):
    assert client.get(path).status_code == 404


def test_two_lengths_are_refused_where_both_are_seen(client):
    answer = client.post("/sign-in", data=b"a=b", headers={"Transfer-Encoding": "chunked"})
    assert answer.status_code == 400


SMUGGLED = b"GET /smuggled/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
HEADS = {
    "both": b"Content-Length: 4\r\nTransfer-Encoding: chunked",
    "both, the other way round": b"Transfer-Encoding: chunked\r\nContent-Length: 4",
    "two lengths": b"Content-Length: 4\r\nContent-Length: 5",
    "two encodings": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\nContent-Length: 4",
    "an encoding that is none": b"Transfer-Encoding: xchunked\r\nContent-Length: 4",
    "a blank before the colon": b"Content-Length: 4\r\nTransfer-Encoding : chunked",
}


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_nothing_is_smuggled_behind_a_request_of_doubtful_length(running: RunningSite, head: bytes):
    with socket.create_connection(("127.0.0.1", running.port), timeout=120) as line:
        line.sendall(b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\n" + head + b"\r\n\r\n4\r\na=bc\r\n0\r\n\r\n" + SMUGGLED)
        told = b""
        # The line is closed by the site, so that nothing after it is taken for a request of its own.
        with suppress(ConnectionResetError):
            while more := line.recv(65536):
                told += more
    assert told.count(b"HTTP/1.1 ") <= 1
    assert not told or 400 <= int(told[9:12]) < 500


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory):
    site = RunningSite(tmp_path_factory.mktemp("lengths") / "data", {"INKHORN_WEB_WORKERS": "1", "INKHORN_PROFILE": "testing"}).start()
    yield site
    site.stop()
