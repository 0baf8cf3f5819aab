"""Whoever closed their account and signs in as usual, whichever way that is, is led to keeping it."""

import pytest
from sqlalchemy import select

from inkhorn.accounts.models import AccountStatus, OneTimeToken, Purpose, Session
from inkhorn.accounts.queries import user_by_email
from inkhorn.accounts.services.closing import close_account, keep_account
from inkhorn.accounts.tasks.doors import send_sign_in_link
from inkhorn.core import clock
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from tests.accounts.browsing import noted
from tests.accounts.ceremonies import go_with, linked
from tests.accounts.letters import carry_out_jobs, code_in, letters_to, link_in, text_of
from tests.accounts.test_passkeys import add, come_in
from tests.accounts.test_sign_in import sign_in
from tests.authenticators import Authenticator
from tests.factories.accounts import PASSWORD, browser_of, give_app, make_user


@pytest.fixture
def ida(database):
    return make_user(password=PASSWORD)


def close(user):
    with transaction():
        close_account(session().merge(user), heir_id=None, by=House())


def close_at_that_moment(user):
    """As if the account were closed while the second step, or the link, was being looked at."""
    with transaction():
        closing = session().merge(user)
        closing.status, closing.active, closing.closes_at = AccountStatus.CLOSING, False, clock.now()


def is_kept(client, answer) -> bool:
    """Whether the answer led to where the account can be kept, and it then was."""
    assert (answer.status_code, answer.location) == (303, "/account/reopen")
    assert session().scalars(select(Session)).all() == []
    client.post("/account/reopen")
    session().expire_all()
    return user_by_email("ida@example.org").can_sign_in


def test_by_a_passkey(app, client, ida):
    key = Authenticator()
    add(browser_of(app, ida), key)
    close(ida)
    assert is_kept(client, come_in(client, key))


def test_by_another_provider(client, provider, ida):
    linked(ida, provider)
    close(ida)
    assert is_kept(client, go_with(client))
    assert "accounts.sign_in_refused" not in noted()


def test_by_the_second_step(client, ida):
    phone = give_app(ida)
    sign_in(client)
    close_at_that_moment(ida)
    answer = client.post("/sign-in/second", data={"code": phone.code()})
    assert answer.location == "/account/reopen"


def test_by_digits_that_were_sent_before(client):
    rhea = make_user(email="rhea@example.org", name="Rhea", role="member")
    client.post("/sign-in/by-mail", data={"email": "rhea@example.org"})
    carry_out_jobs()
    close_at_that_moment(rhea)
    answer = client.post("/sign-in/by-mail/confirm", data={"code": code_in(letters_to("rhea@example.org")[0])})
    assert answer.location == "/account/reopen"


@pytest.mark.parametrize("role", ["member", "author"])
def test_by_mail_the_way_back_is_sent_as_often_as_it_is_asked_for(client, role):
    jo = make_user(email="jo@example.org", name="Jo", role=role)
    close(jo)
    for _ in range(2):
        client.post("/sign-in/by-mail", data={"email": "jo@example.org"})
        carry_out_jobs()
    told = letters_to("jo@example.org")
    assert ["keep the account" in text_of(letter) for letter in told] == [True] * 3
    client.get(link_in(told[-1]))
    assert "open again" in client.post("/account/reopen").text


def test_a_job_that_runs_twice_sends_one_way_back(ida):
    close(ida)
    for _ in range(2):
        send_sign_in_link("ida@example.org", None, None, "2026-03-02T09:00:00+00:00")
    assert len(letters_to("ida@example.org")) == 1
    assert session().scalars(select(OneTimeToken.purpose)).all() == [Purpose.REOPEN]


def test_asking_for_a_new_password(client, ida):
    close(ida)
    carry_out_jobs()
    client.post("/forgotten-password", data={"email": "ida@example.org"})
    carry_out_jobs()
    assert is_kept(client, client.get(link_in(letters_to("ida@example.org")[1])))


def test_whoever_did_it_the_person_is_told(client, ida):
    close(ida)
    with transaction():
        keep_account(session().merge(ida), by=House())
    carry_out_jobs()
    assert "is open again" in text_of(letters_to("ida@example.org")[-1])
