"""Static files: addresses that carry a digest of the content, and the quick way on which they are served."""

import hashlib
import mimetypes
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from flask import Flask, current_app
from werkzeug.http import http_date, is_resource_modified
from werkzeug.wrappers import Response
from werkzeug.wsgi import wrap_file

from inkhorn.core.packing import packed_by, packing_of

PREFIX = "/static/"
HOUSE = Path(__file__).parents[1] / "static"
SHIPPED_THEMES = Path(__file__).parents[1] / "themes"
YEAR_SECONDS = 31_536_000
FRESH_SECONDS = 60
# Text up to this size is kept in memory, plain and compressed; the rest is read from disk when asked for.
KEPT_BYTES = 400_000

_HASHED = re.compile(r"(?P<stem>.+)\.(?P<digest>[0-9a-f]{8})(?P<suffix>\.[a-z0-9]+)")
_URL = re.compile(r"""url\((?P<quote>["']?)(?!data:|https?:|/|#)(?P<name>[^"')]+)(?P=quote)\)""")
_COMPRESSIBLE = ("text/", "application/javascript", "application/json", "image/svg+xml")

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True)
class Item:
    """One static file as it is served."""

    path: Path
    changed_at: int
    content_type: str
    digest: str
    # None where the file is read from disk each time.
    body: bytes | None
    # By packing, once somebody asked for it.
    packed: dict[str, bytes] = field(default_factory=dict)

    def body_in(self, packing: str) -> bytes:
        assert self.body is not None
        if packing and packing not in self.packed:
            self.packed[packing] = packed_by(packing, self.body, is_thorough=True)
        return self.packed[packing] if packing else self.body


@dataclass
class Shelf:
    """Every static file by name: "tokens.css" is the house's own, "quill/quill.css" belongs to the theme of that name."""

    themes: tuple[Path, ...]
    # In development a changed file is seen at once; elsewhere files are read once.
    is_watching: bool = False
    # Another host that serves them to readers, without a slash at its end.
    host: str = ""
    _items: dict[str, Item] = field(default_factory=dict)
    _addresses: dict[str, str] = field(default_factory=dict)

    def address(self, name: str) -> str:
        """The file's address with its digest; the plain address where there is no such file."""
        known = self._addresses.get(name)
        if known is not None and not self.is_watching:
            return known
        item = self.item(name)
        path = PurePosixPath(name)
        known = f"{PREFIX}{path.with_suffix('')}.{item.digest}{path.suffix}" if item else PREFIX + name
        if item:
            self._addresses[name] = known
        return known

    def item(self, name: str) -> Item | None:
        known = self._items.get(name)
        if known is not None and not self.is_watching:
            return known
        path = self._find(name)
        if path is None:
            return None
        changed_at = path.stat().st_mtime_ns
        if known is None or known.changed_at != changed_at or name.endswith(".css"):
            known = self._items[name] = self._take(name, path, changed_at)
        return known

    def _find(self, name: str) -> Path | None:
        theme, _, rest = name.partition("/")
        places = [(HOUSE, name)]
        if rest and re.fullmatch(r"[a-z0-9][a-z0-9_-]*", theme):
            places += [(folder / theme / "static", rest) for folder in self.themes]
        for root, inner in places:
            try:
                place = (root / inner).resolve()
                if place.is_relative_to(root.resolve()) and place.is_file():
                    return place
            except (OSError, ValueError):
                continue
        return None

    def _take(self, name: str, path: Path, changed_at: int) -> Item:
        content_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        content = path.read_bytes()
        if path.suffix == ".css":
            content = _URL.sub(lambda found: self._point(name, found), content.decode()).encode()
        is_text = content_type.startswith(_COMPRESSIBLE)
        if is_text:
            content_type += "; charset=utf-8"
        is_kept = is_text and len(content) <= KEPT_BYTES
        return Item(
            path=path,
            changed_at=changed_at,
            content_type=content_type,
            digest=hashlib.sha256(content).hexdigest()[:8],
            body=content if is_kept else None,
        )

    def _point(self, sheet: str, found: re.Match[str]) -> str:
        # A style sheet names its fonts beside it; with their digests in place they can be kept for a year as well.
        return f'url("{self.address(str(PurePosixPath(sheet).parent / found["name"]))}")'


def init_app(app: Flask) -> None:
    loaded = app.extensions["inkhorn.config"]
    shelf = Shelf(themes=(loaded.data / "themes", SHIPPED_THEMES), is_watching=loaded.is_development, host=loaded.assets_url or "")
    app.extensions["inkhorn.assets"] = shelf
    app.jinja_env.globals["asset"] = asset
    app.wsgi_app = serve_static(app.wsgi_app, shelf)  # type: ignore[method-assign,assignment]


def asset(name: str) -> str:
    """The address of a static file, good for a year because it changes with the content; of another host where the settings name one."""
    shelf: Shelf = current_app.extensions["inkhorn.assets"]
    return shelf.host + shelf.address(name)


def serve_static(app: WsgiApp, shelf: Shelf) -> WsgiApp:
    """Answer addresses under /static/ before the application wakes: no session, no query, no template."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if not path.startswith(PREFIX) or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return app(environ, start_response)
        name = path[len(PREFIX) :]
        hashed = _HASHED.fullmatch(name)
        item = shelf.item(hashed["stem"] + hashed["suffix"]) if hashed else None
        # A page kept somewhere may still name the digest of yesterday; it gets today's file, but not for a year.
        is_exact = bool(item and hashed and hashed["digest"] == item.digest)
        item = item or shelf.item(name)
        if item is None:
            return app(environ, start_response)
        return _answer_with(item, environ, is_exact=is_exact, is_for_pages_of_others=bool(shelf.host))(environ, start_response)

    return answer


def _answer_with(item: Item, environ: dict[str, Any], *, is_exact: bool, is_for_pages_of_others: bool) -> Response:
    headers = {
        "Content-Type": item.content_type,
        "Cache-Control": f"public, max-age={YEAR_SECONDS}, immutable" if is_exact else f"public, max-age={FRESH_SECONDS}",
        "ETag": f'"{item.digest}"',
        "Last-Modified": http_date(item.changed_at / 1e9),
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        # A drawing that is opened by itself may run nothing.
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    }
    if is_for_pages_of_others:
        # Browsers fetch fonts and modules of another host only where it says so.
        headers |= {"Cross-Origin-Resource-Policy": "cross-origin", "Access-Control-Allow-Origin": "*"}
    if item.body is not None:
        headers["Vary"] = "Accept-Encoding"
    if not is_resource_modified(environ, etag=item.digest):
        return Response(status=304, headers=headers)
    if item.body is None:
        headers["Content-Length"] = str(item.path.stat().st_size)
        response = Response(wrap_file(environ, item.path.open("rb")), headers=headers, direct_passthrough=True)
    else:
        packing = packing_of(environ.get("HTTP_ACCEPT_ENCODING", ""))
        response = Response(item.body_in(packing), headers=headers | ({"Content-Encoding": packing} if packing else {}))
    return response
