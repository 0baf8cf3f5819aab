"""Every kind of page of both surfaces: axe finds nothing, the browser complains of nothing, nothing scrolls sideways."""

import re
import urllib.error
import urllib.request

import pytest
from playwright.sync_api import Page

from tests.journeys.conftest import Complaints, sign_in, violations
from tests.patience import awaited
from tests.running import RunningSite

pytestmark = pytest.mark.browser

READERS = ["/", "/page/2/", "/archive/", "/sign-in", "/about/", "tag", "author", "series", "post", "/nothing-here/"]
DESK = ["/desk/", "/desk/media/albums", "/desk/posts/", "/desk/pages/", "/desk/posts/?search=nothing-at-all", "/desk/posts/write"]
WIDTHS = (320, 820, 1440)


@pytest.fixture(scope="module")
def addresses(demo_site: RunningSite) -> dict[str, str]:
    """One address of each kind whose name depends on the content."""
    home = urllib.request.urlopen(demo_site.base + "/").read().decode()
    archive = urllib.request.urlopen(demo_site.base + "/archive/").read().decode()
    found = {kind: re.search(rf'href="(/{kind}/[^"/]+/)"', home + archive) for kind in ("tag", "author")}
    posts = [path for path in re.findall(r'href="(/[\w-]+/)"', home) if path not in ("/archive/", "/about/")]
    pages = [urllib.request.urlopen(demo_site.base + path).read().decode() for path in posts]
    series = next(match for page in pages if (match := re.search(r'href="(/series/[^"/]+/)"', page)))
    return {kind: match[1] for kind, match in found.items() if match} | {"series": series[1], "post": posts[0]}


def look_at(page: Page, address: str) -> list[str]:
    """What is wrong with a page in any scheme or width."""
    page.goto(address)
    wrong = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        wrong += [f"{scheme}: {each}" for each in violations(page)]
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wrong.append(f"scrolls sideways at {width}")
    page.set_viewport_size({"width": 1440, "height": 900})
    return wrong


@pytest.mark.parametrize("kind", READERS)
def test_a_readers_page_is_sound(page: Page, demo_site: RunningSite, addresses: dict[str, str], complaints: Complaints, kind: str):
    assert look_at(page, demo_site.base + addresses.get(kind, kind)) == []
    if kind == "/nothing-here/":
        complaints[:] = [each for each in complaints if "404" not in each]


def test_every_page_of_the_desk_is_sound(page: Page, demo_site: RunningSite, complaints: Complaints):
    sign_in(page, demo_site)
    page.goto(demo_site.base + "/desk/posts/?status=draft")
    edit = page.locator("td.title a").first.get_attribute("href")
    paths = [*DESK, edit, f"{edit}#publish", edit.replace("/edit", "/revisions"), "/desk/posts/999999/edit"]
    wrong = {path: found for path in paths if (found := look_at(page, demo_site.base + path))}
    assert wrong == {}
    complaints[:] = [each for each in complaints if "404" not in each]


def test_a_conflict_is_sound_and_keeps_both_texts(page: Page, demo_site: RunningSite, complaints: Complaints):
    sign_in(page, demo_site)
    page.goto(demo_site.base + "/desk/posts/?status=draft")
    page.locator("td.title a").first.click()
    page.wait_for_url("**/edit")
    other = page.context.new_page()
    other.goto(page.url)
    other.locator("#body").fill("What the other one wrote.")
    with other.expect_navigation():
        other.keyboard.press("Control+s")
    page.locator("#body").fill("What I wrote meanwhile.")
    with page.expect_navigation():
        page.keyboard.press("Control+s")
    assert "Two people changed this post" in page.content()
    assert "What I wrote meanwhile." in page.content()
    assert "What the other one wrote." in page.content()
    assert violations(page) == []
    complaints[:] = [each for each in complaints if "409" not in each]


def test_a_scheduled_post_goes_live_on_its_own(page: Page, demo_site: RunningSite):
    sign_in(page, demo_site)
    page.goto(demo_site.base + "/desk/posts/write")
    page.locator("#title").fill("Promised for later")
    page.get_by_role("link", name="Publish…").click()
    page.locator("[name=release_on]").fill("2099-01-01")
    page.get_by_role("button", name="Schedule for").click()
    page.wait_for_url("**/edit")
    assert demo_page(demo_site, "/promised-for-later/") == 404
    # The hour is brought near, so that nobody waits for it; the runner does the rest.
    demo_site.execute("UPDATE post SET release_at = CURRENT_TIMESTAMP WHERE title = 'Promised for later'")
    awaited(lambda: demo_page(demo_site, "/promised-for-later/") == 200)


def demo_page(site: RunningSite, path: str) -> int:
    try:
        with urllib.request.urlopen(site.base + path) as answer:
            return answer.status
    except urllib.error.HTTPError as refused:
        return refused.code
