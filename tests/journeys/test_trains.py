"""On a train the line comes and goes: what somebody wrote, sends or looks for is not lost by it, and they are told in words."""

from collections.abc import Iterator
from json import dumps

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.browsing import PATIENCE_MS
from tests.factories.media import picture_bytes
from tests.fleet.as_a_site import of_one_process_tree, site_at
from tests.journeys import conftest
from tests.journeys.conftest import Complaints
from tests.journeys.test_comments import PASSWORD, Talk, plant, sign_in
from tests.patience import awaited
from tests.running import RunningSite
from tests.team import make_team

pytestmark = [pytest.mark.browser, of_one_process_tree]


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory, settings: dict[str, str]) -> Iterator[Talk]:
    data = tmp_path_factory.mktemp("trains") / "data"
    make_team(
        data,
        settings,
        ("emil@example.org", "Emil Norrby", "editor"),
        ("rhea@example.org", "Rhea Fenn", "reader"),
        ("dagny@example.org", "Dagny $& Moe", "editor"),
        password=PASSWORD,
    )
    path = plant(data, settings)
    site = site_at(data, settings | {"INKHORN_LIVE_STREAMS": "20"}).start()
    yield Talk(site, path)
    site.stop()


@pytest.fixture
def reader(chromium: Browser) -> Iterator[BrowserContext]:
    """Another browser, of a visitor."""
    context = chromium.new_context()
    yield context
    context.close()


def forget_the_line(complaints: Complaints) -> None:
    """A browser notes each request that found no line; those were wanted here."""
    complaints[:] = [each for each in complaints if "ERR_" not in each and "503" not in each]


def test_a_comment_that_found_no_line_is_kept_and_sent_later(page: Page, talk: Talk, complaints: Complaints):
    sign_in(page, talk, "emil@example.org")
    page.goto(talk.address)
    words = page.get_by_label("Comment", exact=True)
    words.fill("Written in a tunnel.")
    page.context.set_offline(True)
    page.get_by_role("button", name="Send the comment").click()
    expect(page.get_by_role("alert")).to_have_text("That did not arrive. Your words are still here; try again.")
    expect(words).to_have_value("Written in a tunnel.")
    page.context.set_offline(False)
    # Gone to another page and come back, as whoever waits for a line does.
    page.goto(talk.site.base)
    page.goto(talk.address)
    expect(words).to_have_value("Written in a tunnel.")
    page.get_by_role("button", name="Send the comment").click()
    expect(page.locator(".comment", has_text="Written in a tunnel.")).to_be_visible(timeout=PATIENCE_MS)
    page.goto(talk.site.base)
    page.goto(talk.address)
    expect(words).to_have_value("")
    forget_the_line(complaints)


def test_what_came_meanwhile_is_told_in_one_sentence(page: Page, reader: BrowserContext, talk: Talk):
    away = reader.new_page()
    away.goto(talk.address + "#comments")
    told = away.locator("[data-heard]")
    expect(told).to_have_attribute("role", "status")
    expect(told).to_have_text("")
    sign_in(page, talk, "emil@example.org")
    page.goto(talk.address)
    reader.set_offline(True)
    for words in ("First bridge.", "Second bridge."):
        page.get_by_label("Comment", exact=True).fill(words)
        page.get_by_role("button", name="Send the comment").click()
        expect(page.locator(".comment", has_text=words)).to_be_visible(timeout=PATIENCE_MS)
    # Whoever wrote them needs not be told.
    expect(page.locator("[data-heard]")).to_have_text("")
    reader.set_offline(False)
    expect(told).to_have_text("2 new comments.", timeout=PATIENCE_MS)
    page.get_by_label("Comment", exact=True).fill("Third bridge.")
    page.get_by_role("button", name="Send the comment").click()
    expect(told).to_have_text("One new comment, by Emil Norrby.", timeout=PATIENCE_MS)


LISTEN = """() => {
  window.spoken = [];
  const heard = document.querySelector("[data-heard]");
  new MutationObserver(() => window.spoken.push(heard.textContent)).observe(heard, { childList: true });
}"""


