"""One line for each request, the same whether the application answered or memory did: written by hand, for that costs a tenth of a log's way."""

import json
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any

from inkhorn.core.gathered_lines import GatheredLines

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

LOGGER = "inkhorn.core.access_log"
# What a masked address keeps: a network of many.
KEPT_BITS = {4: 24, 6: 48}
LONGEST_PATH = 200
FROM_MEMORY = "page_cache"
HOUSE_WORDS = f'"event": "request", "level": "info", "logger": "{LOGGER}"'


class Line(logging.LogRecord):
    """A line that is written as it stands; what a usual record gathers about its place takes longer than the writing."""

    ready: str

    @classmethod
    def of(cls, text: str) -> "Line":
        line = cls.__new__(cls)
        line.ready = line.msg = text
        line.args, line.levelno, line.levelname, line.name, line.exc_info = None, logging.INFO, "INFO", LOGGER, None
        return line


class AccessLog:
    """Writes a line for each request to the handler of the house."""

    def __init__(self, handler: logging.Handler, *, is_json: bool, addresses: str, clean: Callable[[str], str]) -> None:
        self._handler, self._is_json, self._addresses = handler, is_json, addresses
        self._clean = lru_cache(2048)(clean)
        self._gathered = GatheredLines(self._handle)
        self._around = lru_cache(4096)(self._kept_words)

    def write(self, **told: Any) -> None:
        """What `line` takes; the line of a request that was worked on is there when its answer is."""
        self._handle(self.line(**told))

    def line(self, *, number: str, method: str, route: str, endpoint: str | None, status: int, began: float, **more: Any) -> str:
        """More are numbers, bytes= and user=, where they are known, and the address= of whoever asked."""
        shown = shown_address(more.pop("address"), self._addresses)
        told = [
            ("request_id", f'"{number}"'),
            ("method", _written(method)),
            ("route", _written(route)),
            ("endpoint", _written(endpoint)),
            ("status", str(status)),
            ("ms", f"{(time.perf_counter() - began) * 1000:.1f}"),
            *((name, str(value)) for name, value in more.items() if value is not None),
        ]
        if shown:
            told.append(("address", _written(shown)))
        at = datetime.now(UTC).isoformat()[:-6] + "Z"
        if self._is_json:
            return f'{{{self._joined(told)}, {HOUSE_WORDS}, "at": "{at}"}}'
        return f"{at} [info     ] request  {self._joined(told)}"

    def write_kept(self, environ: "WSGIEnvironment", status: int, size: int, number: str, began: float) -> None:
        """A page that left from memory, within moments; its path stands for the rule, which nobody asked for."""
        before, after = self._around(
            environ["REQUEST_METHOD"], environ["PATH_INFO"], status, size, shown_address(environ.get("REMOTE_ADDR"), self._addresses)
        )
        took = (time.perf_counter() - began) * 1000
        at = datetime.now(UTC).isoformat()[:-6]
        if self._is_json:
            self._gathered.add(f'{{"request_id": "{number}", {before}, "ms": {took:.1f}, {after}, {HOUSE_WORDS}, "at": "{at}Z"}}')
        else:
            self._gathered.add(f'{at}Z [info     ] request  request_id="{number}" {before} ms={took:.1f} {after}')

    def _kept_words(self, method: str, path: str, status: int, size: int, address: str) -> tuple[str, str]:
        """What stands before and after the milliseconds: the same for every reader of a page from one network, so that it is put together once."""
        route = self.clean(path.encode("latin1").decode(errors="replace"))
        before = [("method", _written(method)), ("route", _written(route)), ("endpoint", f'"{FROM_MEMORY}"'), ("status", str(status))]
        after = [("bytes", str(size)), *([("address", _written(address))] if address else [])]
        return self._joined(before), self._joined(after)

    def _joined(self, told: list[tuple[str, str]]) -> str:
        return (
            ", ".join([f'"{name}": {value}' for name, value in told])
            if self._is_json
            else " ".join([f"{name}={value}" for name, value in told])
        )

    def flush(self) -> None:
        """Write now what was gathered of pages out of memory."""
        self._gathered.flush()

    def _handle(self, text: str) -> None:
        self._handler.handle(Line.of(text))

    def clean(self, path: str) -> str:
        """A path as it may stand in a log."""
        return self._clean(path[:LONGEST_PATH])


# The same words come again and again.
_written = lru_cache(4096)(json.dumps)


@lru_cache(4096)
def shown_address(address: str | None, wish: str) -> str:
    """The address as the settings want it: whole, its network alone, or not at all."""
    if not address or wish == "none":
        return ""
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    if wish == "full":
        return str(parsed)
    return str(ip_network((parsed, KEPT_BITS[parsed.version]), strict=False))
