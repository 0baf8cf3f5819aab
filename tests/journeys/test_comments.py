"""Readers talk under a post: with a script and without, by the keyboard alone, and others see it without loading the page anew."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from inkhorn.accounts.identity.actor import Person
from inkhorn.accounts.queries import user_by_email
from inkhorn.app import create_app
from inkhorn.core.config_loading import load_config
from inkhorn.core.database import db
from tests.factories.comments import make_comment, make_open_post
from tests.fleet.as_a_site import site_at
from tests.journeys.conftest import Complaints, violations
from tests.running import RunningSite
from tests.team import make_team

pytestmark = pytest.mark.browser

CLOUDFLARE = "https://challenges.cloudflare.com/"
PASSWORD = "correct horse battery staple 7"


@dataclass
class Talk:
    """A running site with a post that two people talk about."""

    site: RunningSite
    path: str

    @property
    def address(self) -> str:
        return self.site.base + self.path


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory, settings: dict[str, str]) -> Iterator[Talk]:
    data = tmp_path_factory.mktemp("talk") / "data"
    make_team(data, settings, ("emil@example.org", "Emil Norrby", "editor"), ("rhea@example.org", "Rhea Fenn", "reader"), password=PASSWORD)
    path = plant(data, settings)
    site = site_at(data, settings).start()
    yield Talk(site, path)
    site.stop()


@pytest.fixture
def judged(tmp_path: Path, settings: dict[str, str]) -> Iterator[Talk]:
    """The same on a site that has Cloudflare tell people from robots."""
    data = tmp_path / "judged"
    make_team(data, settings, ("emil@example.org", "Emil Norrby", "editor"), ("rhea@example.org", "Rhea Fenn", "reader"), password=PASSWORD)
    path = plant(data, settings)
    keys = {"INKHORN_CAPTCHA_SITE_KEY": "public-key", "INKHORN_CAPTCHA_SECRET_KEY": "private-key"}
    site = site_at(data, settings | keys | {"INKHORN_CAPTCHA": "turnstile"}).start()
    yield Talk(site, path)
    site.stop()


def plant(data: Path, settings: dict[str, str]) -> str:
    with create_app(load_config(data=data, environ=settings)).app_context():
        emil, rhea = (Person(user_by_email(f"{name}@example.org"), address="127.0.0.1") for name in ("emil", "rhea"))
        post = make_open_post(by=emil, title="The clock that is fed by the sea")
        question = make_comment(post, by=rhea, body="Does it *tick*?")
        make_comment(post, by=emil, to=question, body="It draws.")
        path = post.path
        db.session.close()
        db.engine.dispose()
    assert path
    return path


def sign_in(page: Page, talk: Talk, email: str) -> None:
    page.goto(talk.site.base + "/sign-in")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda address: "/sign-in" not in address)


def test_an_answer_appears_where_it_belongs_and_others_see_it(page: Page, chromium: Browser, talk: Talk, complaints: Complaints):
    reader = chromium.new_context().new_page()
    reader.add_init_script("const every = setInterval; window.setInterval = (act) => every(act, 500);")
    complaints.listen_to(reader)
    reader.goto(talk.address)
    sign_in(page, talk, "emil@example.org")
    page.goto(talk.address)
    page.get_by_role("link", name="Reply to Rhea Fenn").click()
    expect(page.get_by_role("heading", name="Reply to Rhea Fenn")).to_be_visible()
    expect(page.get_by_label("Comment", exact=True)).to_be_focused()
    page.keyboard.type("And it *hums*.")
    page.get_by_role("button", name="Send the comment").click()
    answer = page.locator(".thread .thread .comment", has_text="And it hums.")
    expect(answer).to_be_visible()
    expect(page.get_by_role("heading", name="Write a comment")).to_be_visible()
    assert page.url == talk.address
    expect(reader.locator(".thread .thread .comment", has_text="And it hums.")).to_be_visible()
    reader.context.close()


def test_a_guest_is_told_what_is_wrong_in_place_and_what_comes_next(page: Page, talk: Talk, complaints: Complaints):
    page.goto(talk.address)
    address = page.locator("#comment-form").get_attribute("data-sheet-values") or ""
    with page.expect_response(f"**{address}"):
        page.get_by_label("Comment", exact=True).fill("A guest's words.")
    # The site wants two seconds between the form and what is sent with it.
    page.wait_for_timeout(2200)
    page.get_by_label("Name").fill("Gale")
    page.get_by_label("E-mail, never shown").fill("gale@nowhere")
    page.get_by_role("button", name="Send the comment").click()
    expect(page.locator("#comment-form p.error")).to_have_text("Enter an address like ada@example.org.")
    expect(page.get_by_label("E-mail, never shown")).to_be_focused()
    expect(page.get_by_label("Comment", exact=True)).to_have_value("A guest's words.")
    complaints.clear()
    page.get_by_label("E-mail, never shown").fill("gale@example.org")
    # The next one has its two seconds from here on.
    with page.expect_response(f"**{address}"):
        page.get_by_role("button", name="Send the comment").click()
    expect(page.locator("#comments [data-told]").first).to_contain_text("A letter is on its way to you.")
    expect(page.get_by_label("Comment", exact=True)).to_have_value("")


def test_a_guest_whom_another_service_judges_meets_its_box(page: Page, judged: Talk, complaints: Complaints):
    complaints.ours += (CLOUDFLARE,)
    page.route(f"{CLOUDFLARE}**", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.goto(judged.address)
    page.get_by_label("Comment", exact=True).fill("A guest's words.")
    page.get_by_label("Name").fill("Gale")
    page.get_by_label("E-mail, never shown").fill("gale@example.org")
    page.get_by_role("button", name="Send the comment").click()
    expect(page.locator(".cf-turnstile")).to_have_attribute("data-sitekey", "public-key")
    expect(page.get_by_label("Comment", exact=True)).to_have_value("A guest's words.")


def test_without_a_script_a_guest_looks_it_over(chromium: Browser, talk: Talk):
    page = chromium.new_context(java_script_enabled=False).new_page()
    page.goto(talk.address)
    page.get_by_label("Comment", exact=True).fill("No *script*.")
    page.get_by_label("Name").fill("Nils")
    page.get_by_label("E-mail, never shown").fill("nils@example.org")
    page.get_by_role("button", name="Send the comment").click()
    expect(page.get_by_role("heading", name="Look it over")).to_be_visible()
    expect(page.locator(".comment-text em")).to_have_text("script")
    page.wait_for_timeout(2200)
    page.get_by_role("button", name="Send the comment").click()
    expect(page.get_by_role("heading", name="Confirm your address")).to_be_visible()
    page.context.close()


def test_without_a_mouse_somebody_answers_and_thinks_better_of_it(page: Page, talk: Talk):
    page.goto(talk.address)
    link = page.get_by_role("link", name="Reply to Rhea Fenn")
    link.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Comment", exact=True)).to_be_focused()
    cancel = page.get_by_role("button", name="Cancel")
    cancel.focus()
    page.keyboard.press("Enter")
    expect(link).to_be_focused()
    expect(page.get_by_role("heading", name="Write a comment")).to_be_visible()


@pytest.mark.parametrize("width", [320, 390, 820, 1440])
def test_no_width_needs_sideways_scrolling(page: Page, talk: Talk, width: int):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(talk.address)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("where", ["", "answer", "report"])
def test_axe_finds_nothing(page: Page, talk: Talk, where: str):
    page.goto(talk.address)
    if where:
        name = {"answer": "Reply to Rhea Fenn", "report": "Report the comment by Rhea Fenn"}[where]
        page.goto(talk.site.base + (page.get_by_role("link", name=name).get_attribute("href") or ""))
    assert violations(page) == []
