"""Moderators who do not wait for one act before the next: on a slow line nothing is lost, and nothing befalls another comment than was meant."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.demo import OWNER
from tests.journeys.conftest import Complaints, sign_in
from tests.journeys.test_moderation import waiting
from tests.patience import awaited
from tests.running import RunningSite
from tests.talk import fill_queue

pytestmark = pytest.mark.browser

ACTS = re.compile(r"/desk/comments/(\d+/|move|undo)")


@pytest.fixture(scope="module")
def site(demo_site: RunningSite) -> RunningSite:
    fill_queue(demo_site.data, demo_site.environment, more=40)
    return demo_site


@pytest.fixture
def desk(page: Page, site: RunningSite) -> Page:
    sign_in(page, site)
    page.goto(site.base + "/desk/comments/")
    return page


@pytest.fixture
def held(desk: Page) -> list[Route]:
    """The acts that are on their way to the site."""
    acts: list[Route] = []
    desk.route(ACTS, lambda route: acts.append(route) if route.request.method == "POST" else route.continue_())
    return acts


@pytest.fixture
def let_one_come(desk: Page, held: list[Route]) -> Callable[[], None]:
    def let_come() -> None:
        awaited(lambda: held, pause=lambda: desk.wait_for_timeout(20))
        held.pop(0).continue_()

    return let_come


def press(desk: Page, *keys: str) -> None:
    for key in keys:
        desk.keyboard.press(key)


def chosen_row(desk: Page) -> str:
    return desk.locator(".is-cursor").get_attribute("id") or ""


def test_whoever_types_an_answer_meanwhile_types_on(desk: Page, let_one_come: Callable[[], None]):
    before = waiting(desk)
    press(desk, "ArrowDown", "t", "ArrowDown", "ArrowDown", "r")
    number, words = chosen_row(desk), desk.locator(".is-cursor textarea")
    expect(words).to_be_focused()
    desk.keyboard.type("Then")
    press(desk, "ArrowLeft")
    let_one_come()
    expect(desk.locator(".telling")).to_contain_text("In the trash")
    desk.keyboard.type("ast")
    expect(words).to_have_value("Theastn")
    assert (chosen_row(desk), waiting(desk)) == (number, before - 1)


def test_whoever_types_into_the_search_meanwhile_types_on(desk: Page, let_one_come: Callable[[], None]):
    before = waiting(desk)
    press(desk, "ArrowDown", "t", "/")
    desk.keyboard.type("sp")
    let_one_come()
    expect(desk.locator(".telling")).to_contain_text("In the trash")
    desk.keyboard.type("ast")
    expect(desk.get_by_role("searchbox")).to_have_value("spast")
    expect(desk.get_by_role("searchbox")).to_be_focused()
    assert waiting(desk) == before - 1


def test_a_comment_that_leaves_the_list_stays_while_it_is_answered(desk: Page, let_one_come: Callable[[], None]):
    press(desk, "ArrowDown", "a", "r")
    number = chosen_row(desk)
    desk.keyboard.type("So it")
    let_one_come()
    expect(desk.locator(".telling")).to_contain_text("Approved:")
    desk.keyboard.type(" is.")
    expect(desk.locator(f"#{number} textarea")).to_have_value("So it is.")
    press(desk, "Control+Enter")
    let_one_come()
    expect(desk.locator(".telling")).to_contain_text("Answered.")
    expect(desk.locator(f"#{number}")).to_have_count(0)


def test_the_cursor_stays_on_the_comment_it_was_moved_to(desk: Page, let_one_come: Callable[[], None]):
    press(desk, "ArrowDown", "t", "ArrowDown", "ArrowDown")
    meant = chosen_row(desk)
    let_one_come()
    expect(desk.locator(".telling")).to_contain_text("In the trash")
    assert chosen_row(desk) == meant
    expect(desk.locator(f"#{meant}")).to_be_focused()
    press(desk, "ArrowDown")
    below = chosen_row(desk)
    press(desk, "ArrowUp", "t")
    let_one_come()
    expect(desk.locator(f"#{meant}")).to_have_count(0)
    assert chosen_row(desk) == below


def test_acts_go_one_after_another_and_each_once(desk: Page, held: list[Route], let_one_come: Callable[[], None]):
    before, sent = waiting(desk), []
    desk.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    press(desk, "ArrowDown", "a", "a", "ArrowDown", "s", "s", "z")
    second = chosen_row(desk)
    awaited(lambda: held, pause=lambda: desk.wait_for_timeout(20))
    assert len(sent) == 1
    let_one_come()
    expect(desk.locator(".telling")).to_contain_text("Approved:")
    let_one_come()
    expect(desk.locator(".telling")).to_contain_text("Called spam:")
    # Undone is what was pressed last, though it was not done yet.
    let_one_come()
    expect(desk.locator(".telling")).to_contain_text("Undone:")
    expect(desk.locator(f"#{second}")).to_have_count(1)
    assert ([url.rpartition("/")[2].partition("?")[0] for url in sent], waiting(desk)) == (["approve", "spam", "undo"], before - 1)


def test_an_act_that_fails_is_told_and_stops_none_behind_it(
    desk: Page, held: list[Route], let_one_come: Callable[[], None], complaints: Complaints
):
    before = waiting(desk)
    press(desk, "ArrowDown", "t")
    kept = chosen_row(desk)
    press(desk, "ArrowDown", "t")
    awaited(lambda: held, pause=lambda: desk.wait_for_timeout(20))
    held.pop(0).abort()
    expect(desk.get_by_role("alert")).to_contain_text("cannot be reached")
    let_one_come()
    expect(desk.locator(".telling", has_text="In the trash")).to_be_visible()
    expect(desk.get_by_role("alert")).to_contain_text("cannot be reached")
    assert (desk.locator(f"#{kept}").count(), waiting(desk)) == (1, before - 1)
    complaints.clear()


def test_an_act_that_is_not_answered_is_given_up(desk: Page, held: list[Route], let_one_come: Callable[[], None], complaints: Complaints):
    desk.evaluate("""() => {
      const patience = AbortSignal.timeout.bind(AbortSignal);
      AbortSignal.timeout = (ms) => { window.given = ms; AbortSignal.timeout = patience; return patience(300); };
    }""")
    press(desk, "ArrowDown", "t", "ArrowDown", "t")
    expect(desk.get_by_role("alert")).to_contain_text("did not answer in time")
    assert desk.evaluate("window.given") == 30_000
    awaited(lambda: len(held) == 2, pause=lambda: desk.wait_for_timeout(20))
    held.pop(0).abort()
    let_one_come()
    expect(desk.locator(".telling", has_text="In the trash")).to_be_visible()
    complaints.clear()


def test_a_browser_that_knows_no_patience_works_all_the_same(desk: Page):
    before = waiting(desk)
    desk.evaluate("delete AbortSignal.timeout")
    press(desk, "ArrowDown", "t")
    expect(desk.locator(".telling")).to_contain_text("In the trash")
    assert waiting(desk) == before - 1


def test_a_fault_of_the_page_is_not_taken_for_a_line_that_is_away(desk: Page, complaints: Complaints):
    before = waiting(desk)
    desk.evaluate("() => { history.replaceState = () => { throw new TypeError('a fault'); }; }")
    with desk.expect_event("load"):
        press(desk, "ArrowDown", "t")
    expect(desk.get_by_role("alert")).to_have_count(0)
    assert (waiting(desk), [each for each in complaints if "a fault" not in each]) == (before - 1, [])
    complaints.clear()


def test_a_fault_of_the_page_stops_no_act_behind_it(
    desk: Page, held: list[Route], let_one_come: Callable[[], None], complaints: Complaints
):
    press(desk, "ArrowDown", "t", "ArrowDown", "t")
    awaited(lambda: held, pause=lambda: desk.wait_for_timeout(20))
    desk.evaluate("""() => {
      const real = Element.prototype.scrollIntoView;
      Element.prototype.scrollIntoView = () => { Element.prototype.scrollIntoView = real; throw new Error("a fault"); };
    }""")
    held.pop(0).abort()
    let_one_come()
    expect(desk.locator(".telling", has_text="In the trash")).to_be_visible()
    complaints.clear()


def test_an_answer_written_after_the_session_ended_is_kept(desk: Page):
    address = desk.url
    press(desk, "ArrowDown", "r")
    number = chosen_row(desk)
    desk.keyboard.type("Words of a long morning.")
    desk.context.clear_cookies()
    press(desk, "Control+Enter")
    expect(desk.get_by_role("alert")).to_contain_text("You are signed out")
    expect(desk.locator(f"#{number} textarea")).to_have_value("Words of a long morning.")
    assert desk.url == address
    desk.get_by_role("alert").get_by_role("link", name="Sign in").click()
    desk.get_by_label("E-mail").fill(OWNER["email"])
    desk.get_by_label("Password", exact=True).fill(OWNER["password"])
    desk.get_by_role("button", name="Sign in", exact=True).click()
    desk.wait_for_url(address)
    expect(desk.locator(f"#{number} textarea")).to_have_value("Words of a long morning.")
    expect(desk.locator(f"#{number} textarea")).to_be_focused()
    press(desk, "Control+Enter")
    expect(desk.locator(".telling")).to_contain_text("Approved and answered.")
    desk.reload()
    expect(desk.locator(".answer.is-open")).to_have_count(0)


def test_what_is_chosen_or_open_stays_so(desk: Page):
    rows = [row.get_attribute("id") for row in desk.locator("[data-comment]").all()[:5]]
    for number in rows[1:3]:
        desk.locator(f"#{number} input[name=chosen]").check()
    desk.locator(f"#{rows[4]} summary").click()
    desk.locator(f"#{rows[0]}").get_by_role("button", name="Trash").click()
    expect(desk.locator(".telling")).to_contain_text("In the trash")
    expect(desk.locator("#chosen")).to_contain_text("2 comments chosen")
    assert [row.get_attribute("id") for row in desk.locator("[data-comment]:has(:checked)").all()] == rows[1:3]
    expect(desk.locator(f"#{rows[4]} details")).to_have_attribute("open", "")
    desk.locator(f"#{rows[1]}").get_by_role("button", name="Trash").click()
    expect(desk.locator("#chosen")).to_contain_text("1 comment chosen")
