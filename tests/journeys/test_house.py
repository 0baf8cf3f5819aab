"""The owner's room in a browser: settings, mail and its mailbox, jobs, the audit log, raw records."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from inkhorn.app import create_app
from inkhorn.core import clock
from inkhorn.core.config_loading import load_config
from inkhorn.core.database import db, session, transaction
from inkhorn.core.jobs import JobRow
from inkhorn.core.mail.letters import LetterState
from tests.fleet.as_a_site import site_at
from tests.journeys.conftest import OWNER, sign_in, violations
from tests.journeys.test_every_page import look_at
from tests.mail.conftest import kept, write
from tests.patience import awaited
from tests.running import RunningSite
from tests.team import make_team

pytestmark = pytest.mark.browser

PLACES = (
    "settings/site",
    "settings/accounts",
    "settings/posts",
    "mail",
    "mail/1",
    "jobs",
    "backups",
    "audit",
    "records/users",
    "records/audit",
    "records/letters",
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, settings: dict[str, str]) -> Iterator[RunningSite]:
    """A site with an owner, letters in every plight and a job that failed."""
    data = tmp_path_factory.mktemp("house") / "data"
    make_team(data, settings, (OWNER["email"], OWNER["name"], "owner"), password=OWNER["password"])
    fill(data, settings)
    site = site_at(data, settings).start()
    yield site
    site.stop()


def fill(data: Path, settings: dict[str, str]) -> None:
    app = create_app(load_config(data=data, environ=settings, overrides={}))
    with app.app_context():
        # One that was leaving becomes uncertain as soon as a sender starts.
        for state in set(LetterState) - {LetterState.HANDING}:
            write(f"{state.value}@example.org", purpose=state.value)
            with transaction():
                kept()[-1].state = state
        with transaction():
            for asset_id in (7, 8):
                error = "ValueError: The picture has 212 million points.\nTraceback (most recent call last):\n  in draw"
                values = {"name": "media.make_renditions", "args": {"asset_id": asset_id}, "max_attempts": 4, "attempts": 4}
                session().add(JobRow(**values, run_at=clock.now(), is_dead=True, error=error))
        db.engine.dispose()


@pytest.fixture
def room(page: Page, house: RunningSite) -> Page:
    sign_in(page, house)
    page.goto(f"{house.base}/admin/")
    return page


def go(page: Page, house: RunningSite, place: str) -> None:
    page.goto(f"{house.base}/admin/{place}")


def test_every_place_is_sound_in_both_schemes_and_at_every_width(room: Page, house: RunningSite):
    wrong = {place: found for place in PLACES if (found := look_at(room, f"{house.base}/admin/{place}"))}
    assert wrong == {}


def test_settings_are_saved_and_seen_by_readers(room: Page, house: RunningSite):
    expect(room).to_have_url(f"{house.base}/admin/settings/site")
    room.get_by_label("Site title").fill("The Slow Ferry")
    room.get_by_label("Verdigris").check()
    room.get_by_role("button", name="Save settings").click()
    expect(room.get_by_role("status")).to_contain_text("Saved.")
    room.goto(house.base + "/")
    expect(room).to_have_title("The Slow Ferry")


def test_what_is_wrong_is_shown_where_it_is_and_nothing_is_lost(room: Page, house: RunningSite, complaints: list[str]):
    room.get_by_label("One line about it").fill("Notes from both banks")
    room.get_by_label("Posts on a page").fill("0")
    room.get_by_label("Site title").fill("")
    room.get_by_role("button", name="Save settings").click()
    expect(room.get_by_role("alert")).to_contain_text("2 fields need another look.")
    expect(room.get_by_label("Site title")).to_be_focused()
    expect(room.get_by_label("Site title")).to_have_accessible_description(
        "In the masthead, the feeds and the browser’s tab. Write what the site is called."
    )
    expect(room.get_by_label("One line about it")).to_have_value("Notes from both banks")
    assert violations(room) == []
    room.get_by_role("alert").get_by_role("link", name="Posts on a page").click()
    expect(room.get_by_label("Posts on a page")).to_be_in_viewport()
    complaints[:] = [each for each in complaints if "422" not in each]


def test_a_test_letter_stands_in_the_mailbox_whole(room: Page, house: RunningSite):
    go(room, house, "mail")
    room.get_by_label("Send a test letter to").fill("ida@example.org")
    room.get_by_role("button", name="Send a test letter").click()
    expect(room.get_by_role("status")).to_contain_text("A test letter to ida@example.org is on its way.")
    awaited(lambda: room.locator("tr", has_text="ida@example.org").count(), pause=lambda: (room.wait_for_timeout(100), room.reload()))
    room.locator("tr", has_text="ida@example.org").get_by_role("link").click()
    expect(room.frame_locator("iframe").get_by_role("heading", name="Letters arrive")).to_be_visible()
    expect(room.locator(".letter-text")).to_contain_text(f"Sent by: {OWNER['email']}")
    with room.expect_popup() as opened:
        room.frame_locator("iframe").get_by_role("link").last.click()
    expect(opened.value.locator("main")).to_be_visible()


def test_a_person_decides_about_letters_that_may_have_arrived(room: Page, house: RunningSite):
    go(room, house, "mail?state=uncertain")
    room.get_by_role("button", name=re.compile("It arrived.*uncertain@")).click()
    expect(room.get_by_role("status")).to_contain_text("the letter to uncertain@example.org arrived")
    expect(room.get_by_role("link", name="Uncertain 0")).to_be_visible()
    go(room, house, "mail?state=failed")
    room.get_by_role("button", name=re.compile("Send again.*refused@")).click()
    expect(room.get_by_role("status")).to_contain_text("The letter to refused@example.org is tried again within a minute.")
    room.get_by_role("button", name=re.compile("Put away.*given_up@")).click()
    expect(room.get_by_role("status")).to_contain_text("The letter to given_up@example.org is put away.")


def test_a_failed_job_is_understood_discarded_and_tried_again(room: Page, house: RunningSite):
    go(room, house, "jobs")
    expect(room.get_by_text("ValueError: The picture has 212 million points.").first).to_be_visible()
    room.get_by_text("All there is to know").first.click()
    expect(room.locator(".trace").first).to_contain_text("in draw")
    room.get_by_role("button", name=re.compile("Discard.*sizes of a picture")).first.click()
    expect(room.get_by_role("status")).to_contain_text("Discarded.")
    room.get_by_role("button", name=re.compile("Retry.*sizes of a picture")).click()
    expect(room.get_by_role("status")).to_contain_text("is back in the queue.")
    go(room, house, "audit?action=jobs.")
    expect(room.locator("tbody tr")).to_have_count(2)


def test_the_log_is_filtered_and_taken_away(room: Page, house: RunningSite):
    go(room, house, "audit")
    room.get_by_label("What").select_option("accounts.signed_in")
    # The list is counted once it has come whole.
    room.wait_for_url(re.compile("action=accounts.signed_in"))
    rows = room.locator("tbody tr").count()
    with room.expect_download() as download:
        room.get_by_role("button", name="Export these as CSV").click()
    lines = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    assert (len(lines) - 1, download.value.suggested_filename.startswith("audit-")) == (rows, True)
    assert all("accounts.signed_in" in line for line in lines[1:])
    go(room, house, "audit?action=audit.exported")
    expect(room.locator("tbody tr").first).to_contain_text("exported the audit log")


def test_records_are_found_and_taken_away(room: Page, house: RunningSite):
    go(room, house, "records/letters")
    room.get_by_role("searchbox").fill("given_up")
    room.get_by_role("searchbox").press("Enter")
    expect(room.locator("tbody tr")).to_have_count(1)
    with room.expect_download() as download:
        room.get_by_role("button", name="Export these as CSV").click()
    assert len(Path(download.value.path()).read_text(encoding="utf-8").splitlines()) == 2


def test_without_javascript_everything_works(chromium: Browser, house: RunningSite):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, house)
    go(page, house, "settings/posts")
    page.get_by_label("Words of an excerpt").fill("40")
    page.get_by_role("button", name="Save settings").click()
    expect(page.get_by_role("status")).to_contain_text("Saved.")
    go(page, house, "audit")
    page.get_by_label("What").select_option("settings.")
    page.get_by_role("button", name="Show").click()
    page.get_by_text("Before and after").first.click()
    expect(page.locator("del").first).to_have_text("50")
    expect(page.locator("ins").first).to_have_text("40")
    context.close()


def test_the_keyboard_is_enough(room: Page, house: RunningSite):
    room.keyboard.press("Tab")
    room.keyboard.press("Enter")
    room.get_by_label("Site title").focus()
    room.keyboard.press("Control+a")
    room.keyboard.type("Typed only")
    room.keyboard.press("Enter")
    expect(room.get_by_role("status")).to_contain_text("Saved.")
    go(room, house, "audit")
    room.keyboard.press("/")
    expect(room.get_by_role("searchbox")).to_be_focused()
    room.keyboard.type("nobody at all")
    room.keyboard.press("Enter")
    expect(room.get_by_role("heading", name="Nothing matches")).to_be_visible()
