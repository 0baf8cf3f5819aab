"""Scripts planted in what people say, upload, sing, look for and send by program: no browser, feed reader or mail program runs one."""

import re
from collections.abc import Iterator
from urllib.parse import quote, quote_plus
from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.security.hostile import CORPUS, INSPECT, LINKS, POLYGLOTS, inputs, listening, walk
from tests.security.rooms import Planted, grouped, planted_site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Fields that take words of ours alone.
KEPT_FROM_WORDS = {"language", "timezone", "accent", "theme", "new_role", "role", "permalink", "slug", "website", "category", "owner_email"}
READERS = ("/talk/", "/", "/archive/", "/search", "/comments/feed.xml", "/sitemap.xml", "/api/docs")
DESK = ("/desk/", "/desk/posts/", "/desk/media/", "/desk/media/albums", "/desk/media/1", "/desk/media/albums/1", "/desk/media/shows/1")
DESK += (
    "/desk/media/episodes/1",
    "/desk/comments/",
    *(f"/desk/comments/?state={name}" for name in ("approved", "reported", "spam", "trashed")),
)
DESK += ("/desk/comments/bans/", "/desk/comments/3/ban", "/desk/comments/3/edit", "/desk/posts/1/edit")
HOUSE = (
    "/admin/",
    "/admin/audit",
    "/admin/mail",
    "/admin/mail/1",
    "/admin/mail/1/page",
    "/admin/jobs",
    "/admin/settings/site",
    "/admin/records/comment",
)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    with planted_site(tmp_path_factory.mktemp("rooms") / "data") as site:
        yield site


def inside(planted: Planted, chromium: Browser, who: str) -> BrowserContext:
    """A browser of one of the cast, which asks nobody but the site for anything."""
    context = chromium.new_context(service_workers="block")
    context.route("**/*", lambda route: route.continue_() if route.request.url.startswith(planted.site.base) else route.abort())
    if who in planted.cookies:
        context.add_cookies([{"name": "inkhorn", "value": planted.cookies[who], "url": planted.site.base}])
    return context


def searches() -> list[str]:
    return [f"/search?q={quote(text[:300])}" for text in grouped()]


# Of each, where to begin, how far to go from there, and what is met at least.
WALKS = {
    "vic": ((*READERS, *searches()), 60),
    "rhea": (("/talk/", "/account/"), 5),
    "mona": (("/talk/",), 4),
    "wren": (DESK[:8], 12),
    "emil": (("/talk/", *DESK[:12]), 13),
    "ada": ((*DESK, *HOUSE), 28),
    "orla": (HOUSE, 9),
}


@pytest.mark.parametrize("who", WALKS)
def test_nothing_runs_for(planted: Planted, chromium: Browser, who: str):
    starts, most = WALKS[who]
    context = inside(planted, chromium, who)
    seen, found = walk(context, planted.site.base, [*starts, *planted.places], most)
    context.close()
    assert not found, "\n".join(found)
    assert len(seen) == most


def test_nothing_runs_in_what_is_found_while_somebody_types(planted: Planted, chromium: Browser):
    context = inside(planted, chromium, "rhea")
    found: list[str] = []
    page = listening(context, found)
    page.goto(planted.site.base + "/search")
    for words in ("fired", "script", "javascript", "alert xss"):
        page.get_by_role("searchbox").fill(words)
        expect(page).to_have_url(re.compile(re.escape(quote_plus(words)) + "$"))
        expect(page.locator(".entry-title a").first).to_be_visible()
        found += page.evaluate(INSPECT)
    context.close()
    assert found == []


def test_nothing_runs_in_a_comment_that_appears_without_reloading(planted: Planted, chromium: Browser):
    context = inside(planted, chromium, "emil")
    found: list[str] = []
    page = listening(context, found)
    page.goto(planted.site.base + "/talk/")
    page.locator("textarea[name=body]").first.fill(f"Said just now. {POLYGLOTS[0]}\n\n[x]({LINKS[0]}) {POLYGLOTS[1]}")
    page.get_by_role("button", name="Send the comment").first.click()
    expect(page.get_by_text("Said just now.").last).to_be_visible()
    found += page.evaluate(INSPECT)
    context.close()
    assert found == []


def test_nothing_runs_in_mail_and_feed_readers_that_guard_nothing(planted: Planted, chromium: Browser):
    """Their pages have no policy of ours: what they draw has to be harmless by itself."""
    context = inside(planted, chromium, "vic")
    page = context.new_page()
    read = [*planted.letters, *drawn_from_feeds(planted, page)]
    page.close()
    kinds = len(read), sum("fired" in each for each in read)
    context.route("**/naked", lambda route: route.fulfill(body="<hr>".join(read), content_type="text/html; charset=utf-8"))
    _seen, found = walk(context, planted.site.base, ["/naked"], 1)
    context.close()
    assert not found, "\n".join(found)
    assert kinds[0] > 150, kinds
    assert kinds[1] > 60, kinds


def drawn_from_feeds(planted: Planted, page: Page) -> list[str]:
    """The HTML of every entry of the feeds, and the descriptions, which RSS lets readers take for HTML."""
    items = [item for name in ("/feed.json", "/comments/feed.json") for item in page.request.get(planted.site.base + name).json()["items"]]
    drawn = [item["content_html"] for item in items]
    for address in ("/feed.xml", "/atom.xml", "/comments/feed.xml", *(each for each in planted.places if each.endswith("feed.xml"))):
        root = ET.fromstring(page.request.get(planted.site.base + address).body())
        drawn += [each.text or "" for each in root.iter() if each.tag.rpartition("}")[2] in ("content", "encoded")]
        drawn += [each.text or "" for each in root.iterfind("channel/item/description")]
        drawn += [each.text or "" for each in root.iterfind("channel/description") if address.startswith("/show/")]
    return drawn


def test_every_field_of_the_api_took_one_or_takes_no_words(planted: Planted):
    filler = planted.filler
    assert len(filler.fields) > 40
    assert {name for name in filler.fields - filler.taken if name.rpartition(" ")[2] not in KEPT_FROM_WORDS} == set()


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpora are not on this machine")
def test_the_inputs_of_the_corpus_are_among_them():
    assert len(inputs()) >= len(POLYGLOTS) + len(LINKS) + 20
