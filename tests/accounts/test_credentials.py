"""Changing the password and the address from one's own account."""

import re

import pytest
from sqlalchemy import select

from inkhorn.accounts.models import OneTimeToken, Purpose, User
from inkhorn.accounts.passwords import WeakPassword
from inkhorn.accounts.queries import user_by_email
from inkhorn.accounts.services import credentials
from inkhorn.accounts.tasks.doors import send_email_change
from inkhorn.core import audit, settings
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.core.jobs import JobRow
from inkhorn.core.settings import SiteSettings
from tests.accounts.letters import carry_out_jobs, letters_to, link_in, text_of
from tests.factories.accounts import PASSWORD, browser_of, make_user

NEW = "lantern kelp moon tide 9"


@pytest.fixture
def ida(database):
    return make_user(password=PASSWORD)


@pytest.fixture
def browser(app, ida):
    return browser_of(app, ida)


def send(browser, path, **fields):
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/account/signing-in").text)[1]
    return browser.post(path, data={"csrf_token": token, **fields})


def change(browser, current=PASSWORD, new=NEW):
    return send(browser, "/account/password", current_password=current, new_password=new)


def test_a_new_password_keeps_this_browser_and_ends_the_others(app, browser, ida):
    elsewhere, stolen = browser_of(app, ida), browser.get_cookie("inkhorn").value
    assert change(browser).status_code == 303
    assert browser.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 303
    thief = app.test_client()
    thief.set_cookie("inkhorn", stolen)
    assert thief.get("/account/").status_code == 303


def test_the_new_password_signs_in_and_the_old_one_does_not(browser, client):
    """ASVS 6.2.2."""
    change(browser)
    seen = [client.post("/sign-in", data={"email": "ida@example.org", "password": each}).status_code for each in (PASSWORD, NEW)]
    assert seen == [422, 303]


