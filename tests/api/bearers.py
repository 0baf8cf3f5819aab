"""Whoever can stand before the API: every role by a session, a token or a key; keys of either kind; and what is good for nothing any more."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from flask import Flask

from inkhorn.accounts.policies import KEY_WORDS, ROLES
from inkhorn.accounts.services.programs.keys import revoke_key
from inkhorn.core import clock
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from tests.accounts.programs.asking import bearer, make_integration, make_key, pair, refresh
from tests.api.program import Program
from tests.cast import Cast
from tests.factories.accounts import PASSWORD, make_user

# One of the cast for each role.
CAST = {"owner": "orla", "administrator": "ada", "editor": "emil", "author": "wren", "member": "mona", "reader": "rhea"}


@dataclass(frozen=True)
class Shown:
    """What is sent with every request."""

    headers: dict[str, str] = field(default_factory=dict)
    cookie: str = ""


def by_session(app: Flask, cast: Cast, role: str) -> Shown:
    asker = Program(app, cast, CAST[role])
    cookie = asker.browser.get_cookie("inkhorn")
    assert cookie is not None
    return Shown(asker.headers, cookie.value)


def by_token(app: Flask, role: str) -> Shown:
    """The access token of a program that somebody signed in."""
    return Shown(bearer(pair(app.test_client(), _somebody(role))["access_token"]))


def by_key(cast: Cast, role: str, *words: str) -> Shown:
    """Somebody's own key, for these words or for all that they hold."""
    return Shown(bearer(make_key(getattr(cast, CAST[role]), *(words or sorted(ROLES[role] & KEY_WORDS))).text))


def by_integration(*words: str) -> Shown:
    return Shown(bearer(make_integration(*(words or sorted(KEY_WORDS))).text))


ACTORS: dict[str, Callable[[Flask, Cast], Shown]] = {
    "visitor": lambda _app, _cast: Shown(),
    **{f"{role} by session": lambda app, cast, role=role: by_session(app, cast, role) for role in ROLES},
    **{f"{role} by token": lambda app, _cast, role=role: by_token(app, role) for role in ROLES},
    "administrator by key": lambda _app, cast: by_key(cast, "administrator"),
    "author by key": lambda _app, cast: by_key(cast, "author"),
    "author by key to read": lambda _app, cast: by_key(cast, "author", "members.read"),
    "integration": lambda _app, _cast: by_integration(),
    "integration to read": lambda _app, _cast: by_integration("members.read"),
}


def dead_bearers(app: Flask) -> dict[str, str]:
    """What once opened something, or opens something else; each is shown where a key or access token belongs."""
    user = _somebody("administrator")
    told, gone = pair(app.test_client(), user), pair(app.test_client(), user)
    assert app.test_client().post("/api/v1/tokens/revoke", json={"refresh_token": gone["refresh_token"]}).status_code == 204
    # Refreshed twice by one token, so that the chain is ended as stolen.
    stolen = pair(app.test_client(), user)
    assert [refresh(app.test_client(), stolen["refresh_token"]).status_code for _each in range(2)] == [200, 401]
    revoked, expired = make_integration(name="Revoked"), make_integration(name="Expired", days=1)
    with transaction():
        revoke_key(session().merge(revoked.row), by=House())
        session().merge(expired.row).expires_at = clock.now() - timedelta(seconds=1)
    head, body, _signature = told["access_token"].split(".")
    return {
        "a refresh token": told["refresh_token"],
        "an access token of a program that was signed out": gone["access_token"],
        "an access token of a chain that was stolen": stolen["access_token"],
        "an access token signed by nobody": f"{head}.{body}.",
        "an access token signed by somebody else": f"{head}.{body}.{'A' * 43}",
        "a revoked key": revoked.text,
        "an expired key": expired.text,
        "a key with another beginning": revoked.text.replace("ink_ik_", "ink_pk_"),
        "nothing": "",
    }


def _somebody(role: str):
    return make_user(email=f"{role}.program@example.org", name=f"A program's {role}", role=role, password=PASSWORD)
