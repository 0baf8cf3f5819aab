"""Files that come with imported texts: found, refused, fetched when asked for."""

from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest
from sqlalchemy import select

from inkhorn.core.access import House
from inkhorn.core.config import config
from inkhorn.core.database import session
from inkhorn.core.fetch import Fetched
from inkhorn.media.models import Asset
from inkhorn.transfer.commands.running import run_import
from inkhorn.transfer.services import unpacking
from inkhorn.transfer.services.journey import Options
from tests.transfer.box import post_of
from tests.transfer.folders import PIXEL, opened

pytestmark = pytest.mark.usefixtures("database")


def test_pictures_come_along_and_the_text_names_them_by_their_new_address(tmp_path: Path):
    text = "---\ntitle: Sea\ndate: 2020-01-02\nimage: sea.png\n---\n![Sea](sea.png) and ![gone](gone.png)"
    source = opened(tmp_path, {"content/posts/sea/index.md": text, "content/posts/sea/sea.png": PIXEL}, "hugo")
    report = run_import(source, by=House(), options=Options())
    asset, post = session().scalars(select(Asset)).one(), post_of("content/posts/sea/index.md")
    assert post.body == f"![Sea]({asset.path}) and ![gone](/posts/sea/gone.png)\n"
    assert (post.cover_id, report.problem_counts["kept", "missing-file"]) == (asset.id, 1)


def test_a_file_that_is_no_picture_is_named_and_the_rest_comes(tmp_path: Path):
    text = "---\ntitle: Sea\ndate: 2020-01-02\n---\n![Sea](sea.png)"
    source = opened(tmp_path, {"content/posts/sea/index.md": text, "content/posts/sea/sea.png": b"MZ\x90\x00 not a picture"}, "hugo")
    report = run_import(source, by=House(), options=Options())
    assert (report.problem_counts["lost", "file"], report.of("posts", "new")) == (1, 1)
    assert post_of("content/posts/sea/index.md").body == "![Sea](sea.png)\n"


REMOTE = "---\ntitle: Sea\n---\n![Sea](https://example.org/sea.png?w=1) and [words](https://example.org/words/)"


def test_no_request_leaves_the_machine_unless_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(unpacking, "fetch", lambda *_given, **_more: pytest.fail("a request left"))
    run_import(opened(tmp_path, {"_posts/2020-01-02-sea.md": REMOTE}), by=House(), options=Options())
    assert "https://example.org/sea.png?w=1" in post_of("_posts/2020-01-02-sea.md").body


def test_pictures_elsewhere_are_fetched_when_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    asked: list[str] = []

    def fetch(url: str, *, into: BinaryIO, **_limits: object) -> Fetched:
        asked.append(url)
        into.write(PIXEL)
        return Fetched(b"", "image/png", url)

    monkeypatch.setattr(unpacking, "fetch", fetch)
    run_import(opened(tmp_path, {"_posts/2020-01-02-sea.md": REMOTE}), by=House(), options=Options(fetch_media=True))
    asset = session().scalars(select(Asset)).one()
    assert post_of("_posts/2020-01-02-sea.md").body == f"![Sea]({asset.path}) and [words](https://example.org/words/)\n"
    assert asked == ["https://example.org/sea.png?w=1"]


def test_a_file_larger_than_the_site_takes_is_named_in_words_for_an_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    few = replace(config(), max_upload_mb=1)
    monkeypatch.setattr(unpacking, "config", lambda: few)
    text = "---\ntitle: Sea\ndate: 2020-01-02\n---\n![Sea](sea.png)"
    source = opened(tmp_path, {"content/posts/sea/index.md": text, "content/posts/sea/sea.png": PIXEL + b"0" * 2**20}, "hugo")
    report = run_import(source, by=House(), options=Options())
    (why,) = [problem.why for problem in report.problems if problem.what == "file"]
    assert "larger than 1 MB" in why
    assert "max_upload_mb" in why
    assert "send" not in why


def test_no_more_is_fetched_than_the_site_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    limits: list[object] = []

    def fetch(url: str, *, max_bytes: int, into: BinaryIO, **_limits: object) -> Fetched:
        limits.append(max_bytes)
        into.write(PIXEL)
        return Fetched(b"", "image/png", url)

    monkeypatch.setattr(unpacking, "fetch", fetch)
    run_import(opened(tmp_path, {"_posts/2020-01-02-sea.md": REMOTE}), by=House(), options=Options(fetch_media=True))
    assert limits == [config().max_upload_mb * 2**20]
