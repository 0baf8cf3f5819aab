"""Long series and lists: nothing is cut off, nothing is read that is not shown, and what a list lacks is sought among old addresses."""

import re

import pytest
from flask.testing import FlaskClient

from inkhorn.core import settings
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.core.settings import SiteSettings
from inkhorn.posts.models import Address, Status
from inkhorn.posts.queries import Sort, desk_posts
from inkhorn.site import queries as site_queries
from inkhorn.site import statements
from tests.factories.posts import make_post
from tests.plans import plans, walked_whole


@pytest.fixture
def small_pages(client: FlaskClient) -> FlaskClient:
    with transaction():
        settings.tune(SiteSettings, by=House(), posts_per_page=3)
    return client


def publish(count: int, clock, **changes: object) -> None:
    for number in range(1, count + 1):
        make_post(title=f"Part {number:02}", status=Status.PUBLISHED, **changes)
        clock.forward(hours=1)


def titles(html: str) -> list[str]:
    return re.findall(r'<a class="u-url" href="[^"]*">(.*?)</a></h\d>', html)


def test_every_part_of_a_series_is_reached_by_turning_the_pages(small_pages: FlaskClient, clock) -> None:
    publish(7, clock, series="Long")
    pages = [small_pages.get(path).text for path in ("/series/long/", "/series/long/page/2/", "/series/long/page/3/")]
    assert [title for html in pages for title in titles(html)] == [f"Part {number:02}" for number in range(1, 8)]
    assert all("7 parts" in html for html in pages)
    assert '<li value="4">' in pages[1]
    assert "Later parts" in pages[1]
    assert small_pages.get("/series/long/page/4/").status_code == 404


def test_a_post_reads_the_parts_around_it_and_no_more(client: FlaskClient, clock) -> None:
    publish(20, clock, series="Long")
    with plans() as steps:
        html = client.get("/part-03/").text
    box = re.search(r'<nav class="series".*?</nav>', html, re.DOTALL)[0]
    assert "Part 3 of 20" in box
    assert re.findall(r">(Part \d\d)<", box) == [f"Part {number:02}" for number in range(1, 9)]
    assert any("USING COVERING INDEX ix_post_series" in step for step in steps)
    assert walked_whole(steps) == []


def test_a_draft_of_a_series_stands_in_no_box(client: FlaskClient, clock, emil, signed_in) -> None:
    publish(2, clock, series="Long")
    draft = make_post(title="Draft", series="Long")
    assert 'class="series"' not in signed_in(emil).get(f"/preview/{draft.id}/").text


@pytest.fixture(params=[0, 2000], ids=["walked", "gathered"])
def either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of authors and tags cut as those with many posts are, and as those with few."""
    monkeypatch.setattr(statements, "FEW_LINKS", request.param)
    monkeypatch.setattr(site_queries, "TAG_AT", statements._tag_at())
    monkeypatch.setattr(site_queries, "AUTHOR_AT", statements._author_at())


@pytest.mark.usefixtures("either_way")
def test_both_ways_to_cut_a_page_find_the_same(small_pages: FlaskClient, clock, wren, rhea) -> None:
    publish(4, clock, author_ids=[wren.id], tags=["Tides"])
    make_post(title="Draft", author_ids=[wren.id], tags=["Tides"])
    make_post(title="Other", author_ids=[rhea.id], status=Status.PUBLISHED, at=clock.now.replace(year=2019))
    for path in ("/tag/tides/", "/author/wren/"):
        pages = [small_pages.get(place).text for place in (path, f"{path}page/2/")]
        assert [titles(html) for html in pages] == [["Part 04", "Part 03", "Part 02"], ["Part 01"]]
        assert "4 posts" in pages[0]
        assert "Page 2 of 2" in pages[1]
    assert "4 posts since 2026" in small_pages.get("/author/wren/").text


@pytest.mark.parametrize("path", ["/", "/page/2/", "/tag/tides/page/2/", "/author/wren/page/2/", "/series/long/page/2/", "/archive/"])
def test_no_list_walks_a_table(small_pages: FlaskClient, clock, wren, path: str) -> None:
    publish(4, clock, author_ids=[wren.id], tags=["Tides"], series="Long")
    with plans() as steps:
        assert small_pages.get(path).status_code == 200
    assert walked_whole(steps) == []


def test_the_years_of_the_archive_are_counted_in_an_index(client: FlaskClient, clock) -> None:
    publish(2, clock)
    with plans() as steps:
        client.get("/archive/")
    assert any("ix_post_live (kind=? AND status=? AND published_at>? AND published_at<?)" in step for step in steps)


@pytest.mark.parametrize(
    "old", ["/tag/tides/", "/tag/tides/page/9/", "/author/rhea/", "/series/long/", "/archive/page/7/", "/page/7/", "/tag/none/"]
)
def test_what_no_list_answers_is_sought_among_the_old_addresses(client: FlaskClient, rhea, old: str) -> None:
    make_post(title="Draft", tags=["Tides"], series="Long", author_ids=[rhea.id])
    assert client.get(old).status_code == 404
    with transaction():
        session().add(Address(path=old, target="/somewhere/"))
    assert client.get(old).headers["Location"] == "/somewhere/"


@pytest.mark.parametrize(("sort", "index"), [("changed", "ix_post_desk_all"), ("published", "ix_post_desk_dated")])
def test_the_lists_of_the_desk_follow_an_index(client: FlaskClient, clock, sort: Sort, index: str) -> None:
    publish(2, clock)
    with plans() as steps:
        session().scalars(desk_posts(House(), sort=sort).limit(26)).all()
    assert [index in step for step in steps] == [True], steps
