"""The only way out to other hosts: every address checked and pinned, every hop checked again, size and time bounded."""

import http.client
import ipaddress
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Self
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from inkhorn import __version__
from inkhorn.core.errors import InkhornError

MAX_REDIRECTS = 5
READ_BYTES = 64 * 1024
PORTS = {"http": 80, "https": 443}
_REDIRECTS = {301, 302, 303, 307, 308}
# Named one by one: what ipaddress thinks of them differs between versions of Python.
_INWARDS = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24"),
        *("192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        *("::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16"),
        *("fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"),
    )
)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class FetchRefused(InkhornError):
    """We will not go there; the sentence says why and never which address a name led to."""

    status = 422


class FetchFailed(InkhornError):
    """We went and came back without it."""

    status = 502


@dataclass(frozen=True)
class Fetched:
    """What another host answered with."""

    content: bytes
    content_type: str
    final_url: str


@dataclass(frozen=True)
class Resolver:
    """How names become addresses and which of those may be visited; tests pass their own."""

    look_up: Callable[[str, int], list[Address]]
    admits: Callable[[Address], bool]
    ports: frozenset[int] = frozenset(PORTS.values())


def fetch(
    url: str,
    *,
    max_bytes: int = 10_000_000,
    timeout: float = 10,
    resolver: Resolver | None = None,
) -> Fetched:
    """Get what stands at the address within the time for everything, redirects too; FetchRefused or FetchFailed if not."""
    deadline = time.monotonic() + timeout
    for _hop in range(MAX_REDIRECTS + 1):
        target = _Target.of(url, resolver or PUBLIC, deadline)
        answer = _ask(target, max_bytes=max_bytes, deadline=deadline)
        if isinstance(answer, Fetched):
            return answer
        if target.scheme == "https" and urlsplit(answer).scheme == "http":
            raise FetchRefused("The address leads from https to plain http, so it was not followed.")
        url = answer
    raise FetchFailed(f"The address leads on more than {MAX_REDIRECTS} times.")


def is_public(address: Address) -> bool:
    """Whether an address belongs to the open network and nothing nearer."""
    return address.is_global and not any(address in network for network in _INWARDS)


def _look_up(host: str, port: int) -> list[Address]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]


PUBLIC = Resolver(_look_up, is_public)


@dataclass(frozen=True)
class _Target:
    """One hop: an address that was looked at part by part, with the network addresses it may be asked at."""

    scheme: str
    host: str
    port: int
    path: str
    addresses: tuple[Address, ...]

    @classmethod
    def of(cls, url: str, resolver: Resolver, deadline: float) -> "_Target":
        parts = _parts_of(url)
        host, port = _host_of(parts), parts.port or PORTS[parts.scheme]
        if port not in resolver.ports:
            raise FetchRefused("Only the usual ports of http and https are visited.")
        addresses = tuple(_resolve(host, port, resolver, deadline))
        # One inward address among several is enough: which of them is used is not ours to guess.
        if not all(resolver.admits(address) for address in addresses):
            raise FetchRefused("The address leads into a private or reserved network, which is not visited.")
        path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._") + (
            "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~-._?") if parts.query else ""
        )
        return cls(parts.scheme, host, port, path, addresses)

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}{'' if self.port == PORTS[self.scheme] else f':{self.port}'}{self.path}"

    @property
    def host_header(self) -> str:
        return urlsplit(self.url).netloc


def _parts_of(url: str) -> SplitResult:
    if any(ord(letter) <= 32 or ord(letter) == 127 for letter in url) or "\\" in url or len(url) > 4000:
        raise FetchRefused("The address holds characters that no web address has.")
    try:
        parts = urlsplit(url)
        _port = parts.port
    except ValueError as error:
        raise FetchRefused("This is not a web address.") from error
    if parts.scheme not in PORTS or not parts.hostname:
        raise FetchRefused("Only addresses that begin with http:// or https:// are fetched.")
    if "@" in parts.netloc:
        raise FetchRefused("An address with a user name or password in it is not fetched.")
    return parts


