"""Where something goes wrong at the last step, the sheet comes again with a sentence, and nothing typed is lost."""

import pytest

from inkhorn.accounts.models import Purpose
from inkhorn.accounts.queries import owner, user_by_email
from inkhorn.accounts.services.setup import make_setup_link
from inkhorn.accounts.services.tokens import issue_token
from inkhorn.core import captcha
from inkhorn.core.database import session, transaction
from tests.accounts.letters import carry_out_jobs, code_in, letters_to, link_in
from tests.factories.accounts import PASSWORD, make_user

FIELDS = {"name": "Nora Quill", "email": "nora@example.org", "password": "kelp tide moon lantern"}
TAKEN = "There is already an account for nora@example.org."


@pytest.fixture
def letter(client, open_house, monkeypatch):
    """What was sent to somebody who asked for an account."""
    monkeypatch.setattr(captcha, "check", lambda form, sent, address: str(id(sent)))
    monkeypatch.setattr(captcha, "spend", lambda proof: None)
    client.post("/join", data=FIELDS)
    carry_out_jobs()
    return letters_to(FIELDS["email"])[0]


def test_digits_for_an_address_that_was_taken_meanwhile_say_so_on_the_sheet(client, letter):
    make_user(email="nora@example.org", name="Faster")
    answer = client.post("/join/confirm", data={"code": code_in(letter)})
    assert (answer.status_code, TAKEN in answer.text, 'name="code"' in answer.text) == (409, True, True)
    assert 'href="/sign-in"' in answer.text
    assert user_by_email("nora@example.org").name == "Faster"


def test_so_does_the_link(app, client, letter):
    make_user(email="nora@example.org", name="Faster")
    for browser, fields in ((client, {}), (app.test_client(), {"password": FIELDS["password"]})):
        browser.get(link_in(letter))
        answer = browser.post("/join/confirm", data=fields)
        assert (answer.status_code, TAKEN in answer.text, "Make the account" in answer.text) == (409, True, True)


def test_guessing_the_password_of_a_registration_is_bounded_on_its_sheet(app, letter):
    other = app.test_client()
    other.get(link_in(letter))
    seen = [other.post("/join/confirm", data={"password": "not the one that was chosen"}) for _ in range(11)]
    assert [each.status_code for each in seen] == [422] * 10 + [429]
    assert "Too many tries" in seen[-1].text
    assert ('name="password"' in seen[-1].text, "Retry-After" in seen[-1].headers) == (True, True)


def test_an_address_that_was_taken_before_both_agreed_is_said_on_the_sheet(client, database):
    ida = make_user()
    make_user(email="nora@example.org", name="Faster")
    with transaction():
        issued = issue_token(Purpose.NEW_EMAIL, user=session().merge(ida), email="nora@example.org", change="x", agreed=True)
    client.get(f"/link/{issued.secret}")
    answer = client.post("/new-address")
    assert (answer.status_code, TAKEN in answer.text, "Yes, change it" in answer.text) == (409, True, True)
    assert user_by_email("ida@example.org").id == ida.id


def test_the_first_run_keeps_its_fields_where_the_address_is_an_accounts(client, database):
    make_user(email="nora@example.org", name="Writes Here")
    with transaction():
        link = f"/setup/{make_setup_link()}"
    answer = client.post(link, data=FIELDS | {"site_title": "Saltmarsh", "password": PASSWORD})
    assert (answer.status_code, TAKEN in answer.text) == (409, True)
    assert 'value="Saltmarsh"' in answer.text
    assert 'value="Nora Quill"' in answer.text
    assert owner() is None
