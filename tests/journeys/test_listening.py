"""What others write under a post appears while one reads it: told by a stream, and asked for now and then where there is no place."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browsing import PATIENCE_MS
from tests.fleet.as_a_site import site_at
from tests.journeys.conftest import Complaints
from tests.journeys.test_comments import PASSWORD, Talk, plant, sign_in
from tests.team import make_team

pytestmark = pytest.mark.browser

# Nobody polls by these clocks; or at a pace that a test can wait for.
NEVER = "window.setInterval = () => 0;"
OFTEN = "const every = setInterval; window.setInterval = (act) => every(act, 300);"


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory, settings: dict[str, str]) -> Iterator[Talk]:
    data = tmp_path_factory.mktemp("listening") / "data"
    make_team(data, settings, ("emil@example.org", "Emil Norrby", "editor"), ("rhea@example.org", "Rhea Fenn", "reader"), password=PASSWORD)
    path = plant(data, settings)
    # More places than all of these tests take, since one that a browser left is held until the next heartbeat.
    site = site_at(data, settings | {"INKHORN_LIVE_STREAMS": "20"}).start()
    yield Talk(site, path)
    site.stop()


@pytest.fixture
def away(chromium: Browser) -> Iterator[BrowserContext]:
    """Another browser, of a visitor."""
    context = chromium.new_context()
    yield context
    context.close()


def write(page: Page, words: str) -> None:
    page.get_by_label("Comment", exact=True).fill(words)
    page.get_by_role("button", name="Send the comment").click()
    expect(page.locator(".comment", has_text=words)).to_be_visible()


def is_stream(response) -> bool:
    return response.url.endswith("/live")


def listen(page: Page, talk: Talk) -> int:
    """Read down to the thread; how the server answered who wants to listen."""
    with page.expect_response(is_stream) as answered:
        page.goto(talk.address + "#comments")
    return answered.value.status


def test_a_comment_appears_when_it_is_written_and_when_it_is_taken_away(
    page: Page, away: BrowserContext, talk: Talk, complaints: Complaints
):
    reader = away.new_page()
    reader.add_init_script(NEVER)
    complaints.listen_to(reader)
    assert listen(reader, talk) == 200
    sign_in(page, talk, "emil@example.org")
    page.goto(talk.address)
    write(page, "Told at once.")
    seen = reader.locator(".comment", has_text="Told at once.")
    expect(seen).to_be_visible(timeout=PATIENCE_MS)
    expect(reader.get_by_role("heading", name="3 comments")).to_be_visible()
    page.locator(".comment", has_text="Told at once.").get_by_role("button", name="Remove").click()
    expect(seen).to_have_count(0, timeout=PATIENCE_MS)


def test_who_finds_no_place_hears_of_it_a_little_later(page: Page, away: BrowserContext, talk: Talk, complaints: Complaints):
    sign_in(page, talk, "emil@example.org")
    page.goto(talk.address)
    reader = away.new_page()
    reader.add_init_script(OFTEN)
    complaints.listen_to(reader)
    reader.route("**/live", lambda route: route.fulfill(status=204, headers={"Retry-After": "300"}))
    asked: list[str] = []
    reader.on("request", lambda request: asked.append(request.url) if is_stream(request) else None)
    assert listen(reader, talk) == 204
    write(page, "Asked for.")
    expect(reader.locator(".comment", has_text="Asked for.")).to_be_visible(timeout=PATIENCE_MS)
    # Whoever was sent away does not come again at once.
    assert len(asked) == 1


def test_what_was_written_while_the_line_was_dead_appears_after_it(page: Page, away: BrowserContext, talk: Talk):
    reader, broken = away.new_page(), []
    reader.add_init_script(OFTEN)
    reader.on("pageerror", lambda error: broken.append(str(error)))
    reader.goto(talk.address + "#comments")
    sign_in(page, talk, "emil@example.org")
    page.goto(talk.address)
    away.set_offline(True)
    reader.get_by_label("Comment", exact=True).fill("My own words, half")
    write(page, "Into the dead line.")
    away.set_offline(False)
    expect(reader.locator(".comment", has_text="Into the dead line.")).to_be_visible(timeout=PATIENCE_MS)
    expect(reader.get_by_label("Comment", exact=True)).to_have_value("My own words, half")
    assert broken == []


def test_a_page_out_of_sight_keeps_no_place(away: BrowserContext, talk: Talk):
    reader = away.new_page()
    reader.set_viewport_size({"width": 390, "height": 300})
    reader.goto(talk.address)
    reader.evaluate("document.body.prepend(Object.assign(document.createElement('canvas'), {height: 4000})); scrollTo(0, 0)")
    with reader.expect_response(is_stream) as answered:
        reader.locator("#comments").scroll_into_view_if_needed()
    assert answered.value.status == 200
    with reader.expect_event("requestfailed", predicate=is_stream, timeout=PATIENCE_MS):
        reader.evaluate("scrollTo(0, 0)")
