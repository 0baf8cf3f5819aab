"""The smaller dialect in which readers write: emphasis, code, links, lists and quotes; everything else stays as it was typed."""

import re
from dataclasses import dataclass
from functools import cache
from html import escape

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from inkhorn.core.prose.sanitising import sanitise_remark

# Raw HTML, headings, pictures, rules and link definitions are words like others here.
_LEFT_OUT = ["html_block", "html_inline", "heading", "lheading", "image", "hr", "reference", "entity"]
_DEEPEST = 12
_BARE = re.compile(r"https?://[^\s<>\"\u00ab\u00bb\u201c\u201d]{1,2000}")
_BEHIND = ".,:;!?'*_)]}"
# What nobody sees, and what turns the direction of all that follows.
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")
_EMPTY_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True)
class Remark:
    """A reader's words as others get them."""

    html: str
    # Addresses that it leads to, in order, repeated where they are.
    links: tuple[str, ...]


def tidy_remark(markdown: str) -> str:
    """The words without what cannot be seen, in plain lines."""
    plain = markdown.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    return _EMPTY_LINES.sub("\n\n", _UNSEEN.sub("", plain)).strip()


def render_remark(markdown: str) -> Remark:
    """Harmless HTML of what a reader wrote."""
    try:
        tokens = _parser().parse(markdown)
        html = _parser().renderer.render(tokens, _parser().options, {})
    except RecursionError:
        return Remark(sanitise_remark(f"<p>{escape(markdown)}</p>"), ())
    found = (str(child.attrs.get("href", "")) for token in tokens for child in token.children or () if child.type == "link_open")
    return Remark(sanitise_remark(html), tuple(found))


@cache
def _parser() -> MarkdownIt:
    md = MarkdownIt("commonmark", {"maxNesting": _DEEPEST, "breaks": True, "html": False}).disable(_LEFT_OUT)
    md.core.ruler.push("bare_addresses", _link_bare_addresses)
    return md


def _link_bare_addresses(state: StateCore) -> None:
    for block in state.tokens:
        if block.type != "inline" or not block.children or "://" not in block.content:
            continue
        kept: list[Token] = []
        inside = 0
        for token in block.children:
            inside += {"link_open": 1, "link_close": -1}.get(token.type, 0)
            kept += _linked(token) if token.type == "text" and not inside else [token]
        block.children = kept


def _linked(token: Token) -> list[Token]:
    parts: list[Token] = []
    at = 0
    for match in _BARE.finditer(token.content):
        address = match[0].rstrip(_BEHIND)
        # A bracket that was opened within the address belongs to it.
        if address.count("(") > address.count(")") and match[0][len(address) :].startswith(")"):
            address += ")"
        parts += [_text(token.content[at : match.start()]), Token("link_open", "a", 1, attrs={"href": address})]
        parts += [_text(address), Token("link_close", "a", -1)]
        at = match.start() + len(address)
    return [*parts, _text(token.content[at:])] if parts else [token]


def _text(words: str) -> Token:
    return Token("text", "", 0, content=words)
