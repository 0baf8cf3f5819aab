"""Answers that a moderator has begun: they outlive acts, pages and the way through the door, and nobody else gets them."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.demo import OWNER
from tests.journeys.conftest import sign_in
from tests.running import RunningSite
from tests.talk import fill_queue
from tests.team import make_team

pytestmark = pytest.mark.browser

WORDS = "Words of a long morning."
QUEUE = "/desk/comments/"
OTHER = "emil@example.org"


@pytest.fixture(scope="module")
def site(demo_site: RunningSite) -> RunningSite:
    fill_queue(demo_site.data, demo_site.environment, more=20)
    make_team(demo_site.data, demo_site.environment, (OTHER, "Emil Norrby", "editor"), password=OWNER["password"])
    return demo_site


@pytest.fixture
def desk(page: Page, site: RunningSite) -> Page:
    sign_in(page, site)
    page.goto(site.base + QUEUE)
    return page


@pytest.fixture
def begun(desk: Page) -> Locator:
    """The row of a comment to which somebody has begun an answer."""
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("r")
    desk.keyboard.type(WORDS)
    return desk.locator(f"#{desk.locator('.is-cursor').get_attribute('id')}")


def pass_the_door(page: Page, email: str) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(OWNER["password"])
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"**{QUEUE}")


def test_whoever_signs_in_after_somebody_else_gets_nothing_of_theirs(desk: Page, begun: Locator, site: RunningSite):
    desk.context.clear_cookies()
    desk.keyboard.press("Control+Enter")
    expect(desk.get_by_role("alert")).to_contain_text("You are signed out")
    desk.get_by_role("alert").get_by_role("link", name="Sign in").click()
    pass_the_door(desk, OTHER)
    expect(desk.locator("[data-keys]")).to_be_visible()
    expect(desk.locator(".answer.is-open, [data-kept]")).to_have_count(0)
    desk.context.clear_cookies()
    desk.goto(f"{site.base}/sign-in?next={QUEUE}")
    pass_the_door(desk, OWNER["email"])
    expect(begun.locator("textarea")).to_have_value(WORDS)


def test_half_an_answer_outlives_a_page_that_is_loaded_anew(desk: Page, begun: Locator):
    desk.reload()
    expect(begun.locator("textarea")).to_have_value(WORDS)
    expect(begun.locator("textarea")).to_be_focused()
    desk.locator("select[name=kind]").select_option("comment")
    desk.wait_for_url("**kind=comment*")
    expect(begun.locator("textarea")).to_have_value(WORDS)
    desk.locator(".tabs a", has_text="Spam").click()
    expect(desk.locator("[data-kept]")).to_contain_text(WORDS)
    desk.locator(".tabs a", has_text="Waiting").click()
    expect(begun.locator("textarea")).to_be_visible()
    expect(begun.locator("textarea")).to_have_value(WORDS)


def test_approving_a_comment_leaves_the_answer_that_was_begun(desk: Page, begun: Locator):
    begun.get_by_role("button", name="Approve", exact=True).click()
    expect(desk.locator(".telling")).to_contain_text("Approved:")
    expect(begun.locator("textarea")).to_be_visible()
    expect(begun.locator("textarea")).to_have_value(WORDS)
    begun.locator("textarea").press("Control+Enter")
    expect(desk.locator(".telling")).to_contain_text("Answered.")
    expect(begun).to_have_count(0)


def test_doing_something_with_many_leaves_it_until_it_is_discarded(desk: Page, begun: Locator):
    begun.locator("input[name=chosen]").check()
    desk.locator("[data-comment] input[name=chosen]").last.check()
    desk.locator("#chosen").get_by_role("button", name="Approve").click()
    expect(desk.locator(".telling")).to_contain_text("2 comments")
    expect(begun.locator("textarea")).to_have_value(WORDS)
    expect(desk.locator("[data-comment] :checked")).to_have_count(0)
    begun.get_by_role("link", name="Discard").click()
    expect(begun).to_have_count(0)
    desk.reload()
    expect(desk.locator("[data-keys]")).to_be_visible()
    expect(desk.locator(".answer.is-open, [data-kept]")).to_have_count(0)


def test_an_answer_to_a_comment_that_left_the_list_is_shown_above_it(desk: Page, begun: Locator, site: RunningSite):
    number = begun.get_attribute("id")
    colleague = desk.context.new_page()
    colleague.goto(site.base + QUEUE)
    colleague.locator(f"#{number}").get_by_role("button", name="Approve", exact=True).click()
    expect(colleague.locator(".telling")).to_contain_text("Approved:")
    desk.reload()
    expect(desk.locator("[data-kept]")).to_contain_text(WORDS)
    # It is there after each act, too.
    desk.locator("[data-comment]").first.get_by_role("button", name="Trash").click()
    expect(desk.locator(".telling", has_text="In the trash")).to_be_visible()
    expect(desk.locator("[data-kept]")).to_contain_text(WORDS)
    desk.goto(f"{site.base}{QUEUE}?state=approved")
    expect(begun.locator("textarea")).to_have_value(WORDS)
    desk.goto(site.base + QUEUE)
    desk.locator("[data-kept]").get_by_role("button", name="Discard").click()
    desk.goto(f"{site.base}{QUEUE}?state=approved")
    expect(begun).to_be_visible()
    expect(desk.locator(".answer.is-open, [data-kept]")).to_have_count(0)
