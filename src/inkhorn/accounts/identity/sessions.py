"""The session cookie: a random token whose row on the server says who is signed in."""

import logging
from hashlib import sha256

from flask import Flask, Response, current_app, g, request
from flask import session as notes
from sqlalchemy.exc import OperationalError
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts.identity.actor import Person
from inkhorn.accounts.identity.security import make_known
from inkhorn.accounts.models import Session
from inkhorn.accounts.queries import session_by_token
from inkhorn.accounts.services import sessions
from inkhorn.core.access import Visitor
from inkhorn.core.config import Config
from inkhorn.core.database import transaction

log = logging.getLogger(__name__)

LONGEST_TOKEN = 64
REMEMBERED_SECONDS = 30 * 24 * 60 * 60
FILES = ("static", "assets.show_file", "media.show_file")


def init_app(app: Flask) -> None:
    app.before_request(recognise)
    app.after_request(keep_private)


def cookie_name(loaded: Config) -> str:
    """__Host- ties the cookie to https and this very host; plain http exists on loopback only."""
    return "__Host-inkhorn" if loaded.uses_https else "inkhorn"


def recognise() -> None:
    """Set g.actor; a request without our cookie asks the database nothing."""
    g.session = g.session_id = g.form_key = None
    make_known(None)
    address = request.remote_addr
    g.actor = Visitor(address=address)
    token = request.cookies.get(_name())
    if not token or len(token) > LONGEST_TOKEN or not token.isascii() or request.endpoint in FILES:
        return
    opened = session_by_token(token)
    if opened is None or not sessions.is_live(opened):
        return
    g.session, g.session_id, g.actor = opened, opened.id, Person(opened.user, address=address)
    g.form_key = sha256(f"form:{opened.token_digest}".encode()).hexdigest()
    make_known(opened.user)
    if sessions.needs_seeing(opened):
        _see_again(opened, token)


def _see_again(opened: Session, token: str) -> None:
    is_remembered = opened.is_remembered
    try:
        with transaction():
            sessions.see_again(opened)
    except OperationalError:
        # Nobody's page is to fail because the database is too busy to note that they were here.
        log.warning("session_not_seen")
        return
    if is_remembered:
        # Thirty days from the last visit, not from the first.
        g.renewed_token = token


def remember(response: BaseResponse, token: str, *, is_remembered: bool) -> None:
    """Hand the token of a session just opened to the browser, and nowhere else."""
    loaded: Config = current_app.extensions["inkhorn.config"]
    response.headers["Cache-Control"] = "private, no-store"
    response.set_cookie(
        cookie_name(loaded),
        token,
        max_age=REMEMBERED_SECONDS if is_remembered else None,
        secure=loaded.uses_https,
        httponly=True,
        samesite="Lax",
        path="/",
    )


def forget(response: BaseResponse) -> None:
    """Take the cookie away, and whatever pages the browser kept of the desk."""
    loaded: Config = current_app.extensions["inkhorn.config"]
    response.delete_cookie(cookie_name(loaded), path="/", secure=loaded.uses_https, httponly=True, samesite="Lax")
    notes.clear()
    response.headers["Clear-Site-Data"] = '"cache", "storage"'


def keep_private(response: Response) -> Response:
    """What somebody signed in was shown is nobody else's to keep."""
    if getattr(g, "session", None) is not None:
        response.headers["Cache-Control"] = "private, no-store"
        response.vary.add("Cookie")
        if (token := g.pop("renewed_token", None)) and not response.headers.getlist("Set-Cookie"):
            remember(response, token, is_remembered=True)
    return response


def _name() -> str:
    return cookie_name(current_app.extensions["inkhorn.config"])
