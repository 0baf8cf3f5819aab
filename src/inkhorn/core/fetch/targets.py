"""Where may be gone: an address taken apart, looked up once, and refused where it leads inward."""

import ipaddress
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Self
from urllib.parse import SplitResult, quote, urlsplit

from inkhorn.core.fetch.refusals import FetchFailed, FetchRefused

PORTS = {"http": 80, "https": 443}
LONGEST_ADDRESS = 4000
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
# Where machines of one's own stand; what clouds tell their machines in confidence (169.254/16, fd00:ec2::) is not among them.
_NEAR = tuple(
    ipaddress.ip_network(network)
    for network in ("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
)
_CLOUD = ipaddress.ip_network("fd00:ec2::/32")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Resolver:
    """How names become addresses and which of those may be visited; tests pass their own."""

    look_up: Callable[[str, int], list[Address]]
    admits: Callable[[Address], bool]
    ports: frozenset[int] = frozenset(PORTS.values())
    # Where it holds for one host and port only, every other is asked as the open network is.
    only: tuple[str, int] | None = None

    def towards(self, host: str, port: int) -> "Resolver":
        return self if self.only in (None, (host, port)) else PUBLIC


def is_public(address: Address) -> bool:
    """Whether an address belongs to the open network and nothing nearer."""
    return address.is_global and not any(address in network for network in _INWARDS)


def is_near_or_public(address: Address) -> bool:
    """Whether an address is public, or that of a machine in the operator's own network."""
    return is_public(address) or (any(address in network for network in _NEAR) and address not in _CLOUD)


def only_to(url: str) -> Resolver:
    """A way to the one host that the operator named, wherever it stands; wherever that leads on to is asked as the open network is."""
    parts = parts_of(url)
    host, port = host_of(parts), parts.port or PORTS[parts.scheme]
    return Resolver(_look_up, is_near_or_public, frozenset((port,)), only=(host, port))


def _look_up(host: str, port: int) -> list[Address]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]


PUBLIC = Resolver(_look_up, is_public)


@dataclass(frozen=True)
class Target:
    """One hop: an address that was looked at part by part, with the network addresses it may be asked at."""

    scheme: str
    host: str
    port: int
    path: str
    addresses: tuple[Address, ...]

    @classmethod
    def of(cls, url: str, resolver: Resolver, deadline: float) -> Self:
        parts = parts_of(url)
        host, port = host_of(parts), parts.port or PORTS[parts.scheme]
        resolver = resolver.towards(host, port)
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
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}{'' if self.port == PORTS[self.scheme] else f':{self.port}'}{self.path}"

    @property
    def host_header(self) -> str:
        return urlsplit(self.url).netloc


def parts_of(url: str) -> SplitResult:
    if any(ord(letter) <= 32 or ord(letter) == 127 for letter in url) or "\\" in url or len(url) > LONGEST_ADDRESS:
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


def host_of(parts: SplitResult) -> str:
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
