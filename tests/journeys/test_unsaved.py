"""Words that are not saved yet: who merely looks takes nothing from anybody, and nobody leaves them without being asked."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Dialog, Page, Route, expect

from tests.fleet.as_a_site import site_at
from tests.journeys.conftest import OWNER, Complaints, hold, sign_in
from tests.patience import awaited
from tests.running import RunningSite
from tests.team import make_team

pytestmark = pytest.mark.browser

OFFER = "This device kept words that were never saved."


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, settings: dict[str, str]) -> Iterator[RunningSite]:
    """A site with nothing on it but its owner."""
    data = tmp_path_factory.mktemp("unsaved") / "data"
    make_team(data, settings, (OWNER["email"], OWNER["name"], "owner"), password=OWNER["password"])
    site = site_at(data, settings).start()
    yield site
    site.stop()


@pytest.fixture
def desk(page: Page, site: RunningSite) -> Page:
    sign_in(page, site)
    return page


def write(page: Page, site: RunningSite) -> None:
    page.goto(site.base + "/desk/posts/write")


def draft(page: Page, site: RunningSite, title: str, body: str = "A body of water.") -> str:
    """The address of the editor of a draft that is saved."""
    write(page, site)
    page.locator("#title").fill(title)
    page.locator("#body").fill(body)
    save(page)
    page.wait_for_url("**/edit*")
    return page.url.partition("?")[0]


def save(page: Page) -> None:
    page.get_by_role("button", name="Save").first.click()


def until_kept(page: Page, words: str) -> None:
    """Until the browser keeps a copy of the words."""
    page.wait_for_function("words => Object.values(localStorage).some((copy) => copy.includes(words))", arg=words)


def save_slowly(page: Page, words: str) -> list[Route]:
    """Save the words by the keys; what is sent waits."""
    sent = hold(page, "**/revise")
    page.locator("#body").fill(words)
    page.keyboard.press("Control+s")
    awaited(lambda: sent, lambda: "no save was sent", pause=lambda: page.wait_for_timeout(50))
    return sent


def leave(page: Page, *, once_saved: bool = False) -> list[str]:
    """What the browser asks whoever follows a link out of the editor, now or as soon as a save is on its way, and is told to stay."""
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.evaluate(
        """waits => {
          const leave = () => setTimeout(() => document.querySelector('.editor-bar > a').click(), 300);
          if (waits) document.getElementById('manuscript').addEventListener('submit', leave);
          else leave();
        }""",
        once_saved,
    )
    return asked


def assert_asked(page: Page, asked: list[str]) -> None:
    left = ("/desk/posts/", "/desk/pages/")
    awaited(lambda: asked or page.url.endswith(left), lambda: page.url, pause=lambda: page.wait_for_timeout(50))
    assert asked == ["beforeunload"]


def another(page: Page, address: str) -> Page:
    opened = page.context.new_page()
    opened.goto(address)
    return opened


def test_looking_takes_nothing_from_whoever_writes(desk: Page, site: RunningSite):
    write(desk, site)
    desk.locator("#body").fill("Written on a ferry.")
    until_kept(desk, "Written on a ferry.")
    looking = another(desk, desk.url)
    expect(looking.get_by_text(OFFER)).to_be_visible()
    looking.goto(site.base + "/desk/posts/")
    until_kept(looking, "Written on a ferry.")


def test_two_new_posts_are_kept_beside_one_another(desk: Page, site: RunningSite):
    write(desk, site)
    desk.locator("#body").fill("The first of two.")
    until_kept(desk, "The first of two.")
    second = another(desk, desk.url)
    second.locator("#body").fill("The second of two.")
    until_kept(second, "The second of two.")
    until_kept(second, "The first of two.")
    # As when the machine goes off.
    desk.close()
    second.close(run_before_unload=False)


def test_offers_come_one_after_the_other(desk: Page, site: RunningSite):
    address = draft(desk, site, "Twice begun")
    for words in ("Begun in the morning.", "Begun in the evening."):
        page = another(desk, address)
        page.locator("#body").fill(words)
        until_kept(page, words)
        page.close()
    desk.reload()
    desk.get_by_role("button", name="Discard").click()
    desk.get_by_role("button", name="Bring them back").click()
    expect(desk.locator("#body")).to_have_value("Begun in the morning.")
    expect(desk.get_by_text(OFFER)).to_be_hidden()
    save(desk)
    expect(desk.get_by_role("link", name="Version 3")).to_be_visible()
    expect(desk.get_by_text(OFFER)).to_be_hidden()
    assert (
        desk.evaluate(
            "Object.keys(localStorage).filter((key) => key.startsWith('inkhorn.unsaved.' + document.querySelector('[data-editor]').dataset.post))"
        )
        == []
    )


def test_words_kept_on_an_older_version_meet_the_newer_one(desk: Page, site: RunningSite, complaints: Complaints):
    address = draft(desk, site, "Two tides")
    abandoned = another(desk, address)
    abandoned.locator("#body").fill("Ebb.")
    until_kept(abandoned, "Ebb.")
    abandoned.close()
    desk.goto(address)
    desk.locator("#body").fill("Flood.")
    save(desk)
    expect(desk.get_by_text("The post was saved elsewhere since then")).to_be_visible()
    desk.get_by_role("button", name="Bring them back").click()
    save(desk)
    expect(desk.get_by_role("heading", name="Two people changed this post")).to_be_visible()
    expect(desk.locator("#body")).to_have_value("Ebb.")
    complaints.clear()
    desk.get_by_role("button", name="Save the joined text").click()
    desk.wait_for_url("**/edit*")
    expect(desk.locator("#body")).to_have_value("Ebb.")
    expect(desk.get_by_text(OFFER)).to_be_hidden()


def test_what_the_site_tidied_is_no_lost_word(desk: Page, site: RunningSite):
    draft(desk, site, "  Slow   water ", "Deep.\n\n")
    expect(desk.get_by_text(OFFER)).to_be_hidden()
    desk.locator("#tags").fill("rivers,lakes")
    save(desk)
    expect(desk.locator("#tags")).to_have_value("rivers, lakes")
    expect(desk.get_by_text(OFFER)).to_be_hidden()


def test_who_leaves_after_a_refused_save_is_asked(desk: Page, site: RunningSite, complaints: Complaints):
    address = draft(desk, site, "Refused")
    desk.locator("#title").fill("Too long " * 40)
    save(desk)
    expect(desk.get_by_text("Nothing you typed is lost; it stands below.")).to_be_visible()
    expect(desk.locator("[data-saved]")).to_have_text("Not saved yet")
    complaints.clear()
    assert_asked(desk, leave(desk))
    desk = another(desk, address)
    desk.get_by_role("button", name="Bring them back").click()
    expect(desk.locator("#title")).to_have_value("Too long " * 40)


def test_what_stands_in_the_drawer_is_not_saved_either(desk: Page, site: RunningSite):
    draft(desk, site, "With a drawer")
    desk.locator("#excerpt").fill("In short.")
    expect(desk.locator("[data-saved]")).to_have_text("Not saved yet")
    until_kept(desk, "In short.")
    assert_asked(desk, leave(desk))


def test_the_drawer_comes_back_too(desk: Page, site: RunningSite):
    address = draft(desk, site, "With a drawer that was shut")
    lost = another(desk, address)
    lost.locator("#excerpt").fill("In short.")
    lost.locator("#audience").select_option("members")
    lost.locator("#is_featured").check(force=True)
    until_kept(lost, "is_featured")
    lost.close()
    desk.reload()
    desk.get_by_role("button", name="Bring them back").click()
    expect(desk.locator("#excerpt")).to_have_value("In short.")
    expect(desk.locator("#audience")).to_have_value("members")
    expect(desk.locator("#is_featured")).to_be_checked()


def test_who_saves_twice_in_haste_meets_no_conflict_with_themselves(desk: Page, site: RunningSite):
    draft(desk, site, "In haste")
    sent = save_slowly(desk, "Saved twice.")
    desk.keyboard.press("Control+s")
    desk.wait_for_timeout(500)
    assert len(sent) == 1
    sent[0].continue_()
    desk.unroute("**/revise")
    expect(desk.get_by_role("link", name="Version 3")).to_be_visible()
    expect(desk.locator("#body")).to_have_value("Saved twice.")


def test_who_follows_a_link_while_a_save_is_on_its_way_is_asked(desk: Page, site: RunningSite):
    draft(desk, site, "On its way")
    asked = leave(desk, once_saved=True)
    sent = save_slowly(desk, "Not there yet.")
    assert_asked(desk, asked)
    sent[0].continue_()
    desk.unroute("**/revise")


def test_on_a_phone_what_is_not_saved_lies_over_nothing(desk: Page, site: RunningSite):
    desk.set_viewport_size({"width": 390, "height": 844})
    draft(desk, site, "In the hand")
    desk.locator("#body").fill("Typed with a thumb.")
    expect(desk.locator("[data-saved]")).to_have_text("Not saved yet")
    assert desk.evaluate(
        "() => document.querySelector('[data-saved]').getBoundingClientRect().right"
        " <= document.querySelector('[data-preview]').getBoundingClientRect().left"
    )
