"""A browser before an open form: it does the sum while somebody types, waits where it cannot, and tells only what is felt."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from inkhorn.accounts.settings import AccountSettings
from inkhorn.core import captcha, settings
from inkhorn.core.access import House
from inkhorn.core.database import transaction
from inkhorn.core.fetch import only_to
from tests.fleet.as_a_site import IS_WANTED
from tests.journeys.conftest import Complaints, violations
from tests.open_form import planted_site, served
from tests.providers import StandIn, running_stand_in

pytestmark = [pytest.mark.browser, pytest.mark.skipif(IS_WANTED, reason="an application of the test's own, which no fleet has")]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(planted_site(tmp_path_factory.mktemp("planted"))) as base:
        yield base


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody in a test waits like a person."""
    monkeypatch.setattr(captcha, "LEAST_SECONDS", 0)
    monkeypatch.setattr(captcha, "WAIT_SECONDS", 2)


def fill_in(page: Page, site: str) -> None:
    page.goto(site + "/planted")
    page.get_by_label("Your name").fill("Ida")


@pytest.mark.usefixtures("fast")
def test_the_sum_is_done_while_somebody_types(page: Page, site: str):
    page.goto(site + "/planted")
    assert page.locator("[name=puzzle]").input_value() == ""
    page.get_by_label("Your name").press_sequentially("Ida Vane", delay=20)
    expect(page.locator("[name=puzzle]")).not_to_have_value("", timeout=120_000)
    assert page.get_by_label("Your name").input_value() == "Ida Vane"
    assert page.locator("[data-puzzle]").inner_text() == ""
    page.get_by_role("button", name="Send it").click()
    expect(page.get_by_role("heading", name="It arrived")).to_be_visible()


@pytest.mark.usefixtures("fast")
def test_whoever_is_faster_than_the_sum_is_told_and_the_form_goes_by_itself(page: Page, site: str):
    waited = []

    def slowly(route: Route) -> None:
        # The script gives its work up after fifteen seconds.
        expect(page.locator("[data-puzzle]")).not_to_be_empty(timeout=12_000)
        waited.append(page.locator("[data-puzzle]").inner_text())
        route.continue_()

    page.route("**/puzzle/*", slowly)
    fill_in(page, site)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="It arrived")).to_be_visible(timeout=120_000)
    assert waited == ["One moment: your browser does a small sum that keeps robots out."]


@pytest.mark.usefixtures("fast")
def test_pressing_twice_sends_once(page: Page, site: str):
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    fill_in(page, site)
    page.get_by_role("button", name="Send it").dblclick()
    expect(page.get_by_role("heading", name="It arrived")).to_be_visible(timeout=120_000)
    assert len(sent) == 1


@pytest.mark.usefixtures("fast")
@pytest.mark.parametrize("trouble", ["lost", 429, 500])
def test_without_work_the_form_asks_for_patience(page: Page, site: str, complaints: Complaints, trouble: str | int):
    page.route("**/puzzle/*", lambda route: route.abort() if trouble == "lost" else route.fulfill(status=trouble))
    fill_in(page, site)
    expect(page.locator("[data-puzzle]")).to_contain_text("The form takes patience instead")
    page.wait_for_timeout(2100)
    page.get_by_role("button", name="Send it").click()
    expect(page.get_by_role("heading", name="It arrived")).to_be_visible()
    complaints.clear()


@pytest.mark.usefixtures("fast")
@pytest.mark.parametrize("again", ["sent", "touched later"])
def test_work_that_could_not_be_had_is_asked_for_once_more(page: Page, site: str, complaints: Complaints, again: str):
    page.clock.install()
    page.route("**/puzzle/*", lambda route: route.abort())
    fill_in(page, site)
    told = page.locator("[data-puzzle]")
    expect(told).to_contain_text("The form takes patience instead")
    page.unroute("**/puzzle/*")
    if again == "touched later":
        page.clock.fast_forward(10_000)
        page.keyboard.type(" Vane")
        expect(page.locator("[name=puzzle]")).not_to_have_value("")
        expect(told).to_have_text("")
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.get_by_role("button", name="Send it").click()
    assert "puzzle=ey" in (sent.value.post_data or "")
    expect(page.get_by_role("heading", name="It arrived")).to_be_visible()
    complaints.clear()


