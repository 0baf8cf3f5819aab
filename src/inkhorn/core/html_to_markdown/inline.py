"""Words, emphasis, links and images inside one paragraph, written as Markdown."""

import re
from collections.abc import Callable, Iterable, Iterator
from html import escape
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

EMPHASIS = {"em": "*", "i": "*", "strong": "**", "b": "**", "del": "~~", "s": "~~", "strike": "~~"}
_AS_HTML = {"em": "em", "i": "em", "strong": "strong", "b": "strong", "del": "del", "s": "s", "strike": "s"}
# Markdown has no sign for these; their tags are kept.
_KEPT = frozenset("abbr bdi bdo cite dfn ins kbd mark q rp rt ruby samp small sub sup time u var".split())
_KEPT_ATTRIBUTES = ("title", "lang", "dir", "datetime", "cite")
_TRANSPARENT = frozenset("span font big center tt nobr label acronym address".split())
INLINE = frozenset(EMPHASIS) | _KEPT | _TRANSPARENT | frozenset("a br code data img wbr".split())

SPACES = re.compile(r"[ \t\n\r\f]+")
_SPECIAL = re.compile(
    r"[\\`*]|\[(?=[ xX]\])|(?<![^\W_])_|_(?![^\W_])|\[(?=[^\[\]]*\][({\[:])|\[(?=[\^!])|\](?=[({\[:])|<(?=[a-zA-Z/!?])|&(?=#?\w{1,31};)|\$(?=\S)|~(?=~)|\^(?=\[)|\{(?=[.#:%=])"
)


class CannotSay(Exception):
    """Markdown has no words for this piece; it stays HTML. str() names the reason."""


def fragment(html: str) -> list[LexborNode]:
    """The top nodes of a piece of HTML."""
    # The parser's first node would give out all of its siblings as its own HTML, so an empty comment goes before them.
    first = LexborHTMLParser(f"<!---->{html}", is_fragment=True).root
    return list(siblings(first.next)) if first is not None else []


def siblings(first: LexborNode | None) -> Iterator[LexborNode]:
    while first is not None:
        yield first
        first = first.next


def children(node: LexborNode) -> Iterator[LexborNode]:
    return siblings(node.first_child)


def attribute(node: LexborNode, name: str) -> str:
    return node.attributes.get(name) or ""


def escaped(text: str) -> str:
    return _SPECIAL.sub(lambda match: f"\\{match[0]}", text)


