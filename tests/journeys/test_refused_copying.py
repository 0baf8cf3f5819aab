"""A browser that keeps its clipboard to itself: what is shown once is selected, and whoever wanted it is told."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import sign_in
from tests.running import RunningSite

pytestmark = pytest.mark.browser


def test_what_cannot_be_copied_is_selected_and_told(page: Page, demo_site: RunningSite):
    page.add_init_script("navigator.clipboard.writeText = () => Promise.reject(new DOMException('', 'NotAllowedError'));")
    sign_in(page, demo_site)
    page.goto(demo_site.base + "/account/keys")
    page.get_by_label("Name", exact=True).fill("Old laptop")
    page.get_by_role("checkbox", name="Write and edit own posts").check()
    page.get_by_role("button", name="Make the key").click()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Selected: copy by hand")).to_be_visible()
    assert page.evaluate("getSelection().toString().trim()") == page.locator("[data-codes] code").inner_text()
    page.set_viewport_size({"width": 320, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
