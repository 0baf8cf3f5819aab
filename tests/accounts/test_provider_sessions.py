"""A session that another provider opened: as long as any other, ended here alone, and begun by a press only (ASVS 7.1.3, 7.6)."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from inkhorn.accounts.models import Session
from inkhorn.core.database import session
from tests.accounts.ceremonies import begin, go_with, is_in, linked, token_of
from tests.factories.accounts import make_user


@pytest.fixture
def ida(provider, clock):
    # What the provider signs bears the real time.
    clock.set(datetime.now(UTC))
    user = make_user()
    linked(user, provider)
    return user


def sessions() -> int:
    return session().scalar(select(func.count()).select_from(Session)) or 0


@pytest.mark.parametrize(("hours", "stays"), [(11, True), (13, False)])
def test_it_is_left_alone_as_long_as_any_other(client, ida, clock, hours, stays):
    go_with(client)
    clock.forward(hours=hours)
    assert is_in(client) is stays


def test_it_ends_after_seven_days_however_busy_and_whatever_the_provider_says(client, ida, provider, clock):
    provider.token["expires_in"] = 365 * 24 * 3600
    go_with(client)
    seen = []
    for _ in range(16):
        clock.forward(hours=11)
        seen.append(is_in(client))
    assert seen == [True] * 15 + [False]


def test_signing_out_ends_it_here_and_asks_nobody_there(client, ida, provider):
    """ASVS 7.6.1: as the paper says, neither end ends the other."""
    go_with(client)
    asked = len(provider.asked)
    assert client.post("/sign-out", data={"csrf_token": token_of(client)}).status_code == 303
    assert (is_in(client), sessions(), len(provider.asked)) == (False, 0, asked)


def test_whoever_is_signed_in_there_is_not_signed_in_here_by_looking(client, ida, provider):
    """ASVS 7.6.2: the provider would agree at once, but nobody goes there without a press."""
    asked = len(provider.asked)
    for path in ("/", "/sign-in", "/sign-in?next=/desk/", "/desk/", "/sign-in/with/oidc", "/sign-in/with/oidc/back"):
        client.get(path, follow_redirects=False)
    assert (is_in(client), sessions(), len(provider.asked)) == (False, 0, asked)


def test_the_provider_is_never_asked_to_do_it_unseen(client, ida):
    """ASVS 7.6.2: no prompt=none, and a provider that keeps people signed in is asked to let them choose where it can."""
    assert "prompt=none" not in begin(client)
    assert "prompt=select_account" in begin(client, "github")
