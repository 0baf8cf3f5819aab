"""What the tutorial has somebody do in a browser, step by step, and what there is to see on the way."""

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from tests.demo import OWNER

SIZE = {"width": 1200, "height": 750}
LARGEST_BYTES = 60_000
# Somewhat less, so that one taken anew with a few pixels more to it is small enough as well.
WANTED_BYTES = 52_000
# What a busy machine may need for any one step.
PATIENCE_MS = 120_000
TEXT = "One hundred and eleven steps, and a door that sticks.\n\n## What the pencil remembers\n\nHerring *again*.\n"
# Of the demo: its name, where it is, whether one has to be somebody, and in which light.
SIGHTS = (
    ("home", "/", "light"),
    ("home-dark", "/", "dark"),
    ("posts", "/desk/posts/", "light"),
    ("library", "/desk/media/", "light"),
    ("api", "/api/docs", "light"),
)
Look = Callable[[Page, str], None]


def first_post(page: Page, link: str, look: Look) -> None:
    """From the set-up link to the first post before its readers."""
    page.set_default_timeout(PATIENCE_MS)
    page.set_viewport_size(SIZE)
    page.goto(link)
    page.get_by_label("Name of the site").fill("Low Tide Notes")
    page.get_by_label("Your name").fill(OWNER["name"])
    page.get_by_label("E-mail").fill(OWNER["email"])
    page.get_by_label("Password").fill(OWNER["password"])
    look(page, "set-up")
    page.get_by_role("button", name="Create the site").click()
    page.wait_for_url("**/desk/posts/write")
    page.locator("#title").fill("The lamp room")
    page.locator("#body").fill(TEXT)
    look(page, "desk")
    page.get_by_role("link", name="Publish…").click()
    page.get_by_role("button", name="Publish now").click()
    page.wait_for_url(re.compile(r"/desk/posts/\d+/edit"))
    page.get_by_role("link", name="See it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The lamp room", timeout=PATIENCE_MS)
    look(page, "post")


def sights(page: Page, base: str, look: Look) -> None:
    """The living publication, first as a visitor sees it, then as its owner does."""
    page.set_default_timeout(PATIENCE_MS)
    page.set_viewport_size(SIZE)
    is_known = False
    for name, path, scheme in SIGHTS:
        if path != "/" and not is_known:
            page.goto(f"{base}/sign-in")
            page.get_by_label("E-mail").fill(OWNER["email"])
            page.get_by_label("Password", exact=True).fill(OWNER["password"])
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url("**/desk/**")
            is_known = True
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.goto(base + path)
        look(page, name)


class Album:
    """Keeps what there is to see as small pictures in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: list[str] = []

    def __call__(self, page: Page, name: str) -> None:
        page.evaluate("document.fonts.ready.then(() => document.activeElement?.blur())")
        picture = Image.open(BytesIO(page.screenshot(animations="disabled", caret="hide"))).convert("RGB")
        for quality in (82, 70, 55, 40):
            picture.save(self.folder / f"{name}.webp", quality=quality, method=6)
            if (self.folder / f"{name}.webp").stat().st_size <= WANTED_BYTES:
                break
        self.names.append(name)
