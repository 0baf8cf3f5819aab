"""Real posts: nothing that readers saw is lost, and nearly all of them become clean Markdown."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from defusedxml import ElementTree

from inkhorn.core.html_to_markdown import autoparagraph, html_to_markdown
from inkhorn.core.html_to_markdown.checking import said
from inkhorn.core.prose import as_raw, render

CORPORA = Path(__file__).parents[3] / "shared" / "corpora"

pytestmark = [
    pytest.mark.corpora,
    pytest.mark.skipif(not CORPORA.is_dir(), reason="the real sites are not beside the checkout"),
]


def wordpress_bodies() -> Iterator[str]:
    for _, element in ElementTree.iterparse(CORPORA / "wxr-cclabs-real" / "wordpress.xml"):
        if element.tag == "{http://purl.org/rss/1.0/modules/content/}encoded" and element.text:
            yield element.text


def jekyll_bodies() -> Iterator[str]:
    for file in sorted((CORPORA / "md-cclabs-jekyll-html").rglob("*.html")):
        _, matter, body = [*re.split(r"^---\n", file.read_text(encoding="utf-8"), maxsplit=2, flags=re.MULTILINE), "", ""][:3]
        if matter and body:
            yield body


@pytest.mark.parametrize("bodies", [wordpress_bodies, jekyll_bodies])
def test_real_posts_say_the_same_in_markdown(bodies: object) -> None:
    clean = total = 0
    for body in bodies():  # type: ignore[operator]
        html = autoparagraph(body)
        conversion = html_to_markdown(html)
        assert said(render(conversion.markdown, side_notes=False).html) == said(render(as_raw(html)).html)
        total, clean = total + 1, clean + conversion.lossless
    assert total > 200
    assert clean / total > 0.9, f"{clean} of {total}"
