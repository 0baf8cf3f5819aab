"""What a change of who somebody proves to be ends: programs they signed in, and their keys; an integration's key stays."""

from collections.abc import Callable

import pytest

from inkhorn.accounts.models import User
from inkhorn.accounts.services import closing, credentials, factors, people, roles, sessions
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from tests.accounts.browsing import post, token_in
from tests.accounts.programs.asking import asks, make_integration, make_key, pair, refresh
from tests.cast import Person
from tests.factories.accounts import PASSWORD, browser_of, give_app, make_user

ENDS: dict[str, Callable[[User], object]] = {
    "a new password": lambda user: credentials.change_password(user, "x", by=House(), session_id=None),
    "a forced one": lambda user: credentials.force_reset(user, by=House()),
    "lost factors": lambda user: factors.drop_factors(user, by=House()),
    "another role": lambda user: roles.change_role(user, "editor", by=House()),
    "suspension": lambda user: people.suspend_user(user, by=House()),
    "closing": lambda user: closing.close_account(user, heir_id=None, by=House()),
    "an administrator's sign-out": lambda user: sessions.end_sessions_of(user, by=House()),
}


@pytest.fixture
def ida():
    return make_user(password=PASSWORD)


@pytest.mark.parametrize("why", ENDS)
def test_it_ends_at_once(app, client, ida, why: str):
    told, key, integration = pair(client, ida), make_key(Person(ida)).text, make_integration().text
    assert [asks(app, text).status_code for text in (told["access_token"], key, integration)] == [200, 200, 200]
    with transaction():
        ENDS[why](session().merge(ida))
    assert [asks(app, text).status_code for text in (told["access_token"], key, integration)] == [401, 401, 200]
    assert refresh(client, told["refresh_token"]).status_code == 401


def test_what_was_ended_does_not_come_back_with_the_account(app, client, ida):
    key = make_key(Person(ida)).text
    with transaction():
        people.suspend_user(session().merge(ida), by=House())
        people.restore_user(session().merge(ida), by=House())
    assert asks(app, key).status_code == 401


def test_an_own_new_password_ends_them_though_the_browser_stays(app, client, ida):
    told, key, browser = pair(client, ida), make_key(Person(ida)).text, browser_of(app, ida)
    new = "lantern kelp moon tide 9"
    assert post(browser, "/account/password", current_password=PASSWORD, new_password=new).status_code == 303
    assert browser.get("/account/").status_code == 200
    assert [asks(app, text).status_code for text in (told["access_token"], key)] == [401, 401]


def test_a_removed_app_ends_them(app, client, ida):
    key, browser = make_key(Person(ida)).text, browser_of(app, ida)
    give_app(ida)
    assert post(browser, "/account/two-factor/app/remove").status_code == 303
    assert asks(app, key).status_code == 401


def test_tidying_up_one_s_browsers_ends_programs_and_keeps_keys(app, client, ida):
    told, key, browser = pair(client, ida), make_key(Person(ida)).text, browser_of(app, ida)
    assert post(browser, "/account/sessions/end-others").status_code == 303
    assert [asks(app, text).status_code for text in (told["access_token"], key)] == [401, 200]


def test_signing_out_of_a_browser_ends_no_key(app, ida):
    key, browser = make_key(Person(ida)).text, browser_of(app, ida)
    browser.post("/sign-out", data={"csrf_token": token_in(browser, "/account/")})
    assert asks(app, key).status_code == 200


def test_keys_go_with_the_account(app, ida):
    key = make_key(Person(ida)).text
    with transaction():
        session().delete(session().get(User, ida.id))
    assert asks(app, key).status_code == 401
