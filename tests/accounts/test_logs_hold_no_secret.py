"""Whoever reads the logs learns no password, link, code, key, token or cookie, whatever is done and however much is logged."""

import logging
import re

import pytest

from inkhorn.core import logs
from inkhorn.core.config_loading import load_config
from tests.accounts.letters import carry_out_jobs, code_in, letters_to, link_in
from tests.accounts.programs.asking import make_integration
from tests.conftest import SECRET
from tests.factories.accounts import PASSWORD, make_user

NEW, WRONG = "lantern kelp moon tide 9", "a wrong lantern 31"
EMAIL = "rhea@example.org"


@pytest.fixture
def logged(app, monkeypatch, tmp_path):
    """Has everything logged that can be, in both forms; reads it."""
    root, said = logging.getLogger(), []
    before = root.handlers[:], root.level
    settings = {"profile": "testing", "secret_key": SECRET, "log_level": "debug", "log_format": "json", "log_file": str(tmp_path / "a.log")}
    writer = logs.configure(load_config(data=tmp_path, environ={}, overrides=settings))
    monkeypatch.setitem(app.extensions, logs.ACCESS_LOG, writer)
    yield lambda: said + (tmp_path / "a.log").read_text().splitlines()
    root.handlers[:], root.level = before


def cookies_of(client) -> list[str]:
    return [cookie.value for cookie in client._cookies.values() if len(cookie.value) > 8]


def test_no_secret_of_any_way_in_is_logged(app, client, logged, generous):
    make_user(email=EMAIL, name="Rhea", role="member", password=PASSWORD)
    secrets = [PASSWORD, NEW, WRONG, SECRET]

    client.post("/sign-in", data={"email": EMAIL, "password": WRONG})
    client.post("/sign-in", data={"email": EMAIL, "password": PASSWORD})
    secrets += cookies_of(client)

    by_mail = app.test_client()
    by_mail.post("/sign-in/by-mail", data={"email": EMAIL})
    carry_out_jobs()
    letter = letters_to(EMAIL)[-1]
    link, code = link_in(letter), code_in(letter)
    by_mail.get(link)
    by_mail.get(link + "x")
    by_mail.post("/sign-in/by-mail/confirm", data={"code": code})

    resetting = app.test_client()
    resetting.post("/forgotten-password", data={"email": EMAIL})
    carry_out_jobs()
    reset = link_in(letters_to(EMAIL)[-1])
    resetting.get(reset)
    assert resetting.post("/new-password", data={"password": NEW}).status_code in (302, 303)
    secrets += [link.rsplit("/", 1)[1], reset.rsplit("/", 1)[1], *cookies_of(by_mail), *cookies_of(resetting)]

    key = make_integration().text
    program = app.test_client()
    for shown in (key, key[:-4] + "zzzz"):
        program.get("/api/v1/posts", headers={"Authorization": f"Bearer {shown}"})
    program.get(f"/search/?q=x&token={key}&password={NEW}")
    secrets += [key, key[:-4]]

    told = "\n".join(logged())
    assert told.count('"event": "request"') >= 10
    assert [secret for secret in secrets if secret in told] == []
    assert re.search(rf"(?<![\w.]){code}(?!\w)", told) is None
