"""The classic editor's paragraphs."""

import pytest

from inkhorn.core.html_to_markdown import autoparagraph
from tests.growth import assert_grows_evenly


@pytest.mark.parametrize(
    ("typed", "html"),
    [
        ("One\n\nTwo", "<p>One</p>\n<p>Two</p>"),
        ("One\r\ntwo", "<p>One<br>\ntwo</p>"),
        ("One<br />\ntwo", "<p>One<br />\ntwo</p>"),
        ("One<br><br>two", "<p>One</p>\n<p>two</p>"),
        ("<h2>Head</h2>\nText", "<h2>Head</h2>\n<p>Text</p>"),
        ("<ul>\n<li>a</li>\n<li>b</li>\n</ul>", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("<blockquote>a\n\nb</blockquote>", "<blockquote>\n<p>a</p>\n<p>b</p>\n</blockquote>"),
        ("a\n\n[gallery ids='1,2']\n\nb", "<p>a</p>\n[gallery ids='1,2']\n<p>b</p>"),
        ("a\n<pre>x\n\n\ny</pre>\nb", "<p>a</p>\n<pre>x\n\n\ny</pre>\n<p>b</p>"),
        ("<p>a</p>\n\n<p>b</p>", "<p>a</p>\n<p>b</p>"),
        ("a\n<!--more-->\nb", "<p>a</p>\n<!--more-->\n<p>b</p>"),
        ("<em>a</em>\n\n<a href='x'>b</a>", "<p><em>a</em></p>\n<p><a href='x'>b</a></p>"),
        ("<figure>\n<img src=x>\n</figure>", "<figure>\n<img src=x>\n</figure>"),
        ("", ""),
        (" \n\n ", ""),
    ],
)
def test_blank_lines_make_paragraphs(typed: str, html: str) -> None:
    assert autoparagraph(typed) == html


@pytest.mark.parametrize(
    ("mark", "times"),
    [("\n", 500_000), ("<pre>", 20_000), ("a\n", 200_000), ("<br>", 100_000), ("[a", 100_000), ("<!--", 50_000), ("<div>", 50_000)],
)
def test_absurd_input_is_bearable(mark: str, times: int) -> None:
    assert_grows_evenly(lambda size: autoparagraph(mark * size), times)
