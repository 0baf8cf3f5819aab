"""Second factors as people use them: an app, paper, passkeys, proofs; by keyboard, without scripts, and in production."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from inkhorn.accounts.codes import code_at
from tests.fleet.as_a_site import site_at
from tests.journeys.conftest import OWNER, Complaints, violations
from tests.running import RunningSite
from tests.team import make_team

pytestmark = pytest.mark.browser
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
# What a browser says of an answer that was meant to be none.
MEANT = ("422", "403", "410")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, settings: dict[str, str]) -> Iterator[RunningSite]:
    data = tmp_path_factory.mktemp("factors") / "data"
    make_team(data, settings, (OWNER["email"], OWNER["name"], "owner"), password=OWNER["password"])
    site = site_at(data, settings).start()
    yield site
    site.stop()


@pytest.fixture
def site(running: RunningSite) -> RunningSite:
    """A site whose owner has no second factor."""
    for table in ("authenticator", "passkey", "recovery_code", "session"):
        running.execute(f"DELETE FROM {table}")
    running.execute('UPDATE "user" SET declines_second_factor = %s', False)
    return running


@pytest.fixture
def page(chromium: Browser, complaints: Complaints) -> Iterator[Page]:
    """A browser that has a passkey's device built in."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    opened = context.new_page()
    complaints.ours += ("http://localhost:",)
    complaints.listen_to(opened)
    plug_in(opened)
    yield opened
    context.close()
    complaints[:] = [each for each in complaints if not any(status in each for status in MEANT)]


def plug_in(page: Page, **other: object) -> None:
    speaking = page.context.new_cdp_session(page)
    speaking.send("WebAuthn.enable")
    speaking.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE | other})


def base(site: RunningSite) -> str:
    """Passkeys want a name, and a number is none."""
    return site.base.replace("127.0.0.1", "localhost")


def shown(seed: str, *, steps: int = 0) -> str:
    """What the app shows, or will in half a minute: both are good now, and the second is not used up by the first."""
    return code_at(seed, datetime.now(UTC) + timedelta(seconds=30 * steps))


def sign_in(page: Page, site: RunningSite, path: str = "/sign-in") -> None:
    page.goto(base(site) + path)
    page.get_by_label("E-mail").fill(OWNER["email"])
    page.get_by_label("Password", exact=True).fill(OWNER["password"])
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_load_state()


def sign_out(page: Page, site: RunningSite) -> None:
    page.goto(base(site) + "/account/two-factor")
    page.get_by_role("button", name="Sign out").first.click()
    page.wait_for_url(base(site) + "/")


def enrol(page: Page, site: RunningSite) -> tuple[str, list[str]]:
    """Set an app up from where its page is open; its secret, and the recovery codes that came with it."""
    page.get_by_role("button", name="Set up an app").click()
    page.get_by_text("No camera at hand?").click()
    seed = page.locator(".secret code").inner_text().replace(" ", "")
    page.get_by_label("Six digits").fill(shown(seed))
    page.get_by_role("button", name="Turn it on").click()
    expect(page.get_by_role("heading", name="Your new recovery codes")).to_be_visible()
    return seed, page.locator("[data-codes] li").all_inner_texts()


def grow_stale(site: RunningSite) -> None:
    site.execute("UPDATE session SET fresh_at = '2020-01-01 00:00:00.000000'")


