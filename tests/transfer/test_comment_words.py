"""What the words of a WordPress comment become, however they are wrought."""

import pytest

from inkhorn.transfer.wordpress.comments import MOST_CHARACTERS, markdown_of
from tests.growth import assert_grows_evenly


@pytest.mark.parametrize(
    ("content", "markdown"),
    [
        ("One.\n\nTwo\nthree.", "One.\n\nTwo\\\nthree."),
        ("<h2>Big</h2><table><tr><td>cell</td></tr></table>", "**Big**\n\ncell"),
        ("<img src=x onerror=alert(1)>gone", "gone"),
        ('<a href="https://a.test" onclick="x()">there</a>', "[there](https://a.test)"),
        ("a < b && *c*", "a < b && \\*c\\*"),
    ],
)
def test_the_words_become_those_that_comments_may_have(content, markdown):
    assert markdown_of(content) == markdown


@pytest.mark.parametrize("piece", ["<", "<b>", "</b>", "<!--", "[caption]", "&lt;", "\n\n", "* ", "<a href='", "<blockquote>"])
def test_no_content_takes_long(piece):
    assert_grows_evenly(lambda size: markdown_of((piece * size)[:size]), MOST_CHARACTERS)
