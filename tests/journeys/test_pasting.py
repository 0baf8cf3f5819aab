"""Pictures pasted into a text while their writer goes on: saved before they are there, chosen over, refused."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.factories.media import picture_bytes
from tests.journeys.conftest import Complaints, hold, sign_in
from tests.patience import awaited
from tests.running import RunningSite

pytestmark = pytest.mark.browser

PICTURE = re.compile(r"!\[\]\(/media/\d{4}/\d\d/[0-9a-f]{32}\.jpg\)")


@pytest.fixture
def coming(page: Page, demo_site: RunningSite) -> list[Route]:
    """The editor of a new post, and every upload that was begun and waits."""
    sign_in(page, demo_site)
    page.goto(demo_site.base + "/desk/posts/write")
    return hold(page, "**/desk/media/upload")


def paste(page: Page, *names: str) -> None:
    page.locator("#body").evaluate(
        """(text, [bytes, names]) => {
          const data = new DataTransfer();
          for (const name of names) data.items.add(new File([new Uint8Array(bytes)], name, { type: "image/jpeg" }));
          text.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        [list(picture_bytes(64, 48)), list(names)],
    )


def save(page: Page) -> None:
    page.get_by_role("button", name="Save draft").click()


def test_a_save_waits_for_what_is_on_its_way(page: Page, coming: list[Route]):
    page.locator("#body").fill("Seen from the ferry:")
    paste(page, "ferry.jpg")
    expect(page.locator("#body")).to_have_value(re.compile(r"\[Uploading ferry\.jpg"))
    save(page)
    expect(page.get_by_text("it is saved as soon as that has arrived")).to_be_visible()
    coming[0].continue_()
    page.wait_for_url("**/edit*")
    expect(page.locator("#body")).to_have_value(re.compile(rf"^Seen from the ferry:\n{PICTURE.pattern}\n$"))


def test_who_does_not_want_to_wait_saves_without_it(page: Page, coming: list[Route]):
    page.locator("#body").fill("Seen from the ferry:")
    paste(page, "ferry.jpg", "tern.jpg")
    save(page)
    page.get_by_role("button", name="Save without it").click()
    page.wait_for_url("**/edit*")
    expect(page.locator("#body")).to_have_value("Seen from the ferry:")


def test_words_chosen_meanwhile_are_not_written_over(page: Page, coming: list[Route]):
    page.locator("#body").fill("Before after")
    page.locator("#body").evaluate("text => text.setSelectionRange(6, 6)")
    paste(page, "one.jpg", "two.jpg")
    expect(page.locator("#body")).to_have_value(re.compile(r"one\.jpg.*two\.jpg", re.DOTALL))
    page.locator("#body").evaluate("text => text.setSelectionRange(text.value.length - 5, text.value.length)")
    for number in (0, 1):
        awaited(lambda number=number: len(coming) > number, pause=lambda: page.wait_for_timeout(50))
        coming[number].continue_()
    two = rf"^Before\n{PICTURE.pattern}\n\n{PICTURE.pattern}\n after$"
    expect(page.locator("#body")).to_have_value(re.compile(two))
    assert page.locator("#body").evaluate("text => text.value.slice(text.selectionStart, text.selectionEnd)") == "after"


def test_a_refusal_is_seen_before_anything_is_saved(page: Page, coming: list[Route], complaints: Complaints):
    page.locator("#body").fill("Seen from the ferry:")
    paste(page, "ferry.jpg")
    save(page)
    coming[0].fulfill(status=422, json={"detail": "It is no picture."})
    expect(page.get_by_role("alert")).to_contain_text("ferry.jpg: It is no picture.")
    expect(page.get_by_text("it is saved as soon as that has arrived")).to_be_hidden()
    expect(page.locator("#body")).to_have_value("Seen from the ferry:")
    assert page.url.endswith("/write")
    complaints.clear()
    save(page)
    page.wait_for_url("**/edit*")


def test_who_wanted_it_published_and_then_saves_gets_it_published(page: Page, coming: list[Route]):
    page.locator("#title").fill("Out at once")
    paste(page, "ferry.jpg")
    page.get_by_role("link", name="Publish…").click()
    page.get_by_role("button", name="Publish now").click()
    page.keyboard.press("Control+s")
    coming[0].continue_()
    page.wait_for_url("**/edit*")
    expect(page.get_by_text("Published. See it")).to_be_visible()


def test_a_mark_of_a_picture_that_never_came_stands_for_no_other(page: Page, demo_site: RunningSite, coming: list[Route]):
    page.locator("#body").fill("Before it came:")
    paste(page, "ferry.jpg")
    expect(page.locator("#body")).to_have_value(re.compile(r"\[Uploading ferry\.jpg"))
    page.wait_for_function("() => Object.values(localStorage).some((copy) => copy.includes('[Uploading ferry.jpg'))")
    lost = page.context.new_page()
    lost.goto(demo_site.base + "/desk/posts/write")
    page.close()
    lost.get_by_role("button", name="Bring them back").click()
    expect(lost.locator("#body")).to_have_value("Before it came:")
