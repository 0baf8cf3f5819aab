"""Signing in by mail: members only, one press or six digits, once, and the same answer for everybody."""

import pytest
from sqlalchemy import select

from inkhorn.accounts.services import roles
from inkhorn.accounts.settings import AccountSettings
from inkhorn.core import audit, settings
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from tests.accounts.letters import carry_out_jobs, code_in, letters_to, link_in
from tests.factories.accounts import PASSWORD, make_user


@pytest.fixture
def rhea(database):
    return make_user(email="rhea@example.org", name="Rhea", role="member", password=PASSWORD)


def letter_to(client, email="rhea@example.org", **fields):
    assert client.post("/sign-in/by-mail", data={"email": email, **fields}).status_code == 200
    carry_out_jobs()
    return letters_to(email)[-1]


def test_the_sheet_offers_it_and_asks_for_the_address(client, rhea):
    assert "/sign-in/by-mail" in client.get("/sign-in").text
    assert 'name="email"' in client.post("/sign-in/by-mail").text


def test_one_press_behind_the_link_signs_in(app, client, rhea):
    link = link_in(letter_to(client, next="/archive/"))
    other = app.test_client()
    assert other.get(link).location == "/sign-in/by-mail"
    assert "in as Rhea" in other.get("/sign-in/by-mail").text
    assert other.get("/account/").status_code == 303
    answer = other.post("/sign-in/by-mail/confirm")
    assert (answer.status_code, answer.location) == (303, "/archive/")
    assert other.get("/account/").status_code == 200


def test_the_digits_sign_in_where_they_were_asked_for(app, client, rhea):
    letter = letter_to(client)
    assert app.test_client().post("/sign-in/by-mail/confirm", data={"code": code_in(letter)}).status_code == 410
    assert client.post("/sign-in/by-mail/confirm", data={"code": code_in(letter)}).status_code == 303


def test_link_and_digits_work_once_together(client, rhea):
    letter = letter_to(client)
    client.post("/sign-in/by-mail/confirm", data={"code": code_in(letter)})
    assert client.get(link_in(letter)).status_code == 410
    assert client.post("/sign-in/by-mail/confirm", data={"code": code_in(letter)}).status_code == 410


def test_known_and_unknown_addresses_are_answered_alike(client, rhea):
    known = client.post("/sign-in/by-mail", data={"email": "rhea@example.org"})
    unknown = client.post("/sign-in/by-mail", data={"email": "nobody@example.org"})
    assert known.text == unknown.text


def test_people_who_work_here_are_told_to_use_what_is_stronger(client, database):
    make_user(email="wren@example.org", password=PASSWORD)
    letter = letter_to(client, "wren@example.org")
    assert "/link/" not in letter.as_string()


@pytest.mark.parametrize("with_code", [True, False])
def test_whoever_works_here_by_now_is_not_let_in_by_what_was_sent_to_a_member(client, rhea, with_code):
    letter = letter_to(client)
    with transaction():
        roles.role_named("member").permissions = ["members.read", "desk.open"]
    if not with_code:
        client.get(link_in(letter))
    answer = client.post("/sign-in/by-mail/confirm", data={"code": code_in(letter)} if with_code else {})
    assert (answer.status_code, client.get("/account/").status_code) == (410, 303)


def test_it_can_be_switched_off(client, rhea):
    with transaction():
        settings.tune(AccountSettings, by=House(), links_by_mail=False)
    assert "/sign-in/by-mail" not in client.get("/sign-in").text
    assert client.post("/sign-in/by-mail", data={"email": "rhea@example.org"}).status_code == 404


def test_a_link_ends_after_ten_minutes(client, rhea, clock):
    letter = letter_to(client)
    clock.forward(minutes=11)
    assert client.get(link_in(letter)).status_code == 410


def test_five_letters_an_hour_for_an_address(client, rhea):
    seen = [client.post("/sign-in/by-mail", data={"email": "rhea@example.org"}).status_code for _ in range(6)]
    assert seen == [200] * 5 + [429]


def test_each_step_is_noted_once(client, rhea):
    client.post("/sign-in/by-mail/confirm", data={"code": code_in(letter_to(client))})
    noted = session().scalars(select(audit.Entry).where(audit.Entry.action.like("accounts.%")).order_by(audit.Entry.id)).all()
    assert [each.action for each in noted] == ["accounts.created", "accounts.link_asked", "accounts.signed_in"]
    assert noted[-1].details == {"way": "link", "two_factor": False}
