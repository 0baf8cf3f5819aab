"""Pictures in a text: none larger than it is, none wider than its place, and in a line of words one of them."""

import pytest
from playwright.sync_api import Browser, Page

from tests.architecture.tree import SOURCE

pytestmark = pytest.mark.browser

STYLES = (SOURCE / "static" / "tokens.css", SOURCE / "themes" / "quill" / "static" / "quill.css")
WIDTHS = (320, 390, 820, 1440)


def image(width: int, height: int, name: str, *, is_blurred: bool = False) -> str:
    svg = f"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{height}'/>"
    drawn = f'<img id="{name}" src="{svg}" width="{width}" height="{height}" alt="">'
    return f'<span class="blurred"><span class="blur" hidden><img src="{svg}" alt=""></span>{drawn}</span>' if is_blurred else drawn


def draw(page: Page, text: str) -> None:
    style = "\n".join(path.read_text(encoding="utf-8") for path in STYLES)
    page.set_content(
        f'<style>{style}</style><main id="main"><article class="post"><div class="prose e-content">{text}</div></article></main>'
    )


def size_of(page: Page, name: str) -> tuple[int, int]:
    box = page.locator(f"#{name}").bounding_box()
    assert box
    return round(box["width"]), round(box["height"])


@pytest.mark.parametrize("is_blurred", [True, False])
def test_a_small_one_with_a_caption_is_not_blown_up(page: Page, is_blurred: bool):
    draw(page, f"<figure>{image(40, 30, 'one', is_blurred=is_blurred)}<figcaption>A button.</figcaption></figure>")
    assert size_of(page, "one") == (40, 30)


@pytest.mark.parametrize("is_blurred", [True, False])
def test_a_large_one_fits_its_place_and_keeps_its_shape(page: Page, is_blurred: bool):
    picture = {"is_blurred": is_blurred}
    draw(
        page,
        f"<figure>{image(3000, 1500, 'captioned', **picture)}<figcaption>The estuary.</figcaption></figure>"
        f"<p>{image(3000, 1500, 'alone', **picture)}</p><ul><li>{image(3000, 1500, 'listed', **picture)}</li></ul>"
        f"<blockquote><p>{image(3000, 1500, 'quoted', **picture)}</p></blockquote>"
        f'<figure class="wide">{image(3000, 1500, "wide", **picture)}</figure><figure class="full">{image(3000, 1500, "full", **picture)}</figure>',
    )
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 2000})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width
        for name in ("captioned", "alone", "listed", "quoted", "wide", "full"):
            across, down = size_of(page, name)
            assert 100 < across <= width, (name, width)
            assert abs(across - 2 * down) <= 2, (name, width)


@pytest.mark.parametrize("is_blurred", [True, False])
def test_one_in_a_line_of_words_breaks_no_line(page: Page, is_blurred: bool):
    draw(page, f'<p><span id="before">A</span> {image(20, 15, "flag", is_blurred=is_blurred)} <span id="after">flag.</span></p>')
    before, after = (page.locator(f"#{name}").evaluate("word => word.getBoundingClientRect().y") for name in ("before", "after"))
    assert before == after


def test_one_in_a_table_leaves_room_for_the_words_beside_it(chromium: Browser):
    page = chromium.new_context(viewport={"width": 390, "height": 900}).new_page()
    words = "What stands beside it is read in lines of several words each."
    draw(page, f'<table><tr><td>{image(1600, 900, "cell")}</td><td id="words">{words}</td></tr></table>')
    assert size_of(page, "cell")[0] <= 224
    assert size_of(page, "words")[0] >= 80
    page.close()
