"""Absurd input costs little time and never a traceback."""

import time

import pytest

from inkhorn.core.prose import render

ABSURD = {
    "five thousand headings": "# same\n\n" * 5_000,
    "open brackets": "[" * 10_000,
    "brackets in brackets": "[" * 5_000 + "]" * 5_000,
    "images in images": "![" * 2_000 + "](x)" * 2_000,
    "notes in notes": "^[" * 500 + "]" * 500,
    "one note, a thousand times": "[^1]: " + "w " * 5_000 + "\n\n" + "[^1] " * 1_000,
    "quotes in quotes": ">" * 10_000 + " x",
    "lists in lists": "- " * 10_000,
    "a wide table": "|" + "a|" * 3_000 + "\n|" + "-|" * 3_000 + "\n|" + "b|" * 3_000,
    "one line": "a" * 1_000_000,
    "emphasis without end": "*a_" * 20_000,
    "dollars": "$a " * 50_000,
    "open formulas": "$$a\n" * 50_000,
    "open containers": ":::note\n" * 10_000,
    "boxes in boxes": "<div>" * 100_000,
    "boxes in a fence": "```{=html}\n" + "<div>" * 100_000 + "\n```",
    "open comments": "<!--more" * 50_000,
    "open tags": "<img " * 50_000,
    "open attributes": "`a`{" * 10_000,
    "open links": "[a](b" * 10_000,
    "sentences": "a." * 200_000,
    "control characters": "a\0b\u202e\ufeff" * 10_000,
    "highlighted lines": "```python {1-5000}\n" + "x = 1\n" * 10_000 + "```",
}


@pytest.mark.parametrize("name", ABSURD)
def test_absurd_input_is_bearable(name: str) -> None:
    started = time.process_time()
    rendered = render(ABSURD[name])
    # On a quiet machine none needs more than one second; the limit tells linear from quadratic.
    assert time.process_time() - started < 6
    assert len(rendered.html) < 4_000_000
    assert "\0" not in rendered.html


def test_what_is_nested_past_reason_is_shown_as_typed() -> None:
    rendered = render("<div>" * 1_000 + "words")
    assert rendered.html.startswith('<pre tabindex="0"><code>&lt;div&gt;')
    assert "words" in rendered.html


def test_a_note_is_not_repeated_without_end() -> None:
    html = render("[^1]: " + "word " * 5_000 + "\n\n" + "[^1] " * 2_000).html
    assert len(html) < 1_500_000
