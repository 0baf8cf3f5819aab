"""What pages that may be kept are drawn from: nothing that changes without raising the number by which they are valid."""

import re

import pytest
from flask.testing import FlaskClient

from inkhorn.core.cache import KEPT
from inkhorn.core.database import Base, OffPages
from tests.factories.accounts import make_user
from tests.factories.comments import make_comment, make_open_post
from tests.factories.shows import make_album, make_episode, make_show

READ = re.compile(r'\b(?:FROM|JOIN)\s+"?(\w+)')
PATHS = [
    *("/", "/archive/", "/search", "/tag/tides/", "/author/ida/", "/sea/", "/album/fog-signals/", "/show/the-quiet-frequencies/"),
    *("/feed.xml", "/tag/tides/atom.xml", "/author/ida/feed.json", "/comments/feed.xml", "/show/the-quiet-frequencies/feed.xml"),
    *("/robots.txt", "/sitemap.xml", "/sitemap-posts-1.xml", "/sitemap-episodes-1.xml"),
]


@pytest.fixture
def full(database: None) -> None:
    ida = make_user()
    make_comment(make_open_post(slug="sea", tags=["Tides"], author_ids=[ida.id]))
    make_album("First light")
    make_episode(make_show())


@pytest.mark.usefixtures("full")
@pytest.mark.parametrize("path", PATHS)
def test_a_page_that_may_be_kept_reads_only_what_raises_the_number(client: FlaskClient, queries: list[str], path: str) -> None:
    hidden = {mapper.local_table.name for mapper in Base.registry.mappers if issubclass(mapper.class_, OffPages)}  # type: ignore[attr-defined]
    queries.clear()
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, KEPT)
    read = {name for statement in queries for name in READ.findall(statement)}
    assert read
    assert not read & hidden