def test_the_same_sentence_is_spoken_again_and_ones_own_words_never(page: Page, reader: BrowserContext, talk: Talk):
    away, held, told = reader.new_page(), [], []
    away.goto(talk.address + "#comments")
    sign_in(page, talk, "dagny@example.org")
    page.goto(talk.address + "#comments")
    for each in (away, page):
        each.evaluate(LISTEN)
    # The thread is told of it before the answer comes, as over a slow line.
    hold = lambda route: held.append((route, route.fetch())) if route.request.method == "POST" else route.continue_()  # noqa: E731
    page.route("**/comments/on/*", hold)
    for words in ("Fourth bridge.", "Fifth bridge."):
        page.get_by_label("Comment", exact=True).fill(words)
        page.get_by_role("button", name="Send the comment").click()
        told += ["", "One new comment, by Dagny $& Moe."]
        away.wait_for_function(
            "told => JSON.stringify(window.spoken) === told", arg=dumps(told[1:], separators=(",", ":")), timeout=PATIENCE_MS
        )
        expect(page.locator(".comment", has_text=words)).to_have_count(0)
        while not held:
            # The answer is on its way to us as well.
            page.wait_for_timeout(50)
        (route, answer) = held.pop()
        route.fulfill(response=answer)
        expect(page.locator(".comment", has_text=words)).to_be_visible(timeout=PATIENCE_MS)
    assert page.evaluate("window.spoken") == []


def test_whoever_writes_on_need_not_wait_for_the_thread(page: Page, talk: Talk):
    sign_in(page, talk, "dagny@example.org")
    page.goto(talk.address)
    held, sent = [], []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.route("**/comments/on/*", lambda route: route.continue_() if route.request.method == "POST" else held.append(route))
    words = page.get_by_label("Comment", exact=True)
    for each in ("Sixth bridge.", "Seventh bridge."):
        words.fill(each)
        page.get_by_role("button", name="Send the comment").click()
        expect(words).to_have_value("", timeout=PATIENCE_MS)
    assert (len(sent), len(held)) == (2, 1)
    while held:
        held.pop().continue_()
    page.unroute("**/comments/on/*")
    expect(page.locator(".comment", has_text="Seventh bridge.")).to_be_visible(timeout=PATIENCE_MS)


def test_news_that_could_not_be_had_is_asked_for_once_more(page: Page, reader: BrowserContext, talk: Talk, complaints: Complaints):
    away, refused = reader.new_page(), []
    away.clock.install()

    def refuse(route: Route) -> None:
        refused.append(route)
        route.fulfill(status=503, body="Busy.")

    with away.expect_response("**/comments/on/*"):
        # Once it listens, it looks.
        away.goto(talk.address + "#comments")
    away.route("**/comments/on/*", refuse)
    sign_in(page, talk, "dagny@example.org")
    page.goto(talk.address)
    page.get_by_label("Comment", exact=True).fill("Eighth bridge.")
    page.get_by_role("button", name="Send the comment").click()
    awaited(lambda: refused, pause=lambda: away.wait_for_timeout(50))
    expect(away.locator(".comment", has_text="Eighth bridge.")).to_have_count(0)
    away.unroute("**/comments/on/*")
    away.clock.fast_forward(20_000)
    expect(away.locator(".comment", has_text="Eighth bridge.")).to_be_visible(timeout=PATIENCE_MS)
    forget_the_line(complaints)


def test_the_search_says_that_it_does_not_answer_and_asks_again(page: Page, talk: Talk, complaints: Complaints):
    page.goto(talk.site.base + "/search")
    field, told = page.get_by_role("searchbox"), page.locator("[data-search-status]")
    expect(field).to_be_focused()
    page.context.set_offline(True)
    page.keyboard.type("clock")
    expect(told).to_have_text("The search does not answer just now. Your words stay here: press Enter to try again.")
    expect(told).to_be_visible()
    expect(field).to_have_value("clock")
    page.context.set_offline(False)
    expect(page.locator(".entry-title a")).to_have_text("The clock that is fed by the sea", timeout=PATIENCE_MS)
    expect(told).not_to_contain_text("does not answer")
    page.route("**/search?*", lambda route: route.fulfill(status=503, body="Busy."))
    page.keyboard.type("s")
    expect(told).to_contain_text("does not answer")
    page.unroute("**/search?*")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=clocks")
    forget_the_line(complaints)


def test_an_upload_that_lost_its_line_goes_on_by_itself(page: Page, demo_site: RunningSite, complaints: Complaints):
    conftest.sign_in(page, demo_site)
    page.goto(demo_site.base + "/desk/media/")
    page.context.set_offline(True)
    page.set_input_files("#file", [{"name": "bridge.jpg", "mimeType": "image/jpeg", "buffer": picture_bytes(640, 480)}])
    row = page.locator("[data-uploads] li")
    expect(row).to_contain_text("It goes on by itself as soon as it is back.")
    page.context.set_offline(False)
    expect(row).to_contain_text("On the site.", timeout=PATIENCE_MS)
    forget_the_line(complaints)