def _host_of(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    if ":" in host:
        return host.partition("%")[0]
    try:
        host = host.encode("idna").decode("ascii").lower().rstrip(".")
    except UnicodeError as error:
        raise FetchRefused("The host's name is not one that can be looked up.") from error
    last = host.rpartition(".")[2]
    # 2130706433, 0x7f.1 and 0177.0.0.1 are addresses to some resolvers and names to none.
    if last.isdigit() or last.startswith("0x"):
        try:
            ipaddress.IPv4Address(host)
        except ValueError as error:
            raise FetchRefused("The host is a number that is not written as an address.") from error
    if not host:
        raise FetchRefused("The address names no host.")
    return host


def _resolve(host: str, port: int, resolver: Resolver, deadline: float) -> list[Address]:
    with suppress(ValueError):
        return [ipaddress.ip_address(host)]
    found: list[Address] = []

    def look_up() -> None:
        with suppress(OSError, UnicodeError):
            found.extend(resolver.look_up(host, port))

    # The system's own look-up knows no time limit.
    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(max(0.0, deadline - time.monotonic()))
    if not found:
        raise FetchFailed("The host's name could not be looked up.")
    return list(dict.fromkeys(found))


def _ask(target: _Target, *, max_bytes: int, deadline: float) -> Fetched | str:
    """One request: what came, or the address it leads on to."""
    connection = http.client.HTTPConnection(target.host, target.port)
    try:
        with _Alarm(deadline) as alarm:
            connection.sock = _connect(target, alarm)
            connection.request("GET", target.path, headers=_headers(target))
            with connection.getresponse() as response:
                location = response.getheader("Location")
                if response.status in _REDIRECTS and location:
                    return urljoin(target.url, quote(location, safe="/%:@!$&'()*+,;=~-._?#[]"))
                if response.status != 200:
                    raise FetchFailed(f"The host answered {response.status} and not 200.")
                content = _read(response, max_bytes)
                # A connection that was cut looks like one that ended.
                alarm.check()
                return Fetched(content, response.getheader("Content-Type", "").partition(";")[0].strip().lower(), target.url)
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


def _headers(target: _Target) -> dict[str, str]:
    return {
        "Host": target.host_header,
        "User-Agent": f"Inkhorn/{__version__}",
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }


def _connect(target: _Target, alarm: _Alarm) -> socket.socket:
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


def _secured(plain: socket.socket, target: _Target, alarm: _Alarm) -> socket.socket:
    try:
        secure = ssl.create_default_context().wrap_socket(plain, server_hostname=target.host, do_handshake_on_connect=False)
        alarm.watched = secure
        secure.do_handshake()
    except (OSError, ValueError) as error:
        plain.close()
        alarm.check()
        raise FetchFailed("No secure connection to the host could be made.") from error
    return secure


def _read(response: http.client.HTTPResponse, max_bytes: int) -> bytes:
    too_large = FetchFailed(f"What stands at the address is larger than {max_bytes // 1_000_000 or 1} MB.")
    # We ask for no packing; a host that packs anyway is unpacked within the same bound.
    packing = (response.getheader("Content-Encoding") or "identity").lower()
    if packing not in ("identity", "gzip", "deflate", "x-gzip"):
        raise FetchFailed("The host packed its answer in a way that was not asked for.")
    if (response.length or 0) > max_bytes:
        raise too_large
    unpack = zlib.decompressobj(wbits=47) if packing != "identity" else None
    content = bytearray()
    while chunk := response.read(READ_BYTES):
        content += unpack.decompress(chunk, max_bytes + 1 - len(content)) if unpack else chunk
        if len(content) > max_bytes:
            raise too_large
    if response.length:
        raise http.client.IncompleteRead(b"")
    return bytes(content)
