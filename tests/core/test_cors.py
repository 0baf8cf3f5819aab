"""Pages of other sites read the API where the configuration names their origin exactly, and nowhere else."""

import dataclasses

import pytest
from flask import Flask

from inkhorn.core.config import ConfigError
from tests.conftest import config_for

OURS = "https://app.example.org"
PREFLIGHT = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "authorization"}


@pytest.fixture
def open_app(app: Flask, database: None, monkeypatch: pytest.MonkeyPatch):
    """The app with one origin let in, and other settings as given."""

    def tune(**more: object) -> Flask:
        told = dataclasses.replace(app.extensions["inkhorn.config"], api_origins=(OURS, "http://localhost:5173"), **more)
        monkeypatch.setitem(app.extensions, "inkhorn.config", told)
        return app

    return tune


def allowed(answer) -> set[str]:
    return {name for name, _value in answer.headers if name.startswith("Access-Control-")}


def test_a_named_origin_reads_and_is_sent_no_cookies(open_app):
    answer = open_app().test_client().get("/api/v1/posts", headers={"Origin": OURS})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, OURS)
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "RateLimit" in answer.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize(
    "origin",
    [
        *("null", "*", "", "https://app.example.org.evil.example", "https://evilapp.example.org", "https://evil.example/app.example.org"),
        *("http://app.example.org", "https://app.example.org:8443", "https://app.example.org:443", "https://APP.example.org"),
        *("https://app.example.org/", "https://app.example.org@evil.example", "https://appXexample.org", "https://app.example.org, null"),
        *("https://app.example.org%60.evil.example", " https://evil.example", "http://localhost:5174", "file://", "https://example.org"),
    ],
)
def test_a_disguise_reads_nothing(open_app, origin: str):
    client = open_app().test_client()
    asked = client.open("/api/v1/posts", method="OPTIONS", headers={"Origin": origin, **PREFLIGHT})
    read = client.get("/api/v1/posts", headers={"Origin": origin})
    assert allowed(asked) | allowed(read) == set()
    assert "Origin" in read.vary
    assert "Origin" in asked.vary


def test_a_preflight_is_answered_where_nobody_may_come_without_a_key(open_app):
    answer = open_app().test_client().open("/api/v1/users", method="OPTIONS", headers={"Origin": OURS, **PREFLIGHT})
    assert (answer.status_code, answer.data) == (204, b"")
    assert "PATCH" in answer.headers["Access-Control-Allow-Methods"]
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    assert {"Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers"} <= set(answer.vary)


def test_refusals_can_be_read_too(open_app):
    answer = open_app().test_client().get("/api/v1/users", headers={"Origin": OURS, "Authorization": "Bearer x"})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (401, OURS)


def test_credentials_only_where_the_configuration_says_so(open_app):
    answer = open_app(api_credentials=True).test_client().get("/api/v1/posts", headers={"Origin": OURS})
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"


@pytest.mark.parametrize("path", ["/", "/desk/posts/", "/sign-in", "/archive/", "/apiary", "/nothing/api/v1/posts"])
def test_nothing_but_the_api_is_opened(open_app, path: str):
    client = open_app(api_credentials=True).test_client()
    asked = client.open(path, method="OPTIONS", headers={"Origin": OURS, **PREFLIGHT})
    assert allowed(client.get(path, headers={"Origin": OURS})) | allowed(asked) == set()


def test_as_shipped_nobody_else_reads(client):
    assert allowed(client.get("/api/v1/posts", headers={"Origin": OURS})) == set()


@pytest.mark.parametrize("origin", ["*", "null", "https://*.example.org", "https://example.org/", "example.org", "https://a b", "ftp://x", "https://x:0"])  # fmt: skip
def test_what_is_no_origin_is_refused_at_the_start(tmp_path, origin: str):
    with pytest.raises(ConfigError, match="api_origins"):
        config_for(tmp_path, api_origins=[origin])


def test_origins_are_listed_like_hosts(tmp_path):
    assert config_for(tmp_path, api_origins="https://App.example.org, http://[::1]:3000").api_origins == (OURS, "http://[::1]:3000")
