"""The pictures of the papers are small, used, and can be taken anew."""

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser

from tests.architecture.tree import ROOT
from tests.demo import SETTINGS, copy_demo
from tests.docs.tree import DOCS
from tests.docs.walk import LARGEST_BYTES, SIGHTS, SIZE, Album, sights
from tests.running import RunningSite

TAKEN = {"set-up", "desk", "post", *(name for name, _path, _light in SIGHTS)}
KEPT = {path.stem: path for path in (DOCS / "pictures").iterdir()}


def test_each_picture_is_one_that_a_command_takes():
    assert set(KEPT) == TAKEN, "python -m tests.docs.pictures takes them anew"


@pytest.mark.parametrize("name", sorted(KEPT))
def test_a_picture_is_small_and_shows_something(name: str):
    picture = Image.open(KEPT[name])
    assert picture.size == (SIZE["width"], SIZE["height"])
    assert KEPT[name].stat().st_size <= LARGEST_BYTES
    assert len(set(picture.convert("L").resize((60, 40)).tobytes())) > 5


def test_each_picture_stands_in_a_paper_and_has_words_for_whoever_cannot_see_it():
    shown = [
        (words, path)
        for paper in (*ROOT.glob("*.md"), *DOCS.rglob("*.md"))
        for words, path in re.findall(r"!\[([^\]]*)\]\((?:\.\./|docs/)?(pictures/[^)]+)\)", paper.read_text(encoding="utf-8"))
    ]
    assert {Path(path).stem for _words, path in shown} == set(KEPT)
    assert [path for words, path in shown if len(words) < 10] == []


@pytest.mark.browser
def test_the_sights_of_the_demo_can_be_taken_anew(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, request, chromium: Browser):
    site = RunningSite(copy_demo(tmp_path / "demo", tmp_path_factory, request.config), environment=SETTINGS).start()
    context = chromium.new_context()
    try:
        album = Album(tmp_path)
        sights(context.new_page(), site.base, album)
    finally:
        context.close()
        site.stop()
    assert album.names == [name for name, _path, _light in SIGHTS]
    assert [name for name in album.names if Image.open(tmp_path / f"{name}.webp").size != Image.open(KEPT[name]).size] == []
