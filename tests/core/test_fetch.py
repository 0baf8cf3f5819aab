"""Nothing inward is ever asked, and nothing outward can hold us up."""

import errno
import gzip
import io
import ipaddress
import re
import socket
import threading
import time
import zlib
from collections.abc import Iterator

import pytest

from inkhorn.core.errors import NoRoom
from inkhorn.core.fetch import Address, FetchFailed, FetchRefused, Resolver, fetch, is_public

HERE: Address = ipaddress.ip_address("127.0.0.1")


class Host:
    """A host that answers every connection with fixed bytes, in the manner asked for."""

    def __init__(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listening.getsockname()[1]
        self.answers: list[bytes] = []
        self.asked: list[bytes] = []
        self.drip = False
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self.listening.accept()
            except OSError:
                return
            with caller:
                try:
                    self.asked.append(self._hear(caller))
                    self._say(caller, self.answers.pop(0))
                except OSError:
                    continue

    def _hear(self, caller: socket.socket) -> bytes:
        heard = caller.recv(8000)
        length = re.search(rb"Content-Length: (\d+)", heard)
        while length and len(heard.partition(b"\r\n\r\n")[2]) < int(length[1]):
            heard += caller.recv(8000)
        return heard

    def _say(self, caller: socket.socket, answer: bytes) -> None:
        if not self.drip:
            caller.sendall(answer)
            return
        for number in range(len(answer)):
            caller.sendall(answer[number : number + 1])
            time.sleep(0.05)

    def resolver(self, *addresses: str) -> Resolver:
        found: list[Address] = [ipaddress.ip_address(address) for address in addresses] or [HERE]
        return Resolver(lambda _host, _port: found, lambda address: address == HERE or is_public(address), frozenset({80, 443, self.port}))


@pytest.fixture
def host() -> Iterator[Host]:
    made = Host()
    yield made
    made.listening.close()


def ok(content: bytes, *headers: str) -> bytes:
    lines = ["HTTP/1.1 200 OK", "Content-Type: image/png; x=y", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def to(location: str, status: int = 302) -> bytes:
    return f"HTTP/1.1 {status} Look there\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()


def test_what_is_there_comes_back(host: Host) -> None:
    host.answers = [ok(b"picture", "Content-Length: 7")]
    fetched = fetch(f"http://sea.example:{host.port}/a b.png".replace(" ", "%20"), resolver=host.resolver())
    assert (fetched.content, fetched.content_type) == (b"picture", "image/png")
    assert b"GET /a%20b.png HTTP/1.1" in host.asked[0]
    assert f"Host: sea.example:{host.port}".encode() in host.asked[0]


@pytest.mark.parametrize(
    "address",
    """127.0.0.1 127.9.9.9 0.0.0.0 0.1.2.3 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1 192.0.0.9 198.18.0.1
    224.0.0.1 240.0.0.1 255.255.255.255 ::1 :: fc00::1 fd12::1 fe80::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 64:ff9b::7f00:1 2002:7f00:1::
    ::127.0.0.1 ff02::1 2001:db8::1""".split(),
)
def test_no_inward_address_is_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["93.184.215.14", "8.8.8.8", "2606:4700::1111", "2a00:1450:4001::1"])
def test_open_addresses_are_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    """file:///etc/passwd gopher://a/ ftp://a/ data:text/plain,x dict://a:11211/ http:// //a/b http://user:pw@a.example/ http://a.example:22/
    http://a.example:99999/ http://127.0.0.1/ http://127.1/ http://2130706433/ http://0x7f000001/ http://0177.0.0.1/ http://0x7f.1/
    http://[::1]/ http://[::ffff:127.0.0.1]/ http://127.0.0.1./ http://127。0。0。1/ http://[fe80::1%25eth0]/ http://a\\@b/ http://[::1
    http://169.254.169.254/latest/meta-data http://⑫⑦.0.0.1/ http://localhost/ http://localhost./""".split(),
)
def test_what_is_not_an_open_web_address_is_refused(url: str) -> None:
    with pytest.raises(FetchRefused) as refused:
        fetch(url, timeout=3)
    assert "127.0.0.1" not in str(refused.value)


@pytest.mark.parametrize("url", ["http://a.example/\r\nX: y", "http://a.example/a b", "http://a.example/\x00", "http://a\t.example/"])
def test_control_characters_are_refused(url: str) -> None:
    with pytest.raises(FetchRefused):
        fetch(url)


def test_a_name_with_one_inward_address_is_refused(host: Host) -> None:
    with pytest.raises(FetchRefused):
        fetch(f"http://mixed.example:{host.port}/", resolver=host.resolver("127.0.0.1", "10.0.0.1"))
    assert host.asked == []


