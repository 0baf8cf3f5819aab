"""A line that is dead without saying so: an upload on it is given up, tried again, and stopped at once by whoever wants that."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, Route, expect

from tests.factories.media import picture_bytes, wave_bytes
from tests.fleet.as_a_site import of_one_process_tree
from tests.journeys.conftest import Complaints, sign_in
from tests.journeys.test_library import LIBRARY, SHORT_PAUSES, expect_refusals, file
from tests.patience import awaited
from tests.processes import descendants
from tests.running import RunningSite

pytestmark = pytest.mark.browser


@contextmanager
def silent(site: RunningSite) -> Iterator[None]:
    """The machine takes what is sent to the site, and the site does nothing with it meanwhile."""
    assert site.process is not None
    everybody = [site.process.pid, *descendants(site.process.pid)]
    for pid in everybody:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in everybody:
            os.kill(pid, signal.SIGCONT)


def open_library(page: Page, site: RunningSite) -> None:
    """With clocks that the test sets on."""
    sign_in(page, site)
    page.clock.install()
    page.goto(site.base + LIBRARY)


def test_a_part_of_which_nothing_moves_is_sent_again(page: Page, demo_site: RunningSite, complaints: Complaints):
    open_library(page, demo_site)
    sent: list[str] = []
    held: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == "PATCH":
            sent.append(route.request.headers["upload-offset"])
        if sent == ["0"] and not held:
            held.append(route)
        else:
            route.continue_()

    page.route("**/desk/media/uploads/*", hold)
    row = page.locator("[data-uploads] li")
    with page.expect_request(lambda request: request.method == "PATCH"):
        page.set_input_files("#file", file("still.wav", wave_bytes(400, tone=23), "audio/wav"))
    page.clock.fast_forward(60_000)
    assert "lost" not in row.inner_text()
    page.clock.fast_forward(20_000)
    expect(row).to_contain_text("The connection was lost.")
    page.clock.fast_forward(1_000)
    expect(row).to_contain_text("On the site.")
    assert sent[:2] == ["0", "0"]
    expect_refusals(complaints)


@of_one_process_tree
def test_an_answer_may_take_minutes_and_not_for_ever(page: Page, demo_site: RunningSite, complaints: Complaints):
    open_library(page, demo_site)
    row = page.locator("[data-uploads] li")
    with silent(demo_site):
        page.set_input_files("#file", file("long.jpg", picture_bytes(90, 60)))
        # Every byte has left.
        expect(row).to_contain_text("of 0.0 MB")
        page.clock.fast_forward(200_000)
        assert "lost" not in row.inner_text()
        page.clock.fast_forward(110_000)
        expect(row).to_contain_text("The connection was lost.")
    page.clock.fast_forward(1_000)
    expect(row).to_contain_text("On the site.")
    expect_refusals(complaints)


def test_stop_works_at_once_while_a_lost_line_is_waited_for(page: Page, demo_site: RunningSite, complaints: Complaints):
    # Whatever waits for a second or more waits for ever.
    page.add_init_script(
        "const wait = setTimeout; window.setTimeout = (act, ms, ...more) => wait(act, ms >= 1000 ? 2 ** 31 - 1 : ms, ...more);"
    )
    sign_in(page, demo_site)
    page.goto(demo_site.base + LIBRARY)
    page.route("**/desk/media/uploads/*", lambda route: route.abort() if route.request.method == "PATCH" else route.continue_())
    page.set_input_files("#file", [file("stopped.wav", wave_bytes(400, tone=29), "audio/wav"), file("next.jpg", picture_bytes(80, 60))])
    rows = page.locator("[data-uploads] li")
    expect(rows.first).to_contain_text("The connection was lost.")
    with page.expect_request(lambda request: request.method == "DELETE"):
        page.get_by_role("button", name="Stop stopped.wav").click()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("On the site.")
    expect_refusals(complaints)


TOO_MANY = {
    "status": 503,
    "content_type": "application/problem+json",
    "headers": {"Retry-After": "15"},
    "body": '{"status": 503, "detail": "Others are put together first."}',
}


def test_whoever_finishes_after_others_waits_for_a_place(page: Page, demo_site: RunningSite, complaints: Complaints):
    page.add_init_script(SHORT_PAUSES)
    sign_in(page, demo_site)
    page.goto(demo_site.base + LIBRARY)
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(**TOO_MANY) if len(asked) < 20 else route.continue_()

    page.route("**/finish", answer)
    page.set_input_files("#file", file("third.wav", wave_bytes(400, tone=31), "audio/wav"))
    expect(page.locator("[data-uploads] li")).to_contain_text("On the site.")
    assert len(asked) == 20
    expect_refusals(complaints)


def test_a_place_is_not_waited_for_for_ever(page: Page, demo_site: RunningSite, complaints: Complaints):
    open_library(page, demo_site)
    page.route("**/finish", lambda route: route.fulfill(**TOO_MANY))
    row = page.locator("[data-uploads] li")
    with page.expect_response("**/finish"):
        page.set_input_files("#file", file("fourth.wav", wave_bytes(400, tone=37), "audio/wav"))
    with page.expect_response("**/finish"):
        page.clock.fast_forward(20_000)
    page.clock.fast_forward(1_800_000)
    expect(row).to_contain_text("The connection was lost.")

    def go_on() -> None:
        # A moment in which it may be asked again: time that passes before a pause has begun passes in vain.
        page.wait_for_timeout(100)
        page.clock.fast_forward(30_000)

    awaited(lambda: "Others are put together first." in row.inner_text(), row.inner_text, pause=go_on)
    expect_refusals(complaints)


def test_a_file_of_many_parts_leaves_nothing_behind(page: Page, demo_site: RunningSite, complaints: Complaints):
    page.add_init_script(
        "const Real = AbortController; window.stops = [];"
        "window.AbortController = class extends Real { constructor() { super(); window.stops.push(this.signal); } };"
    )
    sign_in(page, demo_site)
    page.goto(demo_site.base + LIBRARY)
    sent: list[Route] = []

    def cut_the_second(route: Route) -> None:
        sent.append(route)
        route.abort() if len(sent) == 2 else route.continue_()

    page.route("**/desk/media/uploads/*", cut_the_second)
    page.set_input_files("#file", file("many.wav", wave_bytes(1300, tone=41), "audio/wav"))
    expect(page.locator("[data-uploads] li")).to_contain_text("On the site.")
    browser = page.context.new_cdp_session(page)
    stop = browser.send("Runtime.evaluate", {"expression": "window.stops[0]"})["result"]
    assert stop["className"] == "AbortSignal"
    assert browser.send("DOMDebugger.getEventListeners", {"objectId": stop["objectId"]})["listeners"] == []
    expect_refusals(complaints)
