"""Readers who do not wait for the answer of the site: what they write on stays, and they are led and told where they stand."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from tests.fleet.as_a_site import site_at
from tests.journeys.test_comments import PASSWORD, Talk, plant, sign_in
from tests.patience import awaited
from tests.team import make_team

pytestmark = pytest.mark.browser

SENDING = re.compile(r"/comments/on/\d+$")
TEAM = (("emil@example.org", "Emil Norrby", "editor"), ("rhea@example.org", "Rhea Fenn", "reader"))


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory, settings: dict[str, str]) -> Iterator[Talk]:
    data = tmp_path_factory.mktemp("haste") / "data"
    make_team(data, settings, *TEAM, password=PASSWORD)
    path = plant(data, settings)
    site = site_at(data, settings).start()
    yield Talk(site, path)
    site.stop()


@pytest.fixture
def emil(page: Page, talk: Talk) -> Page:
    """An editor before the thread: what they write appears at once."""
    sign_in(page, talk, "emil@example.org")
    page.goto(talk.address)
    return page


@pytest.fixture
def held(page: Page) -> list[Route]:
    """The comments that are on their way to the site."""
    sent: list[Route] = []
    page.route(SENDING, lambda route: sent.append(route) if route.request.method == "POST" else route.continue_())
    return sent


def let_come(page: Page, held: list[Route]) -> None:
    awaited(lambda: held, pause=lambda: page.wait_for_timeout(20))
    held.pop(0).continue_()


def send(page: Page, words: str) -> None:
    page.get_by_label("Comment", exact=True).fill(words)
    page.get_by_role("button", name="Send the comment").click()


def test_what_is_written_while_a_comment_is_sent_stays(emil: Page, held: list[Route]):
    words, told = emil.get_by_label("Comment", exact=True), emil.locator("p.hint[data-told]")
    emil.get_by_role("link", name="Reply to Rhea Fenn").click()
    send(emil, "First thought.")
    awaited(lambda: held, pause=lambda: emil.wait_for_timeout(20))
    words.press("Control+End")
    emil.keyboard.type(" Second thought.")
    let_come(emil, held)
    expect(told).to_have_text("Your comment is on the page. What you wrote while it was sent is still in the form.")
    expect(words).to_have_value("First thought. Second thought.")
    expect(words).to_be_focused()
    expect(emil.get_by_role("heading", name="Reply to Rhea Fenn")).to_be_visible()
    # It is the next comment, and no second copy of the first.
    words.fill("Second thought.")
    emil.get_by_role("button", name="Send the comment").click()
    let_come(emil, held)
    expect(emil.locator(".thread .thread .comment", has_text="Second thought.")).to_be_visible()
    expect(words).to_have_value("")


def test_whoever_answers_another_meanwhile_writes_there(emil: Page, held: list[Route]):
    send(emil, "Sent from the end of the page.")
    awaited(lambda: held, pause=lambda: emil.wait_for_timeout(20))
    emil.get_by_role("link", name="Reply to Rhea Fenn").click()
    let_come(emil, held)
    words = emil.get_by_label("Comment", exact=True)
    expect(words).to_have_value("")
    expect(emil.get_by_role("heading", name="Reply to Rhea Fenn")).to_be_visible()
    expect(words).to_be_focused()


def test_whoever_waits_hears_that_it_is_there_and_is_led_to_it(emil: Page):
    told = emil.locator("p.hint[data-told]")
    emil.get_by_role("link", name="Reply to Rhea Fenn").click()
    send(emil, "Where am I?")
    expect(told).to_have_text("Your comment is on the page.")
    expect(emil.locator(".comment", has_text="Where am I?")).to_be_focused()
    send(emil, "And where now?")
    expect(emil.locator(".comment", has_text="And where now?")).to_be_focused()


def test_whoever_went_elsewhere_is_left_there(emil: Page, held: list[Route]):
    send(emil, "I go on reading.")
    awaited(lambda: held, pause=lambda: emil.wait_for_timeout(20))
    link = emil.get_by_role("link", name="Reply to Rhea Fenn")
    link.focus()
    let_come(emil, held)
    expect(emil.locator(".comment", has_text="I go on reading.")).to_be_visible()
    expect(link).to_be_focused()


def test_who_thinks_better_of_it_is_back_where_they_pressed_last(emil: Page):
    emil.get_by_role("link", name="Reply to Rhea Fenn").click()
    last = emil.locator(".comment", has_text="It draws.").get_by_role("link", name=re.compile("^Reply to"))
    last.click()
    emil.get_by_role("button", name="Cancel").click()
    expect(last).to_be_focused()
