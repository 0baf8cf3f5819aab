"""Turns the body of a WordPress post, of the classic or the block editor, into Markdown and says what changed on the way."""

import re
from collections import Counter
from dataclasses import dataclass, field

from inkhorn.core.html_to_markdown import autoparagraph, html_to_markdown
from inkhorn.transfer.manuscript import Problem
from inkhorn.transfer.wordpress.shortcodes import Expansion, expand_shortcodes
from inkhorn.transfer.wordpress.survey import Survey

# Blanks are taken from their first on, or a long run of them would be walked again from each.
_BLOCK = re.compile(r"(?<![ \t])[ \t]*<!--\s+/?wp:([a-z][\w/-]*)(?:\s+\{.*?\})?\s+(/)?-->[ \t]*", re.DOTALL)
_MORE = re.compile(r"(?:<p>\s*)?<!--\s*(?:more\b.*?|noteaser)\s*-->(?:\s*</p>)?", re.DOTALL)
_NEXT_PAGE = re.compile(r"(?:<p>\s*)?<!--\s*nextpage\s*-->(?:\s*</p>)?")
_IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
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
    text = raw.replace("\r\n", "\n").replace("\r", "\n")
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
    conversion = html_to_markdown(text)
    notes = [note for note in dict.fromkeys(conversion.notes) if note != "style"]
    if not conversion.lossless:
        named = f": {', '.join(notes)[:500]}" if notes else ""
        problems.append(Problem("kept", where, "html", f"Some of it has no equal in Markdown and stays as HTML{named}."))
    if "style" in conversion.notes:
        problems.append(Problem("lost", where, "style", "Colours and placing written into its HTML were left out; the theme decides them."))
    return Body(conversion.markdown, problems)


def _without_block_marks(text: str, where: str, problems: list[Problem]) -> str:
    lost: Counter[str] = Counter()

    def drop(match: re.Match[str]) -> str:
        name = match[1]
        if match[2] and name not in _SILENT_BLOCKS:
            lost[name] += 1
        return ""

    text = _BLOCK.sub(drop, text)
    if lost:
        names = ", ".join(f"{name} ({count})" if count > 1 else name for name, count in sorted(lost.items()))
        problems.append(
            Problem("lost", where, "block", f"Blocks that WordPress fills when the page is shown were left out: {names[:500]}.")
        )
    return text


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