def test_the_checked_address_is_the_one_that_is_asked(host: Host) -> None:
    answers = [[HERE], [ipaddress.ip_address("10.0.0.1")]]
    rebinding = Resolver(lambda _host, _port: answers.pop(0), lambda address: address == HERE, frozenset({host.port}))
    host.answers = [ok(b"x", "Content-Length: 1")]
    assert fetch(f"http://rebind.example:{host.port}/", resolver=rebinding).content == b"x"
    assert len(answers) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_every_redirect_is_checked_again(host: Host, status: int) -> None:
    host.answers = [to("http://10.0.0.1/", status)]
    with pytest.raises(FetchRefused, match="private or reserved"):
        fetch(f"http://sea.example:{host.port}/", resolver=host.resolver())


def test_an_honest_redirect_is_followed(host: Host) -> None:
    host.answers = [to("/there"), ok(b"x", "Content-Length: 1")]
    assert fetch(f"http://sea.example:{host.port}/", resolver=host.resolver()).final_url.endswith("/there")


def test_a_ring_of_redirects_ends(host: Host) -> None:
    host.answers = [to("/again")] * 10
    with pytest.raises(FetchFailed, match="leads on"):
        fetch(f"http://sea.example:{host.port}/", resolver=host.resolver())


@pytest.mark.parametrize(
    "answer",
    [
        ok(b"x" * 3000, "Content-Length: 3000"),
        ok(b"x" * 3000),
        ok(gzip.compress(b"\0" * 50_000_000), "Content-Encoding: gzip"),
        ok(b"BB8\r\n" + b"x" * 3000 + b"\r\n0\r\n\r\n", "Transfer-Encoding: chunked"),
    ],
)
def test_too_much_is_refused(host: Host, answer: bytes) -> None:
    host.answers = [answer]
    with pytest.raises(FetchFailed, match="larger"):
        fetch(f"http://sea.example:{host.port}/", max_bytes=2000, resolver=host.resolver())


@pytest.mark.parametrize("packing", [None, "gzip", "deflate"])
def test_what_is_large_is_written_piece_by_piece(host: Host, packing: str | None) -> None:
    class Pieces(io.BytesIO):
        largest = 0

        def write(self, piece) -> int:
            Pieces.largest = max(Pieces.largest, len(piece))
            return super().write(piece)

    content, kept = bytes(range(256)) * 20_000, Pieces()
    packed = {"gzip": gzip.compress, "deflate": zlib.compress}.get(packing, bytes)(content)
    host.answers = [ok(packed, f"Content-Length: {len(packed)}", *([f"Content-Encoding: {packing}"] if packing else []))]
    fetch(f"http://sea.example:{host.port}/", resolver=host.resolver(), into=kept)
    assert kept.getvalue() == content
    assert Pieces.largest <= 64 * 1024


def test_a_full_disk_is_not_the_hosts_fault(host: Host) -> None:
    class Full(io.RawIOBase):
        def write(self, _piece) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    host.answers = [ok(b"x" * 900, "Content-Length: 900")]
    with pytest.raises(NoRoom, match="disk is full"):
        fetch(f"http://sea.example:{host.port}/", resolver=host.resolver(), into=Full())


@pytest.mark.parametrize("answer", [ok(b"x" * 900, "Content-Length: 900"), ok(b"x" * 900)])
def test_a_slow_host_is_cut_off(host: Host, answer: bytes) -> None:
    host.answers, host.drip = [answer], True
    begun = time.monotonic()
    with pytest.raises(FetchFailed, match="too long"):
        fetch(f"http://sea.example:{host.port}/", timeout=3, resolver=host.resolver())
    # All of it would take 45 seconds.
    assert time.monotonic() - begun < 20


def test_a_slow_handshake_is_cut_off(host: Host) -> None:
    host.answers, host.drip = [b"\x16\x03\x03\x40\x00" + b"\0" * 900], True
    with pytest.raises(FetchFailed, match="too long"):
        fetch(f"https://sea.example:{host.port}/", timeout=3, resolver=host.resolver())


def test_a_slow_look_up_is_given_up(host: Host) -> None:
    def slow(_host: str, _port: int) -> list[Address]:
        time.sleep(3)
        return [HERE]

    with pytest.raises(FetchFailed, match="looked up"):
        fetch("http://sea.example/", timeout=0.3, resolver=Resolver(slow, is_public))


@pytest.mark.parametrize(
    "answer", [b"", b"not http at all\r\n\r\n", ok(b"half", "Content-Length: 900"), b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"]
)
def test_a_broken_answer_is_a_failure(host: Host, answer: bytes) -> None:
    host.answers = [answer]
    with pytest.raises(FetchFailed):
        fetch(f"http://sea.example:{host.port}/", resolver=host.resolver())