class InlineWriter:
    """Writes the inside of one block; with_tags keeps emphasis as HTML where Markdown's signs would not be understood."""

    def __init__(self, *, with_tags: bool = False, is_one_line: bool = False) -> None:
        self.with_tags = with_tags
        self.is_one_line = is_one_line

    def write(self, nodes: Iterable[LexborNode]) -> str:
        return "".join(self._node(node) for node in nodes)

    def _node(self, node: LexborNode) -> str:
        if node.is_text_node:
            return escaped(SPACES.sub(" ", node.text_content or ""))
        if node.is_comment_node:
            return ""
        tag = node.tag or ""
        if tag in EMPHASIS:
            return self._emphasis(tag, node)
        if tag in _KEPT:
            return self._kept(node, tag)
        if tag in _TRANSPARENT:
            return self._span(node, tag)
        writers: dict[str, Callable[[LexborNode], str]] = {
            "a": self._link,
            "img": self._image,
            "code": self._code,
            "br": self._break,
            "data": self._inside,
            "wbr": lambda _: "<wbr>",
        }
        if tag not in writers:
            raise CannotSay(tag)
        return writers[tag](node)

    def _inside(self, node: LexborNode) -> str:
        return self.write(children(node))

    def _break(self, _node: LexborNode) -> str:
        return "<br>" if self.is_one_line else "\\\n"

    def _emphasis(self, tag: str, node: LexborNode) -> str:
        inside = self._inside(node)
        words = inside.strip(" \n")
        if not words:
            return inside
        before, after = inside[: len(inside) - len(inside.lstrip(" \n"))], inside[len(inside.rstrip(" \n")) :]
        mark = EMPHASIS[tag]
        if self.with_tags or "\\\n" in (words[:2], words[-2:]):
            return f"{before}<{_AS_HTML[tag]}>{words}</{_AS_HTML[tag]}>{after}"
        return f"{before}{mark}{words}{mark}{after}"

    def _kept(self, node: LexborNode, tag: str) -> str:
        attributes = "".join(f' {name}="{escape(attribute(node, name))}"' for name in _KEPT_ATTRIBUTES if attribute(node, name))
        return f"<{tag}{attributes}>{self._inside(node)}</{tag}>"

    def _span(self, node: LexborNode, tag: str) -> str:
        inside = self._inside(node)
        if tag == "tt":
            return f"<code>{inside}</code>"
        attributes = "".join(f' {name}="{escape(attribute(node, name))}"' for name in ("lang", "dir", "id") if attribute(node, name))
        if attributes:
            return f"<span{attributes}>{inside}</span>"
        return inside

    def _link(self, node: LexborNode) -> str:
        href = attribute(node, "href").strip()
        inside = self._inside(node)
        anchor = attribute(node, "id") or attribute(node, "name")
        if anchor:
            inside = f'<a id="{escape(anchor)}"></a>{inside}'
        if not href or not _is_followed(href):
            return inside
        before, words, after = _around(inside)
        return f"{before}[{words}]({destination(href)}{_title(node)}){after}"

    def _image(self, node: LexborNode) -> str:
        src = attribute(node, "src").strip()
        if not src or src.startswith("data:"):
            raise CannotSay("img")
        alt = SPACES.sub(" ", attribute(node, "alt"))
        if attribute(node, "title"):
            # Markdown's title is the caption of a picture that stands alone, which this one never was.
            return f'<img src="{escape(src)}" alt="{escape(alt)}" title="{escape(SPACES.sub(" ", attribute(node, "title")))}">'
        return f"![{bracketed(alt)}]({destination(src)})"

    def _code(self, node: LexborNode) -> str:
        if any(not child.is_text_node for child in children(node)):
            return f"<code>{self._inside(node)}</code>"
        text = SPACES.sub(" ", node.text())
        if not text.strip(" "):
            return text
        longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
        fence = "`" * (longest + 1)
        pad = " " if text.startswith("`") or text.endswith("`") or (text[0] == text[-1] == " ") else ""
        return f"{fence}{pad}{text}{pad}{fence}"


def _around(inside: str) -> tuple[str, str, str]:
    words = inside.strip(" ")
    if not words:
        return "", inside, ""
    return inside[: len(inside) - len(inside.lstrip(" "))], words, inside[len(inside.rstrip(" ")) :]


def bracketed(text: str) -> str:
    """Plain words between the brackets of an image."""
    return re.sub(r"([\\`*_\[\]<&$~^{])", r"\\\1", text)


def destination(address: str) -> str:
    """An address between round brackets."""
    address = SPACES.sub("%20", address)
    if re.search(r"[()<>\\&*_]", address) is None:
        return address
    safe = address.replace("<", "%3C").replace(">", "%3E").replace("\\", "%5C")
    safe = re.sub(r"&(?=#?\w{1,31};)", r"\\&", safe)
    return f"<{safe}>" if re.search(r"[()]", safe) else safe


def _is_followed(href: str) -> bool:
    try:
        return urlsplit(href).scheme.lower() in {"", "http", "https", "mailto", "tel"}
    except ValueError:
        return False


def _title(node: LexborNode) -> str:
    title = SPACES.sub(" ", attribute(node, "title")).strip(" ")
    return f' "{quoted(title)}"' if title else ""


def quoted(text: str) -> str:
    """Between the quotation marks of a title."""
    return re.sub(r"([\\\"&])", r"\\\1", text)
