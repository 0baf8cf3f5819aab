"""Bodies made to be slow: marks that are opened again and again and never closed."""

import pytest

from inkhorn.core import prose
from inkhorn.transfer.manuscript import ForeignSite
from inkhorn.transfer.wordpress.bodies import _IMAGE, _MORE, _NEXT_PAGE, _without_block_marks, body_of
from inkhorn.transfer.wordpress.shortcodes import Expansion, expand_shortcodes
from inkhorn.transfer.wordpress.survey import Survey
from tests.growth import assert_grows_evenly

UNCLOSED = [
    '[caption "a""a""a"',
    '[caption id="a"]',
    "[embed]",
    "[gallery ",
    "[gallery a= a= a= ",
    "[code]",
    "[audio ",
    "[audio a]x",
    "[abc a = ",
    "[[a ",
    "<pre>",
    "<script>",
    "<!-- wp:a { } ",
    "<!-- wp:a {",
    "<!-- more ",
    "<img ",
    "<figure class=wp-block-embed><div>http://a </div><figcaption>",
]


def convert(text: str):
    return body_of(text, number="1", where="post 1", survey=Survey(ForeignSite()))


def walk(text: str):
    """What looks at a body before its Markdown is made."""
    _without_block_marks(text, "post 1", [])
    for pattern in (_IMAGE, _MORE, _NEXT_PAGE):
        pattern.sub("", text)
    expand_shortcodes(text, Expansion({}, []))


@pytest.mark.parametrize("mark", ['[caption "a""a""a"', "<!-- wp:a { } ", "[embed]", "[gallery ", "[code]"])
def test_a_hostile_body_is_converted_in_even_time(mark):
    assert_grows_evenly(lambda size: convert(mark * size), 4_000)


@pytest.mark.parametrize("mark", UNCLOSED)
def test_a_hostile_body_is_walked_once(mark):
    assert_grows_evenly(lambda size: walk(mark * size), 40_000)


def test_a_block_mark_may_say_much():
    words = "x" * 50_000
    made = convert(f'<!-- wp:paragraph {{"a":{{"b":"{words}"}}}} -->\n<p>Words</p>\n<!-- /wp:paragraph -->')
    assert made.markdown.strip() == "Words"


def test_what_stands_inside_another_mark_is_its_content():
    made = convert('[code]\n[gallery ids="1"] </pre>\n[/code]\n\nAfter [caption width="1"]words[/caption]')
    assert '[gallery ids="1"] </pre>' in made.markdown
    assert "After words" in made.markdown


def test_a_body_that_is_too_long_is_cut_before_it_is_read():
    made = convert("word*" * (prose.MAX_CHARACTERS // 5 + 100))
    assert len(made.markdown) <= prose.MAX_CHARACTERS
    assert [problem.what for problem in made.problems] == ["too-long"]
