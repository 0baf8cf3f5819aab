"""Whether two pieces of HTML say the same to a reader."""

from collections.abc import Iterable
from html import escape
from urllib.parse import unquote

from selectolax.lexbor import LexborNode

from inkhorn.core.html_to_markdown.inline import SPACES, attribute, children, fragment

_SAME = {"b": "strong", "i": "em", "s": "del", "h1": "h2"}
# Boxes that say nothing by themselves; what is in them is compared.
_BOXES = frozenset("thead tbody picture source span address data wbr".split())
_PARAGRAPHS = frozenset("p div section article header footer main".split())
_BLOCKS = frozenset(
    "ul ol li h2 h3 h4 h5 h6 blockquote table tr td th dl dt dd figure figcaption aside details summary caption tfoot".split()
)
_ATTRIBUTES = {"a": ("href", "title"), "img": ("src", "alt"), "ol": ("start",), "td": ("colspan", "rowspan"), "th": ("colspan", "rowspan")}


class _Reading:
    """Reads on as a person would: blanks run together, and what encloses nothing is not there."""

    def __init__(self) -> None:
        self.said: list[str] = []
        # Inline elements that were opened, but in which nothing has been said yet.
        self._held: list[str] = []
        self._has_blank = self._has_break = self._has_paragraph = False
        self._starts_block = True

    def words(self, text: str) -> None:
        text = SPACES.sub(" ", text.replace("\xa0", " "))
        words = text.strip(" ")
        self._has_blank = self._has_blank or text.startswith(" ")
        if words:
            self.thing(escape(words, quote=False))
            self._has_blank = text.endswith(" ")

    def thing(self, what: str) -> None:
        """Words or a picture: whatever was only waiting before it is said now."""
        if not self._starts_block:
            if self._has_paragraph:
                self.said.append("¶")
            elif self._has_break:
                self.said.append("<br>")
            elif self._has_blank:
                self.said.append(" ")
        self.said += [*self._held, what]
        self._held = []
        self._has_blank = self._has_break = self._has_paragraph = self._starts_block = False

    def open(self, tag: str) -> None:
        self._held.append(tag)

    def close(self, tag: str) -> None:
        if self._held:
            self._held.pop()
        else:
            self.said.append(tag)

    def line_break(self) -> None:
        self._has_break = True

    def paragraph(self) -> None:
        self._has_paragraph = True

    def block(self, tag: str) -> None:
        self.said += [*self._held, tag]
        self._held = []
        self._has_blank = self._has_break = self._has_paragraph = False
        self._starts_block = True


def said(html: str) -> str:
    """The normal form: words, structure, addresses; nothing that only a program sees."""
    reading = _Reading()
    _read_all(fragment(html), reading)
    return "".join(reading.said)


def _read(node: LexborNode, reading: _Reading) -> None:
    if node.is_text_node:
        reading.words(node.text_content or "")
        return
    if node.is_comment_node:
        return
    tag = _SAME.get(node.tag or "", node.tag or "")
    if tag in {"img", "br", "hr", "pre"}:
        _read_thing(node, tag, reading)
    elif tag == "figure" and attribute(node, "class") == "highlight":
        _read_all([child for child in children(node) if child.tag == "pre"], reading)
    elif tag in _PARAGRAPHS or (tag == "figure" and node.css_first("figcaption") is None):
        reading.paragraph()
        _read_all(children(node), reading)
        reading.paragraph()
    elif tag in _BLOCKS:
        _read_block(node, tag, reading)
    elif tag in _BOXES or (tag == "a" and not attribute(node, "href")):
        _read_all(children(node), reading)
    else:
        reading.open(f"<{tag}{_attributes(node, tag)}>")
        _read_all(children(node), reading)
        reading.close(f"</{tag}>")


def _read_all(nodes: Iterable[LexborNode], reading: _Reading) -> None:
    for node in nodes:
        _read(node, reading)


def _read_thing(node: LexborNode, tag: str, reading: _Reading) -> None:
    if tag == "br":
        reading.line_break()
    elif tag == "img":
        reading.thing(f"<img{_attributes(node, tag)}>")
    else:
        code = escape(node.text().strip("\n"), quote=False) if tag == "pre" else ""
        reading.block(f"<{tag}>{code}")


def _read_block(node: LexborNode, tag: str, reading: _Reading) -> None:
    mark = len(reading.said)
    reading.block(f"<{tag}{_attributes(node, tag)}>")
    _read_all(children(node), reading)
    if len(reading.said) == mark + 1 and tag not in {"td", "th"}:
        del reading.said[mark:]
        reading.paragraph()
        return
    reading.block(f"</{tag}>")


def _attributes(node: LexborNode, tag: str) -> str:
    named = ((name, unquote(SPACES.sub(" ", attribute(node, name)).strip())) for name in _ATTRIBUTES.get(tag, ()))
    return "".join(f" {name}={escape(value)}" for name, value in named if value and (name, value) != ("start", "1"))
