"""Code is coloured, formulas are set, and neither can break a page."""

import pytest

from inkhorn.core.prose import render
from inkhorn.core.prose.__main__ import STYLESHEET, with_colours
from inkhorn.core.prose.highlighting import read_info, stylesheet


def test_the_committed_colours_are_fresh() -> None:
    styles = STYLESHEET.read_text(encoding="utf-8")
    assert styles.endswith("}\n" + stylesheet()), "run `python -m inkhorn.core.prose`"
    assert with_colours(styles) == styles
    assert with_colours("a { }\n") == "a { }\n" + stylesheet()


def test_code_says_its_name_and_scrolls_by_keyboard() -> None:
    html = render('```python title="tide.py"\nimport os\n```').html
    assert '<figcaption class="code-head"><span>tide.py</span><span>Python</span></figcaption>' in html
    assert '<pre tabindex="0" role="group" aria-label="tide.py"><code><span class="kn">import</span>' in html


def test_lines_are_set_off() -> None:
    html = render("```python {1,3-4}\na\nb\nc\nd\n```").html
    assert '<code><span class="hll">a\n</span>b\n<span class="hll">c\n</span><span class="hll">d\n</span></code>' in html


@pytest.mark.parametrize(
    ("info", "language", "lines"),
    [
        ("rust,hl_lines=1 3-5", "rust", {1, 3, 4, 5}),
        ('go {hl_lines=[2,"4-5"],linenostart=1}', "go", {2, 4, 5}),
        ("js {2}", "js", {2}),
        ("{.python}", "", set()),
        ("c++", "c++", set()),
        ("rust,ignore", "rust", set()),
        ("x {1-99999999999}", "x", set(range(1, 5_001))),
    ],
)
def test_the_dialects_of_the_line_above(info: str, language: str, lines: set[int]) -> None:
    read = read_info(info)
    assert (read.language, set(read.lines)) == (language, lines)


def test_an_unknown_language_is_shown_plain() -> None:
    assert "<code>x &lt; y\n</code>" in render("```nosuchlanguage\nx < y\n```").html


def test_indented_code_stands_in_the_same_frame() -> None:
    assert render("    x\n").html.startswith('<figure class="highlight"><pre')


def test_a_token_over_several_lines_is_closed_on_each() -> None:
    html = render('```python {1}\n"""a\nb"""\n```').html
    assert '<span class="hll"><span class="sd">"""a</span>\n</span><span class="sd">b"""</span>' in html


def test_formulas_become_mathml() -> None:
    rendered = render("Let $x^2$ be\n\n$$\n\\sum_i x_i\n$$\n")
    assert rendered.is_mathematical
    assert "<msup><mi>x</mi><mn>2</mn></msup>" in rendered.html
    assert '<math display="block">' in rendered.html
    assert "annotation" not in rendered.html


@pytest.mark.parametrize("text", ["from $5 to $10", "US$5 and US$6", "$HOME and $PATH", "\\$x\\$", "a $ b $ c", "`$x$`"])
def test_money_is_no_formula(text: str) -> None:
    assert not render(text).is_mathematical


@pytest.mark.parametrize(
    "tex", ["\\frac{", "{" * 900, "\\begin{foo}", "\\left(", "^", "x" * 1_900, "\\\\", "}{", "\\href{javascript:alert(1)}{x}"]
)
def test_a_formula_that_cannot_be_read_never_raises(tex: str) -> None:
    html = render(f"Here ${tex}$ it is.\n\n$$\n{tex}\n$$").html
    assert "javascript" not in html or "<code>" in html
    assert "it is." in html


def test_a_broken_formula_stays_visible() -> None:
    assert "<code>$\\frac{$</code>" in render("Here $\\frac{$.").html