@pytest.mark.usefixtures("fast")
def test_a_browser_without_the_means_is_told_at_once(page: Page, site: str):
    page.add_init_script("Object.defineProperty(crypto, 'subtle', { value: undefined })")
    page.goto(site + "/planted")
    expect(page.locator("[data-puzzle]")).to_contain_text("The form takes patience instead")
    page.wait_for_timeout(2100)
    fill_in_again = page.get_by_label("Your name")
    fill_in_again.fill("Ida")
    fill_in_again.press("Enter")
    expect(page.get_by_role("heading", name="It arrived")).to_be_visible()


def test_without_javascript_somebody_waits_and_is_let_through(chromium: Browser, site: str, monkeypatch: pytest.MonkeyPatch):
    # As long as a busy machine may need until the button is pressed.
    monkeypatch.setattr(captcha, "LEAST_SECONDS", 0)
    monkeypatch.setattr(captcha, "WAIT_SECONDS", 600)
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    fill_in(page, site)
    assert "The form takes patience instead" in page.content()
    page.get_by_role("button", name="Send it").click()
    expect(page.get_by_role("alert")).to_contain_text("Wait")
    assert page.get_by_label("Your name").input_value() == "Ida"
    monkeypatch.setattr(captcha, "WAIT_SECONDS", 0)
    page.get_by_role("button", name="Send it").click()
    expect(page.get_by_role("heading", name="It arrived")).to_be_visible()
    context.close()


@pytest.mark.usefixtures("fast")
def test_keys_alone_reach_the_button_and_never_the_trap(page: Page, site: str):
    page.goto(site + "/planted")
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.name || document.activeElement.textContent.trim()"))
    assert "Send it" in reached
    assert captcha.TRAP not in reached
    assert page.get_by_role("textbox").count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_form_is_sound_at_every_width(page: Page, site: str, scheme: str):
    # Colours that are still on their way would be judged as they are.
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(site + "/planted")
    assert violations(page) == []
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") == 320


@pytest.mark.parametrize("has_script", [True, False], ids=["with a script", "without"])
@pytest.mark.usefixtures("fast")
def test_somebody_registers_past_the_puzzle(chromium: Browser, tmp_path: Path, has_script: bool):
    app = planted_site(tmp_path)
    with app.app_context(), transaction():
        settings.tune(AccountSettings, by=House(), registration="open")
    context = chromium.new_context(java_script_enabled=has_script)
    page = context.new_page()
    with served(app) as base:
        page.goto(base + "/join")
        page.get_by_label("Your name").fill("Ida Vane")
        page.get_by_label("E-mail").fill("ida@example.org")
        page.get_by_label("Password").fill("kelp tide moon lantern")
        page.wait_for_timeout(0 if has_script else 2500)
        page.get_by_role("button", name="Ask for an account").click()
        page.wait_for_url("**/join/confirm", timeout=120_000)
    context.close()


WIDGET = b"""document.querySelectorAll(".cf-turnstile").forEach((place) => {
  const answer = Object.assign(document.createElement("input"), { type: "hidden", name: "cf-turnstile-response", value: place.dataset.sitekey });
  place.append(answer);
});"""


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """A provider of captchas on another port of this machine."""
    with running_stand_in() as provider:
        provider.broken["/api.js"] = WIDGET
        known = {"script": f"{provider.base}/api.js", "judge": f"{provider.base}/siteverify", "sources": {"script-src": (provider.base,)}}
        monkeypatch.setitem(captcha.SERVICES, "turnstile", replace(captcha.SERVICES["turnstile"], **known))
        monkeypatch.setattr(captcha, "JUDGES", only_to(provider.base))
        yield provider


@pytest.mark.usefixtures("fast")
def test_a_providers_script_runs_on_its_sheet(page: Page, elsewhere: StandIn, tmp_path: Path):
    chosen = {"captcha": "turnstile", "captcha_site_key": "public-key", "captcha_secret_key": "private-key"}
    with served(planted_site(tmp_path, **chosen)) as base:
        fill_in(page, base)
        page.wait_for_selector("[name=cf-turnstile-response]", state="attached")
        page.get_by_role("button", name="Send it").click()
        expect(page.get_by_role("heading", name="It arrived")).to_be_visible()
    assert [each["response"] for each in elsewhere.heard] == ["public-key"]
