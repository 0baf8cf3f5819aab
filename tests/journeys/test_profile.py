"""One's own account as a person uses it: profile, picture, sessions, following, data, closing; with and without JavaScript, by mouse and by keys."""

import io
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.factories.media import picture_bytes
from tests.fleet.as_a_site import site_at
from tests.journeys.conftest import Complaints, violations
from tests.journeys.test_doors import letter_to, link_in
from tests.journeys.test_every_page import look_at
from tests.running import RunningSite, clean_environment
from tests.team import make_team

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery staple 7"
CAST = {
    "Ada Marsh": "owner",
    "Emil Voss": "editor",
    "Wren Reed": "author",
    "Rhea Fenn": "reader",
    "Vera Long": "author",
    "Otto Kern": "author",
}
LONG = "Wolfeschlegelsteinhausenbergerdorff" * 4


def address(name: str) -> str:
    return f"{name.split(maxsplit=1)[0].lower()}@example.org"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, settings: dict[str, str]) -> Iterator[RunningSite]:
    """A site with a small team and a reader."""
    data = tmp_path_factory.mktemp("team") / "data"
    make_team(data, settings, *((address(name), name, role) for name, role in CAST.items()), password=PASSWORD)
    running = site_at(data, settings).start()
    yield running
    running.stop()


def sign_in(page: Page, site: RunningSite, name: str, *, path: str = "/account/") -> None:
    page.goto(f"{site.base}/sign-in?next={path}")
    page.get_by_label("E-mail").fill(address(name))
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"**{path}")


def publish(page: Page, site: RunningSite, title: str) -> None:
    page.goto(site.base + "/desk/posts/write")
    page.locator("#title").fill(title)
    page.locator("#body").fill("Words that somebody follows.")
    page.get_by_role("link", name="Publish…").click()
    page.get_by_role("button", name="Publish now").click()
    page.wait_for_url(re.compile(r"/desk/posts/\d+/edit"))


@pytest.fixture
def face(tmp_path: Path) -> Path:
    (tmp_path / "me.jpg").write_bytes(picture_bytes(600, 900))
    return tmp_path / "me.jpg"


def test_a_profile_is_told_and_readers_see_it(page: Page, site: RunningSite, face: Path):
    sign_in(page, site, "Wren Reed")
    publish(page, site, "The lamp room")
    page.goto(site.base + "/account/")
    page.locator("#bio").fill("Keeps the lamp at Skerrow Point.")
    expect(page.locator("[data-count-of=bio]")).to_have_text("32 of 250")
    # The picture goes on its way at once, and nothing that was typed is lost by it.
    page.locator("#file").set_input_files(face)
    page.get_by_role("button", name="Upload the picture").click()
    expect(page.locator(".rail .avatar img")).to_be_visible()
    expect(page.locator("#bio")).to_have_value("Keeps the lamp at Skerrow Point.")
    page.get_by_label("Other places that are yours").fill("https://social.example/@wren")
    page.locator("#timezone").fill("Europe/Lisbon")
    page.get_by_role("button", name="Save profile").click()
    expect(page.get_by_text("Your profile is saved.")).to_be_visible()
    expect(page.locator("#timezone")).to_have_value("Europe/Lisbon")
    expect(page.locator("[data-count-of=bio]")).to_have_text("32 of 250")
    page.locator("#bio").fill("Typed and not yet saved.")
    page.get_by_role("button", name="Remove the picture").click()
    expect(page.locator(".rail .avatar")).to_have_text("WR")
    page.locator("#file").set_input_files(face)
    page.get_by_role("button", name="Upload the picture").click()
    expect(page.locator(".rail .avatar img")).to_be_visible()
    expect(page.locator("#bio")).to_have_value("Typed and not yet saved.")
    page.get_by_role("link", name="See your page").click()
    expect(page.locator(".profile img.avatar")).to_have_js_property("naturalWidth", 320)
    expect(page.locator(".p-note")).to_have_text("Keeps the lamp at Skerrow Point.")
    expect(page.locator("a[rel=me]")).to_have_attribute("href", "https://social.example/@wren")


