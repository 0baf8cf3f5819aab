"""Albums and shows in haste: typing while a song arrives, further files before the first are there, and a button pressed twice."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.factories.sound import mp3_bytes
from tests.journeys.conftest import Complaints, sign_in
from tests.journeys.test_library import SHORT_PAUSES, expect_refusals
from tests.journeys.test_sound import begin, songs, wait_until_past
from tests.patience import awaited
from tests.running import RunningSite

pytestmark = pytest.mark.browser

UPLOAD, SOUND = re.compile(r"/desk/media/upload$"), re.compile(r"/media/\d{4}/.*\.mp3$")
ADDING = re.compile(r"/desk/media/albums/\d+/tracks$")
PAGE = re.compile(r"/desk/media/(albums|shows)/\d+(/revise)?$")


# How playing ended, told when whoever pressed was told as well, and where the page was led from then on.
WATCH_PLAYING = """() => {
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () {
    const playing = play.call(this);
    window.ended = playing.then(() => "", (error) => new Promise((done) => setTimeout(done, 0, error.name)));
    return playing;
  };
  window.led = [];
  navigation.addEventListener("navigate", (event) => window.led.push(event.destination.url));
}"""


class Hold:
    """Keeps back what a page asks for at an address, until it is let go."""

    def __init__(self, page: Page, address: re.Pattern[str], but: Callable[[Request], bool] = lambda _request: False) -> None:
        self.page, self.address, self.but = page, address, but
        self.waiting: list[Route] = []
        page.route(address, self._take)

    def _take(self, route: Route) -> None:
        if self.but(route.request):
            route.continue_()
        else:
            self.waiting.append(route)

    def await_first(self) -> None:
        awaited(lambda: self.waiting, pause=lambda: self.page.wait_for_timeout(20))

    def let_go(self) -> None:
        for route in self.waiting:
            route.continue_()
        self.page.unroute(self.address, self._take)


def choose(page: Page, *paths: Path) -> None:
    page.locator("form[data-drop] input[type=file]").set_input_files(paths)


def begin_with(page: Page, site: RunningSite, title: str, *paths: Path) -> None:
    begin(page, site, "album", title)
    choose(page, *paths)
    expect(page.locator(".tracks > li")).to_have_count(len(paths))


def assert_asks(page: Page) -> None:
    """Whoever leaves is asked, and stays."""
    page.once("dialog", lambda dialog: dialog.dismiss())
    with page.expect_event("dialog") as asked:
        leave(page)
    assert asked.value.type == "beforeunload"


def leave(page: Page) -> None:
    # Only whoever has pressed something is asked.
    page.get_by_role("heading", level=1).click()
    page.evaluate("location.reload()")


def test_what_is_typed_while_a_song_arrives_stays(page: Page, demo_site: RunningSite, tmp_path: Path):
    sign_in(page, demo_site)
    one, two = songs(tmp_path, "One", "Two")
    begin_with(page, demo_site, "Tide tables", one)
    anew = Hold(page, PAGE)
    choose(page, two)
    anew.await_first()
    title = page.get_by_label("Title of song 1")
    title.fill("Neap")
    title.press("Home")
    anew.let_go()
    expect(page.locator(".tracks > li")).to_have_count(2)
    page.keyboard.type("Low ")
    expect(title).to_have_value("Low Neap")
    expect(page.locator("[data-saved]")).to_have_text("Not saved yet")
    assert_asks(page)
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".telling")).to_contain_text("Saved.")
    assert [each.input_value() for each in page.locator(".tracks input.plain:not(.artist)").all()] == ["Low Neap", "Two"]


@pytest.mark.parametrize(
    "answer",
    [
        lambda route: route.fulfill(status=503, body="Too much at once."),
        lambda route: route.fulfill(status=200, content_type="text/html", body="<main><h1>Sign in</h1></main>"),
        lambda route: route.abort(),
    ],
    ids=["refused", "signed out", "lost"],
)
def test_a_list_that_could_not_be_read_anew_is_told_and_nothing_typed_is_lost(
    page: Page, demo_site: RunningSite, tmp_path: Path, complaints: Complaints, answer: Callable[[Route], None]
):
    sign_in(page, demo_site)
    one, two = songs(tmp_path, "One", "Two")
    begin_with(page, demo_site, "Spring tide", one)
    page.get_by_label("Title of song 1").fill("Renamed")
    page.route(PAGE, answer)
    choose(page, two)
    expect(page.locator("[data-sending] .error")).to_contain_text("this page could not show it")
    expect(page.get_by_label("Title of song 1")).to_have_value("Renamed")
    assert_asks(page)
    page.unroute(PAGE)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Title of song 2")).to_have_value("Two")
    expect(page.get_by_label("Title of song 1")).to_have_value("Renamed")
    complaints[:] = [each for each in complaints if not re.search(r"\b503\b|ERR_FAILED", each)]


def test_further_songs_wait_until_the_first_are_there(page: Page, demo_site: RunningSite, tmp_path: Path):
    sign_in(page, demo_site)
    begin(page, demo_site, "album", "Ebb")
    one, two, three = songs(tmp_path, "One", "Two", "Three")
    upload = Hold(page, UPLOAD)
    choose(page, one)
    upload.await_first()
    choose(page, two, three)
    expect(page.locator("[data-sending] li")).to_have_text(["One.mp3", "Two.mp3", "Three.mp3"])
    assert_asks(page)
    assert len(upload.waiting) == 1
    upload.let_go()
    expect(page.locator(".tracks > li")).to_have_count(3)
    expect(page.locator("[data-sending] li")).to_have_count(0)
    assert [each.input_value() for each in page.locator(".tracks input.plain:not(.artist)").all()] == ["One", "Two", "Three"]
    with page.expect_event("load"):
        leave(page)


def test_a_song_whose_answer_was_lost_stands_there_once(page: Page, demo_site: RunningSite, tmp_path: Path, complaints: Complaints):
    page.add_init_script(SHORT_PAUSES)
    sign_in(page, demo_site)
    begin(page, demo_site, "album", "Ebb and ebb")
    (one,) = songs(tmp_path, "One")
    added: list[int] = []

    def lose(route: Route) -> None:
        added.append(route.fetch().status)
        route.abort()

    page.route(ADDING, lose)
    choose(page, one)
    expect(page.locator("[data-sending] .error")).to_contain_text("It arrived, but whether it was added could not be learnt.")
    assert added == [200] * 7
    page.unroute(ADDING)
    choose(page, one)
    expect(page.locator(".tracks > li")).to_have_count(1)
    expect(page.locator("[data-sending] li")).to_have_count(0)
    expect_refusals(complaints)


def test_a_line_that_is_dead_while_a_song_is_added_holds_up_no_other(page: Page, demo_site: RunningSite, tmp_path: Path):
    sign_in(page, demo_site)
    page.clock.install()
    begin(page, demo_site, "album", "Dead water")
    one, two = songs(tmp_path, "One", "Two")
    adding = Hold(page, ADDING)
    choose(page, one)
    adding.await_first()
    choose(page, two)
    page.unroute(ADDING)
    page.clock.fast_forward(310_000)
    expect(page.locator("[data-sending] li").first).to_contain_text("The connection was lost.")
    page.clock.fast_forward(1_000)
    expect(page.locator(".tracks > li")).to_have_count(2)


def test_a_list_that_does_not_come_holds_up_no_further_songs(page: Page, demo_site: RunningSite, tmp_path: Path):
    sign_in(page, demo_site)
    begin(page, demo_site, "album", "Still water")
    page.evaluate("""() => {
      const patience = AbortSignal.timeout.bind(AbortSignal);
      AbortSignal.timeout = (ms) => { window.given = ms; AbortSignal.timeout = patience; return patience(300); };
    }""")
    one, two = songs(tmp_path, "One", "Two")
    anew = Hold(page, PAGE)
    choose(page, one)
    expect(page.locator("[data-sending] .error")).to_contain_text("this page could not show it")
    assert page.evaluate("window.given") == 30_000
    page.unroute(PAGE)
    choose(page, two)
    expect(page.locator(".tracks > li")).to_have_count(2)
    assert len(anew.waiting) == 1


def test_an_episode_that_is_there_leaves_the_next_one_on_its_way(page: Page, demo_site: RunningSite, tmp_path: Path):
    sign_in(page, demo_site)
    begin(page, demo_site, "show", "Ebb and flow")
    one, two = songs(tmp_path, "One", "Two")
    sent: list[int] = []

    def is_first(_request: Request) -> bool:
        sent.append(1)
        return len(sent) == 1

    upload = Hold(page, UPLOAD, but=is_first)
    page.get_by_label("Author").fill("Pell Hathersage")
    choose(page, one)
    choose(page, two)
    upload.await_first()
    expect(page.locator(".episodes > li")).to_have_count(1)
    expect(page.locator("[data-facts]")).to_contain_text("Show, 1 episode.")
    upload.let_go()
    expect(page.locator(".episodes > li")).to_have_count(2)
    expect(page.get_by_label("Author")).to_have_value("Pell Hathersage")


def test_a_song_pressed_twice_before_it_came_is_stopped(page: Page, demo_site: RunningSite, tmp_path: Path):
    sign_in(page, demo_site)
    begin_with(page, demo_site, "Twice", *songs(tmp_path, "One", "Two"))
    first, second = (page.get_by_role("link", name=f"Play {name}") for name in ("One", "Two"))
    drawn = [each.locator("use") for each in (first, second)]
    sound = Hold(page, SOUND)
    first.click()
    expect(drawn[0]).to_have_attribute("href", re.compile("#pause$"))
    first.click()
    expect(drawn[0]).to_have_attribute("href", re.compile("#play$"))
    first.click()
    second.click()
    expect(drawn[1]).to_have_attribute("href", re.compile("#pause$"))
    expect(drawn[0]).to_have_attribute("href", re.compile("#play$"))
    assert not any(route.request.is_navigation_request() for route in sound.waiting)
    sound.let_go()


def test_a_chapter_paused_before_it_came_leads_nowhere(page: Page, demo_site: RunningSite, tmp_path: Path):
    sign_in(page, demo_site)
    path = tmp_path / "talk.mp3"
    path.write_bytes(mp3_bytes(6, title="Talk", chapters=((0.0, "The door"), (3.0, "Soup"))))
    begin_with(page, demo_site, "Chapters", path)
    page.get_by_role("link", name="Preview").click()
    page.wait_for_load_state()
    address = page.url
    sound = Hold(page, SOUND)
    # Where a song has chapters they are folded away on some pages.
    page.locator("details:has(.chapters)").evaluate_all("all => all.forEach((each) => { each.open = true; })")
    page.evaluate(WATCH_PLAYING)
    page.locator(".chapters a", has_text="Soup").click()
    sound.await_first()
    page.locator("audio").first.evaluate("(audio) => audio.pause()")
    assert page.evaluate("window.ended") == "AbortError"
    assert page.evaluate("window.led") == []
    sound.let_go()
    assert page.url == address
    page.locator(".chapters a", has_text="Soup").click()
    wait_until_past(page, 3)
