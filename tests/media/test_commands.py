"""`inkhorn media` lists, checks and sweeps."""

import json
from io import BytesIO

from click.testing import CliRunner
from flask import Flask

from inkhorn.core import clock as house_clock
from inkhorn.core.storage import storage
from inkhorn.media.commands import media
from inkhorn.media.services.sweeping import GRACE
from tests.factories.media import make_asset, picture_bytes

NOBODYS = f"2026/11/{'0' * 32}.txt"


def run(*words: str):
    return CliRunner().invoke(media, words)


def test_uploads_are_listed_for_people_and_programs(app: Flask, wren):
    asset = make_asset(by=wren, filename="quay.jpg")
    make_asset(b"%PDF-1.7", by=wren, filename="plan.pdf")
    assert "quay.jpg" in run("list").output
    told = json.loads(run("list", "--kind", "image", "--json").output)
    assert [(each["id"], each["path"], each["reach"]) for each in told] == [(asset.id, asset.path, "public")]
    assert "plan.pdf" in run("list", "--unused", "--sort", "largest").output


def test_a_lost_file_is_found_missing(app: Flask, wren):
    asset = make_asset(picture_bytes(33, 34), by=wren)
    assert run("check").exit_code == 0
    storage().delete(asset.key)
    result = run("check", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["missing"] == [asset.key]
    storage().put(asset.key, BytesIO(b"half"))
    assert asset.key in run("check").output


def test_leftovers_are_swept(app: Flask, wren, monkeypatch):
    asset = make_asset(by=wren)
    storage().put(NOBODYS, BytesIO(b"x"))
    assert storage().stat(NOBODYS) is not None
    assert "belong to no upload" in run("claim", "--yes").output
    run("sweep")
    assert storage().stat(NOBODYS) is not None
    later = house_clock.now() + GRACE + GRACE
    monkeypatch.setattr(house_clock, "now", lambda: later)
    assert run("sweep", "--any-number").exit_code == 0
    assert storage().stat(NOBODYS) is None
    assert storage().stat(asset.key) is not None