def test_what_is_wrong_is_said_where_it_stands(page: Page, site: RunningSite, complaints: Complaints, face: Path):
    sign_in(page, site, "Emil Voss")
    page.locator("#username").fill("admin")
    page.locator("#website").fill("javascript:alert(1)")
    page.locator("#bio").fill("x" * 300)
    page.locator("#timezone").fill("Mars")
    page.get_by_role("button", name="Save profile").click()
    expect(page.get_by_text("4 fields need another look.")).to_be_visible()
    expect(page.locator("#username")).to_be_focused()
    expect(page.locator("#timezone")).to_have_value("Mars")
    expect(page.locator("#website")).to_have_value("javascript:alert(1)")
    assert violations(page) == []
    face.write_bytes(b"%PDF-1.7 no picture at all")
    page.locator("#file").set_input_files(face)
    page.get_by_role("button", name="Upload the picture").click()
    expect(page.locator("#file-error")).to_contain_text("no photograph")
    expect(page.locator("#file")).to_be_focused()
    page.context.set_offline(True)
    page.get_by_role("button", name="Upload the picture").click()
    expect(page.locator("#file-error")).to_contain_text("The connection was lost")
    page.context.set_offline(False)
    assert violations(page) == []
    complaints.clear()


def test_without_javascript_nothing_is_missing(chromium: Browser, site: RunningSite, face: Path):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, site, "Vera Long")
    page.locator("#file").set_input_files(face)
    page.get_by_label("If it is not square").select_option("top")
    page.get_by_role("button", name="Upload the picture").click()
    expect(page.get_by_text("Your picture was changed.")).to_be_visible()
    page.locator("#timezone").select_option("Asia/Tokyo")
    page.locator("#username").fill("vera-of-the-marsh")
    page.get_by_role("button", name="Save profile").click()
    expect(page.get_by_text("Your profile is saved.")).to_be_visible()
    expect(page.locator("#timezone")).to_have_value("Asia/Tokyo")
    page.get_by_role("button", name="Remove the picture").click()
    expect(page.locator(".rail .avatar")).to_have_text("VL")
    context.close()


def test_the_keyboard_is_enough_to_tell_of_oneself(page: Page, site: RunningSite):
    sign_in(page, site, "Vera Long")
    page.locator("#name").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("Vera Longshore")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your profile is saved.")).to_be_visible()
    expect(page.locator("#name")).to_have_value("Vera Longshore")


def test_a_browser_is_signed_out_from_another(page: Page, chromium: Browser, site: RunningSite):
    sign_in(page, site, "Emil Voss")
    others = [chromium.new_context(user_agent="Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0") for _ in range(2)]
    pages = [context.new_page() for context in others]
    for other in pages:
        sign_in(other, site, "Emil Voss")
    page.goto(site.base + "/account/sessions")
    expect(page.get_by_text("Firefox on Windows").first).to_be_visible()
    page.get_by_role("button", name="Sign out Firefox on Windows").first.click()
    expect(page.get_by_text("That browser is signed out.")).to_be_visible()
    assert sorted("/sign-in" in other.goto(site.base + "/account/").url for other in pages) == [False, True]
    page.get_by_role("button", name="Sign out everywhere else").click()
    expect(page.get_by_text("You are signed in nowhere else.")).to_be_visible()
    assert all("/sign-in" in other.goto(site.base + "/account/").url for other in pages)
    for context in others:
        context.close()


def test_an_author_is_followed_by_keyboard_and_read(page: Page, site: RunningSite):
    page.goto(site.base + "/author/wren-reed/")
    page.get_by_role("link", name="Follow", exact=True).click()
    page.get_by_label("E-mail").fill(address("Rhea Fenn"))
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/author/wren-reed/")
    page.get_by_role("button", name="Follow", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Stop following")).to_be_visible()
    page.get_by_role("link", name="Following").click()
    expect(page.get_by_role("heading", name="The lamp room")).to_be_visible()
    page.get_by_role("button", name="Make a feed of it").click()
    feed = page.get_by_role("link", name="Follow by feed").get_attribute("href")
    assert "The lamp room" in page.request.get(site.base + feed).text()
    page.goto(site.base + "/author/wren-reed/")
    page.get_by_role("button", name="Stop following").click()
    page.goto(site.base + "/following/")
    expect(page.get_by_text("You follow nobody yet.")).to_be_visible()


def test_all_that_is_kept_is_taken_along(page: Page, site: RunningSite):
    sign_in(page, site, "Wren Reed", path="/account/data")
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download all of it").click()
    archive = zipfile.ZipFile(io.BytesIO(Path(taken.value.path()).read_bytes()))
    assert any(name.endswith("the-lamp-room.md") for name in archive.namelist())


def test_an_account_is_closed_and_kept_after_all(page: Page, site: RunningSite):
    sign_in(page, site, "Rhea Fenn", path="/account/data")
    page.get_by_role("link", name="Close my account…").click()
    page.get_by_role("button", name="Close my account").click()
    expect(page.get_by_role("heading", name="Your account is closed")).to_be_visible()
    page.goto(site.base + "/sign-in")
    page.get_by_label("E-mail").fill(address("Rhea Fenn"))
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Keep your account?")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Keep my account").click()
    expect(page.get_by_role("heading", name="Your account is open again")).to_be_visible()
    sign_in(page, site, "Rhea Fenn")
    # Taken out of the mailbox, so that nobody takes it for a later one.
    letter_to(page, site, address("Rhea Fenn"), "closing")


