"""Keys and access tokens of programs: recognised under /api/ alone, counted, and never taken for one another or for a session."""

import logging

from flask import Flask, Response, current_app, g, request
from sqlalchemy.exc import OperationalError
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import BadRequest, Unauthorized

from inkhorn.accounts.identity.actor import Program
from inkhorn.accounts.identity.programs.jwt import read_access_token
from inkhorn.accounts.identity.security import make_known
from inkhorn.accounts.identity.sessions import cookie_name
from inkhorn.accounts.models import ApiKey, RefreshFamily, User
from inkhorn.accounts.models.programs import PREFIXES
from inkhorn.accounts.policies import demands_second_factor
from inkhorn.accounts.queries import factors_of, family_by_handle
from inkhorn.accounts.services.programs import keys, refreshing
from inkhorn.core import limits
from inkhorn.core.access import Forbidden, Visitor
from inkhorn.core.config import Config, config
from inkhorn.core.database import transaction
from inkhorn.core.forms import READING, is_own_token
from inkhorn.core.headers import FOR_PROGRAMS, vary_by

log = logging.getLogger(__name__)

LONGEST_HEADER = 4_000


class BadBearer(Unauthorized):
    """What was shown opens nothing; why is not said."""

    def __init__(self) -> None:
        told = "This key or token is not good here: it may have ended, been taken back, or be meant for something else."
        super().__init__(told, www_authenticate=WWWAuthenticate("bearer", {"error": "invalid_token"}))


def init_app(app: Flask) -> None:
    app.before_request(recognise_program)
    app.before_request(count_request)
    app.after_request(tell_limits)


def recognise_program() -> None:
    """Set g.actor to the program that shows a key or token; elsewhere than under /api/ neither is looked at."""
    if not request.path.startswith(FOR_PROGRAMS):
        return
    shown = request.headers.get("Authorization")
    if shown is None:
        _forget_unmeant_session()
        return
    loaded: Config = current_app.extensions["inkhorn.config"]
    if cookie_name(loaded) in request.cookies:
        raise BadRequest("Send a key or a session's cookie, not both.")
    program = _program_of(shown) if len(shown) <= LONGEST_HEADER else None
    if program is None:
        # Nobody guesses 256 bits; this is for whoever would have the database asked at every try.
        limits.spend(limits.API_REFUSED, limits.place_of(request.remote_addr))
        raise BadBearer
    g.actor, g.actor_id = program, program.id
    make_known(program.user)
    if program.is_held:
        raise Forbidden("Set up a second factor first: this account must have one.")


def count_request() -> None:
    """Count the request by key, account and address; TooMany once one of them has no more, and 503 where nobody can count."""
    if not request.path.startswith(FOR_PROGRAMS):
        return
    actor, place = g.actor, limits.place_of(request.remote_addr)
    spent = [(limits.API_STRANGER if not actor.is_signed_in else limits.API_PLACE, place)]
    if isinstance(actor, Program) and actor.is_narrowed:
        spent.append((limits.API_KEY, actor.name))
    if actor.id is not None:
        spent.append((limits.API_ACCOUNT, str(actor.id)))
    g.api_standing = []
    for limit, key in spent:
        try:
            g.api_standing.append(limits.spend_and_tell(limit, key))
        except limits.TooMany:
            g.api_standing.append(limits.used_up(limit, key))
            raise


def tell_limits(response: Response) -> Response:
    """RateLimit and RateLimit-Policy, as the IETF's draft writes them: each limit, and the one with the least left."""
    standing: list[limits.Standing] = g.get("api_standing") or []
    if standing:
        tightest = min(standing, key=lambda each: each.left / each.quota)
        response.headers["RateLimit-Policy"] = ", ".join(f'"{each.name}";q={each.quota};w={each.window_seconds}' for each in standing)
        response.headers["RateLimit"] = f'"{tightest.name}";r={tightest.left};t={tightest.seconds_to_reset()}'
    if request.path.startswith(FOR_PROGRAMS):
        vary_by(response, "Authorization", "Cookie")
    return response


def _forget_unmeant_session() -> None:
    """A cookie travels by itself, so under /api/ it counts only beside the token that the desk's own pages send; changes without are refused later."""
    if g.session is None or request.method not in READING or is_own_token(request.headers.get("X-CSRF-Token")):
        return
    g.session = g.session_id = g.form_key = g.actor_id = None
    g.actor = Visitor(address=g.actor.address, device=g.actor.device)
    make_known(None)


def _program_of(shown: str) -> Program | None:
    scheme, _blank, text = shown.partition(" ")
    text = text.strip()
    if scheme.lower() != "bearer" or not text.isascii():
        return None
    if text.startswith(tuple(PREFIXES.values())):
        key = keys.key_of(text)
        return _by_key(key) if key else None
    claims = read_access_token(text)
    family = family_by_handle(claims.handle) if claims else None
    if claims is None or family is None or family.user_id != claims.user_id or not refreshing.is_live(family):
        return None
    return _by_family(family)


def _by_key(key: ApiKey) -> Program:
    program = _made(key.user, kind=key.kind.value, name=f"key “{key.name}” ({key.shown})", words=frozenset(key.permissions))
    if keys.needs_noting(key):
        try:
            with transaction():
                keys.note_use(key, by=program)
        except OperationalError:
            # Nobody's request is to fail because the database is too busy to note it.
            log.warning("key_not_noted")
    return program


def _by_family(family: RefreshFamily) -> Program:
    return _made(family.user, kind="access", name="a program signed in", is_two_factor=family.is_two_factor)


def _made(user: User | None, *, kind: str, name: str, words: frozenset[str] | None = None, is_two_factor: bool = False) -> Program:
    """The program; held like its person's browser would be, where a second factor is due and was not shown or set up."""
    is_due = user is not None and demands_second_factor(user, is_production=config().is_production)
    is_held = bool(is_due and user and not is_two_factor and not (words is not None and factors_of(user.id).is_enrolled))
    return Program(kind=kind, name=name, user=user, words=words, address=g.actor.address, device=g.actor.device, is_held=is_held)
