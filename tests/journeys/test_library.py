"""The media library as people use it: with and without a script, by keyboard, on a broken line, and while the site is killed."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browsing import PATIENCE_MS
from tests.factories.media import picture_bytes, wave_bytes
from tests.fleet.as_a_site import of_one_process_tree
from tests.journeys.conftest import Complaints, sign_in
from tests.journeys.test_every_page import look_at
from tests.patience import awaited
from tests.running import RunningSite

pytestmark = pytest.mark.browser

LIBRARY = "/desk/media/"
# Before the next try; how long an answer may take stays what it is.
SHORT_PAUSES = (
    "const wait = setTimeout; window.setTimeout = (act, ms, ...more) => wait(act, ms > 60000 ? ms : Math.min(ms ?? 0, 50), ...more);"
)


def file(name: str, content: bytes, kind: str = "image/jpeg") -> dict[str, object]:
    return {"name": name, "mimeType": kind, "buffer": content}


@pytest.fixture
def plain(chromium: Browser, demo_site: RunningSite) -> Iterator[Page]:
    """A browser that runs no script."""
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, demo_site)
    yield page
    context.close()


def expect_refusals(complaints: Complaints) -> None:
    """A browser notes each refusal as a failed request; those were wanted here."""
    complaints[:] = [each for each in complaints if not re.search(r"\b(409|422|503)\b|ERR_", each)]


def test_the_library_is_sound_in_every_width_and_scheme(page: Page, demo_site: RunningSite, complaints: Complaints):
    sign_in(page, demo_site)
    page.goto(demo_site.base + LIBRARY)
    panel = page.locator(".thumbs > li > a").first.get_attribute("href").partition("#")[0]
    paths = [LIBRARY, f"{LIBRARY}?view=list", f"{LIBRARY}?trash=yes", f"{LIBRARY}?search=nothing-like-it", panel, "/desk/posts/write"]
    assert {path: found for path in paths if (found := look_at(page, demo_site.base + path))} == {}


def test_several_files_go_up_at_once_and_what_is_refused_is_told(page: Page, demo_site: RunningSite, complaints: Complaints):
    sign_in(page, demo_site)
    page.goto(demo_site.base + LIBRARY)
    sound = wave_bytes(300)
    page.set_input_files(
        "#file",
        [file("gulls.jpg", picture_bytes(640, 480)), file("timetable.jpg", b"MZ\x90\x00" * 99), file("fog.wav", sound, "audio/wav")],
    )
    expect(page.locator("[data-told]")).to_have_text("All sent", timeout=180_000)
    rows = page.locator("[data-uploads] li")
    expect(rows.nth(0)).to_contain_text("On the site.")
    expect(rows.nth(1)).to_contain_text("Files of this kind are not kept.")
    expect(rows.nth(2)).to_contain_text("On the site.")
    page.get_by_role("link", name="Show them").click()
    expect(page.locator(".thumbs")).to_contain_text("fog.wav")
    expect_refusals(complaints)


def test_a_lost_line_costs_one_part(page: Page, demo_site: RunningSite, complaints: Complaints):
    sign_in(page, demo_site)
    page.goto(demo_site.base + LIBRARY)
    sent: list[str] = []

    def cut(route) -> None:
        sent.append(route.request.headers["upload-offset"])
        route.abort() if len(sent) == 2 else route.continue_()

    page.route("**/desk/media/uploads/*", lambda route: cut(route) if route.request.method == "PATCH" else route.continue_())
    page.set_input_files("#file", file("long.wav", wave_bytes(1300, tone=3), "audio/wav"))
    expect(page.locator("[data-uploads] li")).to_contain_text("On the site.", timeout=180_000)
    # The second part was lost and sent once more; the first was not.
    assert sent == ["0", "8388608", "8388608", "16777216"]
    expect_refusals(complaints)


def test_a_part_that_finds_the_file_held_is_sent_again_and_not_forgotten(page: Page, demo_site: RunningSite, complaints: Complaints):
    sign_in(page, demo_site)
    page.goto(demo_site.base + LIBRARY)
    sent: list[str] = []
    held = {"status": 409, "content_type": "application/problem+json", "body": '{"status": 409, "detail": "Another part is arriving."}'}

    def refuse(route) -> None:
        sent.append(route.request.headers["upload-offset"])
        route.fulfill(**held) if len(sent) == 2 else route.continue_()

    page.route("**/desk/media/uploads/*", lambda route: refuse(route) if route.request.method == "PATCH" else route.continue_())
    page.set_input_files("#file", file("held.wav", wave_bytes(1100, tone=11), "audio/wav"))
    expect(page.locator("[data-uploads] li")).to_contain_text("On the site.", timeout=180_000)
    assert sent == ["0", "8388608", "8388608", "16777216"]
    expect_refusals(complaints)


def test_an_answer_that_was_lost_is_told_again_and_the_file_kept_once(page: Page, demo_site: RunningSite, complaints: Complaints):
    sign_in(page, demo_site)
    page.goto(demo_site.base + LIBRARY)
    digests: list[str] = []

    finished: list[int] = []

    def swallow(route) -> None:
        if finished:
            route.continue_()
            return
        finished.append(route.fetch().status)
        route.abort()

    page.on("request", lambda request: digests.append(request.headers.get("content-digest", "")) if request.method == "PATCH" else None)
    page.route("**/finish", swallow)
    page.set_input_files("#file", file("lost.wav", wave_bytes(400, tone=13), "audio/wav"))
    expect(page.locator("[data-uploads] li")).to_contain_text("On the site.", timeout=180_000)
    assert demo_site.execute("SELECT count(*) FROM asset WHERE filename = 'lost.wav'") == [(1,)]
    assert finished == [200]
    assert digests
    assert all(each.startswith("sha-256=:") for each in digests)
    expect_refusals(complaints)


def test_a_file_that_is_put_together_already_is_asked_for_until_it_is_there(page: Page, demo_site: RunningSite, complaints: Complaints):
    page.add_init_script(SHORT_PAUSES)
    sign_in(page, demo_site)
    page.goto(demo_site.base + LIBRARY)
    asked: list[str] = []
    at_work = {
        "status": 409,
        "content_type": "application/problem+json",
        "headers": {"Retry-After": "5"},
        "body": '{"status": 409, "detail": "It is being put together just now."}',
    }

    def refuse(route) -> None:
        asked.append(route.request.method)
        # More often than a lost line is tried again.
        route.fulfill(**at_work) if len(asked) <= 10 else route.continue_()

    page.route("**/finish", refuse)
    page.set_input_files("#file", file("asked.wav", wave_bytes(400, tone=19), "audio/wav"))
    expect(page.locator("[data-uploads] li")).to_contain_text("On the site.", timeout=PATIENCE_MS)
    assert asked == ["POST"] * 11
    expect_refusals(complaints)


@of_one_process_tree
def test_what_the_site_says_is_shown_once_every_try_is_spent(page: Page, demo_site: RunningSite, complaints: Complaints):
    page.add_init_script(SHORT_PAUSES)
    sign_in(page, demo_site)
    page.goto(demo_site.base + LIBRARY)
    refused = {
        "status": 409,
        "content_type": "application/problem+json",
        "body": '{"status": 409, "detail": "The store is another site’s."}',
    }
    page.route("**/finish", lambda route: route.fulfill(**refused))
    page.set_input_files("#file", file("spent.wav", wave_bytes(400, tone=17), "audio/wav"))
    expect(page.locator("[data-uploads] li")).to_contain_text("The store is another site’s.", timeout=120_000)
    # Others look whether anything lies there.
    for left in (demo_site.data / "uploads").iterdir():
        left.unlink()
    expect_refusals(complaints)


def test_the_focus_is_set_by_a_click_and_by_keys(page: Page, demo_site: RunningSite, complaints: Complaints):
    sign_in(page, demo_site)
    page.goto(demo_site.base + f"{LIBRARY}?kind=image")
    page.locator(".thumbs > li > a").first.click()
    # The picture is there before what listens to it.
    page.wait_for_load_state()
    page.locator(".focal svg").click(position={"x": 5, "y": 5})
    across = page.get_by_label("Focus across")
    assert int(across.input_value()) < 10
    cover = page.locator(".crops svg").first
    expect(cover).to_have_attribute("viewBox", re.compile(r"^0 0 \d"))
    across.press("ArrowRight")
    wanted = across.input_value()
    page.get_by_label("Description", exact=True).last.fill("Gulls over the quay")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Focus across")).to_have_value(wanted)
    assert wanted in page.locator(".focal svg").get_attribute("aria-label")


def test_without_a_script_a_file_goes_up_is_described_trashed_and_taken_back(plain: Page, demo_site: RunningSite):
    plain.goto(demo_site.base + LIBRARY)
    plain.set_input_files("#file", file("plain.jpg", picture_bytes(222, 111)))
    plain.get_by_role("button", name="Upload", exact=True).click()
    expect(plain.get_by_role("status")).to_contain_text("“plain.jpg” was uploaded.")
    plain.locator(".thumbs > li > a", has_text="plain.jpg").click()
    plain.get_by_label("Name", exact=True).fill("renamed.jpg")
    plain.get_by_role("button", name="Save").click()
    expect(plain.locator("#panel")).to_have_text("renamed.jpg")
    plain.locator("[data-panel]").get_by_role("button", name="Move to trash").click()
    expect(plain.locator("main")).not_to_contain_text("renamed.jpg, 222")
    plain.get_by_role("button", name="Undo").click()
    expect(plain.locator(".thumbs")).to_contain_text("renamed.jpg")


def test_a_picture_pasted_into_the_text_is_shown_where_the_caret_was(page: Page, demo_site: RunningSite, complaints: Complaints):
    sign_in(page, demo_site)
    page.goto(demo_site.base + "/desk/posts/write")
    page.locator("#body").fill("Before after")
    page.locator("#body").evaluate("text => text.setSelectionRange(6, 6)")
    page.locator("#body").evaluate(
        """(text, bytes) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], "pasted.jpg", { type: "image/jpeg" }));
          text.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        list(picture_bytes(320, 200)),
    )
    expect(page.locator("#body")).to_have_value(
        re.compile(r"^Before\n!\[\]\(/media/\d{4}/\d\d/[0-9a-f]{32}\.jpg\)\n after$"), timeout=120_000
    )


