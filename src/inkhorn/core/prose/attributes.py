"""Attributes in braces, `{.wide #place lang=ar}`: a small grammar of our own, so that what it does not know stays visible."""

import re
from collections.abc import Mapping
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

_PART = r"(?:[.#][\w-]{1,80}|(?:lang|dir)=(?:\"[\w-]{1,35}\"|[\w-]{1,35}))"
_BRACES = re.compile(rf"\{{:?[ \t]*({_PART}(?:[ \t]+{_PART}){{0,9}})[ \t]*\}}")
_AT_END = re.compile(rf"[ \t]*{_BRACES.pattern}[ \t]*$")
_LONGEST = 400


def _read(inside: str) -> dict[str, str]:
    read: dict[str, str] = {}
    for part in inside.split():
        if part.startswith("."):
            read["class"] = f"{read.get('class', '')} {part[1:]}".strip()
        elif part.startswith("#"):
            read["id"] = part[1:]
        else:
            name, _, value = part.partition("=")
            read[name] = value.strip('"')
    return read


def _give(token: Token, attributes: Mapping[str, str]) -> None:
    for name, value in attributes.items():
        if name == "class":
            token.attrJoin(name, value)
        else:
            token.attrSet(name, value)


def _inline_rule(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - the parser calls it so
    """Right behind an image, a link, a piece of code or a span."""
    if state.src[state.pos] != "{" or state.pending or not state.tokens:
        return False
    opening = _opening(state.tokens)
    match = _BRACES.match(state.src, state.pos, min(state.posMax, state.pos + _LONGEST))
    if opening is None or match is None:
        return False
    if not silent:
        _give(opening, _read(match[1]))
    state.pos = match.end()
    return True


def _opening(tokens: list[Token]) -> Token | None:
    last = tokens[-1]
    if last.type in {"image", "code_inline"}:
        return last
    if last.type not in {"link_close", "span_close"}:
        return None
    depth = 0
    for token in reversed(tokens):
        depth += token.nesting
        if depth == 0:
            return token
    return None


@lru_cache(maxsize=1)
def _last_end_of_a_span(text: str) -> int:
    # Asked at every bracket: looked for anew each time, a text of brackets would take the square of its length.
    return text.rfind("]{")


def _span_rule(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - the parser calls it so
    """`[words]{.sc}`"""
    if state.src[state.pos] != "[" or _last_end_of_a_span(state.src) < state.pos:
        return False
    end = state.md.helpers.parseLinkLabel(state, state.pos)
    if end < 0 or end + 1 >= state.posMax or not _BRACES.match(state.src, end + 1, min(state.posMax, end + 1 + _LONGEST)):
        return False
    if not silent:
        start, limit = state.pos + 1, state.posMax
        state.pos, state.posMax = start, end
        state.push("span_open", "span", 1)
        state.md.inline.tokenize(state)
        state.push("span_close", "span", -1)
        state.posMax = limit
    state.pos = end + 1
    return True


def _block_rule(state: StateBlock, start: int, _end: int, silent: bool) -> bool:  # noqa: FBT001 - the parser calls it so
    """A line of its own gives its attributes to the block below."""
    if state.is_code_block(start):
        return False
    line = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]].strip()
    match = _BRACES.fullmatch(line) if line.startswith("{") and len(line) <= _LONGEST else None
    if match is None:
        return False
    if not silent:
        token = state.push("attributes", "", 0)
        token.attrs = dict(_read(match[1]))
        token.hidden = True
        state.line = start + 1
    return True


def _hand_over(state: StateCore) -> None:
    kept: list[Token] = []
    waiting: dict[str, str] = {}
    for token in state.tokens:
        if token.type == "attributes":
            waiting.update({name: str(value) for name, value in token.attrs.items()})
            continue
        if waiting and token.nesting >= 0:
            _give(token, waiting)
        waiting = {}
        kept.append(token)
    state.tokens = kept


def take_trailing(token: Token) -> dict[str, str]:
    """Attributes at the end of a heading's line, taken off its text."""
    tail = token.content[-_LONGEST:]
    match = _AT_END.search(tail)
    if match is None:
        return {}
    token.content = token.content[: len(token.content) - len(tail) + match.start()]
    return _read(match[1])


def install(md: MarkdownIt) -> None:
    md.inline.ruler.after("link", "span", _span_rule)
    md.inline.ruler.push("attributes", _inline_rule)
    md.block.ruler.before("fence", "attributes", _block_rule)
    md.core.ruler.after("block", "attributes", _hand_over)
