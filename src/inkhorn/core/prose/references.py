"""Finds the addresses that a Markdown text names (links, pictures, HTML attributes), outside code, and puts others in their place."""

import re
from collections.abc import Callable, Iterator, Mapping

_FENCE = r"^[ \t>]*(?P<fence>`{3,}|~{3,})[^\n]*\n.*?(?:^[ \t>]*(?P=fence)[`~]*[ \t]*$|\Z)"
_SPAN = r"(?<![`\\])(?P<ticks>`+)(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)(?P=ticks)(?!`)"
# A fence of raw HTML is no code: what it names is found and led like everything else.
_RAW = r"^(?P<raw>`{3,})\{=html\}[ \t]*\n.*?(?:^(?P=raw)[ \t]*$|\Z)"
_CODE = re.compile(f"{_RAW}|{_FENCE}|{_SPAN}", re.MULTILINE | re.DOTALL)

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
    pieces, end = [], 0
    for code in _codes(text):
        pieces += [change(text[end : code.start()]), code[0]]
        end = code.end()
    pieces.append(change(text[end:]))
    return "".join(pieces)


def code_spans(text: str) -> list[tuple[int, int]]:
    """Where code begins and ends, in order."""
    return [code.span() for code in _codes(text)]


def _codes(text: str) -> Iterator[re.Match[str]]:
    return (found for found in _CODE.finditer(text) if found["raw"] is None)


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