@of_one_process_tree
def test_what_is_killed_half_way_leaves_nothing_that_anybody_can_reach(page: Page, demo_site: RunningSite, complaints: Complaints):
    sign_in(page, demo_site)
    page.goto(demo_site.base + LIBRARY)
    before = len(list((demo_site.data / "media").rglob("*.wav")))
    page.route("**/finish", lambda route: route.abort())
    page.set_input_files("#file", file("killed.wav", wave_bytes(600, tone=7), "audio/wav"))
    _wait_for(demo_site.data / "uploads", 9_000_000)
    demo_site.kill()
    demo_site.start()
    assert len(list((demo_site.data / "media").rglob("*.wav"))) == before
    assert demo_site.execute("SELECT count(*) FROM asset WHERE filename = 'killed.wav'") == [(0,)]
    # The page goes on by itself with what had arrived, as soon as it may.
    page.unroute("**/finish")
    expect(page.locator("[data-uploads] li")).to_contain_text("On the site.", timeout=180_000)
    assert demo_site.execute("SELECT count(*) FROM asset WHERE filename = 'killed.wav'") == [(1,)]
    assert list((demo_site.data / "uploads").iterdir()) == []
    expect_refusals(complaints)


def _wait_for(folder: Path, size: int) -> None:
    awaited(lambda: folder.exists() and sum(path.stat().st_size for path in folder.iterdir()) >= size)
