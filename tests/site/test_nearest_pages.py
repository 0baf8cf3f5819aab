"""Whoever asks for an address that is not quite right is led to what it is like, as far as they may read that."""

import re

import pytest

from inkhorn.posts.models import Audience, PostKind, Status
from inkhorn.search.tasks import catch_up
from tests.factories.posts import make_post

pytestmark = pytest.mark.usefixtures("database")


def published(title: str, **more: object):
    return make_post(title=title, status=Status.PUBLISHED, **more)


def offered(browser, path: str) -> list[str]:
    page = browser.get(path)
    assert page.status_code == 404
    part = page.text.partition('aria-labelledby="near"')[2].partition("</section>")[0]
    return re.findall(r'<h3 class="entry-title"><a href="[^"]+">([^<]+)</a>', part)


@pytest.fixture
def harbour():
    for title in ("The harbour at night", "The harbour by day", "A bell buoy off Skerrow", "Crème brûlée and Ångström"):
        published(title)
    published("About the harbour office", kind=PostKind.PAGE)
    catch_up()


@pytest.mark.parametrize(
    ("path", "first"),
    [
        ("/the-harbour-at-nigth/", "The harbour at night"),
        ("/2019/05/01/the-harbor-at-night.html", "The harbour at night"),
        ("/The-Harbour-By-Day", "The harbour by day"),
        ("/bell-buoy/", "A bell buoy off Skerrow"),
        ("/blog/a-bell-buoi-off-skerow/index.html", "A bell buoy off Skerrow"),
        ("/cr%C3%A8me-brulee/", "Crème brûlée and Ångström"),
        ("/about-the-harbour-offic/", "About the harbour office"),
    ],
)
def test_the_nearest_comes_first(client, harbour, path, first):
    assert offered(client, path)[0] == first


@pytest.mark.parametrize(
    "path", ["/wp-login.php", "/.env", "/a/", "/12345/", "/nothing-like-that/", "/" + "x" * 3000, "/%00/", "/%F0%9F%8C%8A/"]
)
def test_where_nothing_is_near_the_newest_are_offered(client, harbour, path):
    page = client.get(path)
    assert (page.status_code, 'id="near"' in page.text) == (404, False)
    assert "Or read something new" in page.text


def test_the_newest_are_not_offered_beside_the_nearest(client, harbour):
    assert "Or read something new" not in client.get("/the-harbour-at-nigth/").text


def test_only_what_the_asker_may_read_is_offered(client, signed_in, mona, rhea, wren):
    published("A nightingale for members", audience=Audience.MEMBERS)
    published("A nightingale in private", audience=Audience.PRIVATE, by=wren)
    make_post(title="A nightingale in drafts", by=wren)
    make_post(title="A nightingale in the trash", by=wren, status=Status.TRASHED)
    catch_up()
    assert offered(client, "/a-nightingale/") == []
    assert offered(signed_in(mona), "/a-nightingale/") == ["A nightingale for members"]
    assert offered(signed_in(rhea), "/a-nightingale/") == []
    assert offered(signed_in(wren), "/a-nightingale/") == ["A nightingale for members"]


def test_it_asks_two_queries_more_at_most(client, harbour, queries):
    asked = []
    for path in ("/12345/", "/nothing-like-that/", "/the-harbour-at-nigth/"):
        client.get(path)
        queries.clear()
        client.get(path)
        asked.append(len(queries))
    assert asked[1] <= asked[0] + 1, asked
    assert asked[2] <= asked[0] + 1, asked


@pytest.fixture
def mona(cast):
    return cast.mona
