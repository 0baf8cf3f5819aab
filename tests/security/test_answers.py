"""What every answer carries, whatever its status, and what no anonymous one may carry."""

import re

import pytest
from flask import Flask

from inkhorn.accounts.services.roles import sync_roles
from inkhorn.app import create_app
from inkhorn.core.access import everyone, open_to
from inkhorn.core.database import Base, db, transaction
from tests.conftest import config_for
from tests.factories.accounts import PASSWORD, make_user
from tests.security.site import CAST, Site


def faults_of(answer, *, https: bool = False) -> list[str]:
    """Which of the headers are missing or too weak."""
    headers = answer.headers
    policy = headers.get("Content-Security-Policy", "")
    # A file that is opened by itself: a drawing may be styled, and nothing in it may run or ask for anything.
    is_file = "script-src" not in policy
    wanted = {
        "policy": "default-src 'none'" in policy and (is_file or "unsafe" not in policy) and " *" not in policy,
        "objects": is_file or ("object-src 'none'" in policy and "base-uri 'none'" in policy and "frame-ancestors 'none'" in policy),
        "nosniff": headers.get("X-Content-Type-Options") == "nosniff",
        "referrer": headers.get("Referrer-Policy") in ("strict-origin-when-cross-origin", "same-origin", "no-referrer"),
        "opener": headers.get("Cross-Origin-Opener-Policy") == "same-origin",
        "resource": headers.get("Cross-Origin-Resource-Policy") in ("same-origin", "cross-origin"),
        "permissions": "camera=()" in headers.get("Permissions-Policy", ""),
        "frames": headers.get("X-Frame-Options") == "DENY",
        "hsts": ("max-age=63072000" in headers.get("Strict-Transport-Security", "")) is https,
        "charset": not headers.get("Content-Type", "").startswith("text/") or "charset=utf-8" in headers["Content-Type"],
        "talkative": not {"Server", "X-Powered-By"} & set(headers.keys()),
    }
    return [name for name, is_kept in wanted.items() if not is_kept]


@pytest.mark.parametrize("who", CAST)
def test_every_answer_is_armoured(site: Site, who: str):
    browser = site.browser(who)
    addresses = [*site.readable(), "/static/nothing.css", "/media/nothing.png", "/desk", "/%ff", "/tag/none/feed.xml"]
    files = set(re.findall(r'(?:href|src)="(/(?:static|theme)/[^"]+)"', browser.get("/").text))
    assert len(files) > 3
    found = {address: faults_of(browser.get(address)) for address in addresses}
    assert {address: faults for address, faults in found.items() if faults} == {}
    found = {address: set(faults_of(browser.get(address))) & {"policy", "nosniff", "resource", "charset", "talkative"} for address in files}
    assert {address: faults for address, faults in found.items() if faults} == {}


def test_refusals_and_breakdowns_are_armoured(app: Flask, site: Site, monkeypatch):
    browser = site.browser("wren")
    monkeypatch.setitem(app.view_functions, "site.show_archive", open_to(everyone)(lambda **_: 1 / 0))
    answers = {
        500: browser.get("/archive/"),
        405: browser.put("/"),
        403: browser.post("/sign-in", headers={"Origin": "https://evil.example"}),
        422: browser.post("/sign-out"),
        413: browser.post("/sign-in", data={"email": "x" * 5_000_000}),
        404: browser.get("/nothing/"),
        410: browser.get("/setup/nothing"),
    }
    assert {status: answer.status_code for status, answer in answers.items()} == {status: status for status in answers}
    assert {status: faults_of(answer) for status, answer in answers.items() if faults_of(answer)} == {}


def test_a_host_we_do_not_serve_is_refused_in_armour(tmp_path):
    app = secure_app(tmp_path)
    for host in ("evil.example", "example.org.evil.example", "example.org@evil.example", "", "[", "a b", "x" * 300):
        answer = app.test_client().get("/", base_url="https://example.org", headers={"Host": host})
        assert answer.status_code == 400, host
        assert faults_of(answer, https=True) == [], host
        assert "evil.example" not in answer.text


def test_no_anonymous_page_sets_or_heeds_a_cookie(site: Site):
    for address in site.readable():
        headers = site.browser("vic").get(address).headers
        assert "Set-Cookie" not in headers, address
        # To a program the cookie counts where it comes with the token.
        assert "Cookie" not in headers.get("Vary", "") or address.startswith("/api/"), address


@pytest.mark.parametrize("who", CAST[:4])
def test_what_is_shown_to_somebody_signed_in_is_kept_nowhere(site: Site, who: str):
    for address in site.readable():
        # At /api a cookie alone is nobody's.
        if address.startswith(("/static/", "/media/", "/api/")):
            continue
        assert site.browser(who).get(address).headers["Cache-Control"] == "private, no-store", address


def secure_app(folder) -> Flask:
    app = create_app(config_for(folder, site_url="https://example.org"))
    with app.app_context():
        Base.metadata.create_all(db.engine)
        with transaction():
            sync_roles()
        make_user(password=PASSWORD)
    return app


def cookies_of(browser, base: str) -> list[str]:
    """Every Set-Cookie of signing in, writing and signing out."""
    fields = {"email": "ida@example.org", "password": PASSWORD, "is_remembered": "y"}
    answers = [browser.post("/sign-in", data=fields, base_url=base)]
    token = browser.get("/desk/posts/write", base_url=base).text.split('name="csrf_token" value="')[1].split('"')[0]
    answers.append(browser.post("/desk/posts/write", data={"csrf_token": token, "title": "A", "body": "b", "kind": "post"}, base_url=base))
    answers.append(browser.get(answers[-1].location or "/", base_url=base))
    answers.append(browser.post("/sign-out", data={"csrf_token": token}, base_url=base))
    return [cookie for answer in answers for cookie in answer.headers.getlist("Set-Cookie")]


def test_cookies_over_https_belong_to_this_host_alone(tmp_path):
    told = cookies_of(secure_app(tmp_path).test_client(), "https://example.org")
    assert {cookie.partition("=")[0] for cookie in told} >= {"__Host-inkhorn"}
    for cookie in told:
        assert cookie.startswith("__Host-"), cookie
        assert all(word in cookie for word in ("; Secure", "; HttpOnly", "; Path=/", "; SameSite=Lax")), cookie
        assert "Domain" not in cookie


def test_cookies_on_loopback_are_as_strict_as_http_allows(client, database):
    make_user(password=PASSWORD)
    for cookie in cookies_of(client, "http://localhost"):
        assert all(word in cookie for word in ("; HttpOnly", "; Path=/", "; SameSite=Lax")), cookie
        assert "Secure" not in cookie


def test_forged_proxy_headers_are_ignored(client):
    forged = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Prefix": "/evil",
        "Forwarded": "host=evil.example",
    }
    answer = client.get("/", headers=forged)
    assert "evil" not in answer.text
    assert "Strict-Transport-Security" not in answer.headers
    assert "evil" not in client.get("/desk/", headers=forged).location


def test_proxy_headers_are_heeded_as_far_as_configured(tmp_path):
    app = create_app(config_for(tmp_path, trusted_proxies=1, allowed_hosts="blog.example"))
    with app.app_context():
        Base.metadata.create_all(db.engine)
    answer = app.test_client().get("/sitemap.xml", headers={"X-Forwarded-Proto": "https", "X-Forwarded-Host": "blog.example"})
    assert "https://blog.example/" in answer.text
    assert "Strict-Transport-Security" in answer.headers
