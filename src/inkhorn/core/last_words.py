"""Around everything else: where not even the application can answer, such as without file handles, a reader is told so in words."""

import json
import logging
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from inkhorn.core.guard import NO_HANDLES

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)

BUSY = "The site has more files open than it may. Try again in a moment."
FAILED = "Something went wrong here. It was written down for the operator of this site; try again in a moment."


class LastWords:
    """Wraps an application. It imports nothing and opens nothing when it is needed, for that may be just what fails."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        try:
            return self._app(environ, start_response)
        except Exception as error:
            log.exception("request_failed_outside")
            is_busy = isinstance(error, OSError) and error.errno in NO_HANDLES
            return _answer(environ, start_response, HTTPStatus(503 if is_busy else 500), BUSY if is_busy else FAILED)


def _answer(environ: "WSGIEnvironment", start_response: "StartResponse", status: HTTPStatus, sentence: str) -> list[bytes]:
    body, kind = sentence.encode(), "text/plain; charset=utf-8"
    if environ.get("PATH_INFO", "").startswith("/api/"):
        problem = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": sentence}
        body, kind = json.dumps(problem).encode(), "application/problem+json"
    headers = [("Content-Type", kind), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
    headers += [("X-Content-Type-Options", "nosniff")] + ([("Retry-After", "5")] if status == 503 else [])
    start_response(f"{status.value} {status.phrase}", headers)
    return [body]
