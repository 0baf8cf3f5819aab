"""The public pages on PostgreSQL: the same statements, the same answers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from inkhorn.accounts.services.roles import sync_roles
from inkhorn.app import create_app
from inkhorn.core.database import Base, db, transaction
from inkhorn.posts.models import Status
from tests.conftest import config_for
from tests.factories.accounts import make_user
from tests.factories.posts import make_post
from tests.servers import postgres_server, postgres_url  # noqa: F401 - fixtures


@pytest.fixture
def postgres_app(postgres_url: str, tmp_path: Path) -> Iterator[Flask]:  # noqa: F811 - the fixture
    app = create_app(config_for(tmp_path, database_url=postgres_url))
    with app.app_context():
        Base.metadata.create_all(db.engine)
        with transaction():
            sync_roles()
        yield app
        db.session.rollback()
        db.session.close()
        db.engine.dispose()


def test_every_page_is_drawn(postgres_app: Flask, clock) -> None:
    wren = make_user(name="Wren", email="wren@example.org", role="author")
    for number in range(1, 4):
        make_post(
            author_ids=[wren.id], title=f"Post {number}", tags=["Tides"], series="Year", is_featured=number == 1, status=Status.PUBLISHED
        )
        clock.forward(days=200)
    client = postgres_app.test_client()
    for path in ("/", "/post-2/", "/tag/tides/", "/series/year/", "/archive/", "/author/wren/", "/post-2.html", "/sitemap.xml"):
        assert client.get(path).status_code in (200, 301), path
    assert "Part 2 of 3" in client.get("/post-2/").text
    assert client.get("/archive/").text.count('class="year"') == 2
