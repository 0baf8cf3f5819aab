"""Logs: a number on every line and answer, no secret on any, and a file that turns over."""

import json
import logging

import pytest
from flask import Flask

from inkhorn.core import logs
from inkhorn.core.config import ConfigError
from inkhorn.core.config_loading import load_config
from inkhorn.core.logs import SharedFileHandler

SECRET_KEY = "the-signing-key-of-this-test-0123456789"
MARKER = "hunter2-MARKER"


@pytest.fixture
def lines(tmp_path):
    """What was logged so far, as read from a JSON log file."""
    overrides = {
        "profile": "production",
        "secret_key": SECRET_KEY,
        "log_file": str(tmp_path / "inkhorn.log"),
        "site_url": "http://localhost",
    }
    config = load_config(data=tmp_path, environ={}, overrides=overrides)
    root = logging.getLogger()
    before = root.handlers[:], root.level
    logs.configure(config)
    yield lambda: [json.loads(line) for line in (tmp_path / "inkhorn.log").read_text().splitlines()]
    root.handlers[:] = before[0]
    root.setLevel(before[1])


@pytest.fixture
def browser(lines, tmp_path):
    app = Flask("bare")
    logs.init_app(
        app, load_config(data=tmp_path, environ={}, overrides={"profile": "production", "log_file": str(tmp_path / "inkhorn.log")})
    )

    @app.get("/setup/<token>")
    def set_up(token: str) -> str:
        logging.getLogger("inkhorn.test").warning("something_odd")
        return "hello"

    return app.test_client()


def test_a_line_is_json_with_level_time_and_extras(lines):
    logging.getLogger("inkhorn.test").info("post_saved", extra={"post": 7})
    assert lines()[0].items() >= {"event": "post_saved", "post": 7, "level": "info", "logger": "inkhorn.test"}.items()


@pytest.mark.parametrize("name", ["password", "new_password", "token", "Cookie", "Authorization", "secret_key", "api_key"])
def test_a_value_under_a_telling_name_is_blotted_out(lines, name):
    logging.getLogger("inkhorn.test").warning("sent", extra={name: MARKER, "nested": {name: MARKER}})
    assert MARKER not in json.dumps(lines())


@pytest.mark.parametrize(
    "text",
    [
        f"password={MARKER}",
        f"'token': '{MARKER}'",
        f"Authorization: Bearer {MARKER}",
        f"GET /setup/{MARKER} HTTP/1.1",
        f"postgresql://inkhorn:{MARKER}@db/inkhorn",
        f"Set-Cookie: session={MARKER}; path=/",
        f"signed with {SECRET_KEY}",
    ],
)
def test_a_telling_phrase_is_blotted_out_of_any_text(lines, text):
    logging.getLogger("inkhorn.test").warning(text)
    assert MARKER not in json.dumps(lines())
    assert SECRET_KEY not in json.dumps(lines())


def test_a_secret_in_an_exception_is_blotted_out(lines):
    try:
        raise ValueError(f"bad password={MARKER}")
    except ValueError:
        logging.getLogger("inkhorn.test").exception("failed")
    assert "ValueError" in lines()[0]["exception"]
    assert MARKER not in json.dumps(lines())


@pytest.mark.parametrize("text", ["The token ring of 1985 is a post: see /setup for more.", "Listening at http://127.0.0.1:8000"])
def test_a_plain_sentence_is_left_alone(lines, text):
    logging.getLogger("inkhorn.test").warning(text)
    assert lines()[0]["event"] == text


def test_a_request_writes_one_line_with_its_rule_and_not_its_token(lines, browser):
    number = browser.get(f"/setup/{MARKER}").headers["X-Request-ID"]
    odd, access = lines()
    assert odd["request_id"] == access["request_id"] == number
    assert access.items() >= {"event": "request", "route": "/setup/<token>", "endpoint": "set_up", "status": 200}.items()
    assert MARKER not in json.dumps(lines())


def test_a_number_from_a_proxy_is_kept_if_it_is_a_plain_word(browser):
    assert browser.get("/", headers={"X-Request-ID": "abc-123.DEF_4"}).headers["X-Request-ID"] == "abc-123.DEF_4"


@pytest.mark.parametrize("sent", ["short", "x" * 65, 'with "quotes" and spaces', "<script>alert(1)</script>"])
def test_a_number_that_is_no_plain_word_is_replaced(browser, sent):
    assert browser.get("/", headers={"X-Request-ID": sent}).headers["X-Request-ID"] != sent


def test_a_large_file_turns_over_and_loses_no_line(tmp_path, monkeypatch):
    monkeypatch.setattr(logs, "ROTATE_BYTES", 1000)
    handlers = [SharedFileHandler(tmp_path / "a.log") for _ in range(2)]
    for number in range(100):
        handlers[number % 2].emit(logging.LogRecord("x", 20, "", 0, f"line {number:04} {'.' * 30}", None, None))
    kept = "".join(path.read_text() for path in tmp_path.glob("a.log*"))
    assert kept.count("line ") == 100
    assert (tmp_path / "a.log.4").exists()


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path):
    handler = SharedFileHandler(tmp_path / "a.log")
    handler.stream = open("/dev/full", "w")  # noqa: SIM115, PTH123
    handler.dev, handler.ino = -1, -1
    handler.reopenIfNeeded = lambda: None
    handler.emit(logging.LogRecord("x", 20, "", 0, "lost", None, None))


def test_a_log_file_that_cannot_be_opened_stops_the_start_in_words(tmp_path):
    with pytest.raises(ConfigError, match=r"log_file = .* cannot be written"):
        logs.configure(load_config(data=tmp_path, environ={}, overrides={"log_file": str(tmp_path / "nowhere" / "a.log")}))
