"""On a slow line the page is there before its script is: what somebody did meanwhile is neither lost nor taken for what was there before."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.factories.sound import mp3_bytes
from tests.journeys.conftest import sign_in
from tests.journeys.test_sound import begin
from tests.running import RunningSite

pytestmark = pytest.mark.browser


@pytest.fixture
def held(page: Page) -> Callable[[str, str], Callable[[], None]]:
    """Opens a page whose script of that name is on its way until what this gives is called."""

    def open_without(address: str, name: str) -> Callable[[], None]:
        waiting: list[Route] = []
        # Its address bears a mark of what is in it.
        script = re.compile(rf"/{name}\.[^/]*js$")

        def hold(route: Route) -> None:
            waiting.append(route)

        page.route(script, hold)
        with page.expect_request(script):
            page.goto(address, wait_until="commit")

        def let_come() -> None:
            for route in waiting:
                route.continue_()
            page.unroute(script)
            page.wait_for_load_state()

        return let_come

    return open_without


def test_words_written_before_the_editors_script_are_known_to_be_unsaved(page: Page, demo_site: RunningSite, held):
    sign_in(page, demo_site)
    let_come = held(demo_site.base + "/desk/posts/write", "editor")
    page.locator("#body").fill("Written on a ferry.")
    let_come()
    expect(page.locator("[data-saved]")).to_have_text("Not saved yet")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.get_by_role("button", name="Bring them back").click()
    expect(page.locator("#body")).to_have_value("Written on a ferry.")


def test_a_title_typed_before_the_albums_script_outlives_a_song_that_arrives(page: Page, demo_site: RunningSite, held, tmp_path: Path):
    sign_in(page, demo_site)
    begin(page, demo_site, "album", "Slow water")
    for name in ("One", "Two"):
        (tmp_path / f"{name}.mp3").write_bytes(mp3_bytes(2, title=name))
    page.locator("form[data-drop] input[type=file]").set_input_files(tmp_path / "One.mp3")
    expect(page.locator(".tracks > li")).to_have_count(1)
    let_come = held(page.url, "album")
    page.get_by_label("Title of song 1").fill("Renamed on a ferry")
    page.locator("form[data-drop] input[type=file]").set_input_files(tmp_path / "Two.mp3")
    let_come()
    # The file that was chosen meanwhile goes on its way by itself.
    expect(page.locator(".tracks > li")).to_have_count(2)
    expect(page.get_by_label("Title of song 1")).to_have_value("Renamed on a ferry")


def test_an_operation_opened_before_the_script_can_be_tried(page: Page, demo_site: RunningSite, held):
    let_come = held(demo_site.base + "/api/docs", "docs")
    page.locator("summary", has_text="List tags").click()
    let_come()
    expect(page.locator("details[open]").get_by_role("button", name="Send")).to_have_count(1)


def test_a_comment_begun_before_the_script_has_its_two_seconds(page: Page, demo_site: RunningSite, held):
    page.goto(demo_site.base)
    post = page.locator(".entry-title a").first.get_attribute("href")
    let_come = held(f"{demo_site.base}{post}", "comments")
    page.get_by_label("Comment", exact=True).fill("Typed on a ferry.")
    address = page.locator("#comment-form").get_attribute("data-sheet-values")
    with page.expect_response(f"**{address}"):
        let_come()
