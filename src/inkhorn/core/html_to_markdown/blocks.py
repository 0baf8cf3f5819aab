"""Paragraphs, lists, quotes, tables and figures, written as Markdown; what has no words there becomes a fence of raw HTML."""

import re
from collections.abc import Callable, Iterable, Sequence

from selectolax.lexbor import LexborNode

from inkhorn.core.html_to_markdown.inline import (
    INLINE,
    SPACES,
    CannotSay,
    InlineWriter,
    attribute,
    bracketed,
    children,
    destination,
    quoted,
)
from inkhorn.core.prose import as_raw

_HEADINGS = {f"h{level}": max(level, 2) for level in range(1, 7)}
_CONTAINERS = frozenset("div section article main center header footer".split())
_DROPPED = frozenset("script style template noscript title meta link".split())
_LINE_START = re.compile(r"^([ \t]*)(#{1,6}(?=\s|$)|>|[-+](?=\s|$)|[-=]+[ \t]*$|~~~|:(?=\s|::)|\{|\||\$\$)", re.MULTILINE)
_NUMBERED = re.compile(r"^([ \t]*\d{1,9})([.)])(?=\s|$)", re.MULTILINE)
_LANGUAGE = re.compile(r"(?:^|\s)(?:language-|lang-|brush:\s*|highlight-source-|highlight-)([\w+#-]+)")
_BLANKS = re.compile(r"[ \t\r\f]+")
_MORE = re.compile(r"<!--\s*more\b", re.IGNORECASE)


