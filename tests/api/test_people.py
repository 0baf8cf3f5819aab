"""Accounts by program: who sees them, who changes them, and with what proof."""

import pytest

from inkhorn.accounts.policies import ROLES
from tests.accounts.browsing import grow_stale


@pytest.mark.parametrize(("who", "status"), [("vic", 401), ("rhea", 403), ("wren", 403), ("emil", 403), ("ada", 200)])
def test_accounts_are_for_those_who_look_after_people(program, wren, who: str, status: int):
    asker = program(who)
    assert asker.get("/users").status_code == status
    assert asker.get(f"/users/{wren.id}").status_code == status


def test_nothing_secret_is_told_of_anybody(program, wren, emil, rhea):
    told = program("ada").get("/users").text + program("ada").get("/me").text
    for word in ("argon2", "password", "fs_uniquifier", "following_key", wren.user.fs_uniquifier):
        assert word not in told


def test_people_are_found_by_role_and_name(program, wren, emil, rhea):
    ada = program("ada")
    assert [each["name"] for each in ada.data("/users?filter[role]=author,editor")] == ["Emil", "Wren"]
    assert [each["email"] for each in ada.data("/users?filter[email][contains]=rhea")] == ["rhea@example.org"]
    assert ada.get("/users?filter[password][contains]=a").status_code == 400
    assert ada.get("/users?sort=password").status_code == 400


def test_a_list_of_people_asks_a_fixed_number_of_questions(program, cast, queries):
    ada = program("ada")
    for name in ("wren", "emil", "rhea", "mona", "nell"):
        getattr(cast, name)
    queries.clear()
    assert len(ada.data("/users")) == 6
    assert len(queries) <= 5, queries


def test_a_role_is_given_and_an_account_suspended_and_restored(program, wren):
    ada, address = program("ada"), f"/users/{wren.id}"
    version = ada.get(address).headers["ETag"]
    given = ada.post(f"{address}/role", {"role": "editor"}, If_Match=version)
    assert given.json["data"]["role"] == "editor", given.text
    assert ada.post(f"{address}/role", {"role": "author"}, If_Match=version).status_code == 412
    assert ada.change(f"{address}/suspend", method="POST").json["data"]["status"] == "suspended"
    assert ada.change(f"{address}/restore", method="POST").json["data"]["status"] == "active"


def test_nobody_gives_more_than_they_have(program, wren, orla):
    ada = program("ada")
    version = ada.get(f"/users/{wren.id}").headers["ETag"]
    assert ada.post(f"/users/{wren.id}/role", {"role": "owner"}, If_Match=version).status_code == 403
    assert ada.post(f"/users/{wren.id}/role", {"role": "emperor"}, If_Match=version).status_code == 422
    assert ada.change(f"/users/{orla.id}/suspend", method="POST").status_code == 403


@pytest.fixture
def orla(cast):
    return cast.orla


def test_an_old_proof_is_not_enough(program, wren):
    ada = program("ada")
    version = ada.get(f"/users/{wren.id}").headers["ETag"]
    grow_stale()
    assert ada.post(f"/users/{wren.id}/role", {"role": "editor"}, If_Match=version).status_code == 403
    assert ada.get(f"/users/{wren.id}").json["data"]["role"] == "author"


def test_everybody_reads_and_describes_themselves(program, rhea):
    asker = program("rhea")
    told = asker.data("/me")
    assert told["email"] == "rhea@example.org"
    assert set(told["permissions"]) == ROLES["reader"]
    assert asker.change("/me", {"bio": "Reads by the sea."}).json["data"]["bio"] == "Reads by the sea."
    assert asker.change("/me", {"role": "owner"}).status_code == 422
    assert asker.change("/me", {"website": "javascript:alert(1)"}).status_code == 422
    assert program("vic").get("/me").status_code == 401
