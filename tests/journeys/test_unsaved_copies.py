"""The copies that a device keeps of words that are not saved: whose they are, until when, and what becomes of them when the site has the words."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Complaints, sign_in
from tests.journeys.test_unsaved import OFFER, another, draft, leave, save, save_slowly, site, until_kept, write
from tests.running import RunningSite
from tests.team import make_team

__all__ = ["site"]

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery staple 9"


@pytest.fixture
def desk(page: Page, site: RunningSite) -> Page:
    sign_in(page, site)
    return page


def fill_storage(page: Page) -> None:
    """To the last character."""
    page.evaluate(
        """() => {
          for (let size = 1 << 22; size >= 1;) {
            try { localStorage.setItem(`filler.${localStorage.length}`, "x".repeat(size)); } catch { size >>= 1; }
          }
        }"""
    )


def test_words_of_the_drawer_alone_are_not_given_up_for_a_newer_version(desk: Page, site: RunningSite):
    address = draft(desk, site, "Drawn upon")
    lost = another(desk, address)
    lost.locator("#excerpt").fill("In short.")
    until_kept(lost, "In short.")
    lost.close()
    desk.locator("#body").fill("Another body.")
    save(desk)
    expect(desk.get_by_text(OFFER)).to_be_visible()
    desk.get_by_role("button", name="Bring them back").click()
    expect(desk.locator("#excerpt")).to_have_value("In short.")


def test_a_refused_save_loses_nothing_of_the_drawer(desk: Page, site: RunningSite, complaints: Complaints):
    address = draft(desk, site, "Refused with a drawer")
    desk.locator("#excerpt").fill("In short.")
    desk.locator("#title").fill("Too long " * 40)
    save(desk)
    expect(desk.get_by_text("Nothing you typed is lost; it stands below.")).to_be_visible()
    complaints.clear()
    again = another(desk, address)
    desk.close()
    again.get_by_role("button", name="Bring them back").click()
    expect(again.locator("#excerpt")).to_have_value("In short.")
    again.locator("#title").fill("Short")
    save(again)
    expect(again.get_by_role("link", name="Version 3")).to_be_visible()
    expect(again.get_by_text(OFFER)).to_be_hidden()


def test_nobody_elses_words_are_offered(desk: Page, site: RunningSite, settings: dict[str, str]):
    make_team(site.data, settings, ("emil@example.org", "Emil Voss", "editor"), password=PASSWORD)
    write(desk, site)
    desk.locator("#body").fill("For nobody else's eyes.")
    until_kept(desk, "For nobody else's eyes.")
    address = desk.url
    desk.context.clear_cookies()
    emils = another(desk, site.base + "/sign-in")
    desk.close()
    emils.get_by_label("E-mail").fill("emil@example.org")
    emils.get_by_label("Password", exact=True).fill(PASSWORD)
    emils.get_by_role("button", name="Sign in", exact=True).click()
    emils.wait_for_url("**/desk/**")
    emils.goto(address)
    expect(emils.locator("[data-words]")).to_have_text("0 words")
    expect(emils.get_by_text(OFFER)).to_be_hidden()


def test_what_is_typed_while_a_save_is_on_its_way_is_offered_on_what_was_saved(desk: Page, site: RunningSite):
    draft(desk, site, "Written on")
    sent = save_slowly(desk, "Saved.")
    desk.keyboard.press("Control+End")
    desk.keyboard.type(" And more.")
    # Longer than it takes to keep what was typed.
    desk.wait_for_timeout(600)
    sent[0].continue_()
    desk.unroute("**/revise")
    expect(desk.locator("#body")).to_have_value("Saved.")
    expect(desk.get_by_text("saved elsewhere")).to_be_hidden()
    desk.get_by_role("button", name="Bring them back").click()
    expect(desk.locator("#body")).to_have_value("Saved. And more.")
    save(desk)
    expect(desk.get_by_role("link", name="Version 4")).to_be_visible()
    expect(desk.get_by_text(OFFER)).to_be_hidden()


def test_where_there_is_no_room_the_oldest_goes_and_then_it_is_said(desk: Page, site: RunningSite):
    address = draft(desk, site, "Full")
    old = another(desk, address)
    old.locator("#body").fill("An old copy.")
    until_kept(old, "An old copy.")
    old.close()
    fill_storage(desk)
    desk.locator("#body").fill("A new one.")
    until_kept(desk, "A new one.")
    assert not desk.evaluate("Object.values(localStorage).some((copy) => copy.includes('An old copy.'))")
    desk.locator("#body").fill("Longer than there is room for. " * 200)
    expect(desk.locator("[data-saved]")).to_have_text("Not saved, and this browser has no room for a copy")


def test_who_signs_in_again_is_led_back_to_the_words(desk: Page, site: RunningSite):
    address = draft(desk, site, "Signed out")
    desk.locator("#body").fill("Written while the session ended.")
    until_kept(desk, "Written while the session ended.")
    desk.context.clear_cookies()
    save(desk)
    desk.wait_for_url(re.compile("/sign-in"))
    desk.get_by_label("E-mail").fill("ada@example.org")
    desk.get_by_label("Password", exact=True).fill("correct horse battery staple 7")
    desk.get_by_role("button", name="Sign in", exact=True).click()
    desk.wait_for_url(address + "*")
    desk.get_by_role("button", name="Bring them back").click()
    expect(desk.locator("#body")).to_have_value("Written while the session ended.")


def test_a_page_of_another_post_that_hears_of_it_first_takes_no_words_over(desk: Page, site: RunningSite, complaints: Complaints):
    other = draft(desk, site, "The other one", "Other words.")
    address = draft(desk, site, "Written on", "The first words.")
    sent = save_slowly(desk, "Saved words.")
    desk.keyboard.press("Control+End")
    desk.keyboard.type(" And more.")
    desk.wait_for_timeout(600)
    # The site has it, and the way back breaks off; what it has to say of it is told to the page of another post.
    answer = sent[0].fetch(max_redirects=0)
    assert answer.status == 303
    elsewhere = another(desk, other)
    expect(elsewhere.locator("#body")).to_have_value("Other words.")
    expect(elsewhere.get_by_text(OFFER)).to_be_hidden()
    sent[0].abort()
    elsewhere.goto(address)
    complaints.clear()
    expect(elsewhere.get_by_text("saved elsewhere")).to_be_hidden()
    elsewhere.get_by_role("button", name="Bring them back").click()
    expect(elsewhere.locator("#body")).to_have_value("Saved words. And more.")


def test_a_break_that_a_program_wrote_into_one_line_is_nobodys_change(desk: Page, site: RunningSite):
    address = draft(desk, site, "By a program")
    site.execute("UPDATE post SET cover_caption = %s WHERE title = 'By a program' ", "one\ntwo")
    desk.goto(address)
    expect(desk.locator("#cover_caption")).to_have_value("onetwo")
    assert leave(desk) == []
    desk.wait_for_url("**/desk/posts/")


def test_where_even_that_makes_no_room_nothing_else_is_given_up(desk: Page, site: RunningSite):
    address = draft(desk, site, "Too full")
    old = another(desk, address)
    old.locator("#body").fill("An old copy.")
    until_kept(old, "An old copy.")
    old.close()
    fill_storage(desk)
    desk.locator("#body").fill("Longer than there is room for. " * 200)
    expect(desk.locator("[data-saved]")).to_have_text("Not saved, and this browser has no room for a copy")
    until_kept(desk, "An old copy.")


def test_the_last_letters_before_the_saved_page_comes_are_kept(desk: Page, site: RunningSite):
    draft(desk, site, "Last letters")
    desk.locator("#body").fill("Saved")
    desk.evaluate(
        """() => document.getElementById("manuscript").addEventListener("submit", () => setTimeout(() => {
          const text = document.getElementById("body");
          text.value += " and more";
          text.dispatchEvent(new Event("input", { bubbles: true }));
        }))"""
    )
    save(desk)
    expect(desk.get_by_role("link", name="Version 3")).to_be_visible()
    desk.get_by_role("button", name="Bring them back").click()
    expect(desk.locator("#body")).to_have_value("Saved and more")


def test_it_is_not_read_aloud_at_every_letter(desk: Page, site: RunningSite):
    write(desk, site)
    desk.evaluate(
        """() => {
          window.told = 0;
          new MutationObserver((list) => { window.told += list.length; }).observe(document.querySelector("[data-saved]"), { childList: true });
        }"""
    )
    desk.locator("#body").press_sequentially("ten letters")
    expect(desk.locator("[data-saved]")).to_have_text("Not saved yet")
    until_kept(desk, "ten letters")
    assert desk.evaluate("window.told") == 1
