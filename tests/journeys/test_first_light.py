"""From the set-up link to a reader's page, as a person does it."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import OWNER, Complaints, violations
from tests.journeys.test_unsaved import until_kept
from tests.running import RunningSite

pytestmark = pytest.mark.browser


def fill_in(page: Page, site: RunningSite) -> None:
    page.goto(site.setup_address())
    page.get_by_label("Name of the site").fill("The Slow Ferry")
    page.get_by_label("Your name").fill(OWNER["name"])
    page.get_by_label("E-mail").fill(OWNER["email"])
    page.get_by_label("Password").fill(OWNER["password"])


def test_set_up_write_publish_and_read(page: Page, empty_site: RunningSite):
    fill_in(page, empty_site)
    assert violations(page) == []
    page.get_by_role("button", name="Create the site").click()
    page.wait_for_url("**/desk/posts/write")
    page.locator("#title").fill("The lamp room at Skerrow Point")
    page.locator("#body").fill("One hundred and eleven steps.\n\n## What the pencil remembers\n\nHerring *again*.")
    page.get_by_role("link", name="Publish…").click()
    page.get_by_role("button", name="Publish now").click()
    page.wait_for_url(re.compile(r"/desk/posts/\d+/edit"))
    page.get_by_role("link", name="See it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The lamp room at Skerrow Point")
    expect(page.locator(".prose em")).to_have_text("again")


def test_a_used_set_up_link_is_closed(page: Page, empty_site: RunningSite, complaints: Complaints):
    page.goto(empty_site.setup_address())
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert "no longer good" in page.content()
    complaints.clear()


def test_without_javascript_everything_works(chromium: Browser, empty_site: RunningSite):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(empty_site.base + "/sign-in")
    page.get_by_label("E-mail").fill(OWNER["email"])
    page.get_by_label("Password", exact=True).fill(OWNER["password"])
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.goto(empty_site.base + "/desk/posts/write")
    page.locator("#title").fill("Written by hand")
    page.locator("#body").fill("No script at all.")
    page.get_by_role("link", name="Publish…").click()
    page.get_by_role("button", name="Publish now").click()
    page.goto(empty_site.base + "/written-by-hand/")
    expect(page.locator(".prose")).to_contain_text("No script at all.")
    context.close()


def test_the_keyboard_is_enough(page: Page, empty_site: RunningSite):
    page.goto(empty_site.base + "/sign-in")
    page.get_by_label("E-mail").focus()
    page.keyboard.type(OWNER["email"])
    page.keyboard.press("Tab")
    expect(page.get_by_label("Password", exact=True)).to_be_focused()
    page.keyboard.type(OWNER["password"])
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/**")
    page.goto(empty_site.base + "/desk/posts/write")
    page.locator("#title").focus()
    page.keyboard.type("Typed only")
    page.keyboard.press("Enter")
    expect(page.locator("#body")).to_be_focused()
    page.keyboard.type("Not a click was made.")
    page.keyboard.press("Control+s")
    page.wait_for_url(re.compile(r"/desk/posts/\d+/edit"))
    expect(page.locator("#body")).to_have_value("Not a click was made.")


def test_a_copied_cookie_is_worth_nothing_after_signing_out(page: Page, chromium: Browser, empty_site: RunningSite):
    page.goto(empty_site.base + "/sign-in")
    page.get_by_label("E-mail").fill(OWNER["email"])
    page.get_by_label("Password", exact=True).fill(OWNER["password"])
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/desk/**")
    stolen = page.context.cookies()
    page.get_by_role("button", name="Sign out").first.click()
    page.wait_for_url(empty_site.base + "/")
    thief = chromium.new_context()
    thief.add_cookies(stolen)
    assert "/sign-in" in thief.new_page().goto(empty_site.base + "/desk/").url
    thief.close()


def test_words_that_were_never_saved_are_offered_back(page: Page, empty_site: RunningSite):
    page.goto(empty_site.base + "/sign-in")
    page.get_by_label("E-mail").fill(OWNER["email"])
    page.get_by_label("Password", exact=True).fill(OWNER["password"])
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.goto(empty_site.base + "/desk/posts/write")
    page.locator("#body").fill("The lid was closed here.")
    until_kept(page, "The lid was closed here.")
    other = page.context.new_page()
    other.goto(empty_site.base + "/desk/posts/write")
    other.get_by_role("button", name="Bring them back").click()
    expect(other.locator("#body")).to_have_value("The lid was closed here.")
