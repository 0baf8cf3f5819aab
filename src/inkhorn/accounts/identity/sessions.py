"""The session cookie: a random token whose row on the server says who is signed in."""

import logging
from hashlib import sha256

from flask import Flask, Response, current_app, g, redirect, request, url_for
from flask import session as notes
from flask_babel import gettext as _
from sqlalchemy import null
from sqlalchemy.exc import OperationalError
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts.identity.actor import Person
from inkhorn.accounts.identity.security import make_known
from inkhorn.accounts.models import Session
from inkhorn.accounts.policies import demands_second_factor
from inkhorn.accounts.queries import session_and_more
from inkhorn.accounts.services import sessions
from inkhorn.core import guard
from inkhorn.core.access import Forbidden, SignInNeeded, Visitor, everyone
from inkhorn.core.config import Config, config
from inkhorn.core.database import after_commit, session, transaction
from inkhorn.core.links import own_path

log = logging.getLogger(__name__)

LONGEST_TOKEN = 64
REMEMBERED_SECONDS = 30 * 24 * 60 * 60
FILES = ("static", "assets.show_file", "media.show_file")
# In the place of a portrait's address, where no room offers any.
NOTHING = null()
# What somebody may do who has yet to set up a second factor: that, and go.
WHILE_HELD = frozenset(
    (
        "accounts.show_factors",
        "accounts.begin_authenticator",
        "accounts.show_authenticator",
        "accounts.confirm_authenticator",
        "accounts.offer_passkey",
        "accounts.ask_for_new_passkey",
        "accounts.add_passkey",
        "accounts.show_proof",
        "accounts.try_proof",
        "accounts.ask_for_proof_code",
        "accounts.ask_for_proof_passkey",
        "accounts.sign_out",
    )
)


def init_app(app: Flask) -> None:
    app.before_request(recognise)
    app.before_request(hold_back)
    app.after_request(keep_private)


def cookie_name(loaded: Config) -> str:
    """__Host- ties the cookie to https and this very host; plain http exists on loopback only."""
    return "__Host-inkhorn" if loaded.uses_https else "inkhorn"


def recognise() -> None:
    """Set g.actor; a request without our cookie asks the database nothing."""
    g.session = g.session_id = g.form_key = g.actor_id = None
    make_known(None)
    g.actor = Visitor(address=request.remote_addr, device=request.user_agent.string[: sessions.LONGEST_DEVICE])
    if request.endpoint not in FILES:
        recognise_person()


def recognise_person() -> None:
    """Set g.actor to whom the session is of, if any; for files only where it matters who asks."""
    address, device = g.actor.address, g.actor.device
    token = request.cookies.get(_name())
    if not token or len(token) > LONGEST_TOKEN or not token.isascii():
        return
    # The room of pictures says how an address of one is asked for; the statement that finds the session brings it along.
    found = session_and_more(token, current_app.extensions.get("inkhorn.portrait", NOTHING))
    if found is None or not sessions.is_live(found[0]):
        return
    opened: Session
    opened, portrait = found
    is_held = not opened.is_two_factor and demands_second_factor(opened.user, is_production=config().is_production)
    # The number is told after the answer, when there may be no database to ask for it.
    g.session, g.session_id, g.actor_id = opened, opened.id, opened.user_id
    g.actor = Person(opened.user, address=address, device=device, portrait=portrait, is_held=is_held)
    # Not of the token, which is renewed at times: what is being written in another window must not be refused for that.
    g.form_key = sha256(f"form:{opened.id}:{opened.user_id}:{opened.started_at.isoformat()}".encode()).hexdigest()
    make_known(opened.user)
    if sessions.needs_seeing(opened):
        _see_again(opened, token)


def hold_back() -> BaseResponse | None:
    """Lead whoever must set up a second factor to where that is done, and let them do nothing else at the desk."""
    if not getattr(g.actor, "is_held", False) or request.endpoint is None:
        return None
    if request.endpoint in WHILE_HELD or guard.rule_of(current_app, request.endpoint) is everyone:
        return None
    if guard.wants_problem():
        raise Forbidden(_("Set up a second factor first: this account must have one."))
    wanted = own_path(request.full_path.rstrip("?")) if request.method in ("GET", "HEAD") else None
    return redirect(url_for("accounts.show_factors", next=wanted), code=303)


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
        g.renewed = (token, True)


def own_session() -> Session:
    """The row of this browser's session as it is now, in the open transaction; SignInNeeded where it was ended a moment ago."""
    opened = session().get(Session, g.session_id, populate_existing=True)
    if opened is None:
        raise SignInNeeded
    return opened


def renew_here() -> None:
    """Give this browser's session another token once the open transaction is committed, as after a proof; the old cookie is worth nothing."""
    opened = own_session()
    token, is_remembered = sessions.renew_session(opened), opened.is_remembered
    after_commit(lambda: setattr(g, "renewed", (token, is_remembered)))


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
        token, is_remembered = g.pop("renewed", (None, False))
        # A view that hands out a token of its own did so later.
        if token and not any(cookie.startswith(f"{_name()}=") for cookie in response.headers.getlist("Set-Cookie")):
            remember(response, token, is_remembered=is_remembered)
    return response


def _name() -> str:
    return cookie_name(current_app.extensions["inkhorn.config"])