class BlockWriter:
    """Writes the blocks of one fragment; notes says what could not be said in Markdown."""

    def __init__(self, *, with_tags: bool = False) -> None:
        self.notes: list[str] = []
        self._with_tags = with_tags
        self._bullet = "-"

    def write(self, nodes: Iterable[LexborNode]) -> list[str]:
        """One piece of Markdown for each block."""
        pieces: list[str] = []
        line: list[LexborNode] = []
        bullet = ""
        for node in nodes:
            if is_word(node):
                line.append(node)
                if not is_blank(node):
                    bullet = ""
                continue
            pieces += self._paragraph(line)
            line = []
            made = self._block(node, bullet)
            if made:
                bullet = self._bullet if node.tag in {"ul", "ol"} else ""
            pieces += made
        return pieces + self._paragraph(line)

    def _inline(self, nodes: Iterable[LexborNode], *, is_one_line: bool = False) -> str:
        return InlineWriter(with_tags=self._with_tags, is_one_line=is_one_line).write(nodes)

    def _paragraph(self, nodes: Sequence[LexborNode]) -> list[str]:
        if not nodes:
            return []
        try:
            text = self._inline(nodes)
        except CannotSay as reason:
            return [self._raw("".join(node.html or "" for node in nodes), str(reason), wrap="p")]
        text = _trimmed(text)
        return [_guarded(text)] if text.strip("\xa0") else []

    def _raw(self, html: str, reason: str, wrap: str = "") -> str:
        self.notes.append(reason)
        return as_raw(f"<{wrap}>{html}</{wrap}>" if wrap else html)

    def _block(self, node: LexborNode, last_bullet: str) -> list[str]:
        # A list must not flow into the one before it.
        bullet = self._bullet = "*" if last_bullet == "-" else "-"
        if node.is_comment_node:
            return ["<!--more-->"] if _MORE.match(node.html or "") else []
        tag = node.tag or ""
        if tag in _DROPPED:
            self.notes.append(tag)
            return []
        if tag in _CONTAINERS:
            return self._container(node)
        writer = self._writer(tag)
        noted = len(self.notes)
        try:
            if writer is None:
                raise CannotSay(tag)
            made = writer(node)
        except CannotSay as reason:
            del self.notes[noted:]
            return [self._raw(node.html or "", str(reason))]
        self._bullet = bullet
        return made

    def _writer(self, tag: str) -> Callable[[LexborNode], list[str]] | None:
        if tag in _HEADINGS:
            return self._heading
        writers = {
            "p": lambda node: self._paragraph(list(children(node))),
            "ul": self._list,
            "ol": self._list,
            "blockquote": self._quote,
            "pre": self._pre,
            "hr": lambda _node: ["---"],
            "table": self._table,
            "figure": self._figure,
            "dl": self._definitions,
        }
        return writers.get(tag)

    def _container(self, node: LexborNode) -> list[str]:
        pieces = self.write(children(node))
        anchor = attribute(node, "id")
        return [f'<a id="{anchor}"></a>', *pieces] if re.fullmatch(r"[\w-]+", anchor) else pieces

    def _heading(self, node: LexborNode) -> list[str]:
        text = _trimmed(self._inline(children(node), is_one_line=True))
        if not text:
            return []
        anchor = attribute(node, "id")
        place = f" {{#{anchor}}}" if re.fullmatch(r"[\w-]{1,80}", anchor) else ""
        return [f"{'#' * _HEADINGS[node.tag or '']} {re.sub(r'(#+)$', _backslash, text)}{place}"]

    def _list(self, node: LexborNode) -> list[str]:
        is_numbered = node.tag == "ol"
        if attribute(node, "type") not in {"", "1"} or "reversed" in node.attributes:
            raise CannotSay("list")
        start = attribute(node, "start")
        number = int(start) if start.isdigit() and len(start) < 9 else 1
        bullet = self._bullet
        items: list[str] = []
        for item in children(node):
            if item.is_comment_node or is_blank(item):
                continue
            if item.tag != "li" or attribute(item, "value"):
                raise CannotSay("list")
            mark = f"{number + len(items)}{'.' if bullet == '-' else ')'}" if is_numbered else bullet
            items.append(self._item(item, mark))
        is_loose = any("\n\n" in item for item in items)
        return [("\n\n" if is_loose else "\n").join(items)] if items else []

    def _item(self, node: LexborNode, mark: str) -> str:
        pieces = self.write(children(node))
        is_tight = len(pieces) == 2 and re.match(r"[-*] |\d+[.)] ", pieces[1]) is not None and "\n\n" not in pieces[1]
        text = ("\n" if is_tight else "\n\n").join(pieces)
        return _indented(text, mark)

    def _quote(self, node: LexborNode) -> list[str]:
        text = "\n\n".join(self.write(children(node)))
        if not text:
            return []
        return ["\n".join(f"> {line}".rstrip(" ") for line in text.split("\n"))]

    def _pre(self, node: LexborNode) -> list[str]:
        inner = list(children(node))
        code = inner[0] if len(inner) == 1 and inner[0].tag == "code" else node
        for part in node.css("*"):
            if part.tag not in {"pre", "code", "span"}:
                raise CannotSay("pre")
        text = code.text().strip("\n")
        classes = f"{attribute(code, 'class')} {attribute(node, 'class')}"
        language = _LANGUAGE.search(classes)
        longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
        fence = "`" * (longest + 1)
        name = language[1] if language and language[1] not in {"none", "plaintext"} else ""
        return [f"{fence}{name}\n{text}\n{fence}"]

    def _table(self, node: LexborNode) -> list[str]:
        rows = node.css("tr")
        if not rows or node.css_first("caption, tfoot, table table") is not None:
            raise CannotSay("table")
        cells = [[cell for cell in children(row) if cell.is_element_node] for row in rows]
        width = len(cells[0])
        if not width or any(len(row) != width for row in cells):
            raise CannotSay("table")
        if any(cell.tag != ("td" if number else "th") for number, row in enumerate(cells) for cell in row):
            raise CannotSay("table")
        if any("colspan" in cell.attributes or "rowspan" in cell.attributes for row in cells for cell in row):
            raise CannotSay("table")
        lines = [f"| {' | '.join(self._cell(cell) for cell in row)} |" for row in cells]
        return ["\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])]

    def _cell(self, cell: LexborNode) -> str:
        nodes = list(children(cell))
        if len(nodes) == 1 and nodes[0].tag == "p":
            nodes = list(children(nodes[0]))
        if not all(is_word(node) for node in nodes):
            raise CannotSay("table")
        return _trimmed(self._inline(nodes, is_one_line=True)).replace("|", "\\|")

    def _figure(self, node: LexborNode) -> list[str]:
        parts = [part for part in children(node) if part.is_element_node]
        images = node.css("img")
        if len(images) != 1 or len(parts) > 2 or (len(parts) == 2 and parts[1].tag != "figcaption"):
            raise CannotSay("figure")
        image, link = images[0], node.css_first("a:has(img)")
        if (parts[0].tag != "a" or attribute(parts[0], "title")) and parts[0].tag != "img":
            raise CannotSay("figure")
        src = attribute(image, "src").strip()
        caption = _trimmed(self._inline(children(parts[1]), is_one_line=True)) if len(parts) == 2 else ""
        if not src or src.startswith("data:") or attribute(image, "title"):
            raise CannotSay("figure")
        alt = SPACES.sub(" ", attribute(image, "alt"))
        title = f' "{quoted(caption)}"' if caption else ""
        drawn = f"![{bracketed(alt)}]({destination(src)}{title}){_breakout(node)}"
        return [f"[{drawn}]({destination(attribute(link, 'href'))})" if link is not None else drawn]

    def _definitions(self, node: LexborNode) -> list[str]:
        groups: list[str] = []
        for part in children(node):
            if part.is_text_node or part.is_comment_node:
                continue
            if part.tag == "dt" and all(is_word(child) for child in children(part)):
                groups.append(_guarded(_trimmed(self._inline(children(part), is_one_line=True))))
            elif part.tag == "dd" and groups:
                groups[-1] += f"\n{_indented(chr(10).join(['', *self._dd(part)]).lstrip(), ':')}"
            else:
                raise CannotSay("dl")
        if any("\n" not in group for group in groups):
            raise CannotSay("dl")
        return ["\n\n".join(groups)] if groups else []

    def _dd(self, node: LexborNode) -> list[str]:
        pieces = self.write(children(node))
        if len(pieces) != 1:
            raise CannotSay("dl")
        return pieces


def is_word(node: LexborNode) -> bool:
    if node.is_text_node:
        return True
    if node.is_comment_node:
        return False
    return node.tag in INLINE


def is_blank(node: LexborNode) -> bool:
    return node.is_text_node and not (node.text_content or "").strip()


def _trimmed(text: str) -> str:
    """Without blanks around it, around its line breaks, and without a break at its end."""
    text = re.sub(r" *\\\n *", "\\\\\n", _BLANKS.sub(" ", text)).strip(" \n")
    while text.startswith("\\\n"):
        text = text[2:].lstrip(" \n")
    while text.endswith("\\") and not text.endswith("\\\\"):
        text = text[:-1].rstrip(" \n")
    return text


def _guarded(text: str) -> str:
    """No line begins with what would make it something else."""
    return _NUMBERED.sub(r"\1\\\2", _LINE_START.sub(r"\1\\\2", text))


def _indented(text: str, mark: str) -> str:
    gap = " " * (len(mark) + 1)
    first, *rest = text.split("\n")
    return "\n".join([f"{mark} {first}".rstrip(" "), *(f"{gap}{line}" if line else "" for line in rest)])


def _backslash(match: re.Match[str]) -> str:
    return f"\\{match[0]}"


def _breakout(node: LexborNode) -> str:
    classes = set(attribute(node, "class").split())
    if classes & {"alignfull", "full"}:
        return "{.full}"
    return "{.wide}" if classes & {"alignwide", "wide"} else ""
