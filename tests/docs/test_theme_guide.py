"""The theme that the guide has somebody make is one, file by file as it stands there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from inkhorn.core import settings
from inkhorn.core.access import House
from inkhorn.core.config import config
from inkhorn.core.database import transaction
from inkhorn.core.settings import SiteSettings
from inkhorn.posts.models import Status
from tests.docs.tree import DOCS, FENCED
from tests.factories.posts import make_post

GUIDE = (DOCS / "how-to" / "write-a-theme.md").read_text(encoding="utf-8")
FILE = re.compile(r"`themes/(tide/[^`]+)`")


def files_of(guide: str) -> dict[str, str]:
    """Each file that the guide names, with the block that follows its name."""
    found = {}
    for block in FENCED.finditer(guide):
        named = FILE.findall(guide[: block.start()])
        if named and named[-1] not in found:
            found[named[-1]] = block["text"]
    return found


@pytest.fixture
def tide(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The guide's theme, chosen; its files and its environment are gone afterwards."""
    # Other tests have a theme of this name, with other files.
    monkeypatch.setattr(app.extensions["inkhorn.assets"], "is_watching", True)
    made = []
    for name, text in files_of(GUIDE).items():
        path = config().data / "themes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        made.append(path)
    with transaction():
        settings.tune(SiteSettings, by=House(), theme="tide")
    app.extensions["inkhorn.themes"].clear()
    yield config().data / "themes" / "tide"
    for path in made:
        path.unlink()
    app.extensions["inkhorn.themes"].clear()


def test_the_guide_names_a_theme_of_four_files():
    assert set(files_of(GUIDE)) == {"tide/theme.toml", "tide/static/tide.css", "tide/templates/_head.html", "tide/templates/tag.html"}


def test_its_style_sheet_is_on_every_page(client: FlaskClient, tide: Path):
    post = make_post(status=Status.PUBLISHED)
    for path in ("/", post.path, "/archive/"):
        html = client.get(path).text
        assert re.search(r'href="/static/tide/tide\.[0-9a-f]{8}\.css"', html)
        assert '<link rel="canonical"' in html


def test_its_template_changes_one_block_and_keeps_the_rest(client: FlaskClient, tide: Path):
    make_post(tags=["Harbours"], status=Status.PUBLISHED)
    html = client.get("/tag/harbours/").text
    assert "<title>Everything on Harbours</title>" in html
    assert 'class="site-head' in html
