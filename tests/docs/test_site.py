"""The site as somebody reads it: whole, from a disk without a network, with or without scripts, by eye, ear and keyboard."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.docs.tree import dead_links, foreign_parts, module_of_docs
from tests.docs.walk import PATIENCE_MS
from tests.journeys.conftest import violations

PAGES = ("index.html", "tutorial/first-site.html", "how-to/send-mail.html", "reference/settings.html", "map.html", "search.html")
NARROW, WIDE = 360, 1440


def test_every_paper_is_a_page(built: Path):
    missing = [page for page in module_of_docs("build").sources() if not (built / page).with_suffix(".html").is_file()]
    assert missing == []


def test_every_link_and_every_place_is_there(built: Path):
    assert dead_links(built) == []


def test_nothing_is_fetched_from_another_host(built: Path):
    assert foreign_parts(built) == []


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_sound_in_every_light_and_width(built: Path, chromium: Browser, name: str):
    context = chromium.new_context()
    context.set_default_timeout(PATIENCE_MS)
    page, wrong = context.new_page(), []
    page.on("request", lambda asked: None if asked.url.startswith(("file:", "data:")) else wrong.append(f"foreign: {asked.url}"))
    page.goto((built / name).as_uri())
    # Colours differ by the light and places by the width, so two looks see all four.
    for scheme, width in (("light", NARROW), ("dark", WIDE)):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": 900})
        wrong += [f"{scheme}, {width}: {each}" for each in violations(page)]
    for width in (NARROW, 900, WIDE):
        page.set_viewport_size({"width": width, "height": 900})
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wrong.append(f"scrolls sideways at {width}")
    context.close()
    assert wrong == []


@pytest.mark.browser
def test_one_finds_the_way_without_scripts(built: Path, chromium: Browser):
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto((built / "index.html").as_uri())
    page.locator("article").get_by_role("link", name="How-to").click()
    page.locator("article").get_by_role("link", name="Send mail").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Send mail", timeout=PATIENCE_MS)
    context.close()


@pytest.mark.browser
def test_a_word_is_found_without_a_network(built: Path, chromium: Browser):
    context = chromium.new_context()
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto((built / "search.html").as_uri() + "?q=passphrase")
    expect(page.locator("#search-results").get_by_role("link", name="Back up").first).to_be_visible(timeout=PATIENCE_MS)
    context.close()
