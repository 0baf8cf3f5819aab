"""One line for each request, out of memory too: with its number, without a secret, and the address as the settings want it."""

import json
import logging
from unittest import mock

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError
from werkzeug.test import Client

from inkhorn.accounts.identity import actor
from inkhorn.core import logs, page_notices
from inkhorn.core.access import everyone, open_to
from inkhorn.core.access_log import shown_address
from inkhorn.core.cache import KEPT, PageCache
from inkhorn.core.config_loading import load_config
from tests.core.test_cache import Counter

MARKER = "hunter2-MARKER"


@pytest.fixture
def site(tmp_path):
    """Makes a small application that logs into a file, with a cache before it; and reads what was logged of requests."""
    root = logging.getLogger()
    before = root.handlers[:], root.level

    def make(**settings: object):
        told = {"profile": "production", "log_file": str(tmp_path / "inkhorn.log"), **settings}
        app = Flask("bare")
        logs.init_app(app, load_config(data=tmp_path, environ={}, overrides=told))

        @app.get("/tides/<token>")
        def show_tides(token: str):
            return "tides", {"Cache-Control": KEPT}

        make.writer = logs.access_log_of(app)
        return Client(PageCache(app.wsgi_app, Counter(), 1 << 20, page_notices.for_app(app)), use_cookies=False)

    def lines() -> list[dict]:
        # Those of pages out of memory are written a few times a second.
        if make.writer is not None:
            make.writer.flush()
        file = tmp_path / "inkhorn.log"
        read = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
        return [each for each in read if each["event"] == "request"]

    make.lines = lines
    yield make
    for each in set(root.handlers) - set(before[0]):
        each.close()
    root.handlers[:] = before[0]
    # Not by the attribute: loggers keep in mind what they found to be written.
    root.setLevel(before[1])


def test_a_page_that_is_drawn_and_one_out_of_memory_have_a_line_each(site):
    client = site()
    numbers = [client.get("/tides/ebb", environ_base={"REMOTE_ADDR": "192.0.2.77"}).headers["X-Request-ID"] for _each in range(2)]
    drawn, kept = site.lines()
    assert [drawn["request_id"], kept["request_id"]] == numbers
    assert (drawn["endpoint"], drawn["route"], kept["endpoint"], kept["route"]) == (
        "show_tides",
        "/tides/<token>",
        "page_cache",
        "/tides/ebb",
    )
    for line in (drawn, kept):
        assert (line["status"], line["bytes"], line["method"], line["address"]) == (200, 5, "GET", "192.0.2.0/24")
        assert (line["level"], line["ms"] >= 0, line["at"].endswith("Z"), "user" in line) == ("info", True, True, False)


def test_what_a_reader_has_already_weighs_nothing(site):
    client = site()
    client.get("/tides/ebb")
    client.head("/tides/ebb")
    assert [line["bytes"] for line in site.lines()] == [5, 0]


def test_the_number_of_a_proxy_is_kept_for_pages_out_of_memory_too(site):
    client = site()
    for _each in range(2):
        assert client.get("/tides/ebb", headers={"X-Request-ID": "abc-123.DEF_4"}).headers["X-Request-ID"] == "abc-123.DEF_4"
    assert [line["request_id"] for line in site.lines()] == ["abc-123.DEF_4"] * 2
    assert client.get("/tides/ebb", headers={"X-Request-ID": '"; drop'}).headers["X-Request-ID"] != '"; drop'


def test_neither_a_query_nor_a_secret_in_a_path_is_logged(site):
    client = site()
    client.get(f"/tides/ebb?token={MARKER}")
    client.get(f"/setup/{MARKER}/more")
    client.open("/tides/ebb", method=f"X{MARKER[:2]}", query_string=f"password={MARKER}")
    told = json.dumps(site.lines())
    assert (MARKER in told, "[redacted]" in told, len(site.lines())) == (False, True, 3)


def test_a_path_is_told_alike_whether_it_is_drawn_or_out_of_memory(site):
    client = site()
    for _each in range(2):
        client.get("/tides/flóð")
    client.get("/nothing/flóð")
    assert sorted(line["route"] for line in site.lines()) == ["/nothing/flóð", "/tides/<token>", "/tides/flóð"]


def test_a_line_is_one_line_whatever_stands_in_the_path(site):
    site().get("/tides/a%0Ab%22c%5C")
    site().get("/nothing/a%0Ab%22c%5C")
    assert [line["status"] for line in site.lines()] == [200, 404]


@pytest.mark.parametrize(
    ("settings", "many"),
    [
        ({}, 1),
        ({"access_log": "false"}, 0),
        ({"profile": "development", "log_format": "json"}, 0),
        ({"profile": "development", "log_format": "json", "access_log": "true"}, 1),
        ({"log_level": "warning"}, 0),
    ],
)
def test_the_settings_say_whether(site, settings, many):
    site(**settings).get("/tides/ebb")
    assert len(site.lines()) == many


def test_for_people_it_is_a_line_of_words(site, tmp_path):
    site(log_format="console").get("/tides/ebb")
    assert 'request  request_id="' in (tmp_path / "inkhorn.log").read_text()


def test_the_person_is_a_number_and_not_a_name(app, cast, signed_in, monkeypatch):
    seen = []
    writer = type("Writer", (), {"write": lambda self, **told: seen.append(told), "clean": lambda self, path: path})()
    monkeypatch.setitem(app.extensions, logs.ACCESS_LOG, writer)
    signed_in(cast.wren).get("/desk/")
    assert seen[-1]["user"] == cast.wren.id
    assert cast.wren.label not in json.dumps(seen, default=str)


def test_where_the_database_went_away_the_line_asks_it_nothing(app, cast, signed_in, monkeypatch):
    seen, number = [], cast.wren.id
    writer = type("Writer", (), {"write": lambda self, **told: seen.append(told), "clean": lambda self, path: path})()
    away = OperationalError("SELECT", {}, Exception("away"))

    @open_to(everyone)
    def fail():
        monkeypatch.setattr(actor, "read_anew", mock.Mock(side_effect=away))
        raise away

    browser = signed_in(cast.wren)
    monkeypatch.setitem(app.extensions, logs.ACCESS_LOG, writer)
    endpoint, _words = app.url_map.bind("localhost").match("/desk/")
    monkeypatch.setitem(app.view_functions, endpoint, fail)
    answer = browser.get("/desk/")
    assert (answer.status_code, seen[-1]["status"], seen[-1]["user"]) == (503, 503, number)


@pytest.mark.parametrize(
    ("address", "wish", "shown"),
    [
        ("192.0.2.77", "masked", "192.0.2.0/24"),
        ("2001:db8:1:2::7", "masked", "2001:db8:1::/48"),
        ("192.0.2.77", "full", "192.0.2.77"),
        ("192.0.2.77", "none", ""),
        ("a line\nmore", "full", ""),
        (None, "full", ""),
    ],
)
def test_an_address_is_shown_as_is_wished(address, wish, shown):
    assert shown_address(address, wish) == shown
