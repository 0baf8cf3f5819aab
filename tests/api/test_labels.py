"""Tags, series and authors: those that something one may read carries, looked after by editors."""

import pytest

from inkhorn.posts.models import Audience, Status
from tests.factories.posts import make_post


@pytest.fixture
def shelf(wren, emil):
    make_post(by=wren, tags=["Open"], series="Known", status=Status.PUBLISHED)
    make_post(by=emil, tags=["Canary draft"], series="Canary series")
    make_post(by=emil, tags=["Canary private"], status=Status.PUBLISHED, audience=Audience.PRIVATE)
    make_post(by=emil, tags=["Canary gone"], status=Status.TRASHED)


@pytest.mark.parametrize("who", ["vic", "rhea", "mona"])
def test_what_only_hidden_posts_carry_is_hidden(program, shelf, who: str):
    asker = program(who)
    assert [each["name"] for each in asker.data("/tags")] == ["Open"]
    assert asker.titles("/series") == ["Known"]
    assert [each["name"] for each in asker.data("/authors")] == ["Wren"]
    for kind, number in (("tags", 2), ("tags", 3), ("series", 2), ("authors", 2)):
        assert "Canary" not in asker.get(f"/{kind}/{number}").text
    assert "Canary" not in asker.get("/tags?filter[name][contains]=canary").text


def test_whoever_writes_is_offered_all_of_them(program, shelf):
    assert len(program("wren").data("/tags")) == 4
    assert {each["name"] for each in program("wren").data("/authors")} >= {"Wren", "Emil"}


@pytest.mark.parametrize(("kind", "name"), [("tags", "name"), ("series", "title")])
def test_an_editor_makes_describes_and_removes(program, kind: str, name: str):
    emil = program("emil")
    made = emil.post(f"/{kind}", {name: "Harbours", "description": "By the sea."})
    assert (made.status_code, made.json["data"]["slug"]) == (201, "harbours")
    assert emil.post(f"/{kind}", {name: "Harbours"}).status_code == 409
    address = made.location.removeprefix("/api/v1")
    changed = emil.change(address, {name: "Ports"}).json["data"]
    assert (changed[name], changed["slug"], changed["description"]) == ("Ports", "harbours", "By the sea.")
    assert emil.change(address, method="DELETE").status_code == 204
    assert emil.get(address).status_code == 404


@pytest.mark.parametrize("kind", ["tags", "series"])
def test_what_a_post_carries_is_not_removed(program, shelf, kind: str):
    number = program("emil").data(f"/{kind}")[0]["id"]
    assert program("emil").change(f"/{kind}/{number}", method="DELETE").status_code == 409


@pytest.mark.parametrize("who", ["vic", "rhea", "wren"])
def test_others_change_none(program, shelf, who: str):
    asker = program(who)
    refused = 401 if who == "vic" else 403
    assert asker.post("/tags", {"name": "Mine"}).status_code == refused
    assert asker.send("PATCH", "/tags/1", {"name": "Mine"}, If_Match="*").status_code == refused
    assert asker.send("DELETE", "/series/1", If_Match="*").status_code == refused


@pytest.mark.parametrize("name", ["", " ", "\u200b", "x" * 151])
def test_a_tag_has_a_name(program, name: str):
    refused = program("emil").post("/tags", {"name": name})
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/name")
