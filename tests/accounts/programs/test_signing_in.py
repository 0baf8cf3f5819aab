"""A program is signed in as a browser is: the same secrets, the same limits, the same words, and never by less."""

import pytest

from inkhorn.accounts.models import RefreshFamily
from inkhorn.accounts.services import closing, people
from inkhorn.core import limits
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from tests.accounts.browsing import noted
from tests.accounts.programs.asking import WHO, asks, pair, sign_in
from tests.factories.accounts import PASSWORD, give_app, give_codes, make_user


@pytest.fixture
def ida():
    return make_user(password=PASSWORD)


def test_a_password_is_enough_where_there_is_no_second_factor(client, app, ida):
    told = pair(client, ida)
    assert (told["token_type"], told["expires_in"]) == ("Bearer", 900)
    who = asks(app, told["access_token"]).json["data"]
    assert (who["kind"], who["user_id"], "posts.write" in who["permissions"]) == ("access", ida.id, True)


def test_the_answer_is_kept_by_nobody_and_sets_no_cookie(client, ida):
    answer = sign_in(client, ida)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("login", ["ida@example.org", "nobody@example.org", "ida", "\x01", "x" * 254])
def test_what_does_not_fit_is_answered_alike(client, ida, login: str):
    answer = client.post("/api/v1/tokens", json={"login": login, "password": "wrong password 7"})
    assert (answer.status_code, answer.json["detail"]) == (422, "That e-mail address and password do not belong together.")


def test_tries_at_the_browsers_door_count_here_too(client, ida, monkeypatch):
    monkeypatch.setattr(limits, "SIGN_IN_ACCOUNT", limits.Limit("sign_in.account", "2 per 5 minutes"))
    client.post("/sign-in", data={"email": ida.email, "password": "wrong password 7"})
    client.post("/api/v1/tokens", json={"login": ida.email, "password": "wrong password 7"})
    answer = sign_in(client, ida)
    assert (answer.status_code, "Retry-After" in answer.headers) == (429, True)
    assert noted("accounts.sign_in_refused") == ["accounts.sign_in_refused"] * 3


def test_a_second_factor_is_asked_for_and_taken_once(client, ida):
    phone = give_app(ida)
    first = sign_in(client, ida)
    assert (first.status_code, first.json["errors"][0]["field"]) == (401, "code")
    code = phone.code()
    assert sign_in(client, ida, code=code).status_code == 200
    again = sign_in(client, ida, code=code)
    assert (again.status_code, session().query(RefreshFamily).count()) == (401, 1)
    assert noted("accounts.second%") == ["accounts.second_factor_refused"]


def test_a_code_from_paper_works_once(client, ida):
    give_app(ida)
    (code,) = give_codes(ida, 1)
    assert [sign_in(client, ida, code=code).status_code for _each in range(2)] == [200, 401]


def test_codes_are_guessed_no_more_often_than_in_a_browser(client, ida, monkeypatch):
    monkeypatch.setattr(limits, "SECOND_FACTOR", limits.Limit("second_factor", "2 per 5 minutes"))
    phone = give_app(ida)
    statuses = [sign_in(client, ida, code="000000").status_code for _each in range(3)]
    assert statuses == [401, 401, 429]
    assert sign_in(client, ida, code=phone.code()).status_code == 429


def test_whoever_is_suspended_or_leaves_does_not_come_in(client, ida):
    with transaction():
        people.suspend_user(session().merge(ida), by=House())
    assert sign_in(client, ida).status_code == 403
    with transaction():
        people.restore_user(session().merge(ida), by=House())
        closing.close_account(session().merge(ida), heir_id=None, by=House())
    assert sign_in(client, ida).status_code == 403


def test_an_access_token_without_the_second_factor_that_is_demanded_may_nothing(client, app, ida, monkeypatch):
    told = pair(client, ida)
    monkeypatch.setattr("inkhorn.accounts.identity.programs.bearers.demands_second_factor", lambda user, is_production: True)
    answer = asks(app, told["access_token"])
    assert (answer.status_code, "second factor" in answer.json["detail"]) == (403, True)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"login": "ida"}, "/password"),
        ({"login": 7, "password": "x"}, "/login"),
        ({"login": "ida", "password": "x", "is_two_factor": True}, "/is_two_factor"),
        ({"login": "a\x00", "password": "x"}, "/login"),
        ({"login": "ida", "password": "x" * 1001}, "/password"),
    ],
)
def test_a_body_that_means_nothing_is_refused_by_its_field(client, database, body, pointer: str):
    answer = client.post("/api/v1/tokens", json=body)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)


def test_an_answer_with_tokens_is_not_kept_for_a_second_asking(client, ida):
    both = [
        client.post("/api/v1/tokens", json={"login": ida.email, "password": PASSWORD}, headers={"Idempotency-Key": "1"}) for _each in "12"
    ]
    assert both[0].json["data"]["refresh_token"] != both[1].json["data"]["refresh_token"]
    assert "Idempotency-Replayed" not in both[1].headers


def test_a_program_in_a_new_place_is_told_of_by_letter(app, ida, told_jobs):
    client = app.test_client()
    for agent in ("known/1", "known/1", "other/2"):
        client.post("/api/v1/tokens", json={"login": ida.email, "password": PASSWORD}, headers={"User-Agent": agent})
    assert told_jobs("accounts.tell_of_new_device") == ["other/2"]


def test_nobody_is_told_who_is_asking_without_a_token(client, database):
    assert client.get(WHO).status_code == 401
