"""How many queries a page may ask."""

import pytest
from flask.testing import FlaskClient

from inkhorn.core.database import session, transaction
from inkhorn.media.models import Asset, Kind, Rendition
from inkhorn.posts.models import Status
from tests.factories.posts import make_post

MOST = 6


def make_cover(number: int) -> int:
    with transaction():
        renditions = [Rendition(key=f"c{number}-400.webp", content_type="image/webp", width=400, height=300, size_bytes=1)]
        cover = Asset(
            kind=Kind.IMAGE,
            filename="c.jpg",
            key=f"c{number}.jpg",
            content_type="image/jpeg",
            size_bytes=1,
            sha256=str(number),
            width=800,
            height=600,
            alt="A wall",
            renditions=renditions,
        )
        session().add(cover)
        session().flush()
        return cover.id


@pytest.fixture
def full_site(client: FlaskClient, clock, wren, emil) -> FlaskClient:
    for number in range(15):
        make_post(
            title=f"Post {number:02}",
            tags=["Tides", "Tools"],
            series="The harbour year",
            author_ids=[wren.id, emil.id],
            cover_id=make_cover(number),
            status=Status.PUBLISHED,
        )
        clock.forward(hours=1)
    return client


@pytest.mark.parametrize("path", ["/", "/page/2/", "/post-07/", "/tag/tides/", "/author/wren/", "/series/the-harbour-year/", "/archive/"])
def test_no_page_asks_more_than_six_questions(full_site: FlaskClient, queries: list[str], path: str) -> None:
    session().info.pop("settings", None)
    queries.clear()
    assert full_site.get(path).status_code == 200
    assert len(queries) <= MOST, queries


def test_covers_are_offered_in_their_lighter_versions(full_site: FlaskClient) -> None:
    html = full_site.get("/post-07/").text
    assert '<source type="image/webp" srcset="/media/c7-400.webp 400w"' in html
    assert 'alt="A wall" width="800" height="600" fetchpriority="high"' in html
