"""Every way in asks for the same strength: whoever has a second factor shows it, whatever the first step was (ASVS 6.3.4)."""

import json

import pytest
from sqlalchemy import select

from inkhorn.accounts.identity import browsers
from inkhorn.accounts.models import Session
from inkhorn.accounts.queries import user_by_email
from inkhorn.accounts.services import doors
from inkhorn.accounts.views.doors import let_in
from inkhorn.core.access import everyone, open_to
from inkhorn.core.database import session, transaction
from tests.accounts.letters import carry_out_jobs, letters_to, link_in
from tests.accounts.test_passkeys import add, come_in, few_codes, options  # noqa: F401 - the fixture
from tests.accounts.test_second_step import second
from tests.accounts.test_sign_in import sign_in
from tests.authenticators import Authenticator
from tests.factories.accounts import PASSWORD, browser_of, give_app, give_codes, make_user

NEW = "lantern kelp moon tide 9"


def by_password(client):
    return sign_in(client)


def by_link(client):
    client.post("/sign-in/by-mail", data={"email": "ida@example.org"})
    carry_out_jobs()
    client.get(link_in(letters_to("ida@example.org")[-1]))
    return client.post("/sign-in/by-mail/confirm")


def by_reset(client):
    """ASVS 6.4.3: a new password is no way round."""
    client.post("/forgotten-password", data={"email": "ida@example.org"})
    carry_out_jobs()
    client.get(link_in(letters_to("ida@example.org")[-1]))
    return client.post("/new-password", data={"password": NEW})


def by_provider(client):
    return client.get("/archive/")


@pytest.fixture
def provider(app, monkeypatch):
    """Stands in for another house that vouches for Ida."""

    @open_to(everyone)
    def come_back(**_parts):
        visit = browsers.here_to_stay()
        with transaction():
            opened = doors.admit(user_by_email("ida@example.org"), visit, way="oauth", wanted="/")
        return let_in(opened, wanted="/", is_remembered=False)

    monkeypatch.setitem(app.view_functions, "site.show_archive", come_back)


@pytest.fixture
def ida(database, clock):
    return make_user(password=PASSWORD, role="member")


WAYS = [by_password, by_link, by_reset, by_provider]


def ways() -> list[str]:
    return [each.way for each in session().scalars(select(Session).order_by(Session.id))]


@pytest.mark.usefixtures("provider")
@pytest.mark.parametrize("way", WAYS)
def test_without_a_second_factor_one_step_is_enough(client, ida, way):
    assert not way(client).location.startswith("/sign-in/second")
    assert client.get("/account/two-factor").status_code == 200


@pytest.mark.usefixtures("provider", "few_codes")
@pytest.mark.parametrize("factor", ["app", "paper", "key"])
@pytest.mark.parametrize("way", WAYS)
def test_no_way_in_goes_round_the_second_factor(app, client, ida, way, factor):
    phone, key = give_app(ida), Authenticator(is_verifying=False)
    codes = give_codes(ida)
    add(browser_of(app, ida), key)
    answer = way(client)
    assert answer.location.startswith("/sign-in/second")
    assert client.get_cookie("inkhorn") is None
    assert client.get("/account/two-factor").status_code == 303
    done = {"app": lambda: second(client, phone.code()), "paper": lambda: second(client, codes[0]), "key": lambda: by_key(client, key)}[
        factor
    ]()
    assert done.status_code == 303
    assert client.get("/account/two-factor").status_code == 200
    newest = session().scalars(select(Session).order_by(Session.id.desc())).first()
    assert newest.is_two_factor


def by_key(client, key):
    return come_in(client, key, "/sign-in/second/passkey")


def test_a_passkey_that_checks_the_person_is_the_one_way_that_is_both(app, client, ida, few_codes):  # noqa: F811
    give_app(ida)
    key = Authenticator()
    add(browser_of(app, ida), key)
    assert come_in(client, key).location == "/"
    assert client.get("/account/two-factor").status_code == 200


@pytest.mark.parametrize("field", ["is_two_factor", "two_factor", "second", "skip", "way", "user_verified"])
def test_no_field_of_a_form_talks_the_second_step_away(client, ida, field):
    """The lesson of a peer whose client could say that it had been done."""
    give_app(ida)
    assert sign_in(client, **{field: "true"}).location == "/sign-in/second"
    assert second(client, "", **{field: "true"}).status_code == 422
    assert client.get("/account/two-factor").status_code == 303


def test_an_answer_with_the_person_unchecked_is_not_believed_to_be_checked(app, client, ida, few_codes):  # noqa: F811
    key = Authenticator(is_verifying=False)
    add(browser_of(app, ida), key)
    asked = options(client, "/sign-in/passkey")
    assert asked["userVerification"] == "required"
    forged = {**key.get(asked), "authenticatorAttachment": "platform", "clientExtensionResults": {"uvm": [[2, 4, 2]]}}
    assert client.post("/sign-in/passkey", data={"credential": json.dumps(forged)}).status_code == 422
