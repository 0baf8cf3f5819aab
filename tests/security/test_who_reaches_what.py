"""Every address asked for by each of seven: the committed matrix decides, and then the post's own rule."""

import re

import pytest

from inkhorn.accounts.policies import PERMISSIONS
from tests.accounts.browsing import token_in
from tests.architecture.tree import ROOT
from tests.factories.posts import make_post
from tests.security.site import Site, digest_of_database
from tests.security.test_writes import token_of

PROGRAM = {"Accept": "application/json"}


MATRIX = ROOT / "docs" / "security" / "access.md"
# Who of the cast has which role; each is asked for every address.
SEVEN = {
    "vic": "visitor",
    "rhea": "reader",
    "mona": "member",
    "wren": "author",
    "emil": "editor",
    "ada": "administrator",
    "orla": "owner",
}


def table_under(heading: str) -> list[dict[str, str]]:
    """The rows of one table of the committed matrix, by the words atop its columns."""
    part = MATRIX.read_text(encoding="utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = [
        [cell.strip().strip("`").replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in part.splitlines()
        if line.startswith("|")
    ]
    return [dict(zip(rows[0], row, strict=True)) for row in rows[2:]]


@pytest.fixture(scope="module")
def matrix() -> dict[tuple[str, str, str], dict[str, str]]:
    """Who is let in, by address, method and endpoint."""
    return {(row["address"], method, row["endpoint"]): row for row in table_under("Addresses") for method in row["methods"].split(", ")}


@pytest.mark.parametrize("who", SEVEN)
def test_the_matrix_decides_every_address(site: Site, matrix, who: str):
    actor, browser = getattr(site.cast, who), site.browser(who)
    # Under /api/ a cookie counts only beside the token of the desk's own pages.
    headers = PROGRAM | ({"X-CSRF-Token": token_in(browser, "/account/")} if actor.is_signed_in else {})
    for rule in site.rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            listed = matrix.get((rule.rule, method, rule.endpoint))
            assert listed is not None, f"{method} {rule.rule} is not in docs/security/access.md"
            status = browser.open(site.address(rule), method=method, headers=headers).status_code
            if listed[SEVEN[who]]:
                assert status not in (401, 403), (rule.rule, method, status)
            else:
                assert status == (403 if actor.is_signed_in else 401), (rule.rule, method, status)


def test_the_matrix_lists_what_is_there_and_nothing_else(site: Site, matrix):
    there = {
        (rule.rule, method, rule.endpoint)
        for rule in site.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert set(matrix) == there
    assert ("/planted", "GET", "planted") not in matrix


@pytest.mark.parametrize("who", SEVEN)
def test_everybody_holds_the_words_of_the_matrix_and_no_others(site: Site, who: str):
    actor = getattr(site.cast, who)
    held = {row["permission"] for row in table_under("What each role may do") if row.get(SEVEN[who])}
    assert {word for word in PERMISSIONS if actor.may(word)} == held


def test_strangers_at_the_desk_are_led_to_the_door_and_back(site: Site):
    for rule in site.rules():
        if rule.rule.startswith("/desk") and "GET" in rule.methods:
            answer = site.browser("vic").get(site.address(rule))
            assert (answer.status_code, answer.location) == (303, f"/sign-in?next={site.address(rule)}")


@pytest.mark.parametrize("verb", ["publish", "unpublish", "unschedule", "trash", "restore", "revise", "revisions/1/restore"])
def test_an_author_does_nothing_to_a_colleagues_post(site: Site, verb: str):
    theirs = make_post(by=site.cast.emil, title="Emil's")
    browser = site.browser("wren")
    fields = {"csrf_token": token_of(browser), "revision": "1", "title": "Mine now", "body": "x", "kind": "post"}
    before = digest_of_database()
    assert browser.post(f"/desk/posts/{theirs.id}/{verb}", data=fields).status_code in (403, 404)
    assert digest_of_database() == before


@pytest.mark.parametrize("page", ["/desk/posts/{}/edit", "/desk/posts/{}/revisions", "/preview/{}/"])
def test_an_author_does_not_see_a_colleagues_draft(site: Site, page: str):
    theirs = make_post(by=site.cast.emil, title="Emil's", body="A secret harbour.")
    answer = site.browser("wren").get(page.format(theirs.id))
    assert answer.status_code in (403, 404)
    assert "harbour" not in answer.text


def test_moving_many_at_once_asks_for_each(site: Site):
    theirs, own = make_post(by=site.cast.emil, title="Emil's"), make_post(by=site.cast.wren, title="Wren's")
    browser = site.browser("wren")
    browser.post("/desk/posts/move", data={"csrf_token": token_of(browser), "move": "trash", "chosen": [theirs.id, own.id, 2**63, -1]})
    listed = browser.get("/desk/posts/?status=trashed").text
    assert "Wren" in listed
    assert site.browser("emil").get(f"/desk/posts/{theirs.id}/edit").status_code == 200
    assert "Emil&#39;s" in site.browser("emil").get("/desk/posts/?status=draft").text


@pytest.mark.parametrize("who", ["rhea", "vic"])
def test_a_draft_is_nowhere_for_readers(site: Site, who: str):
    browser = site.browser(who)
    for address in ("/", "/archive/", "/feed.xml", "/atom.xml", "/feed.json", "/sitemap-posts-1.xml", "/author/wren/", "/tag/tides/"):
        assert "Draft" not in browser.get(address).text.replace("Drafts", ""), address
    assert browser.get(f"/preview/{site.draft.id}/").status_code in (303, 404)
