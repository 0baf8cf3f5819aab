"""The page about the API: read without JavaScript, tried with it, by keyboard alone; a key typed there stays nowhere."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import Complaints, violations
from tests.journeys.test_every_page import look_at
from tests.running import RunningSite

pytestmark = pytest.mark.browser


@pytest.fixture
def docs(demo_site: RunningSite) -> str:
    return demo_site.base + "/api/docs"


def operation(page: Page, method: str, path: str):
    return page.locator(f'details[data-method="{method}"][data-path="{path}"]')


def test_it_is_sound_closed_open_and_answered(page: Page, docs: str, complaints: Complaints):
    assert look_at(page, docs) == []
    tags = operation(page, "GET", "/api/v1/tags")
    tags.locator("summary").click()
    tags.get_by_role("button", name="Send").click()
    expect(tags.get_by_role("status")).to_contain_text("200")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert violations(page) == []
    for width in (320, 390, 820, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_keys_alone_find_an_operation_and_try_it(page: Page, docs: str):
    page.goto(docs)
    tags = operation(page, "GET", "/api/v1/tags")
    tags.locator("summary").press("Enter")
    size = tags.get_by_label("page[size]")
    size.focus()
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    answer = tags.get_by_role("status")
    expect(answer).to_contain_text("200")
    expect(answer).to_contain_text('"data": [')
    answer.focus()
    expect(answer).to_be_focused()


def test_a_refusal_is_shown_as_it_came(page: Page, docs: str, complaints: Complaints):
    page.goto(docs)
    tags = operation(page, "GET", "/api/v1/tags")
    tags.locator("summary").click()
    tags.get_by_label("page[size]").fill("-1")
    tags.get_by_role("button", name="Send").click()
    expect(tags.get_by_role("status")).to_contain_text("page[size]")
    expect(tags.get_by_role("status")).to_contain_text("400")
    page.context.set_offline(True)
    tags.get_by_role("button", name="Send").click()
    expect(tags.get_by_role("status")).to_contain_text("The site did not answer")
    page.context.set_offline(False)
    complaints.clear()


def test_a_key_is_sent_with_what_is_tried_and_kept_nowhere(page: Page, docs: str, complaints: Complaints):
    page.goto(docs)
    key = page.get_by_label("Key or access token")
    key.fill("ink_nothing_like_a_key")
    tags = operation(page, "GET", "/api/v1/tags")
    tags.locator("summary").click()
    with page.expect_request("**/api/v1/tags*") as sent:
        tags.get_by_role("button", name="Send").click()
    assert sent.value.headers["authorization"] == "Bearer ink_nothing_like_a_key"
    assert "cookie" not in sent.value.headers
    expect(tags.get_by_role("status")).to_contain_text("401")
    kept = page.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href, history.state])")
    assert "ink_nothing" not in kept
    page.reload()
    expect(key).to_have_value("")
    complaints.clear()


def test_without_javascript_everything_is_told_and_nothing_offered(chromium: Browser, docs: str):
    page = chromium.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844}).new_page()
    page.goto(docs)
    expect(page.get_by_label("Key or access token")).to_be_hidden()
    tags = operation(page, "GET", "/api/v1/tags")
    tags.locator("summary").click()
    expect(tags.get_by_text("page[size]")).to_be_visible()
    expect(tags.get_by_role("heading", name="Answers")).to_be_visible()
    expect(page.get_by_role("button", name="Send")).to_have_count(0)
    page.get_by_role("link", name="Version v2").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("API, version v2")
    page.context.close()
