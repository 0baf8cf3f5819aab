"""Files: a paragraph that is nothing but a link to one of our own becomes a card that says what it is and how large, or a player."""

from collections.abc import Mapping, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from inkhorn.core.prose.sheet import KeptFile

_UNITS = ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB"))


def linked_files(tokens: Sequence[Token]) -> dict[int, str]:
    """The paragraphs that are one link and nothing else: the place of each one's words, and where it leads."""
    return {
        index: str(children[0].attrs.get("href", ""))
        for index, token in enumerate(tokens)
        if token.type == "inline" and _is_open(tokens[index - 1]) and _is_one_link(children := token.children or [])
    }


def show_files(tokens: Sequence[Token], links: Mapping[int, str], files: Mapping[str, KeptFile]) -> None:
    """Let those of the links that lead to files we know be drawn as files."""
    for index, address in links.items():
        if address in files:
            token = tokens[index]
            tokens[index - 1].hidden = tokens[index + 1].hidden = True
            token.type = "file"
            token.meta["file"] = files[address]


def _is_open(token: Token) -> bool:
    """The items of a tight list have paragraphs as well, which are not drawn."""
    return token.type == "paragraph_open" and not token.hidden


def _is_one_link(children: Sequence[Token]) -> bool:
    kinds = [child.type for child in children]
    is_one = len(kinds) > 2 and kinds[0] == "link_open" and kinds[-1] == "link_close" and kinds.count("link_open") == 1
    return is_one and "image" not in kinds


def _file(self: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: dict[str, Any]) -> str:
    token = tokens[index]
    file: KeptFile = token.meta["file"]
    words = self.renderInline((token.children or [])[1:-1], options, env)
    link = f'<a href="{escapeHtml(file.address)}" download="{escapeHtml(file.name)}">{words}</a>'
    facts = f'<span class="file-facts">{escapeHtml(file.kind)}, {_size(file.size_bytes)}</span>'
    if file.content_type.startswith("audio/"):
        player = f'<audio src="{escapeHtml(file.address)}" preload="none" aria-label="{escapeHtml(file.name)}"></audio>'
        return f'<figure class="file">{player}<figcaption>{link} {facts}</figcaption></figure>\n'
    return f'<p class="file">{link} {facts}</p>\n'


def _size(size_bytes: int) -> str:
    for least, unit in _UNITS:
        if size_bytes >= least:
            number = size_bytes / least
            return f"{number:.0f} {unit}" if number >= 10 else f"{number:.1f} {unit}"
    return f"{size_bytes} B"


def install(md: MarkdownIt) -> None:
    md.add_render_rule("file", _file)
