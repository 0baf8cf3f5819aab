"""Programs in the same moment, on both kinds of database: of two who change one version one is told so, and what is sent twice is done once."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from inkhorn.accounts.identity.actor import Person
from inkhorn.core.database import db, session
from inkhorn.posts.models import Post
from tests.accounts.conftest import crowded  # noqa: F401 - the fixture
from tests.accounts.programs.asking import bearer, pair
from tests.accounts.test_at_once import all_at_once
from tests.factories.accounts import PASSWORD, make_user
from tests.factories.media import make_asset
from tests.factories.posts import make_post
from tests.servers import postgres_server, postgres_url  # noqa: F401 - fixtures

pytestmark = pytest.mark.slow

TO_CHANGE: dict[str, Callable[[int], dict[str, object]]] = {
    "/settings/site": lambda number: {"title": f"Harbour {number}"},
    "/settings/posts": lambda number: {"excerpt_words": 20 + number},
    "/menus/main": lambda number: {"entries": [{"label": f"Entry {number}", "address": "/"}]},
    "/tags/1": lambda number: {"description": f"By the {number}th."},
    "/posts/1": lambda number: {"title": f"Tide {number}"},
    "/media/1": lambda number: {"alt": f"Picture {number}"},
    "/me": lambda number: {"bio": f"For the {number}th time."},
}


@pytest.fixture
def headers(crowded: Flask) -> dict[str, str]:  # noqa: F811 - the fixture
    """Those of a program that an administrator signed in, and a post of hers."""
    with crowded.app_context():
        ada = make_user(role="administrator", password=PASSWORD)
        make_post(by=Person(ada), title="Tide", tags=["Harbour"])
        make_asset(by=Person(ada))
        db.session.close()
        return bearer(pair(crowded.test_client(), ada)["access_token"])


@pytest.mark.parametrize("address", TO_CHANGE)
def test_of_ten_who_change_one_version_one_does(crowded: Flask, headers: dict[str, str], address: str):  # noqa: F811 - the fixture
    asked = f"/api/v1{address}"
    read = crowded.test_client().get(asked, headers=headers)
    assert read.status_code == 200, read.text
    told = headers | {"If-Match": read.headers["ETag"]}

    def change(number: int) -> int:
        return crowded.test_client().patch(asked, json=TO_CHANGE[address](number), headers=told).status_code

    assert all_at_once(crowded, 10, change) == {200: 1, 412: 9}


def test_what_is_sent_ten_times_at_once_is_done_once(crowded: Flask, headers: dict[str, str]):  # noqa: F811 - the fixture
    told = headers | {"Idempotency-Key": "one-and-the-same"}

    def draft(_number: int) -> tuple[int, str]:
        answer = crowded.test_client().post("/api/v1/posts", json={"title": "Once"}, headers=told)
        return answer.status_code, answer.text

    answers = all_at_once(crowded, 10, draft)
    assert [status for status, _body in answers] == [201], answers
    with crowded.app_context():
        assert session().scalar(select(func.count()).select_from(Post)) == 2


def test_of_ten_requests_under_one_key_one_is_done(crowded: Flask, headers: dict[str, str]):  # noqa: F811 - the fixture
    def draft(number: int) -> int:
        told = headers | {"Idempotency-Key": "each-another"}
        return crowded.test_client().post("/api/v1/posts", json={"title": f"Number {number}"}, headers=told).status_code

    assert all_at_once(crowded, 10, draft) == {201: 1, 422: 9}
