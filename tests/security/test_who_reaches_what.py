"""Every address asked for by each of the cast: the declared rule decides, and then the post's own."""

import pytest

from inkhorn.core import guard
from tests.factories.posts import make_post
from tests.security.site import CAST, Site, digest_of_database
from tests.security.test_writes import token_of

PROGRAM = {"Accept": "application/json"}


@pytest.mark.parametrize("who", CAST)
def test_the_declared_rule_decides_every_address(site: Site, who: str):
    actor, browser = getattr(site.cast, who), site.browser(who)
    for rule in site.rules():
        asked = guard.rule_of(site.app, rule.endpoint)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            status = browser.open(site.address(rule), method=method, headers=PROGRAM).status_code
            if asked.admits(actor):
                assert status not in (401, 403), (rule.rule, method, status)
            else:
                assert status == (403 if actor.is_signed_in else 401), (rule.rule, method, status)


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
