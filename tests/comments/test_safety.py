"""Whatever a reader writes, others get words: no script, no picture, no control, no place that only looks like ours."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from inkhorn.core.remarks import render_remark, tidy_remark
from tests.factories.comments import make_comment, make_open_post
from tests.growth import assert_grows_evenly

CORPUS = Path(__file__).parents[3] / "shared" / "corpora" / "xss-bleach"
ALLOWED = {"a", "blockquote", "br", "code", "em", "li", "ol", "p", "pre", "strong", "ul"}
NAMES = {"a": {"href", "rel"}, "ol": {"start"}}


class Elements(HTMLParser):
    """Every element of a piece of HTML with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def faults(html: str) -> list[str]:
    wrong = []
    for tag, attributes in Elements(html).found:
        if tag not in ALLOWED or set(attributes) - NAMES.get(tag, set()):
            wrong.append(f"<{tag} {attributes}>")
        address = attributes.get("href")
        if address is not None and not re.match(r"https?://|mailto:|/(?![/\\])|#", address):
            wrong.append(address)
        if tag == "a" and attributes.get("rel") != "ugc nofollow noopener":
            wrong.append(f"rel={attributes.get('rel')}")
    return wrong


def inputs() -> list[str]:
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in sorted(CORPUS.rglob("*")) if path.is_file()]
    return [*texts, *(line for text in texts for line in text.splitlines() if line.strip())]


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpora are not on this machine")
def test_no_input_of_the_corpus_becomes_more_than_words():
    tried = inputs()
    assert len(tried) > 50
    for raw in tried:
        for words in (raw, f"[x]({raw})", f"<{raw}>", f"> {raw}", f"1. {raw}", f"`{raw}`", f"**{raw}**"):
            assert faults(render_remark(tidy_remark(words)).html) == [], words


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("*a* **b** `c`", "<p><em>a</em> <strong>b</strong> <code>c</code></p>\n"),
        ("one\ntwo", "<p>one<br>\ntwo</p>\n"),
        ("# no heading", "<p># no heading</p>\n"),
        (
            "![no picture](https://a.example/b.png)",
            '<p>!<a href="https://a.example/b.png" rel="ugc nofollow noopener">no picture</a></p>\n',
        ),
        ("<b onclick=x>no</b>", "<p>&lt;b onclick=x&gt;no&lt;/b&gt;</p>\n"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
        ("see https://a.example/b.", '<p>see <a href="https://a.example/b" rel="ugc nofollow noopener">https://a.example/b</a>.</p>\n'),
        ("[x](//evil.example)", '<p><a rel="ugc nofollow noopener">x</a></p>\n'),
        ("> quoted\n\n- item", "<blockquote>\n<p>quoted</p>\n</blockquote>\n<ul>\n<li>item</li>\n</ul>\n"),
    ],
)
def test_the_dialect_is_small(written, shown):
    assert render_remark(tidy_remark(written)).html == shown


def test_what_turns_or_hides_words_is_taken_out():
    assert tidy_remark("a\u202eb\x00c\u2066d\ufeff") == "abcd"


@pytest.mark.parametrize("bit", ["[", "*", "> ", "`", "(", "https://a.example/", "<", "- ", "_a", "\\"])
def test_no_input_takes_longer_than_its_length_says(bit):
    assert_grows_evenly(lambda size: render_remark(bit * size), 8000)


@pytest.mark.usefixtures("database", "generous")
def test_names_and_words_stand_harmless_on_the_page_and_in_the_feed(client):
    post = make_open_post()
    hostile = "</title></textarea><script>fired()</script><img src=x onerror=fired()>"
    make_comment(post, name=hostile, email="a@example.org", body=hostile)
    page, feed = client.get(post.path).text, client.get("/comments/feed.xml").text
    for text in (page, feed):
        assert "<script>fired" not in text
        assert "<img src=x" not in text
    (item,) = json.loads(client.get("/comments/feed.json").text)["items"]
    assert faults(item["content_html"]) == []