def test_the_letter_about_it_leads_back_as_well(page: Page, site: RunningSite, complaints: Complaints):
    sign_in(page, site, "Rhea Fenn", path="/account/close")
    page.get_by_role("button", name="Close my account").click()
    expect(page.get_by_role("heading", name="Your account is closed")).to_be_visible()
    link = link_in(letter_to(page, site, address("Rhea Fenn"), "closing"), site)
    page.goto(link)
    assert page.url == site.base + "/account/reopen"
    page.get_by_role("button", name="Keep my account").click()
    expect(page.get_by_role("heading", name="Your account is open again")).to_be_visible()
    page.goto(link)
    expect(page.get_by_role("heading", name="That link has ended")).to_be_visible()
    complaints[:] = [each for each in complaints if "410" not in each]


END = """
import os, sys
from pathlib import Path
from sqlalchemy import update
from inkhorn.accounts.models import AccountStatus, User
from inkhorn.accounts.tasks.closing import end_closed_accounts
from inkhorn.app import create_app
from inkhorn.core import clock
from inkhorn.core.config_loading import load_config
from inkhorn.core.database import session, transaction
with create_app(load_config(data=Path(sys.argv[1]), environ=os.environ)).app_context():
    with transaction():
        session().execute(update(User).where(User.status == AccountStatus.CLOSING).values(closes_at=clock.now()))
    end_closed_accounts()
"""


def test_what_a_leaving_author_wrote_goes_to_the_heir(page: Page, site: RunningSite, complaints: Complaints):
    sign_in(page, site, "Otto Kern")
    publish(page, site, "What stays")
    page.goto(site.base + "/account/close")
    page.get_by_role("button", name="Close my account").click()
    expect(page.get_by_text("Choose somebody from the list")).to_be_visible()
    page.get_by_label("Colleague", exact=True).select_option(label="Emil Voss")
    page.get_by_role("button", name="Close my account").click()
    expect(page.get_by_role("heading", name="Your account is closed")).to_be_visible()
    environment = clean_environment() | site.environment
    done = subprocess.run([sys.executable, "-c", END, str(site.data)], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    page.goto(site.base + "/what-stays/")
    expect(page.locator(".post-by a")).to_have_text("Emil Voss")
    assert page.goto(site.base + "/author/otto-kern/").url == site.base + "/author/emil-voss/"
    complaints[:] = [each for each in complaints if "422" not in each]


PAGES = ["/account/", "/account/sessions", "/account/data", "/account/close", "/following/", "/author/wren-reed/", "/the-lamp-room/"]


@pytest.mark.parametrize("name", ["Wren Reed", "Rhea Fenn"])
def test_every_page_is_sound(page: Page, site: RunningSite, name: str):
    sign_in(page, site, name)
    wrong = {path: found for path in PAGES if (found := look_at(page, site.base + path))}
    assert wrong == {}


def test_pages_for_visitors_are_sound(page: Page, site: RunningSite, complaints: Complaints):
    wrong = {
        path: found for path in ("/author/wren-reed/", "/account/closed", "/account/reopen") if (found := look_at(page, site.base + path))
    }
    assert wrong == {}
    complaints[:] = [each for each in complaints if "410" not in each]


def test_absurd_values_break_no_page(page: Page, site: RunningSite):
    sign_in(page, site, "Vera Long")
    publish(page, site, "By somebody with a name")
    page.goto(site.base + "/account/")
    page.locator("#name").fill(LONG)
    page.locator("#bio").fill("شاعرة من الشاطئ الشرقي 🦀 " * 9)
    page.locator("#website").fill(f"https://{'a' * 60}.example/{'b' * 400}")
    page.locator("#links").fill("\n".join(f"https://{number}{'c' * 50}.example/{'d' * 200}" for number in range(8)))
    page.get_by_role("button", name="Save profile").click()
    expect(page.get_by_text("Your profile is saved.")).to_be_visible()
    paths = ("/account/", "/account/sessions", "/account/close", "/author/vera-of-the-marsh/", "/by-somebody-with-a-name/")
    wrong = {path: found for path in paths if (found := look_at(page, site.base + path))}
    assert wrong == {}
