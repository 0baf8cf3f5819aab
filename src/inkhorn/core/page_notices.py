"""What is told of pages out of memory: counted for whoever watches, and a line in the access log, each where it is wanted."""

from typing import TYPE_CHECKING

from flask import Flask

from inkhorn.core.access_log import AccessLog
from inkhorn.core.logs import access_log_of
from inkhorn.core.metrics.families import PAGE_CACHE, PAGE_CACHE_BYTES
from inkhorn.core.metrics.shelf import Shelf
from inkhorn.core.metrics.watching import shelf_of

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


class PageNotices:
    """Tells the shelf of figures and the access log, as far as they are there."""

    def __init__(self, shelf: Shelf | None, lines: AccessLog | None) -> None:
        self._shelf, self._lines = shelf, lines

    def asked(self, result: str) -> None:
        if self._shelf is not None:
            self._shelf.add((PAGE_CACHE.name, result))

    def given(self, environ: "WSGIEnvironment", status: int, size: int, number: str, began: float) -> None:
        self.asked("hit")
        if self._lines is not None:
            self._lines.write_kept(environ, status, size, number, began)

    def keeps(self, size: int) -> None:
        if self._shelf is not None:
            self._shelf.put((PAGE_CACHE_BYTES.name,), size)


def for_app(app: Flask) -> PageNotices | None:
    """None where nobody wants to know, so that nothing is spent on it."""
    shelf, lines = shelf_of(app), access_log_of(app)
    return PageNotices(shelf, lines) if shelf is not None or lines is not None else None
