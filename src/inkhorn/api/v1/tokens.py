"""Signing a program in: a password and a second factor for a pair of tokens, a refresh token for the next pair, and out again."""

from typing import Any

from flask import Response, g

from inkhorn.accounts.identity import browsers
from inkhorn.accounts.identity.programs import letting_in
from inkhorn.accounts.identity.programs.jwt import LIFE
from inkhorn.accounts.identity.programs.letting_in import Tokens
from inkhorn.accounts.policies import PERMISSIONS
from inkhorn.accounts.services.programs import refreshing
from inkhorn.api.answers import answer, answer_nothing
from inkhorn.api.asking import asked_nothing
from inkhorn.api.bodies import Body, Text
from inkhorn.api.shapes import TEXT, WHOLE, Shape, listed, maybe, words
from inkhorn.api.v1.surface import bp
from inkhorn.core.access import everyone, open_to, signed_in
from inkhorn.core.database import transaction

PAIR: Shape = {
    "type": "object",
    "required": ["access_token", "token_type", "expires_in", "refresh_token"],
    "properties": {
        "access_token": {**TEXT, "description": "Send it as Authorization: Bearer."},
        "token_type": words("Bearer"),
        "expires_in": {**WHOLE, "description": "Seconds."},
        "refresh_token": {**TEXT, "description": "Good once, for the next pair."},
    },
}
WHO: Shape = {
    "type": "object",
    "required": ["kind", "label", "user_id", "permissions"],
    "properties": {
        "kind": words("session", "personal", "integration", "access"),
        "label": {**TEXT, "description": "How the audit log names you."},
        "user_id": maybe(WHOLE),
        "permissions": listed(TEXT),
    },
}
# Answers that hold tokens are kept nowhere, not even for whoever sends the same again.
LINKS: Shape = {"type": "object", "required": ["self"], "properties": {"self": TEXT}}


class SignInBody(Body):
    """What a program signs somebody in by."""

    login = Text(most=254, least=1, required=True, metadata={"description": "E-mail address or username."})
    password = Text(most=1_000, least=1, required=True, metadata={"format": "password"})
    code = Text(most=100, metadata={"description": "Six digits of the app, or a recovery code, where a second factor is set up."})


class RefreshBody(Body):
    """A refresh token."""

    refresh_token = Text(most=200, least=1, required=True)


def enveloped(shape: Shape) -> Shape:
    return {"type": "object", "required": ["data", "links"], "properties": {"data": shape, "links": LINKS}}


@bp.operation("POST", "/tokens", "sign_in")
@open_to(everyone)
@bp.takes(SignInBody)
@bp.answers(enveloped(PAIR), 200, tag="tokens", writes=True, wants_version=False, keeps_answer=False)
def sign_in(body: dict[str, Any]) -> Response:
    asked_nothing()
    return _pair(letting_in.sign_in(body["login"], body["password"], body.get("code")), "/api/v1/tokens")


@bp.operation("POST", "/tokens/refresh", "refresh_tokens")
@open_to(everyone)
@bp.takes(RefreshBody)
@bp.answers(enveloped(PAIR), 200, tag="tokens", writes=True, wants_version=False, keeps_answer=False)
def refresh(body: dict[str, Any]) -> Response:
    asked_nothing()
    return _pair(letting_in.refresh(body["refresh_token"]), "/api/v1/tokens/refresh")


@bp.operation("POST", "/tokens/revoke", "sign_out")
@open_to(everyone)
@bp.takes(RefreshBody)
@bp.answers(None, 204, tag="tokens", writes=True, wants_version=False, keeps_answer=False)
def sign_out(body: dict[str, Any]) -> Response:
    asked_nothing()
    with transaction():
        refreshing.sign_out(body["refresh_token"], browsers.here())
    return answer_nothing()


@bp.operation("GET", "/tokens/current", "show_current_token")
@open_to(signed_in)
@bp.answers(enveloped(WHO), tag="tokens")
def show_current() -> Response:
    asked_nothing()
    actor = g.actor
    told = {
        "kind": getattr(actor, "kind", "session"),
        "label": actor.label,
        "user_id": actor.id,
        "permissions": [word for word in PERMISSIONS if actor.may(word)],
    }
    return answer({"data": told, "links": {"self": "/api/v1/tokens/current"}})


def _pair(made: Tokens, path: str) -> Response:
    told = {
        "access_token": made.access,
        "token_type": "Bearer",
        "expires_in": int(LIFE.total_seconds()),
        "refresh_token": made.refresh,
    }
    response = answer({"data": told, "links": {"self": path}})
    response.headers["Cache-Control"] = "no-store"
    return response
