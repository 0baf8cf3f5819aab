"""How papers become pages: links, indexes, and none that nobody finds."""

from pathlib import Path

import pytest

from tests.docs.tree import DOCS, dead_links, foreign_parts, module_of_docs

builder = module_of_docs("build")
LISTS = {page: source for page, source in builder.sources().items() if page.endswith("index.md")}


def listed_by(page: str) -> list[str]:
    """The pages that an index lists, by their names in the site."""
    text = builder.page_text(page, LISTS[page])
    return [str((Path("/") / Path(page).parent / each).resolve().relative_to("/")) for each in builder.LISTED.findall(text)]


def test_every_page_is_listed_by_one_index():
    found = [each for page in LISTS for each in listed_by(page)]
    decisions = {page for page in builder.sources() if page.startswith(f"{builder.GATHERED}/0")}
    missing = set(builder.sources()) - set(found) - decisions - {"index.md"}
    assert missing == set(), "add a line to the index.md of their folder: - [Title](name.md): what it is good for."
    assert sorted(found) == sorted(set(found)), "a page is listed by two indexes"


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("[mail](send-mail.md#certificates)", "[mail](send-mail.md#certificates)"),
        ("[changes](../../CHANGELOG.md)", "[changes](../project/changelog.md)"),
        ("[`app.py`](../../src/inkhorn/app.py)", "`app.py`"),
        ("[elsewhere](https://example.org/a)", "[elsewhere](https://example.org/a)"),
        ("![a home](../pictures/home.webp)", "![a home](../pictures/home.webp)"),
        ("```sh\n[kept](../../src/inkhorn)\n```", "```sh\n[kept](../../src/inkhorn)\n```"),
    ],
)
def test_a_link_leads_to_a_page_or_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str, wanted: str):
    monkeypatch.setattr(Path, "read_text", lambda self, encoding: written)
    assert builder.page_text("how-to/planted.md", DOCS / "how-to" / "planted.md") == wanted


def test_a_dead_link_and_a_dead_place_are_found(tmp_path: Path):
    (tmp_path / "a.html").write_text(
        '<p id="here"><a href="b.html#there">1</a><a href="gone.html">2</a><a href="#here">3</a><pre><b>href=</b>"none.html"</pre>'
    )
    (tmp_path / "b.html").write_text('<p id="other"><a href="a.html#here">4</a><a href="https://example.org/">5</a>')
    assert dead_links(tmp_path) == ["a.html: b.html#there", "a.html: gone.html"]


def test_what_comes_from_another_host_is_found(tmp_path: Path):
    (tmp_path / "a.html").write_text('<script src="https://example.org/a.js"></script><a href="https://example.org/">a link is none</a>')
    (tmp_path / "a.css").write_text("@font-face { src: url(//example.org/a.woff2) }")
    assert foreign_parts(tmp_path) == ["a.css: //example.org/a.woff2", "a.html: https://example.org/a.js"]
