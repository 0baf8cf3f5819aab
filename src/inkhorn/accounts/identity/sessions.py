"""The session cookie: a random token whose row on the server says who is signed in."""

from flask import Flask, Response, current_app, g, request
from flask import session as notes
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts.identity.actor import Person
from inkhorn.accounts.queries import session_by_token
from inkhorn.accounts.services import sessions
from inkhorn.core.access import Visitor
from inkhorn.core.config import Config
from inkhorn.core.database import transaction

LONGEST_TOKEN = 64
REMEMBERED_SECONDS = 30 * 24 * 60 * 60
READING = ("GET", "HEAD", "OPTIONS")


def init_app(app: Flask) -> None:
    app.before_request(recognise)
    app.after_request(keep_private)


def cookie_name(loaded: Config) -> str:
    """__Host- ties the cookie to https and this very host; plain http exists on loopback only."""
    return "__Host-inkhorn" if loaded.uses_https else "inkhorn"


def recognise() -> None:
    """Set g.actor; a request without our cookie asks the database nothing."""
    g.session = None
    address = request.remote_addr
    g.actor = Visitor(address=address)
    token = request.cookies.get(_name())
    if not token or len(token) > LONGEST_TOKEN or request.endpoint in ("static", "assets.show_file", "media.show_file"):
        return
    opened = session_by_token(token)
    if opened is None or not sessions.is_live(opened):
        return
    g.session_id = opened.id
    g.session, g.actor = opened, Person(opened.user, address=address)
    if request.method not in READING and sessions.needs_seeing(opened):
        with transaction():
            sessions.see_again(opened)


def remember(response: BaseResponse, token: str, *, is_remembered: bool) -> None:
    """Hand the token of a session just opened to the browser, and nowhere else."""
    loaded: Config = current_app.extensions["inkhorn.config"]
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
    return response


def _name() -> str:
    return cookie_name(current_app.extensions["inkhorn.config"])
