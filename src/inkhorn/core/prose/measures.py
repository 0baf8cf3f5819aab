"""What is said about a text: its plain words, how many they are, how long they take, and its first sentences."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markdown_it.token import Token
from selectolax.lexbor import LexborHTMLParser

WORDS_A_MINUTE = 240
CJK_CHARACTERS_A_MINUTE = 500
EXCERPT_CHARACTERS = 600
# A character of Chinese or Japanese says about half of what a word says.
_CJK_WORTH = 0.5

_CJK = re.compile(r"[\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]")
_WORD = re.compile(r"[^\W_]+(?:['’.,-][^\W_]+)*")
_PLAIN_WORD = re.compile(r"[A-Za-z0-9]+(?:['.,-][A-Za-z0-9]+)*")
_UNIT = re.compile(rf"{_CJK.pattern}|\s*(?:(?!{_CJK.pattern})\S)+|\s+")
_PLAIN_UNIT = re.compile(r"\s*\S+|\s+")
_SENTENCE_END = re.compile(r"(?:[.!?…؟۔।]+[\"'”’»)\]]*$|[。！？．]+[」』）]*$)")
# A full stop behind these ends no sentence.
_ABBREVIATION = re.compile(r"(?:^|[\s(])(?:[^\W\d_]|e\.g|i\.e|etc|cf|vs|Mr|Mrs|Ms|Dr|Prof|St|No|z\.B|d\.h|bzw|ca|p\.ex)\.$")
_MORE = re.compile(r"<!--\s{0,9}more\b[^<>]{0,200}-->", re.IGNORECASE)
# Words on either side of these are not one word.
_BETWEEN_WORDS = re.compile(
    r"(</?(?:p|div|br|hr|li|ul|ol|d[dlt]|h[1-6]|t[dhr]|table|blockquote|pre|figure|figcaption|section|article)\b)", re.IGNORECASE
)
_SKIPPED = "script, style, template, noscript, svg, math, iframe"


@dataclass(frozen=True)
class Counts:
    """How much there is to read."""

    words: int
    cjk_characters: int

    @property
    def total(self) -> int:
        return self.words + self.cjk_characters

    @property
    def minutes(self) -> int:
        if not self.total:
            return 0
        return max(1, round(self.words / WORDS_A_MINUTE + self.cjk_characters / CJK_CHARACTERS_A_MINUTE))


def text_of(inline: Token) -> str:
    """The words of an inline token, without notes and markup."""
    return _words(inline.children or ())


def _words(children: Sequence[Token]) -> str:
    parts: list[str] = []
    for child in children:
        if child.type in {"text", "code_inline", "math_inline", "image", "text_special"}:
            parts.append(child.content)
        elif child.type in {"softbreak", "hardbreak"}:
            parts.append(" ")
    return _on_one_line("".join(parts))


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def plain_text(html: str) -> str:
    """The words of some HTML (or of text that is none) on one line."""
    if "<" not in html and "&" not in html:
        return _on_one_line(html)
    tree = LexborHTMLParser(_BETWEEN_WORDS.sub(r" \1", html))
    for node in tree.css(_SKIPPED):
        node.decompose()
    body = tree.body
    return _on_one_line(body.text() if body else "")


def passages(tokens: Sequence[Token]) -> Iterator[tuple[str, str]]:
    """Each piece of text in reading order as (kind, words); kinds are text, heading, note, raw, table, label and more."""
    kinds: list[str] = []
    for token in tokens:
        if token.nesting > 0:
            kinds.append(token.tag or token.type)
        elif token.nesting < 0 and kinds:
            kinds.pop()
        elif token.type == "html_block":
            yield from _raw_passages(token.content)
        elif token.type in {"inline", "figure"}:
            yield from _inline_passages(token, kinds)


def _raw_passages(html: str) -> Iterator[tuple[str, str]]:
    parts = _MORE.split(html)
    for number, part in enumerate(parts):
        if number:
            yield "more", ""
        words = plain_text(part)
        if words:
            yield "raw", words


def _inline_passages(token: Token, kinds: Sequence[str]) -> Iterator[tuple[str, str]]:
    kind = _kind_within(token, kinds)
    rest: list[Token] = []
    for child in token.children or []:
        if child.type == "html_inline" and _MORE.match(child.content):
            yield kind, _words(rest)
            yield "more", ""
            rest = []
        else:
            rest.append(child)
    yield kind, _words(rest)


def _kind_within(token: Token, kinds: Sequence[str]) -> str:
    if token.meta.get("is_label"):
        return "label"
    if "footnote_open" in kinds:
        return "note"
    if "table" in kinds:
        return "table"
    if kinds and kinds[-1] in {"h1", "h2", "h3", "h4", "h5", "h6"}:
        return "heading"
    return "text"


def count(text: str) -> Counts:
    # To look at each letter of a long text for a script that it cannot hold takes as long as to count its words.
    if text.isascii():
        return Counts(len(_PLAIN_WORD.findall(text)), 0)
    cjk = len(_CJK.findall(text))
    return Counts(len(_WORD.findall(_CJK.sub(" ", text) if cjk else text)), cjk)


def excerpt_of(parts: Sequence[tuple[str, str]], words: int) -> str:
    """The first sentences; everything before <!--more--> where the author put one."""
    kinds = [kind for kind, _ in parts]
    readable = {"text", "raw"}
    if "more" in kinds:
        before = " ".join(text for kind, text in parts[: kinds.index("more")] if kind in readable)
        if before:
            return _cut(before)
    return _first_sentences((text for kind, text in parts if kind in readable), words)


def _first_sentences(texts: Iterator[str], words: int) -> str:
    taken = ""
    for text in texts:
        taken = f"{taken} {text}".strip()
        if len(taken) >= EXCERPT_CHARACTERS or _worth(taken) >= words:
            break
    return _cut(_to_sentence_end(taken, words))


def _worth(text: str) -> float:
    counts = count(text)
    return counts.words + counts.cjk_characters * _CJK_WORTH


def _to_sentence_end(text: str, words: int) -> str:
    worth, position = 0.0, 0
    for unit in (_PLAIN_UNIT if text.isascii() else _UNIT).finditer(text):
        worth += _worth(unit[0])
        position = unit.end()
        if position > EXCERPT_CHARACTERS:
            break
        if worth >= words and _SENTENCE_END.search(unit[0]) and not _ABBREVIATION.search(text[max(0, position - 12) : position]):
            return text[:position]
    return text[: position + 1]


def _cut(text: str) -> str:
    """Not longer than the column it is kept in, and never in the middle of a word."""
    text = text.strip()
    if len(text) <= EXCERPT_CHARACTERS:
        return text
    cut = text[: EXCERPT_CHARACTERS - 1]
    head, space, _ = cut.rpartition(" ")
    return (head if space and len(head) > EXCERPT_CHARACTERS // 2 else cut).rstrip(" ,;:–—-") + "…"
