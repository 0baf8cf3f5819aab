"""Signing in with another provider in a real browser: linked, used, refused, unlinked; without JavaScript and by keys alone."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.fleet.as_a_site import site_at
from tests.journeys.conftest import OWNER, Complaints, sign_in, violations
from tests.providers import CLIENT, SECRET, StandIn, running_stand_in
from tests.running import RunningSite
from tests.team import make_team

pytestmark = pytest.mark.browser

WIDTHS = (320, 820, 1440)


@pytest.fixture(scope="module")
def provider() -> Iterator[StandIn]:
    with running_stand_in() as stand_in:
        stand_in.asks = True
        yield stand_in


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, provider: StandIn, settings: dict[str, str]) -> Iterator[RunningSite]:
    """A site that everybody may register at, with an owner and a provider of the operator's."""
    data = tmp_path_factory.mktemp("linked") / "data"
    make_team(data, settings, (OWNER["email"], OWNER["name"], "owner"), password=OWNER["password"])
    environment = settings | {
        "INKHORN_OIDC_ISSUER": provider.base,
        "INKHORN_OIDC_NAME": "Harbour ID",
        "INKHORN_OIDC_CLIENT_ID": CLIENT,
        "INKHORN_OIDC_CLIENT_SECRET": SECRET,
    }
    running = site_at(data, environment)
    for key, value in (("registration", '"open"'), ("terms_address", '"/terms/"')):
        tuned = "INSERT INTO setting (section, key, value, updated_at) VALUES ('accounts', %s, %s, CURRENT_TIMESTAMP)"
        running.execute(tuned, key, value)
    running.start()
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def _somebody_new(provider: StandIn, complaints: Complaints) -> None:
    complaints.ours += (provider.base,)
    provider.answer.clear()
    provider.claims.clear()
    provider.broken.clear()
    provider.person |= {"sub": "1001", "name": "Ida Vane", "email": "ida@example.org"}


