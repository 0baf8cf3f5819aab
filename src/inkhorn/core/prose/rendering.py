"""From Markdown to the HTML that readers get, and what is known of the text besides."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin

from inkhorn.core.errors import Invalid
from inkhorn.core.prose import attributes, blocks, files, highlighting, maths, notes, pictures, raw
from inkhorn.core.prose.measures import Counts, count, excerpt_of, passages
from inkhorn.core.prose.raw import addresses, is_too_deep
from inkhorn.core.prose.sanitising import sanitise
from inkhorn.core.prose.sheet import FileResolver, ImageResolver, Sheet

# Grows whenever the same Markdown would come out differently; stored HTML of an older number is made again.
PIPELINE: int = 2
# Four times the longest real post that we have seen.
MAX_CHARACTERS = 2_000_000


class _TooDeep(Exception):
    """No reader's text is nested like this."""


@dataclass(frozen=True)
class Rendered:
    """A text as readers get it."""

    html: str
    # [{"id": anchor, "text": plain, "level": 2}, ...]
    contents: list[dict[str, Any]]
    # Words, and characters of Chinese and Japanese.
    words: int
    reading_minutes: int
    excerpt: str
    # Addresses as they stand in the text, in order, once each.
    images: tuple[str, ...]
    links: tuple[str, ...]
    is_mathematical: bool


@cache
def parser() -> MarkdownIt:
    """The dialect of Markdown that authors write here, built once for a process."""
    md = MarkdownIt("commonmark", {"maxNesting": 60}).enable(["table", "strikethrough"])
    deflist_plugin(md)
    for part in (attributes, notes, maths, raw, highlighting, blocks, pictures, files):
        part.install(md)
    return md


def render(
    markdown: str,
    *,
    resolve: ImageResolver | None = None,
    resolve_files: FileResolver | None = None,
    language: str | None = None,
    excerpt_words: int = 50,
    namespace: str = "",
    side_notes: bool = True,
) -> Rendered:
    """Markdown as safe HTML; Invalid if it is too long. Feeds render without side notes, which many readers would show twice."""
    if len(markdown) > MAX_CHARACTERS:
        message = f"This text is too long: {len(markdown):,} characters, and {MAX_CHARACTERS:,} are possible. Cut it into several posts."
        raise Invalid(message, field="body")
    sheet = Sheet(namespace=namespace, language=language, side_notes=side_notes)
    try:
        return _render(markdown, sheet, (resolve, resolve_files), excerpt_words)
    except (RecursionError, _TooDeep):
        # Brackets within brackets for thousands of levels: shown as they were typed, since nothing may be lost.
        return _as_typed(markdown, excerpt_words)


def _render(markdown: str, sheet: Sheet, resolvers: tuple[ImageResolver | None, FileResolver | None], excerpt_words: int) -> Rendered:
    resolve, resolve_files = resolvers
    md = parser()
    env: dict[str, Any] = {"sheet": sheet}
    tokens = md.parse(markdown, env)
    if is_too_deep(_raw_tokens(tokens)):
        raise _TooDeep
    found = list(_addresses(tokens))
    images = tuple(dict.fromkeys(address for kind, address in found if kind == "image"))
    links = tuple(dict.fromkeys(address for kind, address in found if kind == "link"))
    if resolve is not None and images:
        sheet.pictures = resolve(images)
    if resolve_files is not None and (linked := files.linked_files(tokens)):
        files.show_files(tokens, linked, resolve_files(sorted(set(linked.values()))))
    html = sanitise(md.renderer.render(tokens, md.options, env), prefix=sheet.prefix)
    parts = list(passages(tokens))
    counts = _count(parts)
    return Rendered(
        html=html,
        contents=sheet.contents,
        words=counts.total,
        reading_minutes=counts.minutes,
        excerpt=excerpt_of(parts, excerpt_words),
        images=images,
        links=links,
        is_mathematical=sheet.is_mathematical,
    )


def _as_typed(markdown: str, excerpt_words: int) -> Rendered:
    counts = count(markdown)
    html = sanitise(f'<pre tabindex="0"><code>{escapeHtml(markdown)}</code></pre>')
    excerpt = excerpt_of([("text", markdown[:5_000])], excerpt_words)
    return Rendered(html, [], counts.total, counts.minutes, excerpt, (), (), is_mathematical=False)


def _count(parts: Sequence[tuple[str, str]]) -> Counts:
    return count("\n".join(text for kind, text in parts if kind != "label"))


def _raw_tokens(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        if token.type == "html_block":
            yield token
        elif token.type == "inline":
            yield from (child for child in token.children or [] if child.type == "html_inline")


def _addresses(tokens: Sequence[Token]) -> Iterator[tuple[str, str]]:
    for token in tokens:
        if token.type in {"html_block", "html_inline"}:
            yield from addresses(token.content)
        elif token.type == "image":
            yield "image", str(token.attrs.get("src", ""))
        elif token.type == "link_open":
            yield "link", str(token.attrs.get("href", ""))
        elif token.children:
            yield from _addresses(token.children)
