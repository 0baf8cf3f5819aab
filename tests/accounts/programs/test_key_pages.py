"""Keys at the desk: made with a fresh proof, shown once, listed, ended by whoever may."""

import re

import pytest
from sqlalchemy import select

from inkhorn.accounts.models import ApiKey
from inkhorn.core.database import session
from tests.accounts.browsing import grow_stale, post
from tests.accounts.programs.asking import asks, make_integration, make_key

KEY = re.compile(r"ink_[pi]k_[a-z2-7]{8}_[\w-]{43}")


def press(browser, path: str, **fields: object):
    return post(browser, path, **fields)


@pytest.fixture
def desk(app, cast):
    """Somebody's browser, by name."""
    return lambda name: cast.browser_of(app, getattr(cast, name))


def test_a_made_key_is_shown_once_and_kept_nowhere(app, desk, told_jobs):
    browser = desk("wren")
    page = press(browser, "/account/keys", name="Old laptop", permissions="posts.write", life="30")
    (text,) = KEY.findall(page.text)
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "private, no-store")
    assert asks(app, text).status_code == 200
    again = browser.get("/account/keys").text
    assert "Old laptop" in again
    assert KEY.findall(again) == []
    assert told_jobs("accounts.tell_of_change", "change") == ["key_made"]


def test_an_old_proof_is_asked_for_first(desk):
    browser = desk("wren")
    grow_stale()
    assert "Is it still you?" in press(browser, "/account/keys", name="X", permissions="posts.write", life="30").text
    assert session().scalars(select(ApiKey)).all() == []


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": "", "permissions": "posts.write"}, "Name the key"),
        ({"name": "x" * 101, "permissions": "posts.write"}, "At most 100 characters"),
        ({"name": "X"}, "Choose at least one thing"),
        ({"name": "X", "permissions": "site.own"}, "No key can be given site.own"),
        ({"name": "X", "permissions": "posts.edit_any"}, "A key does no more than the person"),
        ({"name": "X", "permissions": "posts.write", "life": "never"}, "Not a valid choice"),
        ({"name": "X", "permissions": "posts.write", "life": "100000"}, "Not a valid choice"),
    ],
)
def test_what_cannot_be_made_is_said_beside_its_field(desk, fields, sentence: str):
    answer = press(desk("wren"), "/account/keys", **fields)
    assert answer.status_code in (403, 422)
    assert sentence in answer.text
    assert session().scalars(select(ApiKey)).all() == []


def test_only_what_somebody_may_is_offered(desk):
    assert set(re.findall(r'name="permissions" value="([\w.]+)"', desk("mona").get("/account/keys").text)) <= {
        "members.read",
        "comments.write",
    }
    assert "site.own" not in desk("orla").get("/admin/keys").text.split("h-make")[1]


def test_an_administrator_makes_keys_for_integrations(app, desk):
    page = press(desk("ada"), "/admin/keys", name="Shop", permissions=["posts.write", "posts.publish"], life="never")
    (text,) = KEY.findall(page.text)
    assert asks(app, text).json["data"]["kind"] == "integration"
    assert "Never ends" in desk("ada").get("/admin/keys").text


def test_others_neither_see_nor_make_them(desk):
    for name in ("emil", "wren", "mona"):
        assert desk(name).get("/admin/keys").status_code == 403
        assert press(desk(name), "/admin/keys", name="X", permissions="posts.write", life="30").status_code == 403


@pytest.mark.parametrize(("who", "room", "status"), [("wren", "account", 303), ("ada", "admin", 303), ("nell", "account", 404), ("emil", "admin", 403)])  # fmt: skip
def test_a_key_is_ended_by_its_person_and_by_whoever_looks_after_keys(app, cast, who: str, room: str, status: int):
    made = make_key(cast.wren)
    assert press(cast.browser_of(app, getattr(cast, who)), f"/{room}/keys/{made.row.id}/revoke").status_code == status
    assert asks(app, made.text).status_code == (401 if status == 303 else 200)


def test_nobody_but_the_owner_ends_the_owners(cast, desk):
    made = make_key(cast.orla)
    assert press(desk("ada"), f"/admin/keys/{made.row.id}/revoke").status_code == 403
    assert press(desk("orla"), f"/account/keys/{made.row.id}/revoke").status_code == 303


@pytest.mark.parametrize("number", [0, 999, 2**31, 2**63])
def test_a_key_that_is_not_there_is_not_found(desk, number: int):
    assert press(desk("ada"), f"/admin/keys/{number}/revoke").status_code == 404


def test_a_list_of_keys_costs_the_same_for_many(cast, desk, queries):
    browser = desk("ada")
    counted = []
    for many in (1, 5):
        for number in range(many):
            make_key(cast.wren, name=f"{many} {number}")
            make_integration(name=f"I {many} {number}")
        session().expunge_all()
        queries.clear()
        assert browser.get("/admin/keys").status_code == 200
        counted.append(len(queries))
    assert counted[0] == counted[1]
