"""Finds the addresses that a Markdown text names (links, pictures, HTML attributes), outside code, and puts others in their place."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

_MARK = re.compile(r"`+|~{3,}")
_RAW_HTML = re.compile(r"[ \t]*\{=html\}[ \t]*(?:\n|\Z)")

# Brackets may be nested once, as in wiki/Rust_(language).
_BARE = r"[^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*"
_REFERENCE = re.compile(
    rf"\]\([ \t]*(?:<(?P<angled>[^<>\n]+)>|(?P<inline>{_BARE}))"
    r"|^[ ]{0,3}\[[^\]\n]+\]:[ \t]*(?:<(?P<defined_angled>[^<>\n]+)>|(?P<defined>[^\s<>]+))"
    r"|<[a-zA-Z][^<>]*?\s(?:src|href|poster|data)[ \t]*=[ \t]*(?:\"(?P<double>[^\"<>]*)\"|'(?P<single>[^'<>]*)')",
    re.MULTILINE,
)


def outside_code(text: str, change: Callable[[str], str]) -> str:
    """Change only what stands outside fenced blocks and code spans."""
    pieces, written = [], 0
    for start, end in code_spans(text):
        pieces += [change(text[written:start]), text[start:end]]
        written = end
    pieces.append(change(text[written:]))
    return "".join(pieces)


# A text is asked about several times in a row.
@lru_cache(maxsize=4)
def code_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Where code begins and ends, in order."""
    spans = []
    position = 0
    while mark := _MARK.search(text, position):
        span = _fence_at(text, mark) or _span_at(text, mark)
        # A block of raw HTML wears a fence and is no code.
        if span and not _RAW_HTML.match(text, mark.end()):
            spans.append(span)
        position = span[1] if span else mark.end()
    return tuple(spans)


def _fence_at(text: str, mark: re.Match[str]) -> tuple[int, int] | None:
    """The fenced block that the mark opens, up to its closing fence or the end of the text."""
    sign, length = mark[0][0], len(mark[0])
    line = text.rfind("\n", 0, mark.start()) + 1
    line_end = text.find("\n", mark.end())
    if length < 3 or text[line : mark.start()].strip(" \t>-*+"):
        return None
    if line_end < 0 or (sign == "`" and "`" in text[mark.end() : line_end]):
        return None
    closing = re.compile(rf"^[ \t>]*{sign}{{{length},}}[ \t]*$", re.MULTILINE).search(text, line_end)
    return line, closing.end() if closing else len(text)


def _span_at(text: str, mark: re.Match[str]) -> tuple[int, int] | None:
    """The code span that the mark opens; it ends within its paragraph."""
    if mark[0][0] == "~" or (mark.start() and text[mark.start() - 1] == "\\"):
        return None
    paragraph_end = text.find("\n\n", mark.end())
    end = paragraph_end if paragraph_end >= 0 else len(text)
    position = mark.end()
    while other := _MARK.search(text, position, end):
        if other[0] == mark[0]:
            return mark.start(), other.end()
        position = other.end()
    return None


def references_in(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and wording of every address the text names, in order."""
    code = code_spans(text)
    passed = 0
    for found in _REFERENCE.finditer(text):
        group = found.lastgroup
        if group is None or not found[group]:
            continue
        start, end = found.span(group)
        while passed < len(code) and code[passed][1] <= start:
            passed += 1
        if passed == len(code) or start < code[passed][0]:
            yield start, end, found[group]


def replace_references(text: str, replacement: Callable[[str], str | None]) -> str:
    """Put another address in the place of each for which the function gives one."""
    pieces, written = [], 0
    for start, end, wording in references_in(text):
        other = replacement(wording)
        if other is not None and other != wording and start >= written:
            pieces += [text[written:start], other]
            written = end
    return "".join([*pieces, text[written:]])


def lead_references(text: str, places: Mapping[str, str]) -> str:
    """Replace by table; what the table does not know stays."""
    return replace_references(text, places.get) if places else text
