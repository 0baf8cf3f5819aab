"""Mends what hand-made and plugin-made exports get wrong: bare ampersands and HTML's entity names outside CDATA."""

import re
from html.entities import html5

# What opens a passage that is taken as it stands, and what closes it.
_VERBATIM = {"<![CDATA[": "]]>", "<!--": "-->"}
_OPENING = re.compile(r"<!\[CDATA\[|<!--")
_REFERENCE = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});)(?:([A-Za-z][A-Za-z0-9]{1,31});)?")
# Longer than any reference and any mark of CDATA, so that none is cut in two between chunks.
_HOLD = 40


class Mender:
    """Takes the text in chunks of any size and gives it back mended, a few characters late."""

    def __init__(self) -> None:
        self.mended = 0
        self._held = ""
        # What closes the verbatim passage that the text is in.
        self._until = ""

    def feed(self, chunk: str, *, final: bool = False) -> str:
        text, self._held = self._held + chunk, ""
        pieces: list[str] = []
        position = 0
        while position < len(text):
            start, mark = self._next_mark(text, position)
            end = start if mark else len(text) if final else self._safe_end(text, position)
            piece = text[position:end]
            pieces.append(piece if self._until else self._mend(piece))
            if not mark:
                self._held = text[end:]
                break
            pieces.append(mark)
            self._until = "" if self._until else _VERBATIM[mark]
            position = start + len(mark)
        return "".join(pieces)

    def _next_mark(self, text: str, position: int) -> tuple[int, str]:
        if self._until:
            found = text.find(self._until, position)
            return found, self._until if found >= 0 else ""
        opening = _OPENING.search(text, position)
        return (opening.start(), opening[0]) if opening else (-1, "")

    def _safe_end(self, text: str, position: int) -> int:
        marks = self._until[0] if self._until else "&<"
        tail = max(position, len(text) - _HOLD)
        return min((found for mark in marks if (found := text.find(mark, tail)) >= 0), default=len(text))

    def _mend(self, piece: str) -> str:
        return _REFERENCE.sub(self._replace, piece) if "&" in piece else piece

    def _replace(self, match: re.Match[str]) -> str:
        self.mended += 1
        name = match[1]
        if name is None:
            return "&amp;"
        return html5.get(f"{name};", f"&amp;{name};")
