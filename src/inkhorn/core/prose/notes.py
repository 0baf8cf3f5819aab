"""Footnotes, each written twice: a linked number with a list at the foot, and a hidden twin that wide screens show at the side."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from inkhorn.core.prose.sheet import Sheet, sheet_of

# Raw markup that cannot break out of the sentence it stands in.
_HARMLESS = re.compile(r"</?(?:abbr|bdi|br|cite|del|ins|kbd|mark|q|samp|sub|sup|var)\b[^<>]*>", re.IGNORECASE)


def _keep_note_contents(state: StateCore) -> None:
    """Finds the tokens of every note, since its twin is drawn before the list at the foot is reached."""
    inside: int | None = None
    bodies: dict[int, list[Token]] = {}
    for token in state.tokens:
        if token.type == "footnote_open":
            inside = int(token.meta["id"])
        elif token.type == "footnote_close":
            inside = None
        elif inside is not None and token.type in {"inline", "fence", "code_block"}:
            bodies.setdefault(inside, []).append(token)
    state.env["note_bodies"] = bodies


def _twin(renderer: RendererHTML, number: int, options: Any, env: dict[str, Any]) -> str:
    """What a note says, in words that may stand inside a sentence."""
    sheet = sheet_of(env)
    if number not in sheet.notes:
        sheet.notes[number] = "<br>".join(_phrases(renderer, env.get("note_bodies", {}).get(number, ()), options, env))
    words = sheet.notes[number]
    sheet.note_allowance -= len(words)
    return words if sheet.note_allowance > 0 else ""


def _phrases(renderer: RendererHTML, bodies: Iterable[Token], options: Any, env: dict[str, Any]) -> Iterable[str]:
    for token in bodies:
        if token.type != "inline":
            yield f"<code>{escapeHtml(token.content.strip())}</code>"
            continue
        yield renderer.renderInline([_without_id(child) for child in token.children or [] if _fits_a_sentence(child)], options, env)


def _without_id(token: Token) -> Token:
    """The list at the foot keeps the id; a page may have it once."""
    if "id" not in token.attrs:
        return token
    return token.copy(attrs={name: value for name, value in token.attrs.items() if name != "id"})


def _fits_a_sentence(token: Token) -> bool:
    if token.type == "html_inline":
        return _HARMLESS.fullmatch(token.content) is not None
    return token.type not in {"footnote_ref", "footnote_anchor", "image"}


def _reference(self: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: dict[str, Any]) -> str:
    sheet, meta = sheet_of(env), tokens[index].meta
    number, again = int(meta["id"]) + 1, int(meta.get("subId", 0))
    shown = sheet.digits(number)
    here, there = _ids(sheet, number, again)
    mark = f'<a href="#{there}" id="{here}" role="doc-noteref">{shown}</a>'
    if not sheet.side_notes:
        return f'<sup class="ref">{mark}</sup>'
    words = _twin(self, number - 1, options, env)
    if not words:
        return f'<sup class="ref">{mark}</sup>'
    note = f'<span class="side-note" role="note"><span class="side-mark">{shown}.</span> {words}</span>'
    return (
        f'<sup class="ref foot-only">{mark}</sup><span class="side" hidden><sup class="ref" aria-hidden="true">{shown}</sup>{note}</span>'
    )


# An underscore, since no anchor of a heading has one.
def _ids(sheet: Sheet, number: int, again: int) -> tuple[str, str]:
    suffix = f"-{again + 1}" if again else ""
    return f"{sheet.prefix}ref_{number}{suffix}", f"{sheet.prefix}fn_{number}"


def _list_open(_self: object, _tokens: Sequence[Token], _index: int, _options: Any, env: dict[str, Any]) -> str:
    title = f"{sheet_of(env).prefix}fn_title"
    return f'<section class="footnotes" role="doc-endnotes" aria-labelledby="{title}"><h2 id="{title}">Notes</h2><ol>\n'


def _note_open(_self: object, tokens: Sequence[Token], index: int, _options: Any, env: dict[str, Any]) -> str:
    return f'<li id="{_ids(sheet_of(env), int(tokens[index].meta["id"]) + 1, 0)[1]}">'


def _way_back(_self: object, tokens: Sequence[Token], index: int, _options: Any, env: dict[str, Any]) -> str:
    sheet, meta = sheet_of(env), tokens[index].meta
    number, again = int(meta["id"]) + 1, int(meta["subId"])
    label = f"Back to the text, note {sheet.digits(number)}" + (f", place {again + 1}" if again else "")
    # U+FE0E asks for the arrow as a letter, not as a coloured picture.
    return f' <a class="back" href="#{_ids(sheet, number, again)[0]}" role="doc-backlink" aria-label="{label}">↩\ufe0e</a>'


def install(md: MarkdownIt) -> None:
    footnote_plugin(md)
    md.core.ruler.after("footnote_tail", "note_bodies", _keep_note_contents)
    md.add_render_rule("footnote_ref", _reference)
    md.add_render_rule("footnote_block_open", _list_open)
    md.add_render_rule("footnote_block_close", lambda *_: "</ol></section>\n")
    md.add_render_rule("footnote_open", _note_open)
    md.add_render_rule("footnote_close", lambda *_: "</li>\n")
    md.add_render_rule("footnote_anchor", _way_back)
