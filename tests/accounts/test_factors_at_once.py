"""Second factors in many hands at the same moment, on both kinds of database: each works once."""

import json
from collections import Counter

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from inkhorn.accounts import codes
from inkhorn.accounts.models import Authenticator, OneTimeToken, RecoveryCode, Session
from inkhorn.accounts.queries import user_by_email
from inkhorn.accounts.services import factors
from inkhorn.core.access import Visitor
from inkhorn.core.clock import now
from inkhorn.core.database import session, transaction
from tests.accounts.browsing import token_in
from tests.accounts.test_at_once import all_at_once
from tests.accounts.test_factors import begin
from tests.accounts.test_passkeys import add, options
from tests.accounts.test_sign_in import sign_in
from tests.authenticators import Authenticator as Device
from tests.factories.accounts import PASSWORD, browser_of, give_app, give_codes, make_user

pytestmark = pytest.mark.slow
COOKIES = ("inkhorn", "inkhorn-pending", "inkhorn-browser")


@pytest.fixture(autouse=True)
def few_codes(monkeypatch):
    monkeypatch.setattr(codes, "PAPER_CODES", 2)


def copy_of(app: Flask, browser: FlaskClient) -> FlaskClient:
    copy = app.test_client()
    for name in COOKIES:
        if cookie := browser.get_cookie(name):
            copy.set_cookie(name, cookie.value)
    return copy


def spend(act) -> str:
    with transaction():
        user = user_by_email("ida@example.org")
        return "taken" if act(user) else "refused"


def test_a_code_of_the_app_is_taken_once(crowded: Flask):
    with crowded.app_context():
        code = give_app(make_user()).code()
    seen = all_at_once(crowded, 50, lambda _n: spend(lambda user: factors.spend_authenticator_code(user, code)))
    assert seen == Counter(taken=1, refused=49)


def test_a_code_from_paper_is_taken_once(crowded: Flask):
    with crowded.app_context():
        user = make_user()
        typed = factors.read_code(user.id, give_codes(user, 1)[0])
    seen = all_at_once(crowded, 50, lambda _n: spend(lambda user: factors.spend_code(user, typed, by=Visitor())))
    assert seen == Counter(taken=1, refused=49)
    with crowded.app_context():
        assert session().scalar(select(func.count()).select_from(RecoveryCode).where(RecoveryCode.used_at.is_not(None))) == 1


@pytest.mark.usefixtures("generous")
def test_fifty_who_finish_one_sign_in_are_one(crowded: Flask):
    with crowded.app_context():
        phone = give_app(make_user(password=PASSWORD))
    browser = crowded.test_client()
    sign_in(browser)
    seen = all_at_once(crowded, 50, lambda _n: copy_of(crowded, browser).post("/sign-in/second", data={"code": phone.code()}).status_code)
    assert seen[303] == 1
    assert set(seen) <= {303, 410, 422}
    with crowded.app_context():
        assert session().scalar(select(func.count()).select_from(Session)) == 1


@pytest.mark.usefixtures("generous")
def test_fifty_who_show_one_answer_of_a_passkey_are_one(crowded: Flask):
    key = Device()
    with crowded.app_context():
        user = make_user()
        add(browser_of(crowded, user), key)
    browser = crowded.test_client()
    answer = {"credential": json.dumps(key.get(options(browser, "/sign-in/passkey")))}
    seen = all_at_once(crowded, 50, lambda _n: copy_of(crowded, browser).post("/sign-in/passkey", data=answer).status_code)
    assert seen == Counter({303: 1, 422: 49})
    with crowded.app_context():
        assert session().scalar(select(func.count()).select_from(OneTimeToken)) == 0


def test_an_app_confirmed_by_many_clicks_is_one_app(crowded: Flask):
    with crowded.app_context():
        browser = browser_of(crowded, make_user())
        fields = {"code": codes.code_at(begin(browser), now()), "csrf_token": token_in(browser)}
    path = "/account/two-factor/app/confirm"
    seen = all_at_once(crowded, 12, lambda _n: copy_of(crowded, browser).post(path, data=fields).status_code)
    assert seen[200] == 1
    assert set(seen) <= {200, 303}
    with crowded.app_context():
        counts = [session().scalar(select(func.count()).select_from(kind)) for kind in (Authenticator, RecoveryCode, Session)]
    assert counts == [1, 2, 1]


def test_codes_made_by_many_clicks_are_one_sheet(crowded: Flask):
    with crowded.app_context():
        user = make_user()
        give_app(user)
        browser = browser_of(crowded, user)
        fields = {"csrf_token": token_in(browser)}
    path = "/account/two-factor/codes/make"
    seen = all_at_once(crowded, 12, lambda _n: copy_of(crowded, browser).post(path, data=fields).status_code)
    assert seen[200] >= 1
    assert set(seen) <= {200, 303}
    with crowded.app_context():
        kept = session().scalars(select(RecoveryCode)).all()
        assert (len(kept), len({each.salt for each in kept})) == (2, 1)
