"""Readers look for something: by the plain form, as they type, by keyboard, on a phone; and the desk finds drafts."""

import re

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.journeys.conftest import sign_in, violations
from tests.patience import awaited
from tests.running import RunningSite

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(demo_site: RunningSite) -> RunningSite:
    """The publication, once its index has caught up."""
    missing = "SELECT count(*) FROM post LEFT JOIN search_entry ON post_id = id WHERE post_id IS NULL"
    awaited(lambda: demo_site.execute(missing) == [(0,)], lambda: demo_site.log)
    return demo_site


def results(page: Page) -> list[str]:
    return page.locator(".entry-title a").all_inner_texts()


def test_without_javascript_the_form_finds_and_turns_pages(chromium: Browser, site: RunningSite) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site.base + "/")
    page.get_by_role("link", name="Search").click()
    page.get_by_role("searchbox").fill("the")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("posts, best first")).to_be_visible()
    expect(page.locator(".entry-title a")).to_have_count(20)
    assert page.locator("mark").count() >= 20
    first = results(page)
    page.get_by_role("link", name="More results").click()
    expect(page).to_have_url(re.compile(r"/search\?q=the&page=2$"))
    expect(page.locator(".entry-title a").first).to_be_visible()
    assert not set(first) & set(results(page))
    page.locator(".entry-title a").first.click()
    expect(page.locator("article h1")).to_be_visible()
    context.close()


def test_without_javascript_nothing_found_leads_on(chromium: Browser, site: RunningSite) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site.base + "/search?q=slakc+watr")
    page.get_by_role("link", name="slack water").click()
    expect(page.locator(".entry-title a").first).to_be_visible()
    context.close()


def test_results_appear_while_somebody_types_and_the_address_follows(page: Page, site: RunningSite) -> None:
    page.goto(site.base + "/search")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("tide ta")
    expect(page.locator(".entry-title a").first).to_contain_text("tide")
    expect(page.get_by_role("status")).to_have_text(re.compile(r"\d+ posts?, best first"))
    expect(page).to_have_url(re.compile(r"/search\?q=tide\+ta$"))
    expect(page).to_have_title(re.compile("“tide ta” in"))
    page.get_by_role("searchbox").fill("zzzzqx")
    expect(page.get_by_role("status")).to_have_text("Nothing here has these words.")
    assert results(page) == []


def test_words_typed_before_the_script_has_come_are_looked_for(page: Page, site: RunningSite) -> None:
    held: list[Route] = []
    script = re.compile(r"/search\b[^?]*\.js")

    def hold(route: Route) -> None:
        held.append(route)

    page.route(script, hold)
    with page.expect_request(script):
        page.goto(site.base + "/search", wait_until="commit")
    page.get_by_role("searchbox").fill("tide")
    held[0].continue_()
    expect(page.get_by_role("status")).to_contain_text("best first")


def test_the_keyboard_reaches_everything(page: Page, site: RunningSite) -> None:
    page.goto(site.base + "/search")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("tide")
    # What a part of the word found would be replaced under whoever walks in it.
    expect(page).to_have_url(re.compile(r"q=tide$"))
    expect(page.get_by_role("status")).to_contain_text("best first")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".entry-title a").nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("searchbox")).to_have_value("")
    expect(page.get_by_text("How to find more closely")).to_be_visible()


def test_a_network_that_is_away_leaves_the_words_where_they_are(page: Page, site: RunningSite, complaints: list[str]) -> None:
    page.goto(site.base + "/search")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.context.set_offline(offline=True)
    page.keyboard.type("tide")
    page.wait_for_timeout(600)
    expect(page.get_by_role("searchbox")).to_have_value("tide")
    page.context.set_offline(offline=False)
    page.keyboard.press("Enter")
    expect(page.get_by_text("posts, best first")).to_be_visible()
    complaints[:] = [each for each in complaints if "ERR_INTERNET_DISCONNECTED" not in each]


def test_whoever_presses_enter_meanwhile_is_not_told_that_nothing_answers(page: Page, site: RunningSite, complaints: list[str]) -> None:
    page.goto(site.base + "/search")
    field = page.get_by_role("searchbox")
    expect(field).to_be_focused()
    page.route("**/search?*", lambda _route: None)
    with page.expect_request("**/search?q=tide"):
        page.keyboard.type("tide")
    # The page stays, as it does until another has come.
    page.evaluate("document.querySelector('main form').addEventListener('submit', (event) => event.preventDefault())")
    with page.expect_event("requestfailed"):
        page.keyboard.press("Enter")
    assert (
        page.evaluate("new Promise((done) => setTimeout(() => done(document.querySelector('[data-search-status]').textContent), 0))") == ""
    )
    complaints[:] = [each for each in complaints if "ERR_" not in each]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 820, 390, 320])
def test_the_page_is_whole_at_every_width(chromium: Browser, site: RunningSite, width: int, scheme: str) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    for path in ("/search?q=tide", "/search?q=slakc+watr", "/search", f"/search?q={'Donaudampfschiff' * 12}", "/nothing-here/"):
        page.goto(site.base + path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert violations(page) == [], path
    context.close()


def test_the_desk_finds_a_draft_by_a_word_of_its_text_and_the_site_does_not(page: Page, site: RunningSite) -> None:
    sign_in(page, site)
    page.goto(site.base + "/desk/posts/write")
    page.locator("#title").fill("Unfinished")
    page.locator("#body").fill("Nobody but the desk knows of the heliotrope.")
    page.get_by_role("button", name=re.compile("Save")).first.click()
    awaited(lambda: page.goto(site.base + "/desk/posts/?search=heliotrope") and page.get_by_text("Unfinished").count())
    expect(page.get_by_text("Unfinished").first).to_be_visible()
    page.goto(site.base + "/search?q=heliotrope")
    assert results(page) == []
