"""Settings, menus and redirects by program."""

from dataclasses import fields

import pytest

from inkhorn.api.resources.settings import SECTIONS
from inkhorn.core import settings
from inkhorn.core.settings import Section, SiteSettings
from tests.accounts.browsing import grow_stale


def test_settings_are_changed_by_section(program):
    ada = program("ada")
    told = ada.change("/settings/site", {"title": "Tide tables", "posts_per_page": 7}).json["data"]["values"]
    assert (told["title"], told["posts_per_page"], told["feed_items"]) == ("Tide tables", 7, 20)
    assert settings.read(SiteSettings).title == "Tide tables"
    assert {each["section"] for each in ada.data("/settings")} == {"site", "accounts", "posts", "comments"}


@pytest.mark.parametrize(
    ("section", "changes"),
    [
        ("site", {"title": ""}),
        ("site", {"posts_per_page": 0}),
        ("site", {"timezone": "Moon/Tranquility"}),
        ("site", {"theme": "../../etc"}),
        ("site", {"accent": "#12345g"}),
        ("site", {"menu": []}),
        ("accounts", {"new_role": "administrator"}),
        ("accounts", {"registration": "everybody"}),
        ("accounts", {"terms_address": "javascript:alert(1)"}),
        ("posts", {"permalink": "/same/"}),
        ("posts", {"excerpt_words": 10**9}),
        ("comments", {"writers": "everybody"}),
        ("comments", {"edit_minutes": -1}),
        ("comments", {"held_words": "x" * 10_001}),
    ],
    ids=str,
)
def test_what_cannot_be_chosen_is_pointed_at(program, section: str, changes):
    refused = program("ada").change(f"/settings/{section}", changes)
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, f"/{next(iter(changes))}")


def test_every_section_of_settings_is_there_with_all_it_tunes():
    assert {section: section.section for section in Section.__subclasses__()} == {
        section: name for name, (section, _body) in SECTIONS.items()
    }
    for name, (section, body) in SECTIONS.items():
        assert set(body().fields) == {each.name for each in fields(section)} - {"menu"}, name


@pytest.mark.parametrize("who", ["vic", "rhea", "wren", "emil"])
def test_settings_are_an_administrators(program, who: str):
    asker, refused = program(who), 401 if who == "vic" else 403
    for address in ("/settings", "/settings/site", "/redirects"):
        assert asker.get(address).status_code == refused
    assert asker.send("PATCH", "/settings/site", {"title": "Mine"}, If_Match="*").status_code == refused


def test_settings_ask_for_a_fresh_proof_and_a_version(program):
    ada = program("ada")
    assert ada.send("PATCH", "/settings/site", {"title": "x"}).status_code == 428
    seen = ada.get("/settings/site").headers["ETag"]
    ada.change("/settings/site", {"title": "Newer"})
    assert ada.send("PATCH", "/settings/site", {"title": "x"}, If_Match=seen).status_code == 412
    grow_stale()
    assert ada.change("/settings/site", {"title": "x"}).status_code == 403


def test_the_menu_is_read_by_all_and_changed_by_few(program):
    entries = [{"label": "About", "address": "/about/"}]
    assert program("ada").change("/menus/main", {"entries": entries}).status_code == 200
    assert program("vic").data("/menus/main")["entries"] == entries
    refused = program("ada").change("/menus/main", {"entries": [*entries, {"label": "Bad", "address": "javascript:alert(1)"}]})
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/entries/1/address")


@pytest.mark.parametrize("written", ["old/", "%2Fold%2F", "/old/"])
def test_a_redirect_is_found_by_its_path_with_the_slash_that_leads_it_or_without(program, written: str):
    ada = program("ada")
    assert ada.post("/redirects", {"path": "/old/", "target": "/new/"}).status_code == 201
    found = ada.get(f"/redirects/{written}")
    assert (found.status_code, found.json["data"]["path"]) == (200, "/old/")
    assert found.json["links"]["self"].endswith("/api/v1/redirects/old/")
    assert ada.change(f"/redirects/{written}", method="DELETE").status_code == 204
    assert ada.get(f"/redirects/{written}").status_code == 404


def test_a_redirect_is_made_followed_and_forgotten(program, client):
    ada = program("ada")
    assert ada.post("/redirects", {"path": "/old/", "target": "/archive/"}).status_code == 201
    assert client.get("/old/").location.endswith("/archive/")
    assert [each["path"] for each in ada.data("/redirects")] == ["/old/"]
    assert ada.change("/redirects/old/", method="DELETE").status_code == 204
    assert client.get("/old/").status_code == 404


@pytest.mark.parametrize("path", ["/über uns/", "/a;b=c/", "/tide&ebb/", "/a+b/"])
def test_a_redirect_is_found_where_its_answer_says(program, path: str):
    ada = program("ada")
    made = ada.post("/redirects", {"path": path, "target": "/archive/"})
    assert made.status_code == 201
    assert ada.data(made.location.partition("/api/v1")[2])["path"] == path


@pytest.mark.parametrize(
    ("path", "target", "pointer"),
    [
        ("//x", "/a", "/path"),
        ("/admin/x", "/a", "/path"),
        ("/x", "javascript:a", "/target"),
        *((f"/a{mark}b", "/x", "/path") for mark in "?#%"),
    ],
)
def test_a_redirect_that_leads_astray_is_refused(program, path: str, target: str, pointer: str):
    refused = program("ada").post("/redirects", {"path": path, "target": target})
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, pointer)
