"""Moderators at work: by pointer, by keyboard alone, without JavaScript, on a phone and on a network that fails."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import Complaints, sign_in, violations
from tests.journeys.test_every_page import look_at
from tests.running import RunningSite
from tests.talk import WAITING, fill_queue

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(demo_site: RunningSite) -> RunningSite:
    """The publication with a queue."""
    fill_queue(demo_site.data, demo_site.environment, more=12)
    return demo_site


@pytest.fixture
def desk(page: Page, site: RunningSite) -> Page:
    sign_in(page, site)
    page.goto(site.base + "/desk/comments/")
    return page


@pytest.fixture
def plain(chromium: Browser, complaints: Complaints, site: RunningSite) -> Iterator[Page]:
    """A browser without JavaScript, signed in."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    opened = context.new_page()
    complaints.listen_to(opened)
    sign_in(opened, site)
    opened.goto(site.base + "/desk/comments/")
    yield opened
    context.close()


def waiting(page: Page) -> int:
    return int(page.locator(".tabs a").first.locator(".count").inner_text())


def row(page: Page, words: str):
    return page.locator(".queue > li").filter(has_text=words)


def test_every_page_of_the_room_is_sound(desk: Page, site: RunningSite):
    ban = desk.locator('.menu a[href$="/ban"]').first.get_attribute("href")
    edit = desk.locator('.menu a[href$="/edit"]').first.get_attribute("href")
    paths = ["", "?state=approved", "?state=spam", "?state=trashed", "?search=nothing-at-all", "bans/"]
    addresses = [f"/desk/comments/{path}" for path in paths] + [ban, edit, "/admin/settings/comments"]
    wrong = {path: found for path in addresses if (found := look_at(desk, site.base + path))}
    assert wrong == {}


def test_by_keyboard_alone_they_decide_answer_and_undo(desk: Page):
    before = waiting(desk)
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("ArrowDown")
    first = desk.locator(".is-cursor").get_attribute("id")
    for key, words in (("a", "Approved:"), ("s", "Called spam:"), ("t", "In the trash")):
        desk.keyboard.press(key)
        expect(desk.locator(".telling")).to_contain_text(words)
    assert waiting(desk) == before - 3
    expect(desk.locator('[data-refresh="rail"] .count')).to_contain_text(str(before - 3))
    desk.keyboard.press("z")
    expect(desk.locator(".telling")).to_contain_text("Undone")
    assert waiting(desk) == before - 2
    assert desk.locator(f"#{first}").count() == 0
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("r")
    expect(desk.locator(".is-cursor textarea")).to_be_focused()
    desk.keyboard.type("Thank you, as always.")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator(".telling")).to_contain_text("Approved and answered.")
    assert violations(desk) == []


def test_letters_typed_into_a_field_decide_nothing(desk: Page):
    before = waiting(desk)
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("r")
    expect(desk.locator(".is-cursor textarea")).to_be_focused()
    desk.keyboard.type("astz")
    desk.keyboard.press("Escape")
    expect(desk.locator(".answer.is-open")).to_have_count(0)
    assert (waiting(desk), desk.locator(".is-cursor textarea").input_value()) == (before, "astz")


def test_many_are_chosen_and_decided_at_once(desk: Page):
    before = waiting(desk)
    expect(desk.locator("#chosen")).to_be_hidden()
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("x")
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("x")
    expect(desk.locator("#chosen")).to_contain_text("2 comments chosen")
    desk.locator("#chosen").get_by_role("button", name="Trash").click()
    expect(desk.locator(".telling")).to_contain_text("2 comments moved to the trash.")
    assert waiting(desk) == before - 2
    desk.get_by_role("button", name="Undo").click()
    expect(desk.locator(".telling")).to_contain_text("Undone: 2 comments")
    assert waiting(desk) == before


def test_on_a_phone_every_act_is_seen_and_in_reach(desk: Page):
    desk.set_viewport_size({"width": 390, "height": 844})
    more = desk.locator(".queue summary").first
    expect(more.locator(".icon")).to_be_visible()
    more.click()
    expect(desk.get_by_role("link", name="Keep its writer out").first).to_be_in_viewport(ratio=1)
    desk.keyboard.press("Escape")
    desk.locator(".queue input[name=chosen]").first.check()
    for button in desk.locator("#chosen button").all():
        expect(button).to_be_in_viewport(ratio=1)


def test_on_a_phone_the_open_tab_is_seen(desk: Page, site: RunningSite):
    desk.set_viewport_size({"width": 390, "height": 844})
    desk.goto(site.base + "/desk/comments/?state=trashed")
    # All but the hair's breadth that rounding takes from its edge.
    expect(desk.locator(".tabs [aria-current]")).to_be_in_viewport(ratio=0.9)


def test_on_a_network_that_fails_nothing_is_lost_and_it_is_said(desk: Page, complaints: Complaints):
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("r")
    expect(desk.locator(".is-cursor textarea")).to_be_focused()
    desk.keyboard.type("Words that took a while.")
    desk.context.set_offline(True)
    desk.keyboard.press("Control+Enter")
    expect(desk.get_by_role("alert")).to_contain_text("cannot be reached")
    assert desk.locator(".is-cursor textarea").input_value() == "Words that took a while."
    desk.context.set_offline(False)
    desk.locator(".is-cursor").get_by_role("button", name="Approve and answer").click()
    expect(desk.locator(".telling").first).to_contain_text("Approved and answered.")
    complaints.clear()


def test_without_javascript_every_act_is_a_form(plain: Page, site: RunningSite):
    name = WAITING[0][0]
    before = waiting(plain)
    row(plain, name).get_by_role("button", name="Spam").click()
    expect(plain.locator(".telling")).to_contain_text(f"Called spam: the comment by {name}")
    plain.get_by_role("button", name="Undo").click()
    expect(plain.locator(".telling")).to_contain_text("Undone: 1 comment")
    row(plain, name).get_by_role("link", name="Reply").click()
    row(plain, name).get_by_label("Your answer").fill("Left-handed it is.")
    row(plain, name).get_by_role("button", name="Approve and answer").click()
    expect(plain.locator(".telling")).to_contain_text("Approved and answered.")
    plain.locator(".queue input[name=chosen]").first.check()
    plain.locator("#chosen").get_by_role("button", name="Trash").click()
    expect(plain.locator(".telling")).to_contain_text("1 comment moved to the trash.")
    assert waiting(plain) == before - 2


def test_somebody_is_kept_out_without_javascript_and_let_in_again(plain: Page, site: RunningSite):
    chosen = row(plain, WAITING[2][0])
    chosen.locator("summary").click()
    chosen.get_by_role("link", name="Keep its writer out").click()
    plain.get_by_label("the address sales@anchors.test").check()
    plain.get_by_label("For how long").select_option("ever")
    plain.get_by_role("button", name="Keep out").click()
    plain.goto(site.base + "/desk/comments/bans/")
    expect(plain.locator(".lines")).to_contain_text("sales@anchors.test")
    plain.get_by_role("button", name="Lift").click()
    expect(plain.get_by_text("Nobody is kept out")).to_be_visible()
