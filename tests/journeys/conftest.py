"""A running site, a Chromium of the machine's own, and what it complained about."""

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

from tests.browsing import PATIENCE_MS
from tests.demo import OWNER, SETTINGS, copy_demo, make_demo
from tests.fleet.as_a_site import IS_WANTED, settings_through_fleet, site_at
from tests.fleet.parts import Stores, running_stores
from tests.running import RunningSite
from tests.servers import make_database, running_postgres

expect.set_options(timeout=PATIENCE_MS)

AXE = Path(__file__).parents[1] / "tools" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """The server whose databases the sites of this run keep their rows in; None where that is SQLite."""
    if request.config.getoption("--database") != "postgresql":
        yield None
        return
    with running_postgres() as address:
        yield address


@pytest.fixture(scope="session")
def stores() -> Iterator[Stores | None]:
    """What the fleet of this run keeps its rows and files in; None where each site is one process tree."""
    with running_stores() if IS_WANTED else nullcontext() as running:
        yield running


@pytest.fixture(scope="module")
def settings(postgres: str | None, stores: Stores | None, request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """What every site of this module is started with."""
    name = "journey_" + request.module.__name__.rpartition("test_")[2]
    if stores:
        with settings_through_fleet(stores, name, SETTINGS) as told:
            yield told
    else:
        yield SETTINGS | ({"INKHORN_DATABASE_URL": make_database(postgres, name)} if postgres else {})


@pytest.fixture(scope="module")
def empty_site(tmp_path_factory: pytest.TempPathFactory, settings: dict[str, str]) -> Iterator[RunningSite]:
    """A site nobody has set up yet."""
    site = site_at(tmp_path_factory.mktemp("site") / "data", settings).start()
    yield site
    site.stop()


@pytest.fixture(scope="module")
def demo_site(tmp_path_factory: pytest.TempPathFactory, settings: dict[str, str], request: pytest.FixtureRequest) -> Iterator[RunningSite]:
    """A living publication with an owner."""
    data = tmp_path_factory.mktemp("demo") / "data"
    if "INKHORN_DATABASE_URL" in settings:
        make_demo(data, settings)
    else:
        copy_demo(data, tmp_path_factory, request.config)
    site = site_at(data, settings).start()
    yield site
    site.stop()


class Complaints(list[str]):
    """Console errors, breaches of the content policy, failed requests and requests to other hosts."""

    def __init__(self) -> None:
        # What the addresses of ours begin with; whoever goes elsewhere on purpose adds to them.
        self.ours: tuple[str, ...] = ("https://localhost:" if IS_WANTED else "http://127.0.0.1:", "data:", "blob:")

    def listen_to(self, page: Page) -> None:
        page.on("console", lambda message: self.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.append(str(error)))
        page.on("requestfailed", self._note_a_page_that_did_not_come)
        page.on("request", lambda request: None if request.url.startswith(self.ours) else self.append(f"foreign: {request.url}"))

    def _note_a_page_that_did_not_come(self, request: Request) -> None:
        # The browser shows a page of its own then, which tells nothing; what a download or a later click ends is no failure.
        if request.is_navigation_request() and request.failure != "net::ERR_ABORTED":
            self.append(f"{request.method} {request.url}: {request.failure}")


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    """Fails the test when the browser complained and the test did not clear it."""
    heard = Complaints()
    yield heard
    assert heard == []


@pytest.fixture
def page(chromium: Browser, complaints: Complaints) -> Iterator[Page]:
    """A fresh browser context; wide, light, with JavaScript."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    opened = context.new_page()
    complaints.listen_to(opened)
    yield opened
    context.close()


def sign_in(page: Page, site: RunningSite) -> None:
    page.goto(site.base + "/sign-in")
    page.get_by_label("E-mail").fill(OWNER["email"])
    page.get_by_label("Password", exact=True).fill(OWNER["password"])
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/desk/**")


def hold(page: Page, pattern: str) -> list[Route]:
    """Requests that wait, one after the other as they come, until the test lets them go on."""
    waiting: list[Route] = []

    def keep(route: Route) -> None:
        waiting.append(route)

    page.route(pattern, keep)
    return waiting


def violations(page: Page) -> list[str]:
    """What axe-core finds wrong, each with its first element."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed: `make test` fetches it")
    # A page without its style sheets is another one.
    page.wait_for_load_state()
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE.read_text(encoding="utf-8") + "\n;0")
    found = page.evaluate("async () => (await axe.run({resultTypes: ['violations']})).violations")
    return [f"{each['id']}: {each['help']}: {each['nodes'][0]['html'][:160]}" for each in found]
