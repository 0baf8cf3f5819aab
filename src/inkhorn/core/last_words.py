"""Around everything else: where not even the application can answer, such as without file handles, a reader is told so in words."""

import json
import logging
import secrets
import sys
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from inkhorn.core.guard import NO_HANDLES
from inkhorn.core.logs import REQUEST_ID_HEADER, given_number

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
            number = given_number(environ.get("HTTP_X_REQUEST_ID", "")) or secrets.token_hex(8)
            # Without its address, which may let somebody in: a link sent by mail, a signed file.
            log.exception("request_failed_outside", extra={"request_id": number, "method": environ.get("REQUEST_METHOD")})
            is_busy = isinstance(error, OSError) and error.errno in NO_HANDLES
            status, sentence = (HTTPStatus.SERVICE_UNAVAILABLE, BUSY) if is_busy else (HTTPStatus.INTERNAL_SERVER_ERROR, FAILED)
            return answer_plainly(environ, start_response, status, sentence, number)


def answer_plainly(
    environ: "WSGIEnvironment", start_response: "StartResponse", status: HTTPStatus, sentence: str, number: str
) -> list[bytes]:
    """A sentence under a number, as plain words or as a problem of the API; asks nothing of the application."""
    body, kind = sentence.encode(), "text/plain; charset=utf-8"
    if environ.get("PATH_INFO", "").startswith("/api/"):
        problem = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": sentence}
        body, kind = json.dumps(problem).encode(), "application/problem+json"
    headers = [("Content-Type", kind), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
    headers += [("X-Content-Type-Options", "nosniff"), (REQUEST_ID_HEADER, number)] + ([("Retry-After", "5")] if status == 503 else [])
    # What had begun its answer already gives way to this one, unless some of it was sent.
    error = sys.exc_info()
    start_response(f"{status.value} {status.phrase}", headers, error if error[0] else None)
    return [body]
