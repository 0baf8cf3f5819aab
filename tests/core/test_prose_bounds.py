"""Absurd input costs little time and never a traceback."""

from collections.abc import Callable

import pytest

from inkhorn.core.prose import render
from tests.growth import assert_grows_evenly

# Each makes a text from a size, and the size that is meant to be absurd.
ABSURD: dict[str, tuple[Callable[[int], str], int]] = {
    "headings of one name": (lambda n: "# same\n\n" * n, 5_000),
    "open brackets": (lambda n: "[" * n, 10_000),
    "brackets in brackets": (lambda n: "[" * n + "]" * n, 5_000),
    "images in images": (lambda n: "![" * n + "](x)" * n, 2_000),
    "notes in notes": (lambda n: "^[" * n + "]" * n, 500),
    "one note, many times": (lambda n: "[^1]: " + "w " * 5_000 + "\n\n" + "[^1] " * n, 1_000),
    "quotes in quotes": (lambda n: ">" * n + " x", 10_000),
    "lists in lists": (lambda n: "- " * n, 10_000),
    "a wide table": (lambda n: "|" + "a|" * n + "\n|" + "-|" * n + "\n|" + "b|" * n, 3_000),
    "one line": (lambda n: "a" * n, 1_000_000),
    "emphasis without end": (lambda n: "*a_" * n, 20_000),
    "dollars": (lambda n: "$a " * n, 50_000),
    "open formulas": (lambda n: "$$a\n" * n, 50_000),
    "open containers": (lambda n: ":::note\n" * n, 10_000),
    "boxes in boxes": (lambda n: "<div>" * n, 100_000),
    "boxes in a fence": (lambda n: "```{=html}\n" + "<div>" * n + "\n```", 100_000),
    "open comments": (lambda n: "<!--more" * n, 50_000),
    "open tags": (lambda n: "<img " * n, 50_000),
    "open attributes": (lambda n: "`a`{" * n, 10_000),
    "brackets far apart": (lambda n: ("[" + "a" * 100) * n, 12_000),
    "open links": (lambda n: "[a](b" * n, 10_000),
    "sentences": (lambda n: "a." * n, 200_000),
    "control characters": (lambda n: "a\0b\u202e\ufeff" * n, 10_000),
    "highlighted lines": (lambda n: f"```python {{1-{n // 2}}}\n" + "x = 1\n" * n + "```", 10_000),
}


@pytest.mark.parametrize("name", ABSURD)
def test_absurd_input_is_bearable(name: str) -> None:
    make, size = ABSURD[name]
    assert_grows_evenly(lambda size: render(make(size)), size)
    rendered = render(make(size // 4))
    assert len(rendered.html) < 4_000_000
    assert "\0" not in rendered.html


def test_what_is_nested_past_reason_is_shown_as_typed() -> None:
    rendered = render("<div>" * 1_000 + "words")
    assert rendered.html.startswith('<pre tabindex="0"><code>&lt;div&gt;')
    assert "words" in rendered.html


def test_a_note_is_not_repeated_without_end() -> None:
    html = render("[^1]: " + "word " * 5_000 + "\n\n" + "[^1] " * 2_000).html
    assert len(html) < 1_500_000
