"""A real song is dropped into an album, plays, seeks and downloads; the keyboard puts songs in order; nothing of it needs JavaScript."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from inkhorn.media.audio import listening
from tests.factories.media import CORPUS
from tests.factories.sound import mp3_bytes
from tests.journeys.conftest import sign_in, violations
from tests.journeys.test_every_page import look_at
from tests.running import RunningSite

SONG = CORPUS / "audio" / "migrate-audio.mp3"
WIDTHS = (320, 390, 820, 1440)

pytestmark = [pytest.mark.browser, pytest.mark.skipif(not SONG.is_file(), reason="the corpora are not beside the checkout")]


def songs(folder: Path, *titles: str) -> list[Path]:
    made = [folder / f"{title}.mp3" for title in titles]
    for number, path in enumerate(made):
        path.write_bytes(mp3_bytes(2 + number, title=path.stem, artist="Pell Hathersage"))
    return made


def begin(page: Page, site: RunningSite, what: str, title: str) -> None:
    page.goto(f"{site.base}/desk/media/albums")
    page.get_by_label(f"Title of a new {what}").fill(title)
    page.get_by_role("button", name=f"Begin {'an' if what == 'album' else 'a'} {what}").click()
    page.wait_for_url(re.compile(rf"/desk/media/{what}s/\d+$"))


def assert_fits(page: Page) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width


def wait_until_past(page: Page, seconds: float) -> None:
    """Until the page's first player has come so far; asked from outside, since the page runs no words."""
    page.locator("audio").first.evaluate(
        "(audio, until) => new Promise((done) => { const look = () => audio.currentTime >= until ? done() : setTimeout(look, 50); look(); })",
        seconds,
    )


def test_a_real_song_is_sent_plays_seeks_and_downloads(page: Page, demo_site: RunningSite, tmp_path: Path):
    assert page.evaluate("new Audio().canPlayType('audio/mpeg')") in ("probably", "maybe")
    sign_in(page, demo_site)
    begin(page, demo_site, "album", "Fog signals")
    page.locator("form[data-drop] input[type=file]").set_input_files([SONG, *songs(tmp_path, "Slack")])
    expect(page.locator(".tracks > li")).to_have_count(2)
    assert violations(page) == []
    assert_fits(page)
    page.get_by_label("Title of song 1").fill("First light")
    page.get_by_role("button", name="Publish", exact=True).click()
    page.get_by_role("link", name="See it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Fog signals")
    assert look_at(page, page.url) == []
    assert_fits(page)
    player = page.locator("audio").first
    player.evaluate("async (audio) => { audio.muted = true; await audio.play(); }")
    wait_until_past(page, 0.2)
    assert player.evaluate("(audio) => audio.duration") == pytest.approx(
        listening.listen(SONG, "audio/mpeg", cover=tmp_path / "x").seconds, abs=0.1
    )
    player.evaluate("(audio) => new Promise((done) => { audio.onseeked = done; audio.currentTime = 30; })")
    wait_until_past(page, 30.1)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download the original, MP3, 0.7 MB").click()
    assert waiting.value.suggested_filename == "migrate-audio.mp3"
    assert Path(waiting.value.path()).read_bytes() == SONG.read_bytes()


def test_the_keyboard_puts_songs_in_order(page: Page, demo_site: RunningSite, tmp_path: Path):
    sign_in(page, demo_site)
    begin(page, demo_site, "album", "Three bells")
    page.locator("form[data-drop] input[type=file]").set_input_files(songs(tmp_path, "One", "Two", "Three"))
    expect(page.locator(".tracks > li")).to_have_count(3)
    page.get_by_label("Title of song 3").focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("[data-told]")).to_have_text("Three is now number 2")
    expect(page.locator(".head .actions")).to_contain_text("Not saved yet")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".telling")).to_contain_text("Saved.")
    expect(page.locator(".tracks > li")).to_have_count(3)
    assert [each.input_value() for each in page.locator(".tracks input.plain:not(.artist)").all()] == ["One", "Three", "Two"]


def test_a_broken_file_is_told_beside_the_others(page: Page, demo_site: RunningSite, tmp_path: Path, complaints):
    sign_in(page, demo_site)
    begin(page, demo_site, "album", "Half an album")
    broken = tmp_path / "broken.mp3"
    broken.write_bytes(b"ID3\x03" + b"\0" * 400)
    page.locator("form[data-drop] input[type=file]").set_input_files([broken, *songs(tmp_path, "Whole")])
    expect(page.locator(".tracks > li")).to_have_count(1)
    expect(page.locator("[data-sending] .error")).to_contain_text("There is no sound in this file")
    # The browser notes the refusal itself.
    complaints.clear()


def test_everything_works_without_javascript(chromium: Browser, demo_site: RunningSite, tmp_path: Path):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, demo_site)
    begin(page, demo_site, "show", "The quiet frequencies")
    page.locator("form[data-drop] input[type=file]").set_input_files(songs(tmp_path, "At slack water"))
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("button", name="Publish", exact=True).click()
    page.get_by_role("link", name="At slack water", exact=True).click()
    page.get_by_role("button", name="Publish", exact=True).click()
    begin(page, demo_site, "album", "By hand")
    page.locator("form[data-drop] input[type=file]").set_input_files(songs(tmp_path, "One", "Two"))
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("button", name="Move Two up").click()
    expect(page.get_by_label("Title of song 1")).to_have_value("Two")
    page.goto(f"{demo_site.base}/show/the-quiet-frequencies/")
    page.get_by_role("link", name="At slack water").click()
    expect(page.locator("audio")).to_be_visible()
    context.close()


def test_the_pages_of_a_show_are_sound(page: Page, demo_site: RunningSite, tmp_path: Path):
    sign_in(page, demo_site)
    begin(page, demo_site, "show", "Harbour talk")
    sound = tmp_path / "talk.mp3"
    sound.write_bytes(mp3_bytes(6, title="Soup", chapters=((0.0, "The door"), (3.0, "Soup"))))
    page.locator("form[data-drop] input[type=file]").set_input_files([sound])
    expect(page.locator(".episodes > li")).to_have_count(1)
    assert violations(page) == []
    assert_fits(page)
    page.get_by_role("button", name="Publish", exact=True).click()
    page.get_by_role("link", name="Soup", exact=True).click()
    assert violations(page) == []
    page.get_by_role("button", name="Publish", exact=True).click()
    assert look_at(page, f"{demo_site.base}/show/harbour-talk/") == []
    assert_fits(page)
    page.get_by_role("link", name="Soup").click()
    page.wait_for_load_state()
    assert look_at(page, page.url) == []
    assert_fits(page)
    # Where the chapter begins; the page's script takes it there.
    page.get_by_role("link", name="Soup").last.click()
    wait_until_past(page, 3)


def test_a_thumb_hits_every_file_field(chromium: Browser, demo_site: RunningSite):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    sign_in(page, demo_site)
    begin(page, demo_site, "album", "Under a thumb")
    album = page.url
    for address in (album, f"{demo_site.base}/desk/media/", f"{demo_site.base}/account/"):
        page.goto(address)
        boxes = [box for field in page.locator("input[type=file]").all() if (box := field.bounding_box())]
        assert boxes, address
        assert min(box["height"] for box in boxes) >= 44, address
    context.close()
