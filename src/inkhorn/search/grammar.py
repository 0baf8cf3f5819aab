"""How texts become words and what people type becomes a question, the same for every database."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

# Grows whenever the same text gives other words, so that everything is indexed anew.
FOLDING = 1
# What the words of a post's text, and of all its comments, may weigh: PostgreSQL keeps no vector of more than a megabyte.
MOST_BYTES = 600_000
MOST_BYTES_OF_COMMENTS = 150_000
# Keeps a sequence of words from running on from one tag or author to the next; no word holds this sign.
BREAK = "¶"

Field = Literal["title", "tags", "authors", "body", "comments"]
FIELDS: tuple[Field, ...] = ("title", "tags", "authors", "body", "comments")
NAMED: dict[str, Field] = {"author": "authors", "tag": "tags"}

# Scripts that put no spaces between words: Thai, Lao, Burmese, Khmer, Kana, Han, Hangul.
UNSPACED = (
    "\u0e00-\u0e3a\u0e40-\u0e4e\u0e80-\u0ece\u1000-\u1049\u1050-\u109f\u1780-\u17d3"
    "\u3005-\u3007\u3031-\u3035\u3040-\u309a\u309d-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
# Vowel signs of Indic and neighbouring scripts, which are parts of words though no letters.
SIGNS = "\u0900-\u0963\u0966-\u0dff\u0f18-\u0f39\u0f3e-\u0fbc"
_PLAIN = re.compile(r"[a-z0-9]{1,64}")
_SPACED = re.compile(rf"(?:[^\W_]|[{SIGNS}]){{1,64}}")
_WORD = re.compile(rf"(?:[^\W_]|[{SIGNS}{UNSPACED}])+")
_RUN = re.compile(rf"[{UNSPACED}]+|[^{UNSPACED}]+")
_IS_UNSPACED = re.compile(rf"[{UNSPACED}]")
# Accents of Latin, Greek and Cyrillic, points of Hebrew, vowels of Arabic.
_MARKS = re.compile(r"[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0640]")
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ŧ": "t"})
_GRAM = 3

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂「」", '"'))
_PIECE = re.compile(
    r'(?P<minus>-)?(?:(?P<name>author|tag|before|after):)?(?:"(?P<phrase>[^"]*)(?P<end>"?)|(?P<word>[^\s"]+))', re.IGNORECASE
)
# Four-digit years far enough from either end of what databases and time zones can count.
_DAY = re.compile(r"([1-8]\d{3})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")


@dataclass(frozen=True)
class Term:
    """Words that must stand in a row (or must not); the last may be only the beginning of one."""

    words: tuple[str, ...]
    is_prefix: bool = False
    field: Field | None = None
    is_unwanted: bool = False


@dataclass(frozen=True)
class Question:
    """What somebody looks for: published before the one day, and on the other day or after it."""

    terms: tuple[Term, ...] = ()
    before: date | None = None
    after: date | None = None

    @property
    def wanted(self) -> tuple[Term, ...]:
        return tuple(term for term in self.terms if not term.is_unwanted)

    @property
    def unwanted(self) -> tuple[Term, ...]:
        return tuple(term for term in self.terms if term.is_unwanted)

    @property
    def asks_something(self) -> bool:
        """Whether it says what to find and not only what to leave out."""
        return bool(self.wanted or self.before or self.after)


def fold(text: str) -> str:
    """Without capitals and accents: "Ångström" and "angstrom" are one."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return unicodedata.normalize("NFC", _MARKS.sub("", apart)).translate(_LETTERS)


def words_of(text: str) -> list[str]:
    """The words of a text in their order; of scripts without spaces, the three signs that begin at each place."""
    folded = fold(text)
    if folded.isascii():
        return _PLAIN.findall(folded)
    return list(_cut(_WORD.findall(folded))) if _IS_UNSPACED.search(folded) else _SPACED.findall(folded)


def _cut(words: Iterable[str]) -> Iterator[str]:
    for word in words:
        for run in _RUN.findall(word):
            if _IS_UNSPACED.match(run):
                yield from (run[at : at + _GRAM] for at in range(len(run)))
            else:
                yield from _SPACED.findall(run)


def written(*texts: str, most_bytes: int = MOST_BYTES) -> str:
    """The words as they are kept: one space on each side of every word, so that a sequence is found by a plain comparison."""
    words: list[str] = []
    for number, text in enumerate(texts):
        words += [BREAK, *words_of(text)] if number else words_of(text)
    words = _within_weight(words, most_bytes)
    return f" {' '.join(words)} " if words else ""


def _within_weight(words: Sequence[str], most_bytes: int) -> list[str]:
    """Without what comes new once the different words have become too many to keep."""
    weight, known = 0, set[str]()
    kept = []
    for word in words:
        if word not in known:
            # A word costs its bytes and the list of its places.
            weight += len(word.encode()) + 8
            if weight > most_bytes:
                continue
            known.add(word)
        kept.append(word)
    return kept


def understand(text: str) -> Question:
    """Read what somebody typed: words, "phrases", -without, author:, tag:, before:, after:. No text is wrong."""
    pieces = list(_PIECE.finditer(text.translate(_QUOTES)))
    terms: list[Term] = []
    before = after = None
    for number, piece in enumerate(pieces):
        name = (piece["name"] or "").lower()
        content = piece["word"] if piece["phrase"] is None else piece["phrase"]
        if name in ("before", "after"):
            day = _day(content)
            if day is not None and not piece["minus"]:
                before, after = (day, after) if name == "before" else (before, day)
                continue
            # Not a day, so it is read as the words it is made of.
            content, name = f"{name} {content}", ""
        is_unfinished = number == len(pieces) - 1 and not piece["minus"] and not piece["end"]
        term = _term(content, NAMED.get(name), is_unfinished=is_unfinished, is_unwanted=bool(piece["minus"]))
        if term is not None and term not in terms:
            terms.append(term)
    return Question(tuple(terms), before, after)


def _term(content: str, field: Field | None, *, is_unfinished: bool, is_unwanted: bool) -> Term | None:
    words = words_of(content)
    if not words:
        return None
    while len(words) > 1 and _is_tail(words[-1], words[-2]):
        # The text may go on where the question ends.
        words.pop()
    last = words[-1]
    is_part = bool(_IS_UNSPACED.match(last)) and len(last) < _GRAM
    return Term(tuple(words), is_part or (is_unfinished and len(last) > 1), field, is_unwanted)


def _is_tail(word: str, before: str) -> bool:
    return len(word) < _GRAM and before.endswith(word) and bool(_IS_UNSPACED.match(word)) and len(before) == len(word) + 1


def _day(text: str) -> date | None:
    """The day, or the first one of a year or a month."""
    found = _DAY.fullmatch(text)
    try:
        return date(*(int(part or 1) for part in found.groups())) if found else None
    except ValueError:
        return None
