"""Every kind of secret shown at every place that takes one: only its own lets it in (ASVS 9.2.2, 9.2.3)."""

from collections.abc import Callable

import pytest
from flask import Flask

from inkhorn.accounts.models import Purpose
from inkhorn.core import tokens
from inkhorn.media.services.signing import is_signed_for
from tests.accounts.programs.asking import WHO, asks, bearer, refresh
from tests.accounts.programs.kinds import BROWSER, Secrets, one_of_each

LINKS = (Purpose.CONFIRM, Purpose.RESET, Purpose.LINK, Purpose.NEW_EMAIL, Purpose.OLD_EMAIL, Purpose.REOPEN)


@pytest.fixture
def secrets(app: Flask, generous: None) -> Secrets:
    return one_of_each(app)


def pending(path: str) -> Callable[[Secrets, str], bool]:
    """A page that acts on what the browser is in the middle of."""
    return lambda kept, text: kept.client(inkhorn_pending=text, inkhorn_browser=BROWSER).get(path).status_code == 200


def form_token(kept: Secrets, text: str) -> bool:
    return kept.client(inkhorn=kept.of["session"]).get(WHO, headers={"X-CSRF-Token": text}).status_code == 200


def by_mail(kept: Secrets, text: str) -> bool:
    client = kept.client(inkhorn_pending=text, inkhorn_browser=BROWSER)
    return "One press, and you are in" in client.get("/sign-in/by-mail").text


# What each place takes, and whether it took the text.
PLACES: dict[str, tuple[set[str], Callable[[Secrets, str], bool]]] = {
    "a bearer of the API": ({"personal", "integration", "access"}, lambda kept, text: asks(kept.app, text).status_code == 200),
    "a session's cookie": ({"session"}, lambda kept, text: kept.client(inkhorn=text).get("/account/").status_code == 200),
    "a bearer of the desk": (set(), lambda kept, text: kept.client().get("/account/", headers=bearer(text)).status_code == 200),
    "an address": (set(), lambda kept, text: kept.client().get(WHO, query_string={"access_token": text}).status_code not in (400, 401)),
    "a refresh": ({"refresh"}, lambda kept, text: refresh(kept.client(), text).status_code == 200),
    "the set-up": ({"setup"}, lambda kept, text: kept.client().get(f"/setup/{text}").status_code == 200),
    "a link": ({each.value for each in LINKS}, lambda kept, text: kept.client().get(f"/link/{text}").status_code == 303),
    "an invitation": ({"invitation"}, lambda kept, text: kept.client().get(f"/invitation/{text}").status_code == 303),
    "a second step": ({"second"}, pending("/sign-in/second")),
    "a new password": ({"reset"}, pending("/new-password")),
    "a sign-in by mail": ({"link"}, by_mail),
    "a new address": ({"new_email", "old_email"}, pending("/new-address")),
    "a form": ({"form"}, form_token),
    "a cursor": ({"cursor"}, lambda kept, text: kept.client().get("/api/v1/posts", query_string={"page[cursor]": text}).status_code == 200),
    "one's own feed": ({"following"}, lambda kept, text: kept.client().get(f"/following/{text}/feed.xml").status_code == 200),
    "a file for members": ({"media"}, lambda _kept, text: is_signed_for("0a", text)),
    "a sheet": ({"sheet"}, lambda _kept, text: tokens.read("sheet", text, max_age_seconds=60) is not None),
}


@pytest.mark.parametrize("place", PLACES)
def test_only_its_own_kind_lets_it_in(secrets: Secrets, place: str):
    takes, is_taken = PLACES[place]
    # What uses itself up comes last.
    kinds = sorted(secrets.of, key=lambda kind: kind in takes)
    with secrets.app.app_context():
        assert {kind for kind in kinds if is_taken(secrets, secrets.of[kind])} == takes


def test_every_kind_is_shown_and_no_two_are_one(secrets: Secrets):
    assert {each.value for each in Purpose} <= set(secrets.of)
    assert len(set(secrets.of.values())) == len(secrets.of) == 23
    assert set().union(*(takes for takes, _is_taken in PLACES.values())) <= set(secrets.of)
