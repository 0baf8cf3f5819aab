"""The page of a post: what it shows, what it tells machines, and what it must never hold."""

import json
import re

import pytest
from flask.testing import FlaskClient

from inkhorn.core import settings
from inkhorn.core.access import House
from inkhorn.core.database import transaction
from inkhorn.core.settings import SiteSettings
from inkhorn.posts.models import PostKind, Status
from tests.factories.posts import make_post

NASTY = '</script><img src=x onerror=alert(1)> & "quoted"'


def tune(**changes: object) -> None:
    with transaction():
        settings.tune(SiteSettings, by=House(), **changes)


def structured(html: str) -> list[dict]:
    return json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)[1])["@graph"]


def test_a_post_tells_machines_what_it_is(client: FlaskClient) -> None:
    post = make_post(status=Status.PUBLISHED, tags=["Tides", "Tools"])
    article, trail = structured(client.get(post.path).text)
    assert article["@type"] == "BlogPosting"
    assert article["headline"] == post.title
    assert article["keywords"] == "Tides, Tools"
    assert article["url"].endswith(post.path)
    assert [step["name"] for step in trail["itemListElement"]][1:] == ["Tides", post.title]


def test_nothing_that_people_write_escapes_into_the_page(client: FlaskClient) -> None:
    post = make_post(title=NASTY, excerpt=NASTY, tags=[NASTY[:60]], series=NASTY, status=Status.PUBLISHED)
    html = client.get(post.path).text
    assert "<img src=x" not in html
    assert structured(html)[0]["headline"] == NASTY


def test_head_names_canonical_address_and_card(client: FlaskClient) -> None:
    post = make_post(status=Status.PUBLISHED, excerpt="It draws the sea.", meta_title="The sea clock")
    html = client.get(post.path).text
    assert f'<link rel="canonical" href="http://localhost{post.path}">' in html
    assert '<meta property="og:title" content="The sea clock">' in html
    assert '<meta name="description" content="It draws the sea.">' in html
    assert '<meta property="article:published_time"' in html


def test_a_foreign_canonical_address_is_kept(client: FlaskClient) -> None:
    post = make_post(status=Status.PUBLISHED, canonical_url="https://example.org/first")
    assert '<link rel="canonical" href="https://example.org/first">' in client.get(post.path).text


def test_neighbours_are_linked(client: FlaskClient, clock) -> None:
    titles = ("First", "Second", "Third")
    for title in titles:
        make_post(title=title, status=Status.PUBLISHED)
        clock.forward(hours=1)
    html = client.get("/second/").text
    assert '<a href="/first/" rel="prev">' in html
    assert '<a class="is-newer" href="/third/" rel="next">' in html


def test_a_series_shows_its_parts_in_order(client: FlaskClient, clock) -> None:
    for title in ("Spring", "Summer", "Autumn"):
        make_post(title=title, series="The harbour year", status=Status.PUBLISHED)
        clock.forward(days=1)
    html = client.get("/summer/").text
    assert "Part 2 of 3" in html
    assert html.index(">Spring<") < html.index('aria-current="page">Summer<') < html.index(">Autumn<")


def test_a_long_series_shows_the_neighbourhood(client: FlaskClient, clock) -> None:
    for number in range(1, 21):
        make_post(title=f"Part {number:02}", series="Long", status=Status.PUBLISHED)
        clock.forward(hours=1)
    box = re.search(r'<nav class="series".*?</nav>', client.get("/part-10/").text, re.DOTALL)[0]
    assert "Part 10 of 20" in box
    assert "Part 05" in box
    assert "Part 04" not in box


def test_several_authors_stand_in_their_order(client: FlaskClient, wren, emil) -> None:
    post = make_post(status=Status.PUBLISHED, author_ids=[wren.id, emil.id])
    html = client.get(post.path).text
    assert html.index(">Wren</a>") < html.index(">Emil</a>")
    assert 'class="avatars"' in html


def test_a_post_in_another_language_says_so(client: FlaskClient) -> None:
    post = make_post(title="الضوء", language="ar", slug="light", status=Status.PUBLISHED)
    assert '<article class="post h-entry" lang="ar" dir="rtl">' in client.get(post.path).text


def test_a_site_that_reads_from_the_right_is_mirrored(client: FlaskClient, clock) -> None:
    tune(language="ar", title="مدّ وجزر")
    html = client.get(make_post(status=Status.PUBLISHED).path).text
    assert '<html lang="ar" dir="rtl">' in html
    assert "مارس" in html


@pytest.mark.parametrize("title", ["", " ", "x" * 255, "<b>bold</b>", "{{ 7 * 7 }}", "a" * 91, "\u202egnirts"])
def test_absurd_titles_are_borne(client: FlaskClient, title: str) -> None:
    post = make_post(title=title, status=Status.PUBLISHED)
    for path in (post.path, "/", "/archive/"):
        response = client.get(path)
        assert response.status_code == 200
        assert "49" not in re.findall(r"<h1[^>]*>(.*?)</h1>", response.text, re.DOTALL)[-1]


def test_a_note_without_title_has_a_heading_for_those_who_listen(client: FlaskClient) -> None:
    html = client.get(make_post(title="", body="Only words.", status=Status.PUBLISHED).path).text
    assert '<h1 class="post-title p-name unseen">Only words.</h1>' in html


def test_contents_appear_where_there_are_enough_headings(client: FlaskClient) -> None:
    long = make_post(title="Long", body="## One\n\nx\n\n## Two\n\nx\n\n## Three\n\nx", status=Status.PUBLISHED)
    short = make_post(title="Short", body="## One\n\nx", status=Status.PUBLISHED)
    assert '<details class="contents">' in client.get(long.path).text
    assert '<details class="contents">' not in client.get(short.path).text


def test_anonymous_pages_hold_nothing_personal(client: FlaskClient) -> None:
    response = client.get(make_post(status=Status.PUBLISHED).path)
    assert "Set-Cookie" not in response.headers
    assert not re.search(r"csrf|nonce|style=|<script(?! type=\"(?:application/ld|module\" src=\"/static/))| on[a-z]+=\"", response.text)


def test_a_page_that_has_not_changed_is_not_sent_again(client: FlaskClient) -> None:
    path = make_post(status=Status.PUBLISHED).path
    first = client.get(path)
    assert first.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_a_site_hidden_from_search_says_so(client: FlaskClient) -> None:
    tune(hidden_from_search=True)
    assert '<meta name="robots" content="noindex">' in client.get(make_post(status=Status.PUBLISHED).path).text


def test_a_cover_from_elsewhere_must_be_a_picture_address(client: FlaskClient) -> None:
    shown = make_post(title="Shown", cover_url="https://example.org/a.jpg", status=Status.PUBLISHED)
    assert 'src="https://example.org/a.jpg"' in client.get(shown.path).text


def test_a_standalone_page_is_no_article(client: FlaskClient) -> None:
    make_post(kind=PostKind.PAGE, title="About", status=Status.PUBLISHED)
    assert structured(client.get("/about/").text)[0]["@type"] == "WebPage"
