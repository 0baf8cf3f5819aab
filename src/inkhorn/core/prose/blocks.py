"""Headings with anchors, callouts, task lists and tables: what the block tokens become before they are drawn."""

import re
from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.container import container_plugin

from inkhorn.core.prose.attributes import take_trailing
from inkhorn.core.prose.measures import text_of
from inkhorn.core.prose.raw import marked_places
from inkhorn.core.prose.sheet import Sheet, sheet_of
from inkhorn.core.prose.slugs import anchor

# What people write, the class it has, and the title it gets where the author gives none.
_CALLOUTS = {
    "note": ("", "Note"),
    "info": ("", "Note"),
    "important": ("", "Important"),
    "tip": ("is-tip", "Tip"),
    "hint": ("is-tip", "Tip"),
    "success": ("is-tip", "Tip"),
    "warning": ("is-warning", "Warning"),
    "attention": ("is-warning", "Warning"),
    "caution": ("is-danger", "Caution"),
    "danger": ("is-danger", "Danger"),
}
_ALERT = re.compile(r"\[!(\w+)\][-+]?[ \t]*([^\n]*)(?:\n|$)")
_CONTAINER = re.compile(r"\s*\{?\.?(\w+)\}?(?:\s+(.*))?$", re.DOTALL)
_TASK = re.compile(r"\[([ xX])\][ \t]+(?=\S)")
_ALIGNMENTS = {"text-align:right": "num", "text-align:center": "is-centred"}


def _kind_of(params: str) -> tuple[str, str] | None:
    match = _CONTAINER.match(params)
    if match is None or match[1].lower() not in _CALLOUTS:
        return None
    return match[1].lower(), (match[2] or "").strip()


def _find_callouts(state: StateCore) -> None:
    """Turns containers, and quotes that begin with [!NOTE], into callouts."""
    sheet = sheet_of(state.env)
    made: list[Token] = []
    open_quotes: list[bool] = []
    tokens = state.tokens
    for index, token in enumerate(tokens):
        if token.type == "container_callout_open":
            made.extend(_callout_start(token, *(_kind_of(token.info) or ("note", "")), sheet))
        elif token.type == "blockquote_open":
            alert = _alert_at(tokens, index)
            open_quotes.append(alert is not None)
            made.extend([token] if alert is None else _callout_start(token, *alert, sheet))
        elif token.type == "container_callout_close" or (token.type == "blockquote_close" and open_quotes.pop()):
            token.type, token.tag = "callout_close", "aside"
            made.append(token)
        else:
            made.append(token)
    state.tokens = made


def _alert_at(tokens: Sequence[Token], index: int) -> tuple[str, str] | None:
    if index + 2 >= len(tokens) or tokens[index + 1].type != "paragraph_open":
        return None
    inline = tokens[index + 2]
    match = _ALERT.match(inline.content)
    if match is None or match[1].lower() not in _CALLOUTS:
        return None
    inline.content = inline.content[match.end() :]
    if not inline.content:
        tokens[index + 1].hidden = tokens[index + 3].hidden = True
    return match[1].lower(), match[2].strip()


def _callout_start(token: Token, kind: str, title: str, sheet: Sheet) -> list[Token]:
    class_name, usual_title = _CALLOUTS[kind]
    name = f"{sheet.prefix}callout_{sheet.count('callout')}"
    token.type, token.tag = "callout_open", "aside"
    token.attrs = {"class": f"callout {class_name}".strip(), "aria-labelledby": name}
    opening = Token("paragraph_open", "p", 1, attrs={"class": "callout-title", "id": name}, block=True, level=token.level + 1)
    inline = Token("inline", "", 0, content=title or usual_title, children=[], level=token.level + 2, block=True, meta={"is_label": True})
    return [token, opening, inline, Token("paragraph_close", "p", -1, block=True, level=token.level + 1)]


