"""Turns the body of a WordPress post, of the classic or the block editor, into Markdown and says what changed on the way."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from inkhorn.core import prose
from inkhorn.core.errors import Invalid
from inkhorn.core.html_to_markdown import Conversion, autoparagraph, html_to_markdown
from inkhorn.transfer.manuscript import Problem
from inkhorn.transfer.wordpress.shortcodes import Expansion, expand_shortcodes
from inkhorn.transfer.wordpress.survey import Survey

# No pattern may walk the same letters again for each of its beginnings: a hostile body would take minutes.
_BLOCK = re.compile(r"<!--\s++/?wp:([a-z][\w/-]*+)(?:\s++\{.*\})?\s++(/)?-->", re.DOTALL)
_MORE = re.compile(r"(?:<p>\s*+)?<!--\s*+(?:more\b[^<>]*+|noteaser\s*+--)(?<=--)>(?:\s*+</p>)?")
_NEXT_PAGE = re.compile(r"(?:<p>\s*+)?<!--\s*+nextpage\s*+-->(?:\s*+</p>)?")
_IMAGE = re.compile(r"<img\b[^<>]*+>", re.IGNORECASE)
_IMAGE_NUMBER = re.compile(r"\bwp-image-(\d+)\b")
_NO_ALT = re.compile(r"""\salt\s*=\s*(?:""|'')""", re.IGNORECASE)
# Self-closing blocks that carry no words of their own.
_SILENT_BLOCKS = {"spacer", "separator", "more", "nextpage", "post-content"}


@dataclass
class Body:
    """A body as Markdown, with what a person should know about it."""

    markdown: str
    problems: list[Problem] = field(default_factory=list)


def body_of(raw: str, *, number: str, where: str, survey: Survey) -> Body:
    """The Markdown of a post's body, and everything that is not quite as it was."""
    problems: list[Problem] = []
    text = raw[: prose.MAX_CHARACTERS].replace("\r\n", "\n").replace("\r", "\n")
    is_made_of_blocks = "<!-- wp:" in text
    if is_made_of_blocks:
        text = _without_block_marks(text, where, problems)
    text, pages = _NEXT_PAGE.subn("\n\n", text)
    if pages:
        problems.append(Problem("changed", where, "page-breaks", f"It was cut into {pages + 1} pages, which are one now."))
    text = _MORE.sub("\n\n", text)
    text = _IMAGE.sub(lambda match: _with_alt(match[0], survey), text)
    expansion = Expansion(survey.attachments, survey.children.get(number, []))
    text = expand_shortcodes(text, expansion)
    problems += _shortcode_problems(expansion, where)
    if not is_made_of_blocks:
        text = autoparagraph(text)
    conversion, is_cut = _converted(text)
    if is_cut or len(raw) > prose.MAX_CHARACTERS:
        why = f"It is longer than the {prose.MAX_CHARACTERS:,} characters that one text may have; its end was left out."
        problems.append(Problem("lost", where, "too-long", why))
    notes = [note for note in dict.fromkeys(conversion.notes) if note != "style"]
    if not conversion.lossless:
        named = f": {', '.join(notes)[:500]}" if notes else ""
        problems.append(Problem("kept", where, "html", f"Some of it has no equal in Markdown and stays as HTML{named}."))
    if "style" in conversion.notes:
        problems.append(Problem("lost", where, "style", "Colours and placing written into its HTML were left out; the theme decides them."))
    return Body(conversion.markdown, problems)


def _converted(text: str) -> tuple[Conversion, bool]:
    """The text as Markdown, and whether it had to be cut again: what fits as HTML may be too long as Markdown."""
    whole = len(text)
    while True:
        try:
            return html_to_markdown(text), len(text) < whole
        except Invalid:
            if len(text) < prose.MAX_CHARACTERS // 4:
                raise
            text = text[: len(text) * 3 // 4]


def _without_block_marks(text: str, where: str, problems: list[Problem]) -> str:
    lost: Counter[str] = Counter()
    pieces, end = [], 0
    for mark in _comments(text):
        block = _BLOCK.fullmatch(text, mark.start, mark.stop)
        if block is None:
            continue
        if block[2] and block[1] not in _SILENT_BLOCKS:
            lost[block[1]] += 1
        pieces.append(text[end : mark.start].rstrip(" \t"))
        end = mark.stop
        while text[end : end + 1] in (" ", "\t"):
            end += 1
    text = "".join([*pieces, text[end:]])
    if lost:
        names = ", ".join(f"{name} ({count})" if count > 1 else name for name, count in sorted(lost.items()))
        problems.append(
            Problem("lost", where, "block", f"Blocks that WordPress fills when the page is shown were left out: {names[:500]}.")
        )
    return text


def _comments(text: str) -> Iterator[slice]:
    """Where comments stand that hold no beginning of another; an editor writes none of those."""
    at = text.find("<!--")
    while at != -1:
        following = text.find("<!--", at + 4)
        end = text.find("-->", at + 4, len(text) if following == -1 else following)
        if end != -1:
            yield slice(at, end + 3)
        at = following


def _with_alt(tag: str, survey: Survey) -> str:
    number = _IMAGE_NUMBER.search(tag)
    known = survey.attachments.get(number[1]) if number else None
    if known is None or not known.alt:
        return tag
    alt = known.alt.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    if _NO_ALT.search(tag):
        return _NO_ALT.sub(lambda _match: f' alt="{alt}"', tag)
    return tag if re.search(r"\salt\s*=", tag, re.IGNORECASE) else f'<img alt="{alt}"{tag[4:]}'


def _shortcode_problems(expansion: Expansion, where: str) -> list[Problem]:
    problems = []
    if expansion.links:
        why = f"{expansion.links} embedded pages or players became links."
        problems.append(Problem("changed", where, "embed", why))
    if expansion.galleries:
        problems.append(Problem("changed", where, "gallery", f"{expansion.galleries} galleries became pictures one below another."))
    if expansion.missing:
        why = f"A gallery names files that the export does not hold: {', '.join(expansion.missing[:20])}."
        problems.append(Problem("lost", where, "gallery", why))
    problems += [
        Problem("kept", where, "shortcode", f"The shortcode [{name}] is not known here and stays in the text as it was ({count} times).")
        for name, count in expansion.unknown.items()
        if count
    ]
    return problems
