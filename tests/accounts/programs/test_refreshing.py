"""Refresh tokens: good once, in a chain that ends when one is shown twice, when it is idle, or when its person says so."""

import pytest
from sqlalchemy import select

from inkhorn.accounts.models import RefreshFamily, RefreshToken
from inkhorn.accounts.services.people import suspend_user
from inkhorn.accounts.services.programs import refreshing
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from tests.accounts.browsing import noted, post
from tests.accounts.programs.asking import asks, pair, refresh
from tests.factories.accounts import PASSWORD, browser_of, make_user


@pytest.fixture
def ida():
    return make_user(password=PASSWORD)


@pytest.fixture
def mona():
    return make_user(email="mona@example.org", name="Mona", role="member", password=PASSWORD)


def test_each_token_gives_the_next_pair(client, app, ida):
    first = pair(client, ida)
    second = refresh(client, first["refresh_token"]).json["data"]
    assert second["refresh_token"] != first["refresh_token"]
    assert asks(app, second["access_token"]).status_code == 200
    assert refresh(client, second["refresh_token"]).status_code == 200


def test_a_token_shown_twice_ends_the_whole_chain(client, app, ida, told_jobs):
    first = pair(client, ida)
    second = refresh(client, first["refresh_token"]).json["data"]
    again = refresh(client, first["refresh_token"])
    assert (again.status_code, "used before" in again.json["detail"]) == (401, True)
    assert asks(app, second["access_token"]).status_code == 401
    assert refresh(client, second["refresh_token"]).status_code == 401
    assert session().scalars(select(RefreshFamily)).all() == []
    assert told_jobs("accounts.tell_of_change", "change") == ["refresh_reused"]
    assert noted("accounts.refresh%") == ["accounts.refresh_reused"]


def test_another_chain_of_the_same_person_goes_on(client, app, ida):
    phone, laptop = pair(client, ida), pair(client, ida)
    for _each in range(2):
        refresh(client, phone["refresh_token"])
    assert asks(app, laptop["access_token"]).status_code == 200


def test_nothing_that_opens_is_kept(client, ida):
    told = pair(client, ida)
    kept = repr(session().execute(select(RefreshToken.__table__)).all()) + repr(session().execute(select(RefreshFamily.__table__)).all())
    assert told["refresh_token"] not in kept
    assert told["refresh_token"][7:] not in kept


def test_staff_prove_themselves_again_after_half_a_day_unused_and_after_a_week(client, ida, clock):
    told = pair(client, ida)
    clock.forward(hours=12)
    assert refresh(client, told["refresh_token"]).status_code == 401
    told = pair(client, ida)
    for _each in range(15):
        clock.forward(hours=11)
        told = refresh(client, told["refresh_token"]).json["data"]
    clock.forward(hours=3)
    assert refresh(client, told["refresh_token"]).status_code == 401


def test_members_stay_for_three_months_at_most(client, mona, clock):
    told = pair(client, mona)
    for _each in range(4):
        clock.forward(days=20)
        told = refresh(client, told["refresh_token"]).json["data"]
    clock.forward(days=10)
    assert refresh(client, told["refresh_token"]).status_code == 401


def test_signing_out_ends_it_and_says_nothing_of_what_is_none(client, app, ida):
    told = pair(client, ida)
    for text in (told["refresh_token"], told["refresh_token"], "ink_rt_" + "A" * 43, "x"):
        answer = client.post("/api/v1/tokens/revoke", json={"refresh_token": text})
        assert (answer.status_code, answer.data) == (204, b"")
    assert asks(app, told["access_token"]).status_code == 401
    assert noted("accounts.program_signed_out") == ["accounts.program_signed_out"]


def test_ones_programs_are_listed_and_signed_out_at_the_desk(client, app, ida):
    told = pair(client, ida)
    browser = browser_of(app, ida)
    assert "Programs you signed in" in browser.get("/account/keys").text
    number = session().scalars(select(RefreshFamily.id)).one()
    assert post(browser, f"/account/programs/{number}/end").status_code == 303
    assert asks(app, told["access_token"]).status_code == 401
    assert post(browser, f"/account/programs/{number}/end").status_code == 404


def test_nobody_signs_out_anothers_program(client, app, ida, mona):
    told = pair(client, ida)
    number = session().scalars(select(RefreshFamily.id)).one()
    assert post(browser_of(app, mona), f"/account/programs/{number}/end").status_code == 404
    assert asks(app, told["access_token"]).status_code == 200


def test_the_suspended_get_no_further(client, ida):
    told = pair(client, ida)
    with transaction():
        session().merge(ida).active = False
    assert refresh(client, told["refresh_token"]).status_code == 401
    with transaction():
        session().merge(ida).active = True
        suspend_user(session().merge(ida), by=House())
    assert refresh(client, told["refresh_token"]).status_code == 401


def test_dead_chains_are_cleared_away(client, mona, clock):
    pair(client, mona)
    clock.forward(days=31)
    with transaction():
        refreshing.forget_old_families()
    assert session().scalars(select(RefreshToken)).all() == []