def _read_headings(state: StateCore) -> None:
    """Takes {#place} off the headings' lines before their words are read."""
    for index, token in enumerate(state.tokens):
        if token.type == "heading_open":
            for name, value in take_trailing(state.tokens[index + 1]).items():
                token.attrSet(name, value)


def _name_headings(state: StateCore) -> None:
    sheet = sheet_of(state.env)
    for name in marked_places(state.tokens):
        sheet.anchors.setdefault(name, 0)
    openings = [(index, token) for index, token in enumerate(state.tokens) if token.type == "heading_open"]
    # The page's title is its only h1.
    shift = 1 if any(token.tag == "h1" for _, token in openings) else 0
    for index, token in openings:
        level = min(int(token.tag[1]) + shift, 6)
        text = text_of(state.tokens[index + 1])
        token.tag = state.tokens[index + 2].tag = f"h{level}"
        wanted = str(token.attrGet("id") or "").removeprefix(sheet.prefix) or anchor(text) or "section"
        token.attrSet("id", sheet.unique_id(wanted))
        if token.level == 0 and text:
            sheet.contents.append({"id": token.attrs["id"], "text": text, "level": level})


def _find_tasks(state: StateCore) -> None:
    """Lists whose items all begin with a box become task lists; a single item among others keeps its box as well."""
    sheet = sheet_of(state.env)
    lists: list[tuple[Token, list[bool]]] = []
    for index, token in enumerate(state.tokens):
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            lists.append((token, []))
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            opening, items = lists.pop()
            if all(items) and opening.tag == "ul":
                opening.attrJoin("class", "tasks")
        elif token.type == "list_item_open" and lists:
            lists[-1][1].append(_make_task(state.tokens, index, sheet))


def _make_task(tokens: Sequence[Token], index: int, sheet: Sheet) -> bool:
    if index + 2 >= len(tokens) or tokens[index + 1].type != "paragraph_open":
        return False
    inline = tokens[index + 2]
    match = _TASK.match(inline.content)
    if match is None:
        return False
    inline.content = inline.content[match.end() :]
    inline.meta["task"] = (f"{sheet.prefix}task_{sheet.count('task')}", match[1] != " ")
    return True


def _draw_boxes(state: StateCore) -> None:
    for token in state.tokens:
        if token.type == "inline" and "task" in token.meta:
            name, is_done = token.meta["task"]
            attrs: dict[str, str | int | float] = {"type": "checkbox", "id": name, "disabled": ""}
            box = Token("task_box", "input", 0, attrs=attrs | ({"checked": ""} if is_done else {}))
            label = Token("label_open", "label", 1, attrs={"for": name})
            token.children = [box, label, *(token.children or []), Token("label_close", "label", -1)]


def _classify_cells(state: StateCore) -> None:
    """The policy forbids style attributes, so alignment becomes a class."""
    for token in state.tokens:
        if token.type in {"th_open", "td_open"}:
            class_name = _ALIGNMENTS.get(str(token.attrs.pop("style", "")))
            if class_name:
                token.attrJoin("class", class_name)
            if token.type == "th_open":
                token.attrSet("scope", "col")


def _table_open(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: dict[str, Any]) -> str:
    sheet = sheet_of(env)
    name = f"Table {sheet.digits(sheet.count('table'))}"
    return f'<div class="table-scroll" role="region" aria-label="{name}" tabindex="0">{renderer.renderToken(tokens, index, options, env)}'


def _table_close(*_: object) -> str:
    return "</table></div>\n"


def install(md: MarkdownIt) -> None:
    md.use(container_plugin, "callout", validate=lambda params, *_: _kind_of(params) is not None)
    for name, rule in (("callouts", _find_callouts), ("heading_attributes", _read_headings), ("tasks", _find_tasks)):
        md.core.ruler.before("inline", name, rule)
    for name, rule in (("heading_names", _name_headings), ("task_boxes", _draw_boxes), ("cells", _classify_cells)):
        md.core.ruler.push(name, rule)
    md.add_render_rule("table_open", _table_open)
    md.add_render_rule("table_close", _table_close)
