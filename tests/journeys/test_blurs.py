"""A picture that has not come yet: a blurred one stands in its place, nothing moves, and nothing more is asked for."""

import io
from collections.abc import Iterator

import pytest
from PIL import Image, ImageStat
from playwright.sync_api import Browser, Page, Route, expect

from tests.patience import awaited
from tests.running import RunningSite

pytestmark = pytest.mark.browser


@pytest.fixture(params=[True, False], ids=["with a script", "without one"])
def slow(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[tuple[Page, list[Route]]]:
    """A page to which no picture comes before it is let through."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, java_script_enabled=request.param)
    page, held = context.new_page(), []
    page.route("**/media/**", lambda route: held.append(route))  # noqa: PLW0108 - it looks into what it calls
    # Letters of a face that comes later take another room, which moves what is below them.
    page.route("**/*.woff2", lambda route: route.abort())
    yield page, held
    context.close()


def test_a_blurred_one_stands_where_the_picture_will_be(slow: tuple[Page, list[Route]], demo_site: RunningSite) -> None:
    page, held = slow
    page.goto(demo_site.base, wait_until="domcontentloaded")
    lead = page.locator(".lead .blurred")
    expect(lead).to_be_visible()
    # Before the style sheet is there, it lies elsewhere.
    expect(page.locator("body")).to_have_css("margin-top", "0px")
    page.wait_for_function("getComputedStyle(document.documentElement).getPropertyValue('--paper')")
    before = lead.bounding_box()
    waiting = Image.open(io.BytesIO(lead.screenshot())).convert("RGB")
    # Neither paper nor one colour.
    assert max(ImageStat.Stat(waiting).stddev) > 5
    assert not [route.request.url for route in held if "blur" in route.request.url]
    # What is asked for from now on comes by itself, and nothing falls between the two.
    page.unroute("**/media/**")
    for route in held:
        route.continue_()
    expect(lead.locator("picture img")).to_have_js_property("complete", value=True)
    assert lead.bounding_box() == before
    # What has come is drawn a little later.
    come = awaited(lambda: (now := Image.open(io.BytesIO(lead.screenshot())).convert("RGB")).tobytes() != waiting.tobytes() and now)
    apart = (abs(one - other) for one, other in zip(ImageStat.Stat(waiting).mean, ImageStat.Stat(come).mean, strict=True))
    assert max(apart) < 25
