"""R22: the store of uploads answers slowly, cuts off, breaks down or thinks that our clock is wrong; an upload is refused in words and leaves nothing."""

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from inkhorn.core.database import session
from inkhorn.media.models import Asset
from tests.buckets import KEYS
from tests.dice import tell
from tests.factories.media import make_asset, picture_bytes
from tests.ports import free_port

pytestmark = pytest.mark.slow

SKEWED = b"<Error><Code>RequestTimeTooSkewed</Code><Message>The clock is wrong.</Message></Error>"


class Store(BaseHTTPRequestHandler):
    """Answers every request as the test said."""

    protocol_version = "HTTP/1.1"
    mode = "broken"

    def answer(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        if self.mode == "cut off":
            self.rfile.read(min(size, 10))
            self.close_connection = True
            self.connection.close()
            return
        self.rfile.read(size)
        if self.mode == "slow":
            time.sleep(1.5)
        status, body = (403, SKEWED) if self.mode == "skewed" else (503, b"")
        self.send_response(status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def __getattr__(self, name: str):
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def log_message(self, *_told: object) -> None:
        pass

    def handle(self) -> None:
        with suppress(OSError, ValueError):
            super().handle()


@pytest.fixture
def store() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", free_port()), Store)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    serving.join(30)


@pytest.fixture(params=["broken", "cut off", "slow", "skewed"])
def mode(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(Store, "mode", request.param)
    return str(request.param)


@pytest.fixture
def browser(app: Flask, cast, generous: None, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    return cast.browser_of(app, cast.wren)


def test_an_upload_that_the_store_does_not_take_is_refused_in_words_and_leaves_nothing(
    app: Flask, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch, store: int, mode: str
):
    make_asset()
    before = session().scalar(select(func.count()).select_from(Asset))
    elsewhere = replace(app.extensions["inkhorn.config"], storage_url=f"s3://bucket?endpoint=http://127.0.0.1:{store}", **KEYS)
    monkeypatch.setitem(app.extensions, "inkhorn.config", elsewhere)
    sent = {"file": (BytesIO(picture_bytes(310, 200)), "sea.jpg")}
    answer = browser.post("/desk/media/upload", data=sent, headers={"Accept": "application/json"}, content_type="multipart/form-data")
    assert answer.status_code == 503, answer.text
    assert "Retry-After" in answer.headers
    assert len(answer.json["detail"]) > 20
    assert session().scalar(select(func.count()).select_from(Asset)) == before
    assert browser.get("/").status_code == 200
    tell(1, 1, f"stores that were {mode}; the upload was refused in words")
