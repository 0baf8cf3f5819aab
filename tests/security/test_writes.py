"""Nothing is changed by looking, by a form without its token, or by a page of another site."""

import re

import pytest

from tests.security.site import CAST, Site, digest_of_database

REFUSED = (303, 400, 401, 403, 404, 405, 410, 415, 422)
FIELDS = {
    "title": "Changed by a stranger",
    "body": "x",
    "slug": "stolen",
    "move": "purge",
    "chosen": "1",
    "revision": "1",
    "email": "eve@example.org",
    "password": "correct horse battery staple 8",
    "name": "Eve",
    "site_title": "Eve's",
}


def token_of(browser) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/desk/posts/write").text)
    return found[1] if found else ""


@pytest.mark.parametrize("who", CAST)
def test_looking_changes_nothing(site: Site, who: str):
    browser = site.browser(who)
    browser.get("/")
    before = digest_of_database()
    for address in site.readable():
        for method in (browser.get, browser.head, browser.options):
            assert method(address).status_code < 500, address
    assert digest_of_database() == before


@pytest.mark.parametrize("who", CAST)
@pytest.mark.parametrize("sent", ["form", "json", "text", "nothing"])
def test_a_write_without_its_token_changes_nothing(site: Site, who: str, sent: str):
    browser = site.browser(who)
    body = {"form": {"data": FIELDS}, "json": {"json": FIELDS}, "text": {"data": "title=x", "content_type": "text/plain"}, "nothing": {}}[
        sent
    ]
    before = digest_of_database()
    for method, address in site.writable(but_doors=True):
        answer = browser.open(address, method=method, **body)
        assert answer.status_code in REFUSED, (method, address)
        assert answer.status_code != 303 or answer.location.startswith("/sign-in"), (method, address)
    assert digest_of_database() == before


FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "http://localhost:1"},
    {"Origin": "http://[bad"},
]


@pytest.mark.parametrize("told", FOREIGN, ids=str)
def test_a_page_of_another_site_changes_nothing_even_with_the_token(site: Site, told: dict[str, str]):
    browser = site.browser("ada")
    fields = FIELDS | {"csrf_token": token_of(browser)}
    before = digest_of_database()
    for method, address in site.writable():
        assert browser.open(address, method=method, data=fields, headers=told).status_code == 403, (method, address)
    assert digest_of_database() == before


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "\x00", "é", "x" * 100_000, "InN0b2xlbiI.aaaa.bbbb"])
def test_a_forged_token_is_refused(site: Site, token: str):
    answer = site.browser("wren").post(f"/desk/posts/{site.post.id}/trash", data={"csrf_token": token})
    assert answer.status_code == 422


def test_one_persons_token_is_worth_nothing_in_anothers_hands(site: Site):
    stolen, emil = token_of(site.browser("wren")), site.browser("emil")
    before = digest_of_database()
    assert emil.post(f"/desk/posts/{site.post.id}/trash", data={"csrf_token": stolen}).status_code == 422
    assert digest_of_database() == before


def test_with_its_token_the_same_form_is_accepted(site: Site):
    browser = site.browser("wren")
    answer = browser.post(f"/desk/posts/{site.post.id}/trash", data={"csrf_token": token_of(browser)})
    assert answer.status_code == 303


def test_a_save_against_an_old_version_shows_both_texts(site: Site):
    browser = site.browser("wren")
    fields = {"csrf_token": token_of(browser), "revision": "0", "title": "Mine", "body": "My words.", "kind": "post"}
    answer = browser.post(f"/desk/posts/{site.post.id}/revise", data=fields)
    assert answer.status_code == 409
    assert "My words." in answer.text
    assert "It does not tick." in answer.text


@pytest.mark.parametrize("address", ["/desk/posts/write", "/desk/posts/{}/revise"])
def test_a_form_open_for_too_long_loses_no_word(site: Site, address: str):
    browser = site.browser("wren")
    fields = {
        "csrf_token": "stale",
        "revision": str(site.post.revision),
        "title": "A long evening",
        "body": "Words that took hours.",
        "kind": "post",
    }
    answer = browser.post(address.format(site.post.id), data=fields)
    assert answer.status_code == 422
    assert "open for too long" in answer.text
    assert "Words that took hours." in answer.text
    fresh = re.search(r'name="csrf_token" value="([^"]+)"', answer.text)[1]
    assert browser.post(address.format(site.post.id), data=fields | {"csrf_token": fresh}).status_code == 303
