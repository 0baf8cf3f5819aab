"""A browser is known again, and a new one is told of by mail, once."""

import pytest
from sqlalchemy import func, select

from inkhorn.accounts.models import KnownDevice
from inkhorn.accounts.queries import user_by_email
from inkhorn.accounts.services.sessions import DEVICE_FORGOTTEN_AFTER
from inkhorn.accounts.tasks.clearing import forget_old_sessions
from inkhorn.core.database import session, transaction
from tests.accounts.letters import carry_out_jobs, letters_to, text_of
from tests.accounts.test_sign_in import sign_in
from tests.factories.accounts import PASSWORD, make_user


@pytest.fixture
def ida(database):
    return make_user(password=PASSWORD)


def told() -> list[str]:
    carry_out_jobs()
    return [letter["Subject"] for letter in letters_to("ida@example.org")]


def test_the_first_browser_of_all_is_no_news(client, ida):
    sign_in(client)
    assert told() == []


def test_a_second_one_is_told_with_where_and_what(app, client, ida):
    sign_in(client)
    app.test_client().post(
        "/sign-in",
        data={"email": "ida@example.org", "password": PASSWORD},
        headers={"User-Agent": "Otherfox 7"},
        environ_base={"REMOTE_ADDR": "203.0.113.9"},
    )
    assert told() == ["Your account at A new publication is used in a new browser"]
    assert "203.0.113.9, Otherfox 7" in text_of(letters_to("ida@example.org")[0])


def test_the_same_browser_again_is_no_news(app, client, ida):
    other = app.test_client()
    for browser in (client, other, client, other, other):
        sign_in(browser)
    assert len(told()) == 1
    assert session().scalar(select(func.count()).select_from(KnownDevice)) == 2


def test_whoever_does_not_want_to_know_is_not_told(app, client, ida):
    with transaction():
        user_by_email("ida@example.org").notices = {"new_device": False}
    sign_in(client)
    sign_in(app.test_client())
    assert told() == []


def test_a_browser_two_people_share_is_known_to_both(client, ida):
    make_user(email="emil@example.org", name="Emil", password=PASSWORD)
    sign_in(client)
    sign_in(client, email="emil@example.org")
    assert session().scalars(select(KnownDevice.digest)).all()[0] == session().scalars(select(KnownDevice.digest)).all()[1]


def test_the_number_is_kept_as_a_digest_and_told_to_nobody_else(client, ida):
    sign_in(client)
    number = client.get_cookie("inkhorn-browser").value
    assert session().scalars(select(KnownDevice.digest)).one() != number
    assert number not in client.get("/account/sessions").text


@pytest.mark.parametrize("number", ["", "x" * 65, "é", "'; --", "%00"])
def test_a_nonsense_number_is_a_browser_like_any(client, ida, number):
    client.set_cookie("inkhorn-browser", number)
    assert sign_in(client).status_code == 303


def test_a_browser_not_seen_for_half_a_year_is_forgotten(client, ida, clock):
    sign_in(client)
    clock.forward(days=DEVICE_FORGOTTEN_AFTER.days + 1)
    forget_old_sessions()
    assert session().scalar(select(func.count()).select_from(KnownDevice)) == 0
