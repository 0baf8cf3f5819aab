"""A word that stands only in what may not be read is met nowhere: not in a page, feed, list, count or answer for a program."""

import re
from html import unescape
from urllib.parse import urlsplit

import pytest

from inkhorn.core.access import House
from inkhorn.core.database import transaction
from inkhorn.posts.models import Audience, Status
from inkhorn.posts.services.publishing import trash_post
from inkhorn.search.tasks import catch_up
from tests.factories.comments import make_comment
from tests.factories.posts import make_post
from tests.security.site import Site

# Of each kind of hidden post, who may read it all the same.
HIDDEN = {
    "draftcanary": {"wren", "emil", "ada"},
    "latercanary": {"wren", "emil", "ada"},
    "backcanary": {"wren", "emil", "ada"},
    "trashcanary": {"wren", "emil", "ada"},
    "privatecanary": {"wren", "emil", "ada"},
    "memberscanary": {"wren", "emil", "ada", "mona", "nell"},
}
OTHERS = ("vic", "rhea", "mona", "nell")
MOST_PAGES = 400
# What a program asks with, besides what it finds in links.
QUESTIONS = ("?q={word}", "?search={word}", "?filter[title]={word}", "?tag={word}", "?path=/{word}/")


def hide(word: str, author_id: int, *, lends_names: bool, **more) -> None:
    """A post that says the word wherever a post says anything, comments included, and may lend it to a tag and a series that it alone has."""
    if lends_names:
        more |= {"tags": [f"{word} tag"], "series": f"{word} series"}
    post = make_post(
        title=f"The {word} sings", body=f"One {word}.\n\n## A {word} heading\n\nMore.", excerpt=f"An {word}.", author_ids=[author_id],
        cover_alt=word, cover_url=f"/media/{word}.jpg", meta_title=word, meta_description=word, **more,
    )  # fmt: skip
    if post.is_live:
        make_comment(post, by=House(), name=f"{word} reader", email="reader@example.org", body=f"A {word} comment.")


@pytest.fixture
def plant(site: Site, clock):
    def planted(*, lends_names: bool = True) -> None:
        kinds = {
            "draftcanary": {},
            "latercanary": {"status": Status.SCHEDULED, "at": clock.tomorrow()},
            "backcanary": {"status": Status.UNPUBLISHED},
            "trashcanary": {"status": Status.TRASHED},
            "privatecanary": {"status": Status.PUBLISHED, "audience": Audience.PRIVATE},
            "memberscanary": {"status": Status.PUBLISHED, "audience": Audience.MEMBERS},
        }
        for word, more in kinds.items():
            hide(word, site.cast.wren.id, lends_names=lends_names, **more)
        # Else a search would find nothing, whatever it were asked for.
        catch_up()

    return planted


def links_in(text: str) -> set[str]:
    """The addresses of this site that a page or feed names, whatever it is."""
    named = re.findall(
        r"""(?:href|src|action)=["']([^"']+)["']|<(?:loc|link|id)>([^<]+)<|"(?:url|self|next|path|address)":\s?"([^"]+)\"""", text
    )
    found = {urlsplit(unescape(next(filter(None, each)))) for each in named}
    return {
        f"{each.path}{'?' + each.query if each.query else ''}"
        for each in found
        if each.netloc in ("", "localhost") and each.path.startswith("/")
    }


def walked(site: Site, who: str) -> dict[str, str]:
    """Every address that somebody can come upon, and what it answers."""
    browser, seen = site.browser(who), {}
    asked = [address for address in site.readable() if not address.startswith(("/setup/", "/sign-out"))]
    asked += [address + question.format(word=word) for address in ("/", "/search", "/archive/", "/api/v1/posts", "/api/v1/search", "/desk/posts/") for word in HIDDEN for question in QUESTIONS]  # fmt: skip
    while asked and len(seen) < MOST_PAGES:
        address = asked.pop(0)
        if address in seen or "canary" in urlsplit(address).path:
            continue
        answer = browser.get(address)
        seen[address] = answer.text if answer.mimetype.startswith(("text/", "application/")) else ""
        asked += sorted(links_in(seen[address]) - set(seen))
    return seen


def told_back(text: str, address: str) -> str:
    """The answer without what the question itself said."""
    for word in HIDDEN:
        if word in address:
            text = text.replace(unescape(word), "")
    return text


@pytest.mark.parametrize("who", OTHERS)
def test_no_answer_says_a_word_of_what_one_may_not_read(site: Site, plant, who: str):
    # The names of tags and series are shared by all who write here.
    plant(lends_names=who != "nell")
    met = walked(site, who)
    assert len(met) > 60
    hidden = [word for word, readers in HIDDEN.items() if who not in readers]
    leaks = {(address, word) for address, text in met.items() for word in hidden if word in told_back(text, address)}
    assert leaks == set()


def test_whoever_may_read_it_comes_upon_it(site: Site, plant):
    """Else the walk would see nothing whatever leaked."""
    plant()
    met = walked(site, "emil")
    assert {word for word in HIDDEN for text in met.values() if word in text} == set(HIDDEN)
    assert any("memberscanary" in text for text in walked(site, "mona").values())


LISTS = [
    "/",
    "/tag/tides/",
    "/author/wren/",
    "/series/year/",
    "/archive/",
    "/feed.xml",
    "/feed.json",
    "/author/wren/feed.xml",
    "/sitemap.xml",
]


def test_every_list_and_count_is_the_same_with_and_without_them(site: Site, plant):
    browser = site.browser("vic")
    addresses = [*LISTS, "/sitemap-posts-1.xml", "/sitemap-tags-1.xml", "/sitemap-series-1.xml", "/sitemap-authors-1.xml", site.post.path]
    before = {address: browser.get(address).text for address in addresses}
    plant()
    assert {address for address in addresses if browser.get(address).text != before[address]} == set()


def test_what_was_for_everybody_and_is_trashed_is_met_no_more(site: Site):
    post = make_post(title="The latecanary sings", author_ids=[site.cast.wren.id], status=Status.PUBLISHED)
    assert any("latecanary" in text for text in walked(site, "vic").values())
    with transaction():
        trash_post(post, by=site.cast.ada)
    assert not any("latecanary" in text for text in walked(site, "vic").values())
