"""HTML inside Markdown, before the sanitiser sees it: known images get their sizes, frames become links, old elements their heirs.

A block of raw HTML ends at the first blank line. Longer pieces stand in a fence that says so and are passed on whole:

    ```{=html}
    <table> ...

    </table>
    ```
"""

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from inkhorn.core.prose.pictures import picture_html
from inkhorn.core.prose.sheet import Sheet, sheet_of

RAW_FENCE = "{=html}"
_TAG = re.compile(r"<(/?)(img|iframe|embed|a|h1|strike|tt)\b([^<>]*)>", re.IGNORECASE)
# What HTML no longer has, or a text may not have, and what stands for it.
_RENAMED = {"h1": "h2", "strike": "s", "tt": "code"}
_ATTRIBUTE = re.compile(r"([a-zA-Z-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
# Elements that the next of their kind, or nothing at all, closes need no end tag.
_NESTING = re.compile(
    r"<(/?)(?!(?:p|li|d[dt]|t[dhr]|br|hr|img|input|source|track|wbr|col|embed|tbody|thead|option)\b)[a-z][a-z0-9-]*\b", re.IGNORECASE
)
_DEEPEST = 300
_PLACE = re.compile(r"<[a-zA-Z][^<>]*?\s(?:id|name)\s*=\s*[\"']?([^\s\"'<>]+)")
_YOUTUBE = re.compile(r"^(?:www\.)?youtube(?:-nocookie)?\.com$")


def as_raw(html_text: str) -> str:
    """Markdown that passes this HTML on whole, whatever is in it."""
    longest = max((len(run) for run in re.findall(r"`{3,}", html_text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{RAW_FENCE}\n{html_text.strip()}\n{fence}"


def _unfence(state: StateCore) -> None:
    for token in state.tokens:
        if token.type == "fence" and token.info.strip() == RAW_FENCE:
            token.type = "html_block"


def marked_places(tokens: Iterable[Token]) -> Iterator[str]:
    """The ids that raw HTML brings along."""
    for token in tokens:
        if token.type in {"html_block", "html_inline"}:
            yield from _PLACE.findall(token.content)
        elif token.children:
            yield from marked_places(child for child in token.children if child.type == "html_inline")


def is_too_deep(tokens: Iterable[Token]) -> bool:
    """Whether elements of the raw HTML are opened within one another past all reason; a parser then takes quadratic time."""
    depth = 0
    for token in tokens:
        if "<" not in token.content:
            continue
        for match in _NESTING.finditer(token.content):
            depth = max(0, depth - 1) if match[1] else depth + 1
            if depth > _DEEPEST:
                return True
    return False


def _attributes(inside: str) -> dict[str, str]:
    return {match[1].lower(): html.unescape(next(filter(None, match.groups()[1:]), "")) for match in _ATTRIBUTE.finditer(inside)}


def addresses(markup: str) -> Iterator[tuple[str, str]]:
    """("image", src) and ("link", href) of what stands in raw HTML."""
    for match in _TAG.finditer(markup):
        name = match[2].lower()
        if match[1] or name in _RENAMED:
            continue
        address = _attributes(match[3]).get("href" if name == "a" else "src", "")
        if address:
            yield ("image" if name == "img" else "link"), address


def _mend(markup: str, sheet: Sheet) -> str:
    if "<" not in markup:
        return markup

    def replace(match: re.Match[str]) -> str:
        closes, name = match[1], match[2].lower()
        if name in _RENAMED:
            return f"<{closes}{_RENAMED[name]}{match[3]}>"
        if name == "a":
            return match[0] if closes else _anchor(match[0], match[3])
        if name == "img":
            return match[0] if closes else _img(match[0], _attributes(match[3]), sheet)
        return "" if closes else _embed(_attributes(match[3]))

    return _TAG.sub(replace, markup)


def _anchor(tag: str, inside: str) -> str:
    """Places were once marked by name; ids took over."""
    attributes = _attributes(inside) if "name" in inside.lower() else {}
    name = attributes.get("name")
    return f'<a id="{escapeHtml(name)}"{inside}>' if name and "id" not in attributes else tag


def _img(tag: str, attributes: dict[str, str], sheet: Sheet) -> str:
    src = attributes.get("src", "")
    picture = sheet.pictures.get(src)
    if not src or ("srcset" in attributes and picture is None):
        return tag
    kept = ("id", "class", "title", "lang", "dir") if picture else ("id", "class", "title", "lang", "dir", "width", "height")
    extra = "".join(f' {name}="{escapeHtml(attributes[name])}"' for name in kept if attributes.get(name))
    return picture_html(src, attributes.get("alt", ""), picture, extra)


def _embed(attributes: dict[str, str]) -> str:
    """Another site hears of the reader only when the reader follows the link."""
    address = attributes.get("src", "").strip()
    if address.startswith("//"):
        address = f"https:{address}"
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return ""
    if _YOUTUBE.match(parts.hostname) and parts.path.startswith("/embed/"):
        address = f"https://www.youtube.com/watch?v={parts.path.removeprefix('/embed/').strip('/')}"
    name = attributes.get("title") or f"Open on {parts.hostname.removeprefix('www.')}"
    return f'<a href="{escapeHtml(address)}" rel="noopener">{escapeHtml(name)}</a>'


def _draw(_renderer: object, tokens: Sequence[Token], index: int, _options: object, env: dict[str, Any]) -> str:
    return _mend(tokens[index].content, sheet_of(env))


def install(md: MarkdownIt) -> None:
    md.core.ruler.after("block", "raw_fences", _unfence)
    md.add_render_rule("html_block", _draw)
    md.add_render_rule("html_inline", _draw)
