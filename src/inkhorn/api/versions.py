"""Which version of the API answers: by the address, or by API-Version where the address names none; and how one is retired."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import BadRequest
from werkzeug.http import http_date

from inkhorn.core import clock
from inkhorn.core.errors import Gone

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
USUAL = "1"
HEADER = "API-Version"
NAMED = re.compile(r"/api/(?:v\d+|docs)(?:/|$)")


@dataclass(frozen=True)
class Retirement:
    """A version that is on its way out: since when, until when, and where to read what to do."""

    deprecated_at: datetime
    sunset_at: datetime
    guide: str


def tell_retirement(retirement: Retirement, response: Response) -> Response:
    """Deprecation (RFC 9745) and Sunset (RFC 8594), with a link to the guide."""
    response.headers["Deprecation"] = f"@{int(retirement.deprecated_at.timestamp())}"
    response.headers["Sunset"] = http_date(retirement.sunset_at)
    response.headers.add("Link", f'<{retirement.guide}>; rel="deprecation"; type="text/html"')
    return response


def refuse_retired(retirement: Retirement) -> None:
    if clock.now() >= retirement.sunset_at:
        raise Gone(f"This version of the API was retired; {retirement.guide} says what came instead.")


def refuse_other_version(version: str) -> None:
    """400 where address and header name different ones: nobody can have meant both."""
    told = request.headers.get(HEADER)
    if told is not None and told.removeprefix("v") != version.removeprefix("v"):
        raise BadRequest(f"The address is that of {version}, and {HEADER} says {told[:20]}. Say one of them.")


def lead_to_version(app: Flask, known: Iterable[str]) -> None:
    """Let addresses without a version be those of the one that API-Version names, or of the usual one."""
    versions, inner = frozenset(known), app.wsgi_app

    def choose(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", ""))
        if path.startswith("/api/") and not NAMED.match(path):
            told = str(environ.get("HTTP_API_VERSION", USUAL)).removeprefix("v")
            if told in versions:
                environ["PATH_INFO"] = f"/api/v{told}/{path.removeprefix('/api/')}"
        return inner(environ, start)

    app.wsgi_app = choose  # type: ignore[method-assign,assignment]
