"""A guest whose comment goes by way of another service's box: the words are kept until they arrived, and no longer."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from inkhorn.accounts.identity.actor import Person
from inkhorn.accounts.services.roles import sync_roles
from inkhorn.core import captcha
from inkhorn.core.database import transaction
from inkhorn.core.fetch import only_to
from tests.factories.accounts import make_user
from tests.factories.comments import make_open_post
from tests.fleet.as_a_site import IS_WANTED
from tests.journeys.conftest import Complaints
from tests.journeys.test_open_forms import WIDGET
from tests.open_form import planted_site, served
from tests.providers import running_stand_in

pytestmark = [pytest.mark.browser, pytest.mark.skipif(IS_WANTED, reason="an application of the test's own, which no fleet has")]


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A post on a site that has a provider on another port tell people from robots."""
    monkeypatch.setattr(captcha, "LEAST_SECONDS", 0)
    chosen = {"captcha": "turnstile", "captcha_site_key": "public-key", "captcha_secret_key": "private-key"}
    with running_stand_in() as provider:
        provider.broken["/api.js"] = WIDGET
        known = {"script": f"{provider.base}/api.js", "judge": f"{provider.base}/siteverify", "sources": {"script-src": (provider.base,)}}
        monkeypatch.setitem(captcha.SERVICES, "turnstile", replace(captcha.SERVICES["turnstile"], **known))
        monkeypatch.setattr(captcha, "JUDGES", only_to(provider.base))
        app = planted_site(tmp_path, **chosen)
        with app.app_context():
            with transaction():
                sync_roles()
            path = make_open_post(by=Person(make_user(role="editor"), address="127.0.0.1")).path
        with served(app) as base:
            yield f"{base}{path}"


def write(page: Page, words: str) -> None:
    page.get_by_label("Comment", exact=True).fill(words)
    page.get_by_label("Name").fill("Gale")
    page.get_by_label("E-mail, never shown").fill("gale@example.org")
    page.get_by_role("button", name="Send the comment").click()
    expect(page.get_by_role("heading", name="Look it over")).to_be_visible()
    page.wait_for_selector("[name=cf-turnstile-response]", state="attached")


def test_words_that_arrived_do_not_come_again_and_others_are_never_lost(page: Page, address: str, complaints: Complaints):
    words = page.get_by_label("Comment", exact=True)
    page.goto(address)
    write(page, "A guest's words.")
    # Somebody thinks better of the box.
    page.goto(address)
    expect(words).to_have_value("A guest's words.")
    write(page, "A guest's words.")
    page.get_by_role("button", name="Send the comment").click()
    expect(page.get_by_role("heading", name="Confirm your address")).to_be_visible()
    page.get_by_role("main").get_by_role("link").last.click()
    page.wait_for_url(address)
    expect(words).to_have_value("")
    words.fill("Another thought.")
    page.goto(address)
    expect(words).to_have_value("Another thought.")
