"""What works once is taken once, by however many at the same moment, on both kinds of database."""

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from inkhorn.accounts.models import Purpose, Registration, User
from inkhorn.accounts.queries import digest
from inkhorn.accounts.services import profiles, registering, setup
from inkhorn.accounts.services.profiles import UsernameTaken
from inkhorn.accounts.services.tokens import issue_token
from inkhorn.accounts.settings import AccountSettings
from inkhorn.core import settings
from inkhorn.core.access import House
from inkhorn.core.database import db, is_postgresql, session, transaction
from tests.accounts.test_at_once import all_at_once
from tests.factories.accounts import PASSWORD, make_user

pytestmark = pytest.mark.slow

MANY = 50


def secret_for(app: Flask, purpose: Purpose, **role: str) -> str:
    with app.app_context():
        made = make_user(password=PASSWORD, **role)
        with transaction():
            return issue_token(purpose, user=session().merge(made)).secret


def post_with(app: Flask, path: str, secret: str, **fields: str):
    def post(_number: int) -> int:
        browser = app.test_client()
        browser.set_cookie("inkhorn-pending", secret)
        return browser.post(path, data=fields).status_code

    return post


def test_one_reset_link_sets_one_password(crowded: Flask, generous):
    secret = secret_for(crowded, Purpose.RESET)
    seen = all_at_once(crowded, MANY, post_with(crowded, "/new-password", secret, password="lantern kelp moon tide 9"))
    assert seen == {303: 1, 410: MANY - 1}


def test_one_sign_in_link_opens_one_session(crowded: Flask, generous):
    secret = secret_for(crowded, Purpose.LINK, role="member")
    seen = all_at_once(crowded, MANY, post_with(crowded, "/sign-in/by-mail/confirm", secret))
    assert seen == {303: 1, 410: MANY - 1}


def test_one_registration_makes_one_account(crowded: Flask, generous):
    with crowded.app_context(), transaction():
        settings.tune(AccountSettings, by=House(), registration="open")
        asked = Registration(email="nora@example.org", name="Nora", password="x", browser_digest=digest("here"))
        session().add(asked)
        session().flush()
        secret = issue_token(Purpose.CONFIRM, browser=asked.browser_digest, registration_id=asked.id).secret

    def confirm(_number: int) -> int:
        browser = crowded.test_client()
        browser.set_cookie("inkhorn-pending", secret)
        browser.set_cookie("inkhorn-browser", "here")
        return browser.post("/join/confirm").status_code

    assert all_at_once(crowded, MANY, confirm) == {303: 1, 410: MANY - 1}
    with crowded.app_context():
        assert session().scalar(select(func.count()).select_from(User)) == 1


def test_a_registration_that_is_confirmed_while_it_goes_on_elsewhere_breaks_nothing(crowded: Flask):
    with crowded.app_context(), transaction():
        if not is_postgresql():
            pytest.skip("SQLite has one writer at a time.")
        session().add(Registration(email="nora@example.org", name="Nora", password="x", browser_digest=digest("here")))
    with crowded.app_context(), transaction():
        asked = session().scalars(select(Registration)).one()
        with db.engine.begin() as confirming:
            confirming.execute(delete(Registration))
        registering.go_on_in(asked, digest("there"))
    with crowded.app_context():
        assert registering.registration_here(digest("there")) is None


def test_one_set_up_link_makes_one_owner(crowded: Flask):
    with crowded.app_context(), transaction():
        token = setup.make_setup_link()

    def claim(number: int) -> int:
        fields = {"site_title": "One", "name": f"Ada {number}", "email": f"ada{number}@example.org", "password": PASSWORD}
        return crowded.test_client().post(f"/setup/{token}", data=fields).status_code

    assert all_at_once(crowded, MANY, claim) == {303: 1, 410: MANY - 1}


def test_one_username_goes_to_one_person(crowded: Flask):
    with crowded.app_context():
        numbers = [make_user(email=f"{n}@example.org", name=f"Somebody {n}").id for n in range(MANY)]

    def choose(number: int) -> str:
        try:
            with transaction():
                profiles.choose_username(session().get(User, numbers[number]), "the-one", by=House())
        except UsernameTaken:
            return "taken"
        return "mine"

    assert all_at_once(crowded, MANY, choose) == {"mine": 1, "taken": MANY - 1}
