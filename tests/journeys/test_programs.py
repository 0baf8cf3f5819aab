"""A key from the desk to a program and back: made, copied, used over HTTP, ended, refused; with and without JavaScript; and a program signed in."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.fleet.as_a_site import site_at
from tests.journeys.conftest import Complaints, violations
from tests.journeys.test_every_page import look_at
from tests.running import RunningSite
from tests.team import make_team

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery staple 7"
CAST = {"Ada Marsh": "owner", "Wren Reed": "author"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, settings: dict[str, str]) -> Iterator[RunningSite]:
    """A site with an owner and an author."""
    data = tmp_path_factory.mktemp("programs") / "data"
    make_team(data, settings, *((f"{name.split()[0].lower()}@example.org", name, role) for name, role in CAST.items()), password=PASSWORD)
    # Who develops is spared the lines of requests unless they ask for them.
    running = site_at(data, settings | {"INKHORN_ACCESS_LOG": "true"}).start()
    yield running
    running.stop()


def ask(site: RunningSite, path: str, *, bearer: str = "", body: object = None) -> tuple[int, dict]:
    """What a program is answered that knows nothing of browsers."""
    request = urllib.request.Request(site.base + path, data=None if body is None else json.dumps(body).encode())
    if body is not None:
        request.add_header("Content-Type", "application/json")
    if bearer:
        request.add_header("Authorization", f"Bearer {bearer}")
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


def sign_in(page: Page, site: RunningSite, name: str, path: str) -> None:
    page.goto(f"{site.base}/sign-in?next={path}")
    page.get_by_label("E-mail").fill(f"{name}@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"**{path}")


def make_key(page: Page, name: str, *meanings: str) -> str:
    page.get_by_label("Name", exact=True).fill(name)
    for meaning in meanings:
        page.get_by_role("checkbox", name=meaning).check()
    page.get_by_role("button", name="Make the key").click()
    expect(page.get_by_text("It is shown this once.")).to_be_visible()
    return page.locator("[data-codes] code").inner_text()


def test_a_key_is_made_copied_used_and_ended(page: Page, site: RunningSite):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sign_in(page, site, "wren", "/account/keys")
    key = make_key(page, "Tide script", "Write and edit own posts")
    assert violations(page) == []
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == key
    status, told = ask(site, "/api/v1/posts", bearer=key, body={"title": "Written by a script"})
    assert (status, told["data"]["title"]) == (201, "Written by a script")
    assert ask(site, "/api/v1/users", bearer=key)[0] == 403
    page.get_by_role("link", name="I have kept it").click()
    line = page.get_by_role("listitem").filter(has_text="Tide script")
    expect(line).to_contain_text("Write and edit own posts")
    expect(line).to_contain_text("127.0.0.1")
    line.locator("summary").click()
    line.get_by_role("button", name="End this key").click()
    expect(page.get_by_text("“Tide script” opens nothing any more.")).to_be_visible()
    assert ask(site, "/api/v1/posts", bearer=key)[0] == 401


def test_without_javascript_and_by_keys_alone(chromium: Browser, site: RunningSite):
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    sign_in(page, site, "wren", "/account/keys")
    key = make_key(page, "Small phone", "Publish own posts")
    expect(page.get_by_role("button", name="Copy")).to_be_hidden()
    assert ask(site, "/api/v1/tokens/current", bearer=key)[1]["data"]["permissions"] == ["posts.publish"]
    page.goto(site.base + "/account/keys")
    page.locator("summary").filter(has_text="Small phone").press("Enter")
    page.get_by_role("button", name="End this key").press("Enter")
    expect(page.get_by_text("“Small phone” opens nothing any more.")).to_be_visible()
    assert ask(site, "/api/v1/tokens/current", bearer=key)[0] == 401
    context.close()


def test_the_owner_looks_after_everybodys_keys(page: Page, site: RunningSite):
    sign_in(page, site, "ada", "/admin/keys")
    key = make_key(page, "Shop on the other server", "Write and edit own posts")
    assert ask(site, "/api/v1/tokens/current", bearer=key)[1]["data"]["kind"] == "integration"
    page.goto(site.base + "/admin/audit")
    expect(page.get_by_text("Shop on the other server").first).to_be_visible()
    assert look_at(page, site.base + "/admin/keys") == []


def test_a_program_is_signed_in_and_signed_out_at_the_desk(page: Page, site: RunningSite):
    status, told = ask(site, "/api/v1/tokens", body={"login": "wren@example.org", "password": PASSWORD})
    assert status == 200
    status, told = ask(site, "/api/v1/tokens/refresh", body={"refresh_token": told["data"]["refresh_token"]})
    assert ask(site, "/api/v1/me", bearer=told["data"]["access_token"])[1]["data"]["email"] == "wren@example.org"
    sign_in(page, site, "wren", "/account/keys")
    assert look_at(page, site.base + "/account/keys") == []
    page.get_by_role("region", name="Programs you signed in").get_by_role("button", name="Sign out").first.click()
    expect(page.get_by_text("That program is signed out.")).to_be_visible()
    assert ask(site, "/api/v1/me", bearer=told["data"]["access_token"])[0] == 401


def test_what_is_wrong_is_said_where_it_stands(page: Page, site: RunningSite, complaints: Complaints):
    sign_in(page, site, "wren", "/account/keys")
    page.get_by_label("Name", exact=True).fill("Nothing chosen")
    page.get_by_role("button", name="Make the key").click()
    expect(page.get_by_text("Choose at least one thing that the key may do.")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Nothing chosen")
    # What a browser says of every page that refuses a form.
    complaints[:] = [each for each in complaints if "422" not in each]
    assert violations(page) == []


def test_nothing_that_opens_is_logged_or_in_an_address(site: RunningSite, page: Page, tmp_path: Path):
    sign_in(page, site, "wren", "/account/keys")
    key = make_key(page, "Logged?", "Publish own posts")
    assert key not in page.url
    _status, told = ask(site, "/api/v1/tokens", body={"login": "wren@example.org", "password": PASSWORD})
    spoilt = key[:-1] + ("A" if key[-1] != "A" else "B")
    ask(site, "/api/v1/tokens/current", bearer=key)
    ask(site, "/api/v1/tokens/current", bearer=spoilt)
    ask(site, "/api/v1/tokens/refresh", body={"refresh_token": told["data"]["refresh_token"]})
    logged = site.log
    assert "/api/v1/tokens/current" in logged
    for secret in (key[16:], spoilt[16:], told["data"]["access_token"][-40:], told["data"]["refresh_token"][7:], PASSWORD):
        assert secret not in logged
