"""Every operation by every kind of key and token that is good for nothing: 401, and nothing is done."""

import re
from datetime import timedelta

import pytest

from inkhorn.accounts.identity.programs.jwt import LEEWAY_SECONDS, LIFE
from tests.accounts.programs.asking import bearer, pair
from tests.api.bearers import dead_bearers
from tests.factories.accounts import PASSWORD, make_user
from tests.security.site import digest_of_database


def operations(client) -> list[tuple[str, str]]:
    """Method and address of everything that is described, with numbers filled in."""
    found = []
    for version in ("v1", "v2"):
        for path, item in client.get(f"/api/{version}/openapi.json").json["paths"].items():
            filled = re.sub(r"{\w+}", "1", path)
            found += [(method.upper(), filled) for method in item if method != "parameters"]
    return found


@pytest.mark.slow
def test_what_is_good_for_nothing_opens_no_operation(app, client, furnished, generous):
    shown, wanted = dead_bearers(app), operations(client)
    before = digest_of_database()
    opened = [
        (kind, method, path, answer.status_code)
        for kind, text in shown.items()
        for method, path in wanted
        for answer in [client.open(path, method=method, json={}, headers=bearer(text) | {"If-Match": "*"})]
        if answer.status_code != 401
    ]
    assert opened == []
    assert digest_of_database() == before


def test_an_access_token_ends_by_itself(app, client, clock):
    access = bearer(pair(client, make_user(password=PASSWORD))["access_token"])
    assert client.get("/api/v1/me", headers=access).status_code == 200
    clock.forward(seconds=(LIFE + timedelta(seconds=LEEWAY_SECONDS + 1)).total_seconds())
    assert client.get("/api/v1/me", headers=access).status_code == 401
