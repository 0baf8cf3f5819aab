"""Threads in every state, as a visitor, a reader and a moderator see them: sound in both schemes, at every width and under a thumb."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from inkhorn.accounts.identity.actor import Person
from inkhorn.accounts.queries import user_by_email
from inkhorn.app import create_app
from inkhorn.comments.models import CommentKind, State
from inkhorn.comments.services.importing import ArrivedComment, take_in_comments
from inkhorn.comments.services.moving import pin_comment, withdraw_comment
from inkhorn.core.access import House
from inkhorn.core.config_loading import load_config
from inkhorn.core.database import db, transaction
from tests.factories.comments import make_comment, make_open_post
from tests.fleet.as_a_site import site_at
from tests.journeys.test_comments import PASSWORD, Talk, sign_in
from tests.journeys.test_every_page import look_at
from tests.running import RunningSite
from tests.team import make_team

pytestmark = pytest.mark.browser

BODIES = (
    "> It ticks.\n\nIt *draws*, and `tide --at 04:12` says when.\n\n- once\n- twice",
    "مقال جميل، شكرا لك. هذا تعليق طويل بعض الشيء.",
    "w" * 150,
    "https://example.org/" + "a/very/long/address/" * 8,
    "Five deep.",
    "Six deep. 🛶",
)
NAMES = ("Tobias", "مريم", "x" * 120, "Ευγενία Παπαδοπούλου-Χριστοδουλοπούλου", "Dag", "Orla")


@dataclass
class Threads:
    """A site and the paths of its posts, by what their threads are like."""

    site: RunningSite
    paths: dict[str, str]


@pytest.fixture(scope="module")
def threads(tmp_path_factory: pytest.TempPathFactory, settings: dict[str, str]) -> Iterator[Threads]:
    data = tmp_path_factory.mktemp("threads") / "data"
    make_team(data, settings, ("emil@example.org", "Emil Norrby", "editor"), ("rhea@example.org", "Rhea Fenn", "reader"), password=PASSWORD)
    paths = plant(data, settings)
    site = site_at(data, settings).start()
    yield Threads(site, paths)
    site.stop()


def plant(data: Path, settings: dict[str, str]) -> dict[str, str]:
    with create_app(load_config(data=data, environ=settings)).app_context():
        emil, rhea = (Person(user_by_email(f"{name}@example.org"), address="127.0.0.1") for name in ("emil", "rhea"))
        posts = {kind: make_open_post(by=emil, title=f"A thread that is {kind}") for kind in ("full", "long", "closed", "empty")}
        with transaction():
            deep = [
                ArrivedComment(key=f"deep-{number}", parent_key=f"deep-{number - 1}" if number else None, name=NAMES[number], body=body)
                for number, body in enumerate(BODIES)
            ]
            gone = ArrivedComment(key="gone", name="Rude", body="Buy.", state=State.TRASHED, parent_key="deep-0")
            ping = ArrivedComment(key="ping", kind=CommentKind.PINGBACK, name="harbour.test", website="https://harbour.test/", body="[…]")
            first = ArrivedComment(key="first", name="Pell", body="Worth reading first.")
            made = {each.origin_key: each for each in take_in_comments(posts["full"], [*deep, gone, ping, first], origin="test")}
            pin_comment(made["first"], by=House())
            many = [ArrivedComment(key=f"many-{number}", name=f"Guest {number}", body=f"Comment {number}.") for number in range(55)]
            take_in_comments(posts["long"], many, origin="test")
            take_in_comments(posts["closed"], [ArrivedComment(key="late", name="Dag", body="Just in time.")], origin="test")
            posts["closed"].takes_comments = False
        fill_of(posts["full"], emil, rhea)
        paths = {kind: post.path or "" for kind, post in posts.items()}
        db.session.close()
        db.engine.dispose()
    return paths


def fill_of(post, emil: Person, rhea: Person) -> None:
    """What people with accounts say: by the author, held, and taken back by its writer though it was answered."""
    taken_back = make_comment(post, by=rhea, body="Forget this.")
    make_comment(post, by=emil, to=taken_back, body="It is forgotten.")
    with transaction():
        withdraw_comment(db.session.merge(taken_back), by=rhea)
    make_comment(post, by=rhea, body="Still to be read.", state=State.WAITING)
    make_comment(post, by=rhea, body="Mine, and new.")


@pytest.mark.parametrize("who", ["visitor", "rhea", "emil"])
def test_a_thread_is_sound_for_everybody(page: Page, threads: Threads, who: str):
    if who != "visitor":
        sign_in(page, Talk(threads.site, ""), f"{who}@example.org")
    wrong = {kind: found for kind, path in threads.paths.items() if (found := look_at(page, threads.site.base + path))}
    assert wrong == {}


def test_every_state_is_there_to_be_seen(page: Page, threads: Threads):
    sign_in(page, Talk(threads.site, ""), "rhea@example.org")
    page.goto(threads.site.base + threads.paths["full"])
    for words in ("Pinned", "Author", "Waits to be read by a person", "The person who wrote this has removed it.", "Elsewhere"):
        expect(page.locator("#comments")).to_contain_text(words)
    page.goto(threads.site.base + threads.paths["closed"])
    expect(page.locator("#comments")).to_contain_text("Just in time.")
    expect(page.locator("#comment-form")).to_have_count(0)
    page.goto(threads.site.base + threads.paths["empty"])
    expect(page.locator("#comments h2")).to_have_text("No comments yet")


def test_replies_stand_four_deep_and_then_below_one_another(page: Page, threads: Threads):
    page.goto(threads.site.base + threads.paths["full"])
    for width in (320, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        names = page.locator(".comment-head")
        lefts = [(names.filter(has_text=name).first.bounding_box() or {})["x"] for name in NAMES]
        assert lefts[0] < lefts[1] < lefts[2] < lefts[3] == lefts[4] == lefts[5]


def test_pages_turn_without_javascript(chromium: Browser, threads: Threads):
    page = chromium.new_context(java_script_enabled=False).new_page()
    page.goto(threads.site.base + threads.paths["long"])
    expect(page.locator(".thread > li")).to_have_count(50)
    page.get_by_role("link", name="Later comments").click()
    expect(page.locator(".thread > li")).to_have_count(5)
    expect(page.locator(".thread")).to_contain_text("Comment 54.")
    page.context.close()


def test_a_thumb_hits_what_it_means(chromium: Browser, threads: Threads):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    sign_in(page, Talk(threads.site, ""), "emil@example.org")
    page.goto(threads.site.base + threads.paths["full"])
    small = {
        each.inner_text(): box
        for each in page.locator(".comment-acts a, .comment-acts button, .site-foot li a, #comment-form button").all()
        if (box := each.bounding_box()) and box["height"] < 44
    }
    assert small == {}
    context.close()