def wrong(page: Page) -> list[str]:
    """What is wrong with the page as it stands, in either scheme and at any width."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += [f"{scheme}: {each}" for each in violations(page)]
    for width in (320, 820, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"scrolls sideways at {width}")
    page.emulate_media(color_scheme="light")
    return found


def test_without_javascript_an_app_and_paper_are_enough(chromium: Browser, site: RunningSite):
    context = chromium.new_context(java_script_enabled=False, accept_downloads=True)
    page = context.new_page()
    sign_in(page, site)
    page.goto(base(site) + "/account/two-factor")
    seed, codes = enrol(page, site)
    expect(page.get_by_role("button", name="Copy")).to_be_hidden()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    kept = Path(download.value.path()).read_text(encoding="utf-8")
    assert download.value.suggested_filename == "recovery-codes.txt"
    assert kept.split()[-10:] == codes
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("On, with an app")).to_be_visible()
    sign_out(page, site)
    sign_in(page, site, "/sign-in?next=/desk/pages/")
    expect(page.get_by_role("button", name="Use a passkey")).to_have_count(0)
    page.get_by_label("Six digits").fill(shown(seed, steps=1))
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(base(site) + "/desk/pages/")
    sign_out(page, site)
    sign_in(page, site)
    page.get_by_role("link", name="Use a recovery code").click()
    page.get_by_label("Recovery code").fill(codes[0].upper().replace("-", " "))
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("Codes left: 9.")).to_be_visible()
    context.close()


def test_a_passkey_is_the_second_step_and_then_both(page: Page, site: RunningSite):
    sign_in(page, site)
    page.goto(base(site) + "/account/signing-in")
    page.get_by_role("link", name="Add a passkey").click()
    assert wrong(page) == []
    page.get_by_label("Name").fill("Laptop, fingerprint")
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.locator("[data-codes] li")).to_have_count(10)
    page.get_by_role("link", name="I have kept them").click()
    sign_out(page, site)
    sign_in(page, site, "/sign-in?next=/desk/pages/")
    assert wrong(page) == []
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(base(site) + "/desk/pages/")
    sign_out(page, site)
    page.goto(base(site) + "/sign-in?next=/account/signing-in")
    page.get_by_label("Keep me signed in").check()
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(base(site) + "/account/signing-in")
    cookie = next(each for each in page.context.cookies() if each["name"].removeprefix("__Host-") == "inkhorn")
    assert cookie["expires"] > datetime.now(UTC).timestamp() + 86_400
    assert wrong(page) == []
    page.get_by_text("Rename").first.click()
    page.get_by_label("Name").fill("Boat keys")
    page.get_by_role("button", name="Rename", exact=True).click()
    expect(page.get_by_text("Boat keys").first).to_be_visible()
    page.locator("summary", has_text="Remove").click()
    page.get_by_role("button", name="Remove this passkey").click()
    expect(page.get_by_text("None so far.")).to_be_visible()


def test_a_passkey_that_is_not_shown_changes_nothing_and_says_so(page: Page, site: RunningSite):
    # Nobody waits here for the minute that the browser would.
    page.add_init_script("navigator.credentials.get = () => Promise.reject(new DOMException('', 'NotAllowedError'))")
    page.goto(base(site) + "/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.locator("[data-told]")).to_have_text("No passkey was used. Try again, or choose another way.")
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_focused()


def test_proving_again_in_place_loses_nothing_that_was_typed(page: Page, site: RunningSite):
    sign_in(page, site)
    page.goto(base(site) + "/account/passkeys/new")
    page.get_by_label("Name").fill("Key “on” the <boat> keys & more")
    grow_stale(site)
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("heading", name="Is it still you?")).to_be_visible()
    assert wrong(page) == []
    page.get_by_label("Password").fill("wrong password 7")
    page.get_by_role("button", name="It is me, go on").click()
    expect(page.get_by_label("Password")).to_be_focused()
    page.get_by_label("Password").fill(OWNER["password"])
    page.keyboard.press("Enter")
    expect(page.get_by_text("That was you. Now make the passkey.")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("Key “on” the <boat> keys & more")
    page.get_by_role("button", name="Make the passkey").click()
    page.get_by_role("link", name="I have kept them").click()
    grow_stale(site)
    page.get_by_role("button", name="Set up an app").click()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Set up an app")).to_be_visible()
    grow_stale(site)
    page.goto(base(site) + "/account/two-factor/app")
    page.get_by_label("Password").fill(OWNER["password"])
    page.get_by_role("button", name="It is me, go on").click()
    page.wait_for_url(base(site) + "/account/two-factor/app")


def test_the_keyboard_is_enough(page: Page, site: RunningSite):
    sign_in(page, site)
    page.goto(base(site) + "/account/two-factor")
    assert wrong(page) == []
    page.get_by_role("button", name="Set up an app").press("Enter")
    assert wrong(page) == []
    page.get_by_text("No camera at hand?").press("Enter")
    seed = page.locator(".secret code").inner_text().replace(" ", "")
    page.get_by_label("Six digits").focus()
    page.keyboard.type("000000")
    # The field has the focus before and after: only the page in between tells them apart.
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_label("Six digits")).to_be_focused()
    assert wrong(page) == []
    page.keyboard.type(shown(seed))
    page.keyboard.press("Enter")
    expect(page.locator("[data-codes] li")).to_have_count(10)
    assert wrong(page) == []
    page.get_by_role("link", name="I have kept them").press("Enter")
    page.wait_for_url(base(site) + "/account/two-factor")
    assert wrong(page) == []
    page.goto(base(site) + "/account/two-factor/codes")
    assert wrong(page) == []
    sign_out(page, site)
    sign_in(page, site)
    expect(page.get_by_label("Six digits")).to_be_focused()
    page.get_by_role("link", name="Use a recovery code").press("Enter")
    expect(page.get_by_label("Recovery code")).to_be_focused()
    assert wrong(page) == []
    page.get_by_role("link", name="Use the app").press("Enter")
    expect(page.get_by_label("Six digits")).to_be_focused()
    page.keyboard.type(shown(seed, steps=1))
    page.keyboard.press("Enter")
    page.wait_for_url(base(site) + "/desk/")


def test_in_production_the_owner_goes_from_set_up_through_enrolment_to_the_first_draft(page: Page, tmp_path: Path):
    site = RunningSite(tmp_path / "data", environment={"INKHORN_PROFILE": "production"}).start()
    try:
        page.goto(site.setup_address().replace("127.0.0.1", "localhost"))
        page.get_by_label("Name of the site").fill("The Slow Ferry")
        page.get_by_label("Your name").fill(OWNER["name"])
        page.get_by_label("E-mail").fill(OWNER["email"])
        page.get_by_label("Password").fill(OWNER["password"])
        page.get_by_role("button", name="Create the site").click()
        expect(page.get_by_text("One thing before you begin.")).to_be_visible()
        assert wrong(page) == []
        page.goto(base(site) + "/desk/posts/")
        expect(page.get_by_text("One thing before you begin.")).to_be_visible()
        page.goto(base(site) + "/desk/posts/write")
        enrol(page, site)
        page.get_by_role("link", name="I have kept them").click()
        page.wait_for_url(base(site) + "/desk/posts/write")
        page.locator("#title").fill("The first draft")
        page.keyboard.press("Control+s")
        page.wait_for_url(re.compile(r"/desk/posts/\d+/edit"))
    finally:
        site.stop()


def test_an_administrator_is_asked_at_the_desk_and_may_say_no(page: Page, site: RunningSite):
    sign_in(page, site)
    expect(page.get_by_text("Protect this account with a second factor.")).to_be_visible()
    assert wrong(page) == []
    page.get_by_role("button", name="No, thank you").click()
    page.wait_for_url(base(site) + "/desk/")
    expect(page.get_by_text("Protect this account with a second factor.")).to_have_count(0)
