"""Every cookie that the site ever sets over https: this host's alone, out of reach of scripts, and told by Set-Cookie only (ASVS 3.3)."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from inkhorn.accounts.queries import user_by_email
from inkhorn.accounts.services.sessions import Visit, open_session
from inkhorn.core.database import session, transaction
from tests.accounts.letters import carry_out_jobs, letters_to, link_in
from tests.cast import Cast
from tests.factories.accounts import PASSWORD, give_app
from tests.security.site import CAST, build_site
from tests.security.test_answers import secure_app

BASE = "https://example.org"
KNOWN = {"__Host-inkhorn", "__Host-inkhorn-browser", "__Host-inkhorn-pending", "__Host-inkhorn-notes"}


class Recording(FlaskClient):
    """A browser over https that keeps every answer."""

    heard: list[TestResponse]

    def open(self, *args, **kwargs) -> TestResponse:
        answer = super().open(*args, **{"base_url": BASE, **kwargs})
        self.heard.append(answer)
        return answer


def sign_in(browser: FlaskClient, **more: str) -> TestResponse:
    return browser.post("/sign-in", data={"email": "ida@example.org", "password": PASSWORD, **more})


def send(browser: FlaskClient, path: str, **fields: str) -> None:
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/account/signing-in").text)[1]
    assert browser.post(path, data={"csrf_token": token, **fields}).status_code == 303


def come_and_go(app: Flask) -> None:
    """In by password, changed, out; in by both factors; a forgotten password."""
    browser = app.test_client()
    sign_in(browser, password="wrong password 7")
    sign_in(browser, is_remembered="y")
    send(browser, "/account/password", current_password=PASSWORD, new_password="lantern kelp moon tide 9")
    send(browser, "/sign-out")
    phone, browser = give_app(user_by_email("ida@example.org")), app.test_client()
    sign_in(browser, password="lantern kelp moon tide 9")
    assert browser.post("/sign-in/second", data={"code": phone.code()}).status_code == 303
    browser = app.test_client()
    browser.post("/forgotten-password", data={"email": "ida@example.org"})
    carry_out_jobs()
    assert browser.get(link_in(letters_to("ida@example.org")[-1])).status_code == 303
    assert browser.get("/new-password").status_code == 200


def look_around(app: Flask) -> None:
    """Every page, as each of the cast."""
    site = build_site(app, Cast())
    for who in CAST:
        browser, actor = app.test_client(), getattr(site.cast, who)
        if actor.is_signed_in:
            with transaction():
                token = open_session(session().merge(actor.user), Visit(address="127.0.0.1"))
            browser.set_cookie("__Host-inkhorn", token, domain="example.org", secure=True)
            assert browser.get("/account/").status_code == 200
        for address in site.readable():
            browser.get(address)


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> list[TestResponse]:
    """All that the site answered on one day."""
    app = secure_app(tmp_path_factory.mktemp("https"))
    app.test_client_class, Recording.heard = Recording, []
    with app.app_context():
        come_and_go(app)
        look_around(app)
        session().close()
    return Recording.heard


@pytest.fixture(scope="module")
def cookies(heard: list[TestResponse]) -> list[str]:
    return [cookie for answer in heard for cookie in answer.headers.getlist("Set-Cookie")]


def test_every_kind_of_cookie_is_met_and_no_other(cookies):
    assert {cookie.partition("=")[0] for cookie in cookies} == KNOWN


def test_each_is_secure_and_this_hosts_alone(cookies):
    """ASVS 3.3.1, 3.3.3."""
    for cookie in cookies:
        assert cookie.startswith("__Host-"), cookie
        assert "; Secure" in cookie, cookie
        assert "; Path=/;" in f"{cookie};", cookie
        assert "domain=" not in cookie.lower(), cookie


def test_each_stays_behind_where_another_site_sends(cookies):
    """ASVS 3.3.2."""
    assert [cookie for cookie in cookies if "; SameSite=Lax" not in cookie] == []


def test_no_script_reads_one_and_no_page_tells_one(heard, cookies):
    """ASVS 3.3.4."""
    assert [cookie for cookie in cookies if "; HttpOnly" not in cookie] == []
    secrets = {value for cookie in cookies if len(value := cookie.partition("=")[2].partition(";")[0]) > 20}
    assert len(secrets) > 8
    for answer in heard:
        others = "\n".join(value for name, value in answer.headers if name != "Set-Cookie")
        assert [secret for secret in secrets if secret in others or secret.encode() in answer.data] == [], answer.request.path