@pytest.fixture
def bare(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser that runs no script at all."""
    context = chromium.new_context(java_script_enabled=False)
    yield context
    context.close()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=re.compile(f"^{name}")).first.click()


def agree(page: Page) -> None:
    page.wait_for_url("**/authorize**")
    page.get_by_role("link", name="Agree").click()


def is_sound(page: Page) -> list[str]:
    wrong = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        wrong += [f"{scheme}: {each}" for each in violations(page)]
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wrong.append(f"scrolls sideways at {width}")
    return wrong


def test_the_owner_links_signs_in_by_it_and_unlinks(page: Page, site: RunningSite, provider: StandIn):
    provider.person |= {"sub": "1", "email": "elsewhere@example.org", "preferred_username": "ada-at-the-harbour"}
    sign_in(page, site)
    page.goto(site.base + "/account/signing-in")
    press(page, "Link Harbour ID")
    agree(page)
    expect(page.get_by_text("Harbour ID is linked")).to_be_visible()
    expect(page.get_by_text("ada-at-the-harbour").first).to_be_visible()
    assert is_sound(page) == []
    page.set_viewport_size({"width": 1440, "height": 900})
    press(page, "Sign out")
    page.goto(site.base + "/sign-in?next=/desk/posts/")
    press(page, "Go on with Harbour ID")
    agree(page)
    page.wait_for_url("**/desk/posts/")
    page.goto(site.base + "/account/signing-in")
    press(page, "Unlink")
    expect(page.get_by_text("The account is unlinked")).to_be_visible()
    expect(page.get_by_role("button", name="Unlink")).to_have_count(0)


def test_a_stranger_opens_an_account_and_comes_back_to_it(page: Page, site: RunningSite, complaints: Complaints):
    page.goto(site.base + "/sign-in?next=/archive/")
    assert is_sound(page) == []
    press(page, "Go on with Harbour ID")
    agree(page)
    expect(page.get_by_role("heading", name="Open an account")).to_be_visible()
    assert is_sound(page) == []
    press(page, "Open the account")
    expect(page.get_by_text("Read the terms and tick the box to accept them.")).to_be_visible()
    assert is_sound(page) == []
    assert page.get_by_label("Your name").input_value() == "Ida Vane"
    page.get_by_label("I accept the terms").check()
    press(page, "Open the account")
    page.wait_for_url("**/archive/")
    page.context.clear_cookies()
    page.goto(site.base + "/sign-in?next=/account/")
    press(page, "Go on with Harbour ID")
    agree(page)
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    complaints[:] = [each for each in complaints if "422" not in each]


def test_whoever_says_no_is_back_at_the_sheet(page: Page, site: RunningSite, complaints: Complaints):
    page.goto(site.base + "/sign-in?next=/archive/")
    press(page, "Go on with Harbour ID")
    page.wait_for_url("**/authorize**")
    page.get_by_role("link", name="Refuse").click()
    expect(page.get_by_role("alert")).to_contain_text("You did not agree at Harbour ID")
    assert is_sound(page) == []
    press(page, "Go on with Harbour ID")
    page.wait_for_url("**/authorize**")
    complaints[:] = [each for each in complaints if "403" not in each]


def test_going_back_from_the_provider_leads_to_the_sheet(page: Page, site: RunningSite):
    page.goto(site.base + "/sign-in")
    press(page, "Go on with Harbour ID")
    page.wait_for_url("**/authorize**")
    page.go_back()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_the_answer_loaded_again_is_refused_and_the_person_stays_in(page: Page, site: RunningSite, provider: StandIn):
    provider.person |= {"sub": "2", "email": "twice@example.org"}
    page.goto(site.base + "/sign-in?next=/account/")
    press(page, "Go on with Harbour ID")
    page.wait_for_url("**/authorize**")
    with page.expect_request("**/sign-in/with/oidc/back?*") as came:
        page.get_by_role("link", name="Agree").click()
    page.get_by_label("I accept the terms").check()
    press(page, "Open the account")
    page.wait_for_url("**/account/")
    page.goto(came.value.url)
    expect(page.get_by_text("Begin once more")).to_be_visible()
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()


def test_a_provider_that_is_down_is_said_to_be(page: Page, site: RunningSite, provider: StandIn, complaints: Complaints):
    provider.broken["/token"] = 503
    page.goto(site.base + "/sign-in")
    press(page, "Go on with Harbour ID")
    agree(page)
    expect(page.get_by_role("alert")).to_contain_text("does not answer just now")
    complaints[:] = [each for each in complaints if "503" not in each]


def test_without_javascript_somebody_signs_in_and_links(bare: BrowserContext, site: RunningSite, provider: StandIn):
    provider.person |= {"sub": "3", "email": "bare@example.org"}
    page = bare.new_page()
    page.goto(site.base + "/sign-in")
    press(page, "Go on with Harbour ID")
    agree(page)
    page.get_by_label("I accept the terms").check()
    press(page, "Open the account")
    page.goto(site.base + "/account/signing-in")
    provider.person |= {"sub": "4"}
    press(page, "Link Harbour ID")
    agree(page)
    expect(page.get_by_text("Harbour ID is linked")).to_be_visible()
    expect(page.get_by_role("button", name="Unlink")).to_have_count(2)


def test_keys_alone_are_enough(page: Page, site: RunningSite, provider: StandIn):
    provider.person |= {"sub": "5", "email": "keys@example.org"}
    page.goto(site.base + "/sign-in?next=/archive/")
    tab_to(page, "Go on with Harbour ID")
    page.keyboard.press("Enter")
    page.wait_for_url("**/authorize**")
    tab_to(page, "Agree")
    page.keyboard.press("Enter")
    page.wait_for_url("**/join")
    tab_to(page, "terms")
    page.keyboard.press("Space")
    tab_to(page, "Open the account")
    page.keyboard.press("Enter")
    page.wait_for_url("**/archive/")


def tab_to(page: Page, name: str) -> None:
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name || document.activeElement.textContent.trim()") == name:
            return
    pytest.fail(f"no key leads to {name}")
