"""Formulas between dollar signs, as MathML."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.dollarmath.index import math_block_dollar

from inkhorn.core.prose.sheet import sheet_of

_LONGEST = 5_000
# A price is not a formula: no blank inside the signs, no letter or digit right outside them.
_INLINE = re.compile(r"\$(?![\s$])((?:\\.|[^$\\\n]|\n(?!\s*\n)){1,2000}?)(?<!\s)\$(?![\w$])", re.DOTALL)
_DISPLAY = re.compile(r"\$\$((?:\\.|[^$\\]){1,5000}?)\$\$(?!\$)", re.DOTALL)


@lru_cache(maxsize=512)
def mathml(tex: str, *, is_display: bool) -> str | None:
    """The formula as MathML; None when it cannot be read."""
    if len(tex) > _LONGEST:
        return None
    # Its tables of symbols are read on import, and few sites have a formula.
    from latex2mathml.converter import convert  # noqa: PLC0415

    try:
        return str(convert(tex.strip(), display="block" if is_display else "inline"))
    except Exception:  # The library raises whatever a broken formula makes it stumble over.
        return None


def _inline_rule(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - the parser calls it so
    if state.src[state.pos] != "$":
        return False
    before = state.src[state.pos - 1] if state.pos else " "
    if before.isalnum() or before in "$\\":
        return False
    is_display = state.src.startswith("$$", state.pos)
    match = (_DISPLAY if is_display else _INLINE).match(state.src, state.pos, state.posMax)
    if match is None or not match[1].strip():
        return False
    if not silent:
        token = state.push("math_inline", "math", 0)
        token.content = match[1]
        token.markup = "$$" if is_display else "$"
    state.pos = match.end()
    return True


def _draw(_renderer: object, tokens: Sequence[Token], index: int, _options: object, env: dict[str, Any]) -> str:
    token = tokens[index]
    is_display = token.markup == "$$"
    made = mathml(token.content, is_display=is_display)
    is_block = token.type == "math_block"
    if made is None:
        source = escapeHtml(f"{token.markup}{token.content}{token.markup}")
        return f'<pre tabindex="0"><code>{source}</code></pre>\n' if is_block else f"<code>{source}</code>"
    sheet_of(env).is_mathematical = True
    return f"{made}\n" if is_block else made


def install(md: MarkdownIt) -> None:
    md.inline.ruler.before("escape", "math_inline", _inline_rule)
    md.block.ruler.before("fence", "math_block", math_block_dollar(False, None, False))
    md.add_render_rule("math_inline", _draw)
    md.add_render_rule("math_block", _draw)
