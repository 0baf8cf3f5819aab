"""HTML of another program as Markdown, where nothing is lost by it; where something would be, it stays HTML."""

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from inkhorn.core.html_to_markdown.blocks import BlockWriter, is_word
from inkhorn.core.html_to_markdown.checking import said
from inkhorn.core.html_to_markdown.inline import fragment
from inkhorn.core.prose import as_raw, render

_STYLED = re.compile(r"<[a-z][^<>]*\sstyle\s*=", re.IGNORECASE)


@dataclass(frozen=True)
class Conversion:
    """Markdown that renders as the HTML did; notes are short words for what stayed HTML or was left out."""

    markdown: str
    lossless: bool
    notes: tuple[str, ...]


def html_to_markdown(html: str) -> Conversion:
    """Clean Markdown for a post's HTML; every piece that Markdown cannot say stays in a fence of raw HTML."""
    try:
        return _convert(html.replace("\x00", ""))
    except RecursionError:
        return Conversion(as_raw(html), lossless=False, notes=("nesting",))


def _convert(html: str) -> Conversion:
    if not html.strip():
        return Conversion("", lossless=True, notes=())
    nodes = fragment(html)
    writer = BlockWriter()
    markdown = "\n\n".join(writer.write(nodes))
    notes = writer.notes
    if not _is_same(html, markdown):
        markdown, notes = _piece_by_piece(nodes)
        if not _is_same(html, markdown):
            markdown, notes = as_raw(html), ["structure"]
    if _STYLED.search(html):
        notes = [*notes, "style"]
    kept_as_html = [note for note in notes if note != "style"]
    return Conversion(markdown, lossless=not kept_as_html, notes=tuple(dict.fromkeys(notes)))


def _is_same(html: str, markdown: str) -> bool:
    return said(render(as_raw(html)).html) == said(render(markdown, side_notes=False).html)


def _piece_by_piece(nodes: list[LexborNode]) -> tuple[str, list[str]]:
    """Each block by the gentlest means that keeps its meaning: signs, then tags for emphasis, then raw HTML."""
    pieces: list[str] = []
    notes: list[str] = []
    for group in _groups(nodes):
        source = "".join(node.html or "" for node in group)
        for with_tags in (False, True):
            writer = BlockWriter(with_tags=with_tags)
            markdown = "\n\n".join(writer.write(group))
            if _is_same(source, markdown):
                pieces.append(markdown)
                notes += writer.notes
                break
        else:
            pieces.append(as_raw(source))
            notes.append("structure")
    return "\n\n".join(piece for piece in pieces if piece), notes


def _groups(nodes: list[LexborNode]) -> list[list[LexborNode]]:
    """Blocks alone, and runs of loose words and inline elements together."""
    groups: list[list[LexborNode]] = []
    is_open = False
    for node in nodes:
        is_loose = is_word(node)
        if is_loose and is_open:
            groups[-1].append(node)
        else:
            groups.append([node])
        is_open = is_loose
    return groups
