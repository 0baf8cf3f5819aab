"""The rule of WordPress's classic editor: a blank line makes a paragraph, a single newline a line break."""

import re

_BLOCKS = (
    "address article aside blockquote caption center col colgroup dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6"
    " header hr iframe legend li main map menu nav object ol option p pre script section select style summary table tbody td tfoot th thead tr ul"
    " video audio noscript"
).split()
_BLOCK = "|".join(_BLOCKS)
# Newlines within these are the author's own.
_VERBATIM = re.compile(r"<(pre|script|style|textarea|svg)\b[^<>]*>", re.IGNORECASE)
_BLOCK_TAG = re.compile(rf"[ \t]*(</?(?:{_BLOCK})\b[^<>]*>)[ \t]*", re.IGNORECASE)
_SHORTCODE_LINE = re.compile(r"\[/?[a-zA-Z][\w-]*(?:\s[^\[\]]*)?\](?:[^\[\]]*\[/[a-zA-Z][\w-]*\])?")
_COMMENT_LINE = re.compile(r"<!--.*?-->", re.DOTALL)
_OPENS_WITH_BLOCK = re.compile(rf"</?(?:{_BLOCK})\b", re.IGNORECASE)
_ENDS_WITH_BLOCK = re.compile(rf"</?(?:{_BLOCK})\b[^<>]*>$", re.IGNORECASE)
_MARKS = re.compile(r"[ \t]*(<!--\s{0,9}(?:more|nextpage)\b[^<>]{0,200}-->)[ \t]*", re.IGNORECASE)
_BREAK_AT_END = re.compile(r"<br\s*/?>$", re.IGNORECASE)
_PLACE = "\x00{}\x00"
_PLACES = re.compile(r"\x00(\d+)\x00")


def autoparagraph(html: str) -> str:
    """Paragraphs and line breaks as the classic editor would have shown them; block tags, pre and shortcodes left alone."""
    text = html.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    text, kept = _set_aside(text)
    text = _MARKS.sub(r"\n\n\1\n\n", _BLOCK_TAG.sub(_on_its_own, text))
    text = re.sub(r"(?:<br\s*/?>\s*){2,}", "\n\n", text)
    pieces = (piece.strip("\n\t ") for piece in re.split(r"\n[ \t]*\n+", text))
    made = "\n".join(_paragraph(piece) for piece in pieces if piece)
    return _PLACES.sub(lambda match: kept[int(match[1])], made)


def _set_aside(text: str) -> tuple[str, list[str]]:
    """The text with numbered places for what must not change, and what stood there."""
    kept: list[str] = []
    parts: list[str] = []
    lower, position, unclosed = text.lower(), 0, set[str]()
    for opening in _VERBATIM.finditer(text):
        name = opening[1].lower()
        if opening.start() < position or name in unclosed:
            continue
        closing = lower.find(f"</{name}>", opening.end())
        if closing < 0:
            unclosed.add(name)
            continue
        parts += [text[position : opening.start()], f"\n\n{_PLACE.format(len(kept))}\n\n"]
        position = closing + len(name) + 3
        kept.append(text[opening.start() : position])
    return "".join([*parts, text[position:]]), kept


def _on_its_own(match: re.Match[str]) -> str:
    """A block's tags stand alone, so that the words within it are seen as words."""
    return (
        f"\n\n{match[1]}\n\n" if _makes_paragraphs(match[1]) else f"\n\n{match[1]}" if not match[1].startswith("</") else f"{match[1]}\n\n"
    )


def _makes_paragraphs(tag: str) -> bool:
    """Whether words directly inside this element become paragraphs; a heading's or a cell's do not."""
    name = re.match(r"</?(\w+)", tag)
    return name is not None and name[1].lower() in {
        "blockquote",
        "div",
        "section",
        "article",
        "aside",
        "main",
        "center",
        "details",
        "ul",
        "ol",
        "table",
        "dl",
        "hr",
    }


def _paragraph(piece: str) -> str:
    if _PLACES.fullmatch(piece) or _SHORTCODE_LINE.fullmatch(piece) or _COMMENT_LINE.fullmatch(piece):
        return piece
    opens, ends = _OPENS_WITH_BLOCK.match(piece) is not None, _ENDS_WITH_BLOCK.search(piece) is not None
    if opens and ends and "\n" not in re.sub(r"<[^<>]*>", "", piece):
        return piece
    words = re.sub(r"[ \t]*\n[ \t]*", _line_break, piece)
    return words if opens or ends else f"<p>{words}</p>"


def _line_break(match: re.Match[str]) -> str:
    before = match.string[max(0, match.start() - 300) : match.start()]
    is_broken = _BREAK_AT_END.search(before) or _ENDS_WITH_BLOCK.search(before) or _OPENS_WITH_BLOCK.match(match.string, match.end())
    return "\n" if is_broken else "<br>\n"
