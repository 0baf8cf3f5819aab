"""Which other sites' pages may read what /api answers (the Fetch standard's CORS): those that the configuration names, each exactly."""

from flask import Flask, Response, request

from inkhorn.core.config import config
from inkhorn.core.headers import FOR_PROGRAMS, vary_by

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
TAKEN = ("Authorization", "Content-Type", "If-Match", "If-None-Match", "Idempotency-Key", "API-Version")
TOLD = (
    "API-Version",
    "ETag",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "WWW-Authenticate",
    "Idempotency-Replayed",
    "Deprecation",
    "Sunset",
)
# How long a browser need not ask again; short, so that a site which is taken off the list soon is off it everywhere.
ASKED_AGAIN_SECONDS = 600
PREFLIGHT = "Access-Control-Request-Method"


def init_app(app: Flask) -> None:
    app.before_request(answer_preflight)
    app.after_request(tell_origin)


def answer_preflight() -> Response | None:
    """Answer what a browser asks before it calls: it comes without key or cookie, so nobody is recognised and nothing is done."""
    if not request.path.startswith(FOR_PROGRAMS) or request.method != "OPTIONS" or not {"Origin", PREFLIGHT} <= set(request.headers.keys()):
        return None
    response = Response(status=204)
    if _is_let_in(request.headers["Origin"]):
        response.headers["Access-Control-Allow-Methods"] = ", ".join(METHODS)
        response.headers["Access-Control-Allow-Headers"] = ", ".join((*TAKEN, *(("X-CSRF-Token",) if config().api_credentials else ())))
        response.headers["Access-Control-Max-Age"] = str(ASKED_AGAIN_SECONDS)
    response.vary.update((PREFLIGHT, "Access-Control-Request-Headers"))
    return response


def tell_origin(response: Response) -> Response:
    """Say to a browser that the page which called may read the answer; to all others nothing."""
    if not request.path.startswith(FOR_PROGRAMS):
        return response
    vary_by(response, "Origin")
    origin = request.headers.get("Origin", "")
    if _is_let_in(origin):
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = ", ".join(TOLD)
        if config().api_credentials:
            response.headers["Access-Control-Allow-Credentials"] = "true"
    return response


def _is_let_in(origin: str) -> bool:
    return origin in config().api_origins
