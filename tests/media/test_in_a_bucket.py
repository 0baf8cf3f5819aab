"""Uploads kept in a bucket: taken in, handed on by ranges, swept, and refused in words while the store is away."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask

from inkhorn.core import clock
from inkhorn.core.storage import storage
from inkhorn.media.services import receive
from inkhorn.media.services.marking import MARK_KEY
from tests.buckets import KEYS, make_bucket
from tests.factories.media import make_asset, picture_bytes
from tests.media.sweeping import sweep
from tests.ports import free_port


@pytest.fixture
def settle(app: Flask, database: None, monkeypatch: pytest.MonkeyPatch):
    """Gives the running application other settings for the length of a test."""

    def say(**settings: object) -> None:
        monkeypatch.setitem(app.extensions, "inkhorn.config", replace(app.extensions["inkhorn.config"], **settings))

    return say


@pytest.fixture
def bucket(settle, store_endpoint: str) -> None:
    settle(storage_url=make_bucket(store_endpoint), **KEYS)


def test_a_picture_in_a_bucket_is_handed_on_whole_and_by_ranges(bucket, client):
    asset = make_asset(picture_bytes(1500, 1000, quality=100), drawn=True)
    whole = client.get(asset.path)
    assert (whole.status_code, whole.content_type) == (200, "image/jpeg")
    part = client.get(asset.path, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.data) == (206, whole.data[10:20])
    assert client.get(asset.path, headers={"If-None-Match": whole.headers["ETag"]}).status_code == 304
    assert len(asset.renditions) > 3
    assert all(client.get(each.path).status_code == 200 for each in asset.renditions)


def test_a_file_that_nobody_takes_leaves_the_bucket(bucket):
    with receive(BytesIO(picture_bytes()), filename="sea.jpg") as incoming:
        assert storage().stat(incoming.kept.key) is not None
    assert list(storage().files()) == []


def test_leftovers_in_a_bucket_are_swept_and_neither_uploads_nor_what_others_keep_there(bucket):
    asset = make_asset()
    strangers = {"backups/site-2026.sql", "2026/11/holiday.png", f"other/2026/11/{'0' * 32}.png"}
    for key in (f"2026/11/{'0' * 32}.png", f"2026/11/{'0' * 32}-480.0a1b2c3d.webp", *strangers):
        storage().put(key, BytesIO(b"x"))
    assert sweep(clock.now() + timedelta(days=1)) == 2
    assert {each.key for each in storage().files()} == {asset.key, MARK_KEY, *strangers}


def test_while_the_store_is_away_uploads_are_refused_in_words_and_pages_go_on(settle, app: Flask, cast, generous, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    browser = cast.browser_of(app, cast.wren)
    path = make_asset().path
    settle(storage_url=f"s3://bucket?endpoint=http://127.0.0.1:{free_port()}", **KEYS)
    sent = {"file": (BytesIO(picture_bytes(300, 200)), "sea.jpg")}
    answer = browser.post("/desk/media/upload", data=sent, headers={"Accept": "application/json"}, content_type="multipart/form-data")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "does not answer" in answer.json["detail"]
    assert browser.get(path).status_code == 503
    assert browser.get("/").status_code == 200


def test_files_for_everybody_are_found_at_the_host_that_serves_them(settle, client):
    asset = make_asset()
    settle(media_url="https://media.example.org/f")
    answer = client.get(asset.path)
    assert (answer.status_code, answer.location) == (302, f"https://media.example.org/f/{asset.key}")
    assert "immutable" not in answer.headers["Cache-Control"]


def test_that_host_itself_is_served_and_not_led_round(settle, client):
    asset = make_asset()
    settle(media_url="http://localhost/media")
    assert client.get(asset.path).status_code == 200