@pytest.mark.parametrize("role", ["owner", "author", "member"])
def test_a_password_stays_good_for_years(client, clock, role, database):
    """ASVS 6.2.10: nobody is made to choose another one, so nobody counts them up."""
    make_user(email="old@example.org", role=role, password=PASSWORD)
    clock.forward(days=5 * 365)
    answer = client.post("/sign-in", data={"email": "old@example.org", "password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/" if role == "member" else "/desk/")


KNOWN = {"name": "Ida Vane Marsh", "email": "ida.tidewater@example.org", "username": "the-harbourmaster"}
NEAR = [
    "idavanemarsh1",
    "Vane-Vane-Vane",
    "ida.tidewater1",
    "IDA.TIDEWATER@EXAMPLE.ORG",
    "the-harbourmaster7",
    "The Slow Ferry 22",
    "inkhorn-2026",
]


@pytest.mark.parametrize("password", NEAR)
def test_what_is_little_more_than_a_word_at_hand_is_refused(database, password):
    """ASVS 6.1.2, 6.2.11: the words that docs/security/signing-in.md names."""
    with transaction():
        settings.tune(SiteSettings, by=House(), title="The Slow Ferry")
    with pytest.raises(WeakPassword, match="too close to a name"):
        credentials.hash_new_password(User(roles=[], **KNOWN), password)


def test_the_present_password_is_asked_for(browser):
    for wrong in ("", "not the present one", NEW):
        answer = change(browser, current=wrong)
        assert (answer.status_code, "not your present password" in answer.text) == (422, True)
    assert change(browser).status_code == 303


def test_guessing_at_an_open_browser_is_bounded(browser):
    seen = [change(browser, current=f"wrong {n}").status_code for n in range(12)]
    assert seen == [422] * 10 + [429] * 2


@pytest.mark.parametrize(
    ("new", "told"), [("", "Choose a password"), ("short", "at least 12"), ("x" * 129, "At most 128"), ("Ida inkhorn 1", "too close")]
)
def test_what_will_not_do_is_named(browser, new, told):
    answer = change(browser, new=new)
    assert (answer.status_code, told in answer.text) == (422, True)


def test_the_change_is_told_to_the_person_and_noted_once(browser):
    change(browser)
    carry_out_jobs()
    assert "The password of your account was changed" in letters_to("ida@example.org")[0].as_string()
    assert session().scalars(select(audit.Entry.action).where(audit.Entry.action == "accounts.password_changed")).all() == [
        "accounts.password_changed"
    ]


def agree(app, letter):
    browser = app.test_client()
    browser.get(link_in(letter))
    return browser.post("/new-address")


def test_an_address_changes_when_both_mailboxes_agree(app, browser):
    assert send(browser, "/account/address", email="ida@new.example").status_code == 303
    carry_out_jobs()
    (old,), (new,) = letters_to("ida@example.org"), letters_to("ida@new.example")
    assert "Now follow the link in the other letter" in agree(app, new).text
    assert user_by_email("ida@new.example") is None
    assert "The address is changed" in agree(app, old).text
    assert user_by_email("ida@new.example") is not None
    carry_out_jobs()
    assert "another e-mail address now" in letters_to("ida@example.org")[-1].as_string()


def test_one_mailbox_is_not_enough_however_often_it_agrees(app, browser, clock):
    send(browser, "/account/address", email="ida@new.example")
    carry_out_jobs()
    (new,) = letters_to("ida@new.example")
    agree(app, new)
    assert agree(app, new).status_code == 410
    clock.forward(minutes=11)
    assert agree(app, letters_to("ida@example.org")[0]).status_code == 410
    assert user_by_email("ida@example.org") is not None


def test_an_address_that_is_somebody_elses_is_answered_alike_and_stays_theirs(app, browser):
    make_user(email="emil@example.org", name="Emil", password=PASSWORD)
    told = []
    for email in ("emil@example.org", "nobo@example.org"):
        answer = send(browser, "/account/address", email=email)
        carry_out_jobs()
        asked = letters_to("ida@example.org")[-1]
        agreed = agree(app, asked).text
        told.append((answer.status_code, asked["Subject"], re.sub(r"/link/[\w-]+", "", text_of(asked)).replace(email, ""), agreed))
    assert told[0] == told[1]
    assert "You have an account" in letters_to("emil@example.org")[0]["Subject"]
    assert len(letters_to("emil@example.org")) == 1
    assert user_by_email("emil@example.org").name == "Emil"


def test_somebody_may_be_faster(app, browser):
    send(browser, "/account/address", email="ida@new.example")
    carry_out_jobs()
    letters = letters_to("ida@example.org") + letters_to("ida@new.example")
    make_user(email="ida@new.example", name="Faster")
    assert agree(app, letters[0]).status_code == 200
    assert agree(app, letters[1]).status_code == 409
    assert user_by_email("ida@example.org") is not None


@pytest.mark.parametrize("email", ["", "x", "ida@example.org", "a@b", "a b@example.org", "ida@new.example\r\nBcc: all@example.org"])
def test_an_address_that_will_not_do_is_named(browser, email):
    answer = send(browser, "/account/address", email=email)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text


def test_an_address_changes_twice_a_day_at_most(browser):
    seen = [send(browser, "/account/address", email=f"ida{n}@new.example").status_code for n in range(3)]
    assert seen == [303, 303, 429]


def test_a_new_password_takes_back_a_change_of_address(app, browser):
    send(browser, "/account/address", email="ida@new.example")
    carry_out_jobs()
    (new,) = letters_to("ida@new.example")
    change(browser)
    assert agree(app, new).status_code == 410


def test_whoever_has_no_password_may_choose_one(app, database):
    browser = browser_of(app, make_user(email="fay@example.org", name="Fay"))
    assert "no password yet" in browser.get("/account/signing-in").text
    assert send(browser, "/account/password", new_password=NEW).status_code == 303


@pytest.mark.parametrize("is_taken", [False, True])
def test_a_job_that_is_run_again_makes_no_second_pair_of_links(browser, is_taken):
    if is_taken:
        make_user(email="ida@new.example", name="Faster")
    send(browser, "/account/address", email="ida@new.example")
    told = session().scalars(select(JobRow.args).where(JobRow.name == "accounts.send_email_change")).one()
    for _ in range(2):
        send_email_change(**told)
    assert sorted(session().scalars(select(OneTimeToken.purpose))) == [Purpose.NEW_EMAIL, Purpose.OLD_EMAIL]


def test_a_job_that_is_run_again_asks_nobody_twice(app, browser):
    send(browser, "/account/address", email="ida@new.example")
    told = session().scalars(select(JobRow.args).where(JobRow.name == "accounts.send_email_change")).one()
    for _ in range(2):
        send_email_change(**told)
    for address in ("ida@example.org", "ida@new.example"):
        (letter,) = letters_to(address)
        answer = agree(app, letter)
    assert "The address is changed" in answer.text
