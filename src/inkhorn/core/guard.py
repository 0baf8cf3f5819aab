"""The gate before every endpoint, and the one place where errors become answers."""

import errno
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.core import replica
from inkhorn.core.access import Forbidden, Rule, SignInNeeded, everyone
from inkhorn.core.database import db, is_postgresql
from inkhorn.core.errors import InkhornError

log = logging.getLogger(__name__)

# Endpoints of libraries cannot carry @open_to; their rules stand here by name.
MATRIX: dict[str, Rule] = {"static": everyone}

# What a disk answers that is full, one that takes nothing or fails, and a machine that has no file handles left.
DISK_IS_FULL = (errno.ENOSPC, errno.EDQUOT)
DISK_IS_SHUT = (errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO)
NO_HANDLES = (errno.EMFILE, errno.ENFILE)

ErrorPainter = Callable[[int, str], Response]


def init_app(app: Flask) -> None:
    app.before_request(ask_access)
    app.register_error_handler(HTTPException, answer_http_error)
    app.register_error_handler(InkhornError, answer_error)
    app.register_error_handler(Forbidden, answer_forbidden)
    app.register_error_handler(SignInNeeded, answer_sign_in)
    for away in (OperationalError, InterfaceError, NoConnectionFree):
        app.register_error_handler(away, answer_database_away)
    app.register_error_handler(OSError, answer_disk_away)
    app.register_error_handler(UnicodeError, answer_unreadable)
    app.register_error_handler(DataError, answer_unkeepable)
    app.register_error_handler(IntegrityError, answer_collision)
    app.register_error_handler(Exception, answer_unexpected)


def rule_of(app: Flask, endpoint: str) -> Rule | None:
    """What the endpoint asks of its caller; None means that nobody declared it."""
    view = app.view_functions.get(endpoint)
    declared: Rule | None = getattr(view, "access_rule", None)
    return declared or MATRIX.get(endpoint)


def ask_access() -> None:
    """Refuse whoever the endpoint's rule does not admit; an endpoint without a rule admits nobody."""
    if request.endpoint is None:
        return
    rule = rule_of(current_app, request.endpoint)
    if rule is None:
        log.error("endpoint_without_access", extra={"endpoint": request.endpoint})
        raise Forbidden
    if not rule.admits(g.actor):
        if not g.actor.is_signed_in:
            raise SignInNeeded
        raise Forbidden


def wants_problem() -> bool:
    """Programs get problem details, people get pages."""
    if request.path.startswith("/api/"):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json", "application/problem+json"], default="text/html")
    return best != "text/html"


def answer(status: int, message: str, *, field: str | None = None, errors: list[dict[str, str]] | None = None) -> Response:
    """The error as a page in the look of its surface, or as problem details (RFC 9457)."""
    if wants_problem():
        problem: dict[str, Any] = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": message}
        if field or errors:
            problem["errors"] = errors or [{"detail": message, "field": field, "pointer": f"/{field}"}]
        response = jsonify(problem)
        response.content_type = "application/problem+json"
    else:
        response = _paint(status, message)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    if status in (429, 503):
        response.headers.setdefault("Retry-After", "5")
    return response


def answer_http_error(error: HTTPException) -> BaseResponse:
    if error.code is None or error.code < 400:
        return error.get_response()
    answered = answer(error.code, str(error.description or ""), errors=getattr(error, "errors", None))
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after", "www-authenticate", "content-range"):
            answered.headers[name] = value
    return answered


def answer_error(error: InkhornError) -> Response:
    answered = answer(error.status, str(error), field=getattr(error, "field", None), errors=getattr(error, "errors", None))
    if (seconds := getattr(error, "retry_after_seconds", None)) is not None:
        answered.headers["Retry-After"] = str(seconds)
    return answered


def answer_forbidden(error: Forbidden) -> Response:
    return answer(403, str(error) or _("Your account may not do this. Ask an administrator if you should."))


def answer_sign_in(error: SignInNeeded) -> BaseResponse:
    if wants_problem():
        answered = answer(401, _("Sign in first."))
        answered.headers["WWW-Authenticate"] = "Bearer"
        return answered
    wanted = request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else _page_of_the_form()
    return redirect(url_for("accounts.sign_in", next=wanted), code=303)


def _page_of_the_form() -> str | None:
    """Where the form stood that was sent, for whoever has to sign in anew to go on there; None where that is no page to go to."""
    try:
        told = urlsplit(request.referrer or "")
        if told.netloc != request.host:
            return None
        rule, _values = current_app.url_map.bind(request.host).match(told.path, method="GET", return_rule=True)
    except (ValueError, HTTPException):
        return None
    # The rule of the posts takes any path that no other takes.
    if rule.rule.split("/")[1] != told.path.split("/")[1]:
        return None
    return f"{told.path}?{told.query}" if told.query else told.path


def answer_database_away(error: SQLAlchemyError) -> ResponseReturnValue:
    if isinstance(error, InterfaceError) and not (error.connection_invalidated or is_postgresql()):
        # SQLite's driver says so of whoever asked it wrongly, which no second try mends.
        return answer_unexpected(error)
    if (answered := replica.draw_again(error)) is not None:
        return answered
    log.error("database_unavailable", extra={"reason": str(getattr(error, "orig", None) or error)[:300]})
    db.session.rollback()
    return answer(503, _("The site's database is busy or cannot be written just now. Nothing was changed; try again in a moment."))


def answer_disk_away(error: OSError) -> Response:
    """What a person can do something about is said; anything else is unexpected."""
    if error.errno in DISK_IS_FULL:
        status, words = 507, _("The disk of this site is full, so this could not be kept. Make room and send it again.")
    elif error.errno in DISK_IS_SHUT:
        status, words = 503, _("A disk of this site cannot be used just now, so this could not be done. Its operator must look at it.")
    elif error.errno in NO_HANDLES:
        status, words = 503, _("The site has more files open than it may. Try again in a moment.")
    else:
        return answer_unexpected(error)
    log.error("disk_unavailable", extra={"reason": str(error)[:300], "endpoint": request.endpoint})
    db.session.rollback()
    return answer(status, words)


def answer_unreadable(error: UnicodeError) -> Response:
    return answer(400, _("The request holds characters that cannot be read."))


def answer_unkeepable(error: DataError) -> Response:
    log.warning("request_unkeepable", extra={"reason": str(error.orig)[:300]})
    db.session.rollback()
    return answer(400, _("The request holds characters or numbers that cannot be kept."))


def answer_collision(error: IntegrityError) -> Response:
    log.warning("request_collided", extra={"endpoint": request.endpoint, "reason": str(error.orig)[:300]})
    db.session.rollback()
    return answer(409, _("Somebody saved the same thing at the same moment. Send it once more."))


def answer_unexpected(error: Exception) -> Response:
    log.error("request_failed", exc_info=error, extra={"endpoint": request.endpoint})
    db.session.rollback()
    return answer(500, str(InternalServerError.description))


def _paint(status: int, message: str) -> Response:
    painter: ErrorPainter = current_app.extensions["inkhorn.error_painter"]
    try:
        return painter(status, message)
    except Exception:
        # The page that says sorry must not fail; plain words always work.
        log.exception("error_page_failed")
        db.session.rollback()
        return Response(f"{status} {HTTPStatus(status).phrase}\n\n{message}\n", content_type="text/plain; charset=utf-8")
