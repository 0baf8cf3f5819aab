"""Addresses as they stand in links: escaped, absolute with or without a request, and certainly our own where somebody is led back."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from flask import Flask, has_request_context, request
from werkzeug.routing import IntegerConverter, PathConverter, Rule

from inkhorn.core.config import config
from inkhorn.core.headers import FOR_PROGRAMS

KEPT_ROOT = "inkhorn.site_root"
# What may stand unescaped in a path; everything else an old address may hold is percent-encoded.
PATH_SAFE = "/:@!$&'()*+,;=~-._"
LONGEST_WAY = 2000
MOST_DISGUISES = 5
STRANGE = re.compile(r"[\x00-\x20\x7f\\\u0080-\u00a0\u2028\u2029\u202a-\u202e\ufeff]")


class PlainNumber(IntegerConverter):
    """A number in an address, by the ten digits alone: one thing has one address, however people elsewhere write numbers."""

    regex = "[0-9]+"


class RootedPath(PathConverter):
    """A path of the site inside another address, with its leading slash or without."""

    regex = ".+?"
    part_isolating = False


class ReadersPath(PathConverter):
    """Any path that a reader may ask for; those of programs are answered by their rooms, each method of them, or by none."""

    regex = f"(?!{FOR_PROGRAMS.removeprefix('/')}){PathConverter.regex}"


class Route(Rule):
    """An address whose builder is compiled when it is first built: 718 of them at once took a twentieth of the start (29 November 2026)."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:  # noqa: FBT001, FBT002 - as it is called
        compile_now, name = super()._compile_builder, "_build_unknown" if append_unknown else "_build"

        def build(rule: Rule, /, *args: Any, **values: Any) -> tuple[str, str]:
            compiled = compile_now(append_unknown).__get__(rule, None)
            # From now on it is asked itself; two threads that compile at once compile the same.
            setattr(rule, name, compiled)
            built: tuple[str, str] = compiled(*args, **values)
            return built

        return build


def init_app(app: Flask) -> None:
    app.url_map.converters |= {"int": PlainNumber, "readers": ReadersPath, "rooted": RootedPath}


def site_root() -> str:
    """The site's own root without a trailing slash: site_url, else the host that was asked, else host and port."""
    if not has_request_context():
        running = config()
        return (running.site_url or running.own_address).rstrip("/")
    # A page names its own address many times, so a request works it out once.
    environ = request.environ
    root: str | None = environ.get(KEPT_ROOT)
    if root is None:
        root = environ[KEPT_ROOT] = (config().site_url or request.host_url).rstrip("/")
    return root


def absolute(path: str) -> str:
    """A root-relative path as a full address; addresses with a scheme are returned as they are."""
    return site_root() + path if path.startswith("/") and not path.startswith("//") else path


@lru_cache(maxsize=4096)
def href(path: str | None) -> str:
    """A stored path as it stands in a link."""
    return quote(path or "/", safe=PATH_SAFE)


def own_path(wanted: str | None) -> str | None:
    """The path if it certainly leads to this site, whatever the address bar or a form was made to say; None for everything else."""
    if not wanted or len(wanted) > LONGEST_WAY or STRANGE.search(wanted):
        return None
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return None
    if parts.scheme or parts.netloc or not wanted.startswith("/") or wanted.startswith("//"):
        return None
    # Browsers do not decode an address before they follow it, but something on the way may.
    path = parts.path
    for _round in range(MOST_DISGUISES):
        if path.startswith("//") or STRANGE.search(path):
            return None
        if (decoded := unquote(path)) == path:
            return wanted
        path = decoded
    return None
