"""The parts of a row: docs/security/fields.md names each, and no form changes or page shows more than it says (ASVS 8.1.2, 8.2.3)."""

import re

import pytest
from sqlalchemy import inspect

from inkhorn.accounts.models import User
from inkhorn.accounts.queries import user_by_email
from inkhorn.core.database import session
from inkhorn.posts.models import Post
from tests.accounts.browsing import post, token_in
from tests.architecture.tree import ROOT
from tests.factories.posts import make_post
from tests.security.site import Site
from tests.security.test_writes import token_of

PAPER = ROOT / "docs" / "security" / "fields.md"


def fields_under(heading: str, *, changed_by: str = "") -> set[str]:
    """The fields of one table, or those that this one changes."""
    part = PAPER.read_text(encoding="utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in part.splitlines() if line.startswith("| `")]
    return {name for named, _read, changed in rows if changed.startswith(changed_by) for name in re.findall(r"`(\w+)`", named)}


def columns_of(model: type) -> set[str]:
    return {column.key for column in inspect(model).mapper.column_attrs}


def values_of(row: object) -> dict[str, object]:
    return {name: getattr(row, name) for name in columns_of(type(row))}


def changes(before: dict[str, object], after: dict[str, object]) -> set[str]:
    return {name for name, value in after.items() if before[name] != value}


def test_every_column_is_named_once():
    assert fields_under("People") == columns_of(User) | {"roles"}
    assert fields_under("Posts and pages") == columns_of(Post)
    named = re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", PAPER.read_text(encoding="utf-8"), re.MULTILINE)))
    assert len(named) == len(columns_of(User)) + 1 + len(columns_of(Post))


# Of each column, something it is not.
STOLEN = {
    "status": "suspended",
    "active": "",
    "roles": "owner",
    "role": "owner",
    "role_id": "6",
    "email": "eve@example.org",
    "declines_second_factor": "y",
    "password": "lantern kelp moon tide 9",
    "new_password": "lantern kelp moon tide 9",
    **dict.fromkeys(("id", "heir_id", "user_id"), "1"),
    **dict.fromkeys(("confirmed_at", "terms_accepted_at", "created_at", "updated_at", "closes_at", "password_changed_at"), "2001-01-01"),
    **dict.fromkeys(("fs_uniquifier", "passkey_handle", "following_key", "origin", "origin_key"), "stolen"),
}
OWN = {"name": "Rhea Fenn", "username": "rhea-fenn", "bio": "Reads.", "website": "https://a.example", "links": "https://b.example"}
OWN |= {"language": "", "timezone": "Asia/Tokyo", "notices": ""}


def test_the_profile_changes_what_the_paper_says_and_nothing_else(signed_in, rhea):
    assert set(STOLEN) | set(OWN) >= columns_of(User)
    before = values_of(user_by_email("rhea@example.org"))
    assert post(signed_in(rhea), "/account/profile", **STOLEN, **OWN).status_code == 303
    session().expire_all()
    rhea_now = user_by_email("rhea@example.org")
    changed = changes(before, values_of(rhea_now))
    assert {"name", "username", "bio", "website", "links", "timezone", "notices"} <= changed
    assert changed <= fields_under("People", changed_by="the person, in the profile") | {"updated_at"}
    assert rhea_now.role.name == "reader"


def test_the_editor_changes_what_the_paper_says_and_nothing_else(signed_in, wren, emil):
    draft = make_post(by=wren)
    number, before = draft.id, values_of(draft)
    ours = {
        "title": "Mine",
        "body": "New words.",
        "kind": "page",
        "excerpt": "Short.",
        "is_featured": "y",
        "audience": "members",
        "revision": str(draft.revision),
    }
    stolen = dict.fromkeys(columns_of(Post) - set(ours), "stolen")
    stolen |= dict.fromkeys(("id", "words", "series_position", "pipeline", "reading_minutes"), "7")
    stolen |= dict.fromkeys(("cover_id", "language", "cover_url", "canonical_url", "published_at", "release_at"), "")
    stolen |= {"status": "published", "status_before_trash": "published", "created_by_id": str(emil.id), "path": "/stolen/"}
    browser = signed_in(wren)
    answer = browser.post(f"/desk/posts/{number}/revise", data={"csrf_token": token_of(browser), **stolen, **ours})
    assert answer.status_code == 303
    session().expire_all()
    changed = changes(before, values_of(session().get(Post, number)))
    assert {"title", "body", "kind", "excerpt", "is_featured", "audience"} <= changed
    own = fields_under("Posts and pages", changed_by="whoever may edit it")
    assert changed <= own | fields_under("Posts and pages", changed_by="the house, ")


PRIVATE = ("password", "fs_uniquifier", "passkey_handle", "following_key", "origin_key")


@pytest.mark.parametrize("who", ["vic", "rhea", "wren", "emil"])
def test_nobody_without_the_word_reads_an_address_or_a_secret(site: Site, who: str):
    """ASVS 8.2.3, on every page and file that there is."""
    people = [getattr(site.cast, name).user for name in ("ada", "emil", "wren", "rhea") if name != who]
    for each in people:
        each.passkey_handle, each.following_key, each.origin_key = (f"{name}-of-{each.username}" for name in PRIVATE[2:])
    session().commit()
    kept = {value for each in people for name in ("email", *PRIVATE) if (value := getattr(each, name))}
    for address in site.readable():
        answer = site.browser(who).get(address)
        assert [value for value in kept if value.encode() in answer.data] == [], address


def test_an_administrator_reads_addresses_and_no_secrets(site: Site):
    assert "wren@example.org" in site.browser("ada").get("/admin/people/").text
    kept = {site.cast.wren.user.fs_uniquifier}
    for address in site.readable():
        answer = site.browser("ada").get(address)
        assert [value for value in kept if value.encode() in answer.data] == [], address


def test_the_form_of_a_profile_has_no_fields_but_its_own(signed_in, rhea):
    browser = signed_in(rhea)
    assert token_in(browser, "/account/")
    form = re.search(r'<form[^>]*action="/account/profile".*?</form>', browser.get("/account/").text, re.DOTALL)[0]
    assert set(re.findall(r'name="(\w+)"', form)) - {"csrf_token"} == set(OWN)
