"""What programs may ask is counted by key, account and address, told in every answer, and never more because nobody can count."""

import sqlite3

import pytest

from inkhorn.core import limits
from inkhorn.core.limit_stores import DatabaseStore, FileStore
from inkhorn.core.limits import Limit
from tests.accounts.browsing import token_in
from tests.accounts.programs.asking import WHO, asks, make_integration, make_key, pair
from tests.factories.accounts import PASSWORD, make_user


@pytest.fixture
def few(monkeypatch):
    """Set one of the limits to two in a minute."""
    return lambda name: monkeypatch.setattr(limits, name, Limit(getattr(limits, name).name, "2 per minute"))


def statuses(app, *texts: str) -> list[int]:
    return [asks(app, text).status_code for text in texts]


def test_every_answer_says_where_one_stands(app, wren, clock):
    answer = asks(app, make_key(wren).text)
    assert answer.headers["RateLimit-Policy"] == '"api.place";q=1200;w=60, "api.key";q=600;w=60, "api.account";q=900;w=60'
    assert answer.headers["RateLimit"] == '"api.key";r=599;t=60'
    assert app.test_client().get("/api/v1/posts").headers["RateLimit-Policy"] == '"api.stranger";q=300;w=60'


def test_a_key_that_asks_too_much_waits_and_others_do_not(app, wren, few, clock):
    few("API_KEY")
    first, second = make_key(wren).text, make_key(wren).text
    assert statuses(app, first, first, first, second) == [200, 200, 429, 200]
    answer = asks(app, first)
    assert (answer.content_type, answer.headers["RateLimit"]) == ("application/problem+json", '"api.key";r=0;t=60')
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    clock.forward(seconds=60)
    assert asks(app, first).status_code == 200


def test_several_keys_and_sessions_of_one_person_count_together(app, cast, wren, few):
    few("API_ACCOUNT")
    assert statuses(app, make_key(wren).text, make_key(wren).text) == [200, 200]
    browser = cast.browser_of(app, wren)
    assert browser.get(WHO, headers={"X-CSRF-Token": token_in(browser, "/account/")}).status_code == 429
    assert asks(app, make_integration().text).status_code == 200


def test_access_tokens_count_by_account(app, client, few):
    told = pair(client, make_user(password=PASSWORD))
    few("API_ACCOUNT")
    assert statuses(app, *[told["access_token"]] * 3) == [200, 200, 429]


def test_an_address_counts_whatever_is_shown_there(app, wren, emil, few):
    few("API_PLACE")
    assert statuses(app, make_key(wren).text, make_integration().text, make_key(emil).text) == [200, 200, 429]


def test_strangers_have_a_count_of_their_own(app, wren, few):
    few("API_STRANGER")
    assert [app.test_client().get("/api/v1/posts").status_code for _each in range(3)] == [200, 200, 429]
    assert asks(app, make_key(wren).text).status_code == 200


def test_pages_are_not_counted(client, cast, few):
    few("API_STRANGER")
    assert {client.get("/").status_code for _each in range(4)} == {200}
    assert "RateLimit" not in client.get("/").headers


def test_where_nobody_can_count_nobody_is_let_through(app, wren, monkeypatch):
    key = make_key(wren).text

    def away(*_all: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(FileStore, "run", away)
    monkeypatch.setattr(DatabaseStore, "run", lambda *_all: (_ for _ in ()).throw(OSError("away")))
    assert statuses(app, key, key) == [503, 503]
    assert app.test_client().get("/api/v1/posts").status_code == 503
