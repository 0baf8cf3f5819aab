"""Uploading from the desk, with and without JavaScript."""

import io

import pytest
from flask import Flask
from flask.testing import FlaskClient

from inkhorn.core.config import config
from tests.factories.media import picture_bytes


@pytest.fixture
def desk(app: Flask, cast) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    yield cast.browser_of(app, cast.wren)
    app.config["WTF_CSRF_ENABLED"] = True


def send(browser: FlaskClient, content: bytes, name: str = "sea.jpg", accept: str = "application/json", **fields: str):
    data = {"file": (io.BytesIO(content), name), **fields}
    return browser.post("/desk/media/upload", data=data, headers={"Accept": accept}, content_type="multipart/form-data")


def test_a_program_is_told_what_was_kept(desk: FlaskClient) -> None:
    answer = send(desk, picture_bytes(), alt="The sea")
    assert answer.status_code == 200
    assert answer.json["path"].startswith("/media/")
    assert (answer.json["width"], answer.json["height"], answer.json["alt"]) == (800, 500, "The sea")
    assert desk.get(answer.json["path"]).status_code == 200


def test_a_form_leads_back_to_where_it_stood(desk: FlaskClient) -> None:
    answer = send(desk, picture_bytes(), accept="text/html", next="/desk/posts/4/")
    assert (answer.status_code, answer.location) == (303, "/desk/posts/4/")


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "/%2fevil.example", "/%5cevil.example", "javascript:x", ""]
)
def test_a_form_never_leads_elsewhere(desk: FlaskClient, elsewhere: str) -> None:
    assert send(desk, picture_bytes(), accept="text/html", next=elsewhere).location == "/desk/"


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"<html><script>x</script>", b"\0" * 99])
def test_what_cannot_be_kept_is_answered_in_words(desk: FlaskClient, content: bytes) -> None:
    assert send(desk, content).status_code == 422


def test_too_large_an_upload_is_refused(desk: FlaskClient) -> None:
    answer = send(desk, b"\xff\xd8\xff" + b"x" * (config().max_upload_mb * 1024 * 1024 + 100_000))
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (413, "file")
    assert f"More than {config().max_upload_mb} MB" in answer.json["detail"]


def test_strangers_and_readers_upload_nothing(app: Flask, cast) -> None:
    assert send(cast.browser_of(app, cast.rhea), picture_bytes()).status_code == 403
    assert send(app.test_client(), picture_bytes()).status_code in (302, 303, 401)


def test_a_forged_form_is_refused(app: Flask, cast) -> None:
    assert send(cast.browser_of(app, cast.wren), picture_bytes()).status_code in (400, 403, 422)
