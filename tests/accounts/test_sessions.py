"""Sessions end when they should, whoever holds a copy of the cookie."""

import re

import pytest
from flask_login import current_user
from sqlalchemy import func, null, select

from inkhorn.accounts.models import AccountStatus, Session
from inkhorn.accounts.queries import session_and_more, user_by_email
from inkhorn.accounts.services import roles, sessions
from inkhorn.core import tokens
from inkhorn.core.access import House, everyone, open_to
from inkhorn.core.database import session, transaction
from tests.factories.accounts import make_user


def form_token_of(browser, path="/desk/posts/write") -> str:
    return re.search(r'name="csrf_token" value="([^"]+)"', browser.get(path).text)[1]


def sign_out(browser, token=None):
    return browser.post("/sign-out", data={"csrf_token": token or form_token_of(browser)})


def is_in(browser) -> bool:
    return browser.get("/desk/posts/").status_code == 200


def copy_of(app, browser):
    thief = app.test_client()
    thief.set_cookie("inkhorn", browser.get_cookie("inkhorn").value)
    return thief


def test_a_stolen_cookie_is_dead_after_signing_out(app, signed_in, wren):
    browser = signed_in(wren)
    thief = copy_of(app, browser)
    assert is_in(thief)
    assert sign_out(browser).status_code == 303
    assert not is_in(thief)
    assert browser.get_cookie("inkhorn") is None


def test_signing_out_wants_the_form(signed_in, wren):
    browser = signed_in(wren)
    assert browser.post("/sign-out").status_code == 422
    assert is_in(browser)


def test_signing_out_ends_one_browser_only(signed_in, wren):
    one, other = signed_in(wren), signed_in(wren)
    sign_out(one)
    assert (is_in(one), is_in(other)) == (False, True)


def test_as_many_browsers_are_signed_in_as_somebody_has(signed_in, wren):
    """ASVS 7.1.2: none is ended because another begins."""
    browsers = [signed_in(wren) for _ in range(12)]
    assert all(is_in(each) for each in browsers)


def test_a_form_of_another_session_is_refused(signed_in, wren):
    one, other = signed_in(wren), signed_in(wren)
    assert sign_out(other, form_token_of(one)).status_code == 422


def test_a_form_dies_with_its_session(signed_in, wren, app):
    browser = signed_in(wren)
    token = form_token_of(browser)
    sign_out(browser, token)
    again = signed_in(wren)
    assert sign_out(again, token).status_code == 422


def test_a_form_is_good_for_twelve_hours(signed_in, wren, monkeypatch):
    browser = signed_in(wren)
    token = form_token_of(browser)
    read = tokens.read
    monkeypatch.setattr(tokens, "read", lambda purpose, value, max_age_seconds: read(purpose, value, max_age_seconds=-1))
    assert sign_out(browser, token).status_code == 422


def test_the_form_does_not_give_the_cookie_away(signed_in, wren):
    browser = signed_in(wren)
    assert browser.get_cookie("inkhorn").value not in browser.get("/desk/posts/write").text


@pytest.mark.parametrize(
    ("role", "idle_hours", "is_live"),
    [("author", 11, True), ("author", 13, False), ("owner", 13, False), ("member", 29 * 24, True), ("member", 31 * 24, False)],
)
def test_a_session_left_alone_ends(database, clock, role, idle_hours, is_live):
    user = make_user(role=role)
    with transaction():
        token = sessions.open_session(user, sessions.Visit())
    clock.forward(hours=idle_hours)
    assert sessions.is_live(session_and_more(token, null())[0]) is is_live


def test_staff_sign_in_anew_after_seven_days_however_busy(signed_in, wren, clock):
    browser = signed_in(wren)
    seen = []
    for _ in range(16):
        clock.forward(hours=11)
        seen.append(is_in(browser))
    assert seen == [True] * 15 + [False]


def test_a_remembered_cookie_slides_with_each_visit(app, signed_in, rhea, clock):
    browser = signed_in(rhea)
    with transaction():
        session().scalars(select(Session)).one().is_remembered = True
    assert "Set-Cookie" not in browser.get("/").headers
    clock.forward(days=20)
    assert "Max-Age=2592000" in browser.get("/").headers["Set-Cookie"]


def test_being_seen_is_written_once_in_five_minutes(signed_in, wren, clock, queries):
    browser = signed_in(wren)
    clock.forward(minutes=6)
    is_in(browser)
    queries.clear()
    is_in(browser)
    assert not [each for each in queries if each.startswith("UPDATE")]


@pytest.mark.parametrize("change", [{"status": AccountStatus.SUSPENDED}, {"status": AccountStatus.CLOSING}, {"active": False}])
def test_a_suspended_person_is_out_at_once(signed_in, wren, change):
    browser = signed_in(wren)
    assert is_in(browser)
    with transaction():
        for name, value in change.items():
            setattr(user_by_email("wren@example.org"), name, value)
    assert not is_in(browser)


def test_a_new_role_ends_every_session(signed_in, wren):
    one, other = signed_in(wren), signed_in(wren)
    with transaction():
        roles.change_role(user_by_email("wren@example.org"), "reader", by=House())
    assert (is_in(one), is_in(other)) == (False, False)


@pytest.mark.parametrize("cookie", ["", "x" * 65, "x" * 4000, "'; DROP TABLE session; --", "\u00e9", "%00", "null"])
def test_a_nonsense_cookie_is_nobody(app, database, cookie):
    browser = app.test_client()
    browser.set_cookie("inkhorn", cookie)
    assert browser.get("/desk/").status_code == 303


def test_the_table_holds_no_cookie(signed_in, wren):
    browser = signed_in(wren)
    row = session().scalars(select(Session)).one()
    assert browser.get_cookie("inkhorn").value not in {str(getattr(row, column.key)) for column in Session.__table__.columns}


def test_tokens_are_long_and_never_repeat(database):
    user = make_user()
    made = {sessions.open_session(user, sessions.Visit()) for _ in range(300)}
    assert len(made) == 300
    assert min(map(len, made)) >= 43


def test_old_rows_are_cleared_away(signed_in, wren, rhea, clock):
    signed_in(wren)
    clock.forward(days=31)
    signed_in(rhea)
    with transaction():
        assert sessions.forget_old_sessions() == 1
    assert session().scalar(select(func.count()).select_from(Session)) == 1


def test_flask_security_knows_who_is_there(app, signed_in, wren, monkeypatch):
    monkeypatch.setitem(app.view_functions, "site.show_archive", open_to(everyone)(lambda **_: str(current_user.is_authenticated)))
    assert signed_in(wren).get("/archive/").text == "True"
    assert app.test_client().get("/archive/").text == "False"
