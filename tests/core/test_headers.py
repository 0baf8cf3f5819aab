"""Forms that people fill in before they sign in are guarded by where they come from."""

from pathlib import Path

import pytest
from flask import Flask, Response
from flask.ctx import RequestContext
from werkzeug.exceptions import BadRequest, Forbidden

from inkhorn.core.headers import add_security_headers, refuse_foreign_host, refuse_foreign_origin, vary_by
from tests.conftest import config_for

LOOPBACK = ["localhost", "localhost:8000", "127.0.0.1:8000", "127.0.0.2", "[::1]:8000"]
NUMBERS = ["192.0.2.7:8000", "[2001:db8::7]"]
NAMES = ["evil.example", "example.org", "localhost.evil.example", "2130706433", "127.1"]
EVERYWHERE = {"host": "0.0.0.0", "insecure_http": True}


def asked_for(name: str, folder: Path, **overrides: object) -> RequestContext:
    """An application that was started so and is asked under that name."""
    app = Flask("x")
    app.extensions["inkhorn.config"] = config_for(folder, **overrides)
    return app.test_request_context(headers={"Host": name})


@pytest.mark.parametrize("host", LOOPBACK)
@pytest.mark.parametrize("started", [{}, {"profile": "production"}, {"site_url": "https://example.org"}, EVERYWHERE])
def test_this_machine_is_always_answered(tmp_path, host, started):
    with asked_for(host, tmp_path, **started):
        refuse_foreign_host()


@pytest.mark.parametrize("host", NUMBERS + NAMES)
@pytest.mark.parametrize("profile", ["development", "staging", "production"])
def test_on_loopback_nobody_else_is_answered(tmp_path, host, profile):
    with asked_for(host, tmp_path, profile=profile), pytest.raises(BadRequest):
        refuse_foreign_host()


@pytest.mark.parametrize("host", NUMBERS)
def test_other_machines_may_ask_by_number_where_no_name_is_set(tmp_path, host):
    with asked_for(host, tmp_path, **EVERYWHERE):
        refuse_foreign_host()


@pytest.mark.parametrize("host", NAMES)
def test_a_name_that_was_never_set_is_no_name_of_ours(tmp_path, host):
    with asked_for(host, tmp_path, **EVERYWHERE), pytest.raises(BadRequest):
        refuse_foreign_host()


@pytest.mark.parametrize("host", [*NUMBERS, "evil.example"])
def test_where_names_are_set_only_those_are_answered(tmp_path, host):
    with asked_for(host, tmp_path, allowed_hosts="example.org", **EVERYWHERE), pytest.raises(BadRequest):
        refuse_foreign_host()


@pytest.mark.parametrize(("tuned", "told"), [({}, "max-age=63072000"), ({"hsts_subdomains": True}, "max-age=63072000; includeSubDomains")])
def test_https_is_forced_on_other_hosts_only_on_demand(tmp_path, tuned, told):
    with asked_for("example.org", tmp_path, site_url="https://example.org", **tuned):
        assert add_security_headers(Response()).headers["Strict-Transport-Security"] == told


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://localhost"},
    ],
)
def test_our_own_forms_come_through(told):
    with Flask("x").test_request_context(method="POST", headers=told):
        refuse_foreign_origin()


@pytest.mark.parametrize(
    "told",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://localhost:9"},
    ],
)
def test_foreign_forms_are_refused(told):
    with Flask("x").test_request_context(method="POST", headers=told), pytest.raises(Forbidden):
        refuse_foreign_origin()


def test_what_an_answer_depends_on_is_said_once_and_in_order():
    response = Response()
    vary_by(response, "Origin")
    vary_by(response, "Authorization", "origin", "Cookie")
    vary_by(response, "X-Origin")
    assert response.headers.getlist("Vary") == ["Origin, Authorization, Cookie, X-Origin"]
