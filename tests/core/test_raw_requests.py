"""What the web server does with requests that no browser sends: slow ones, huge ones and ambiguous ones. Others are served meanwhile."""

import http.client
import socket
from collections.abc import Iterator

import pytest

from tests.running import RunningSite

pytestmark = pytest.mark.slow
PATIENCE_SECONDS = 60
GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
# What a server in front might take for the end of the first request and the begin of another one.
HIDDEN = b"GET /hidden-by-smuggling HTTP/1.1\r\nHost: localhost\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    built = RunningSite(tmp_path_factory.mktemp("raw") / "data", {"INKHORN_PROFILE": "production", "INKHORN_WEB_WORKERS": "1"})
    try:
        yield built.start()
    finally:
        if built.process and built.process.poll() is None:
            built.kill()


def connect(site: RunningSite) -> socket.socket:
    return socket.create_connection(("127.0.0.1", site.port), timeout=PATIENCE_SECONDS)


def told(way: socket.socket, pause: float = 2) -> bytes:
    """All that comes until the server closes, or says no more for so many seconds after an answer; to say nothing at all is a failure."""
    answer = b""
    try:
        while part := way.recv(65536):
            answer += part
            way.settimeout(pause)
    except TimeoutError:
        assert answer, "Neither answered nor closed."
    except OSError:
        pass
    return answer


def sent(site: RunningSite, *parts: bytes, pause: float = 2) -> bytes:
    with connect(site) as way:
        for part in parts:
            try:
                way.sendall(part)
            except OSError:
                # It was closed in the middle, which is an answer too.
                break
        return told(way, pause)


def statuses(answer: bytes) -> list[int]:
    return [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:]]


def is_served(site: RunningSite, path: str = "/") -> bool:
    client = http.client.HTTPConnection("127.0.0.1", site.port, timeout=PATIENCE_SECONDS)
    client.request("GET", path)
    try:
        return client.getresponse().status == 200
    finally:
        client.close()


def is_refused(answer: bytes) -> bool:
    """Closed without a word, or told that it was wrong; and nothing hidden in it was asked for."""
    found = statuses(answer)
    return len(found) <= 1 and all(400 <= status < 500 for status in found)


SMUGGLED = {
    "two lengths": POST + b"Content-Length: 0\r\nContent-Length: 56\r\n\r\n" + HIDDEN,
    "two lengths in one": POST + b"Content-Length: 0, 56\r\n\r\n" + HIDDEN,
    "length with a sign": POST + b"Content-Length: +5\r\n\r\nabcde",
    "negative length": POST + b"Content-Length: -1\r\n\r\n" + HIDDEN,
    "length in words": POST + b"Content-Length: five\r\n\r\nabcde",
    "length in hex": POST + b"Content-Length: 0x5\r\n\r\nabcde",
    "length beyond all numbers": POST + b"Content-Length: 99999999999999999999999\r\n\r\na",
    "chunked twice over": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + HIDDEN,
    "unknown coding": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "blank before the colon": GET + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunk of nonsense": POST + CHUNKED + b"\r\nzz\r\nabc\r\n0\r\n\r\n" + HIDDEN,
    "negative chunk": POST + CHUNKED + b"\r\n-1\r\nabc\r\n0\r\n\r\n" + HIDDEN,
    "chunk beyond all numbers": POST + CHUNKED + b"\r\nfffffffffffffffffff\r\nabc\r\n0\r\n\r\n" + HIDDEN,
    "name with a blank": GET + b"X Y: 1\r\n\r\n",
    "name with a control character": GET + b"X\x00Y: 1\r\n\r\n",
    "no name": GET + b": 1\r\n\r\n",
    "no version": b"GET /\r\n\r\n",
    "another protocol": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "huge header": GET + b"X-Large: " + b"x" * 2_000_000 + b"\r\n\r\n",
    "a thousand headers": GET + b"".join(b"X-%d: 1\r\n" % number for number in range(1000)) + b"\r\n",
    "huge address": b"GET /" + b"x" * 2_000_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "host of another": b"GET / HTTP/1.1\r\nHost: other.example\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: other.example\r\n\r\n",
}


@pytest.mark.parametrize("request_bytes", SMUGGLED.values(), ids=SMUGGLED.keys())
def test_what_can_be_read_in_two_ways_is_not_answered(site, request_bytes):
    answer = sent(site, request_bytes)
    assert is_refused(answer), answer[:300]
    assert is_served(site)


def test_a_length_beside_chunks_never_hides_a_second_request(site):
    # To go by the chunks alone and to close is what the protocol allows; to take what follows for another request is not.
    answer = sent(site, POST + b"Content-Length: 4\r\n" + CHUNKED + b"\r\n%x\r\n" % len(HIDDEN) + HIDDEN + b"\r\n0\r\n\r\n")
    assert b"hidden-by-smuggling" not in site.log.encode()
    assert len(statuses(answer)) <= 1
    assert is_served(site)


def test_requests_one_after_the_other_are_answered_in_their_order(site):
    three = (GET + b"\r\n") + (b"GET /no-such-page/ HTTP/1.1\r\nHost: localhost\r\n\r\n") + GET + b"Connection: close\r\n\r\n"
    assert statuses(sent(site, three, pause=PATIENCE_SECONDS)) == [200, 404, 200]


def test_a_body_larger_than_it_may_be_is_refused_before_it_has_come(site):
    answer = sent(site, POST + b"Content-Length: 5000000000\r\n\r\n", b"a=b")
    assert is_refused(answer)
    assert is_served(site)


SLOW = (GET + b"X-Slow: ", POST + b"Content-Length: 1000\r\n\r\na=", POST + CHUNKED + b"\r\n2\r\na=\r\n", POST + CHUNKED + b"\r\n")


def test_chunks_arrive_whole_and_no_more_of_them_than_may(site):
    sign_in = POST + CHUNKED + b"Connection: close\r\n\r\n"
    # Read as a form: what it lacks is said.
    assert statuses(sent(site, sign_in, b"3\r\na=b\r\n", b"0\r\n\r\n")) == [422]
    piece = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    answer = sent(site, sign_in, *[piece] * 6)
    assert statuses(answer) in ([413], [])
    assert is_served(site)


def test_slow_senders_keep_nobody_waiting_and_are_sent_away(site):
    slow = [connect(site) for _ in range(40)]
    try:
        for number, way in enumerate(slow):
            way.sendall(SLOW[number % len(SLOW)])
        for _round in range(5):
            # One that is kept in memory, and one that is worked out.
            assert is_served(site)
            assert is_served(site, "/sign-in")
        # Closed without a word in the middle of a header.
        assert {told(way) for way in slow[:: len(SLOW)]} == {b""}
    finally:
        for way in slow:
            way.close()
    assert is_served(site, "/sign-in")
