"""Drawings keep their lines and lose whatever runs or calls out."""

from pathlib import Path

import pytest

from inkhorn.media.images import studio
from tests.factories.media import CORPUS

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 40 20">'


def cleaned(tmp_path: Path, inner: str, head: str = HEAD) -> str:
    (tmp_path / "in").write_text(f"{head}{inner}</svg>", encoding="utf-8")
    studio.clean_svg(tmp_path / "in", tmp_path / "out")
    return (tmp_path / "out").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "inner",
    [
        "<script>evil()</script>",
        "<script href='evil.js'/>",
        "<g><g><script>evil()</script></g></g>",
        "<rect onload='evil()' onclick='evil()'/>",
        "<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'><iframe src='//evil'/></body></foreignObject>",
        "<a href='javascript:evil()'><text>x</text></a>",
        "<a xlink:href='//evil'><text>x</text></a>",
        "<use href='//evil#a'/>",
        "<use xlink:href='data:image/svg+xml;base64,evil'/>",
        "<image href='https://evil/x.png'/>",
        "<image href='data:image/svg+xml;base64,evil='/>",
        "<feImage href='https://evil/'/>",
        "<style>@import url(//evil);</style>",
        "<style>rect { fill: url(https://evil/#a) }</style>",
        "<style>@font-face { font-family: x; src: url(//evil) }</style>",
        "<style>rect { fill: u\\72l(//evil) }</style>",
        "<style>/* */ @im/**/port 'evil';</style>",
        "<rect style='background: url(&quot;//evil&quot;)'/>",
        "<rect fill='url(//evil#a)'/>",
        "<rect fill='url( &#39;//evil#a'/>",
        "<set attributeName='href' to='javascript:evil()'/>",
        "<animate attributeName='href' values='javascript:evil()'/>",
        "<animate attributeName='onload' to='evil()'/>",
        "<h:script xmlns:h='http://www.w3.org/1999/xhtml'>evil()</h:script>",
        "<handler>evil()</handler>",
        "<?xml-stylesheet href='//evil'?><rect/>",
        "<!-- evil --><rect/>",
        "<metadata>evil</metadata>",
        "<rect xml:base='//evil'/>",
        "<text>a<script>evil()</script>b</text>",
    ],
)
def test_nothing_that_runs_or_calls_out_stays(inner: str, tmp_path: Path) -> None:
    assert "evil" not in cleaned(tmp_path, inner)


def test_what_is_drawn_stays(tmp_path: Path) -> None:
    kept = cleaned(
        tmp_path,
        "<defs><linearGradient id='a'><stop offset='0' stop-color='red'/></linearGradient></defs><style>.x { fill: url(#a) }</style>"
        "<rect class='x' width='5' height='6' style='stroke: blue'/><use xlink:href='#b'/><text x='1'>Ebb &amp; flow<tspan>!</tspan></text>",
    )
    for piece in ("<linearGradient", "url(#a)", 'width="5"', "stroke: blue", "#b", "Ebb &amp; flow", "<tspan>!"):
        assert piece in kept


def test_words_after_what_was_taken_out_stay(tmp_path: Path) -> None:
    assert "before  after" in cleaned(tmp_path, "<text>before <script>x</script> after</text>")


def test_a_link_leaves_its_drawing(tmp_path: Path) -> None:
    assert "<circle" in cleaned(tmp_path, "<a href='https://example.org'><circle r='3' onclick='x'/></a>")


@pytest.mark.parametrize(
    "head",
    [
        f'<!DOCTYPE svg [<!ENTITY x "y">]>{HEAD}',
        f'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>{HEAD}',
        f'<!DOCTYPE svg SYSTEM "a>b" [<!ENTITY x "y">]>{HEAD}',
        '<svg><g xmlns="http://www.w3.org/2000/svg">',
        "<svg ",
        '<html xmlns="http://www.w3.org/1999/xhtml"><svg>',
    ],
)
def test_what_declares_or_is_no_drawing_is_refused(head: str, tmp_path: Path) -> None:
    with pytest.raises(studio.PictureRefused):
        cleaned(tmp_path, "&x;", head)


def test_the_usual_document_type_is_no_hindrance(tmp_path: Path) -> None:
    doctype = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
    assert "DOCTYPE" not in cleaned(tmp_path, "<rect/>", f'<?xml version="1.0"?>{doctype}{HEAD}')


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ("viewBox='0 0 40 20'", (40, 20)),
        ("width='80' viewBox='0 0 40 20'", (80, 40)),
        ("width='1in' height='2in'", (96, 192)),
        ("", (300, 150)),
    ],
)
def test_its_size_is_found(attributes: str, size: tuple[int, int], tmp_path: Path) -> None:
    (tmp_path / "in").write_text(f"<svg xmlns='http://www.w3.org/2000/svg' {attributes}/>")
    seen = studio.clean_svg(tmp_path / "in", tmp_path / "out")
    assert (seen.width, seen.height) == size


@pytest.mark.corpora
@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpora are not beside the checkout")
@pytest.mark.parametrize("name", ["rustc-flamegraph-with-script.svg", "naive-bootstrap-stage.svg", "18f-pride.svg"])
def test_real_drawings_lose_only_what_runs(name: str, tmp_path: Path) -> None:
    studio.clean_svg(CORPUS / "svg" / name, tmp_path / "out")
    kept = (tmp_path / "out").read_text()
    assert not any(word in kept.lower() for word in ("<script", "onload", "onclick", "onmouse", "foreignobject", "javascript:"))
    assert "<path" in kept or "<rect" in kept
