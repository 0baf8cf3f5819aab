"""A theme in the data folder: what it changes, what it leaves to Quill, and what happens when it is broken."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from inkhorn.core import settings
from inkhorn.core.access import House
from inkhorn.core.config import config
from inkhorn.core.database import transaction
from inkhorn.core.settings import SiteSettings
from inkhorn.posts.models import Status
from tests.factories.posts import make_post


@pytest.fixture
def tide(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A theme called tide, chosen; its environment is forgotten afterwards."""
    # Other tests have a theme of this name, with other files.
    monkeypatch.setattr(app.extensions["inkhorn.assets"], "is_watching", True)
    folder = config().data / "themes" / "tide"
    (folder / "templates").mkdir(parents=True, exist_ok=True)
    (folder / "static").mkdir(exist_ok=True)
    (folder / "theme.toml").write_text('name = "Tide"\nversion = "1"\nlicence = "MIT"\n')
    with transaction():
        settings.tune(SiteSettings, by=House(), theme="tide")
    yield folder
    app.extensions["inkhorn.themes"].clear()
    for template in (folder / "templates").iterdir():
        template.unlink()


def test_a_theme_changes_one_block_and_keeps_the_rest(client: FlaskClient, tide: Path) -> None:
    (tide / "templates" / "post.html").write_text(
        '{% extends "quill/post.html" %}{% block head %}<meta name="tide" content="{{ page.name }}">{% endblock %}'
    )
    html = client.get(make_post(status=Status.PUBLISHED).path).text
    assert '<meta name="tide" content="The clock that is fed by the sea">' in html
    assert 'class="post-title p-name"' in html


def test_a_theme_brings_its_own_files(client: FlaskClient, tide: Path) -> None:
    (tide / "static" / "tide.css").write_text("body { color: teal }")
    (tide / "templates" / "tag.html").write_text('{{ asset("tide/tide.css") }}')
    make_post(tags=["Tides"], status=Status.PUBLISHED)
    address = client.get("/tag/tides/").text
    assert client.get(address).text == "body { color: teal }"


def test_a_broken_theme_answers_500_in_plain_words_and_shows_no_trace(client: FlaskClient, tide: Path) -> None:
    (tide / "templates" / "layout.html").write_text("{{ page.nonsense }}")
    response = client.get("/")
    assert response.status_code == 500
    assert "nonsense" not in response.text


def test_a_theme_that_is_gone_gives_way_to_quill(client: FlaskClient, tide: Path) -> None:
    (tide / "theme.toml").unlink()
    assert 'class="site-head is-home"' in client.get("/").text


def test_an_error_is_drawn_by_the_theme_and_kept_nowhere(client: FlaskClient) -> None:
    make_post(title="Something new", status=Status.PUBLISHED)
    response = client.get("/nothing-here/")
    assert response.status_code == 404
    assert "There is nothing at this address" in response.text
    assert ">Something new</a>" in response.text
    assert response.headers["Cache-Control"] == "no-store"
    assert '<meta name="robots" content="noindex">' in response.text


def test_a_wrong_method_is_told_in_words(client: FlaskClient) -> None:
    response = client.post("/archive/")
    assert response.status_code == 405
    assert "That cannot be done here" in response.text


def test_a_database_that_is_away_is_told_in_the_sites_own_look(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    client.get("/")

    def fail(*_args: object) -> None:
        raise OperationalError("SELECT", {}, Exception("disk I/O error"))

    monkeypatch.setattr(settings, "read", fail)
    response = client.get("/")
    assert response.status_code == 503
    assert 'class="site-head"' in response.text
    assert "disk I/O" not in response.text
