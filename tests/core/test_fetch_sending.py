"""What is sent goes to one place, once, with headers that nobody can smuggle anything into."""

import ipaddress
import time
from collections.abc import Iterator

import pytest

from inkhorn.core.fetch import FetchFailed, FetchRefused, Resolver, fetch, only_to, send
from inkhorn.core.fetch.targets import Target, is_near_or_public
from tests.core.test_fetch import HERE, Host, ok, to


@pytest.fixture
def host() -> Iterator[Host]:
    made = Host()
    yield made
    made.listening.close()


def address(host: Host, path: str = "/token") -> str:
    return f"http://sea.example:{host.port}{path}"


def test_a_body_is_sent_with_its_type_and_length(host: Host) -> None:
    host.answers = [ok(b"{}", "Content-Length: 2")]
    assert send(address(host), b"code=a%20b", resolver=host.resolver()).content == b"{}"
    head, _, body = host.asked[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /token HTTP/1.1")
    assert b"Content-Type: application/x-www-form-urlencoded" in head
    assert b"Content-Length: 10" in head
    assert body == b"code=a%20b"


def test_headers_are_sent_along(host: Host) -> None:
    host.answers = [ok(b"{}", "Content-Length: 2")]
    send(address(host), b"x", headers={"Authorization": "Bearer abc", "Accept": "application/json"}, resolver=host.resolver())
    assert b"Authorization: Bearer abc" in host.asked[0]
    assert host.asked[0].count(b"Accept: ") == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_what_is_sent_is_never_sent_on(host: Host, status: int) -> None:
    host.answers = [to("/elsewhere", status), ok(b"x", "Content-Length: 1")]
    with pytest.raises(FetchFailed, match="led on"):
        send(address(host), b"secret", resolver=host.resolver())
    assert len(host.asked) == 1


def test_a_refusal_may_be_read_where_that_is_asked_for(host: Host) -> None:
    refusal = b"HTTP/1.1 400 No\r\nContent-Length: 2\r\n\r\n{}"
    host.answers = [refusal, refusal]
    assert send(address(host), b"x", accepts=frozenset((200, 400)), resolver=host.resolver()).status == 400
    with pytest.raises(FetchFailed) as failed:
        send(address(host), b"x", resolver=host.resolver())
    assert failed.value.answered == 400


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "http://169.254.169.254/", "file:///etc/passwd", "http://user:pw@a.example/"])
def test_nothing_is_sent_inward(url: str) -> None:
    with pytest.raises(FetchRefused):
        send(url, b"x", timeout=3)


def test_too_much_of_an_answer_is_refused(host: Host) -> None:
    host.answers = [ok(b"x" * 3000)]
    with pytest.raises(FetchFailed, match="larger"):
        send(address(host), b"x", max_bytes=2000, resolver=host.resolver())


def test_a_slow_answer_is_cut_off(host: Host) -> None:
    host.answers, host.drip = [ok(b"x" * 900)], True
    begun = time.monotonic()
    with pytest.raises(FetchFailed, match="too long"):
        send(address(host), b"x", timeout=3, resolver=host.resolver())
    # All of it would take 45 seconds.
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize(
    "headers",
    [
        {"X-A": "b\r\nHost: evil.example"},
        {"X-A\r\nHost": "b"},
        {"X A": "b"},
        {"": "b"},
        {"X-A": "é"},
        {"Host": "evil.example"},
        {"content-length": "0"},
        {"Transfer-Encoding": "chunked"},
        {"Connection": "keep-alive"},
    ],
    ids=str,
)
def test_no_header_smuggles_another(host: Host, headers: dict[str, str]) -> None:
    with pytest.raises(FetchRefused, match="header"):
        send(address(host), b"x", headers=headers, resolver=host.resolver())
    with pytest.raises(FetchRefused, match="header"):
        fetch(address(host), headers=headers, resolver=host.resolver())
    assert host.asked == []


def test_a_secret_header_stays_with_the_host_it_was_meant_for(host: Host) -> None:
    host.answers = [to("/there"), to(f"http://other.example:{host.port}/"), ok(b"x", "Content-Length: 1")]
    fetch(address(host), headers={"Authorization": "Bearer abc"}, resolver=host.resolver())
    assert [b"Bearer abc" in asked for asked in host.asked] == [True, True, False]


def test_the_operators_host_may_stand_near(host: Host) -> None:
    host.answers = [ok(b"x", "Content-Length: 1")]
    url = f"http://localhost:{host.port}/"
    assert fetch(url, resolver=only_to(url)).content == b"x"


def test_the_way_to_the_operators_host_leads_nowhere_else(host: Host) -> None:
    way = only_to(f"http://localhost:{host.port}/")
    host.answers = [to(f"http://127.0.0.1:{host.port}/")]
    with pytest.raises(FetchRefused):
        fetch(f"http://localhost:{host.port}/", resolver=way)
    for elsewhere in ("http://localhost/", f"http://127.0.0.1:{host.port}/", "http://10.0.0.1/", f"http://localhost.:{host.port + 1}/"):
        with pytest.raises(FetchRefused):
            send(elsewhere, b"x", resolver=way, timeout=3)
    assert len(host.asked) == 1


@pytest.mark.parametrize("near", ["127.0.0.1", "10.1.2.3", "172.20.0.5", "192.168.1.9", "100.64.0.3", "::1", "fd12::7", "93.184.215.14"])
def test_machines_of_ones_own_are_near(near: str) -> None:
    assert is_near_or_public(ipaddress.ip_address(near))


@pytest.mark.parametrize(
    "address", "169.254.169.254 fd00:ec2::254 0.0.0.0 224.0.0.1 255.255.255.255 :: fe80::1 ff02::1 ::ffff:10.0.0.1".split()
)
def test_what_clouds_tell_their_machines_is_never_near(address: str) -> None:
    assert not is_near_or_public(ipaddress.ip_address(address))


def test_the_operators_name_is_pinned_as_any_other() -> None:
    answers = [[HERE], [ipaddress.ip_address("169.254.169.254")]]
    way = Resolver(lambda _host, _port: answers.pop(0), is_near_or_public, frozenset({8080}), only=("sso.example", 8080))
    assert Target.of("http://sso.example:8080/", way, time.monotonic() + 60).addresses == (HERE,)
    with pytest.raises(FetchRefused):
        Target.of("http://sso.example:8080/", way, time.monotonic() + 60)
