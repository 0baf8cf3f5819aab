"""Where the words somebody looked for stand in a text, cut out and marked."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain

from markupsafe import Markup, escape

from inkhorn.search.grammar import UNSPACED, Term

# Characters of a snippet, and how many of them stand before the first mark.
LENGTH = 240
BEFORE = 60
MARK, MARK_END = "\x02", "\x03"
# Nobody counts further.
MOST_PLACES = 50
_IS_UNSPACED = re.compile(rf"[{UNSPACED}]")
# Two letters of a folded word that may be one sign of the text; a word holds no sign of this language.
_ONE_SIGN = {"ss": "(?:ss|ß)", "ae": "(?:ae|æ)", "oe": "(?:oe|œ)", "th": "(?:th|þ)"}
_LOOSE = re.compile("|".join(_ONE_SIGN))
# Letters with accents that are one sign.
_ACCENTED = chain(range(0xC0, 0x250), range(0x370, 0x530), range(0x1E00, 0x2000))

Span = tuple[int, int]


@dataclass(frozen=True)
class Snippet:
    """A piece of a text with its marks, and at how many places of the whole text the words stand."""

    html: Markup
    places: int


def snippet_of(text: str, terms: Sequence[Term]) -> Snippet:
    """The piece of the text that holds most of the terms; the text's beginning where it holds none."""
    found = _places(text, terms)
    start = _best_start(found)
    begin = max(0, start - BEFORE)
    if begin:
        space = text.find(" ", begin, start)
        begin = space + 1 if space >= 0 else begin
    end = min(len(text), begin + LENGTH)
    if end < len(text):
        space = text.rfind(" ", begin + LENGTH // 2, end)
        end = space if space > start else end
    piece = _marked(text, begin, end, found)
    return Snippet(Markup(f"{'…' if begin else ''}{piece}{'…' if end < len(text) else ''}"), len(found))  # noqa: S704 - escaped by _marked()


def marked(text: str, terms: Sequence[Term]) -> Snippet:
    """The whole text with its marks."""
    found = _places(text, terms)
    return Snippet(Markup(_marked(text, 0, len(text), found)), len(found))  # noqa: S704 - escaped by _marked()


def _marked(text: str, begin: int, end: int, found: Sequence[tuple[int, int, int]]) -> str:
    """The piece as HTML. Signs that no text may bring along stand for the marks until everything is escaped."""
    parts: list[str] = []
    at = begin
    for first, last, _term in found:
        if first >= end:
            break
        start, stop = max(first, at), min(last, end)
        if start < stop:
            parts += [_clean(text[at:start]), MARK, _clean(text[start:stop]), MARK_END]
            at = stop
    parts.append(_clean(text[at:end]))
    return str(escape("".join(parts))).replace(MARK, "<mark>").replace(MARK_END, "</mark>")


def _clean(text: str) -> str:
    return text if MARK not in text and MARK_END not in text else text.replace(MARK, " ").replace(MARK_END, " ")


def _best_start(found: Sequence[tuple[int, int, int]]) -> int:
    best, most = 0, 0
    for number, (start, _end, _term) in enumerate(found):
        near = {term for first, last, term in found[number : number + 20] if last - start <= LENGTH - BEFORE}
        if len(near) > most:
            best, most = start, len(near)
    return best


def _places(text: str, terms: Sequence[Term]) -> list[tuple[int, int, int]]:
    """Beginning, end and term of each place, in their order."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text)
    found: list[tuple[int, int, int]] = []
    for number, term in enumerate(terms):
        spans = _spans(lowered, term)
        if not spans and not lowered.isascii():
            spans = _spans(lowered.translate(_plain_letters()), term, is_loose=True)
        found += [(start, end, number) for start, end in spans]
    return sorted(found)[:MOST_PLACES]


def _spans(text: str, term: Term, *, is_loose: bool = False) -> list[Span]:
    spans = []
    for place in _pattern(term, is_loose=is_loose).finditer(text):
        start = place.start()
        if start and text[start - 1].isalnum() and not _IS_UNSPACED.match(text[start]) and not _IS_UNSPACED.match(text[start - 1]):
            continue
        spans.append(place.span())
        if len(spans) == MOST_PLACES:
            break
    return spans


@lru_cache(maxsize=512)
def _pattern(term: Term, *, is_loose: bool) -> re.Pattern[str]:
    """Begins with a plain word, which is what makes it quick; what stands before that is looked at afterwards."""
    runs: list[str] = []
    for before, word in zip(("", *term.words), term.words, strict=False):
        # The overlapping signs of a script without spaces, put together again.
        if before and _IS_UNSPACED.match(word) and before[1:] == word[:-1]:
            runs[-1] += word[-1]
        else:
            runs.append(word)
    is_open = term.is_prefix or bool(_IS_UNSPACED.match(runs[-1][-1]))
    if is_loose:
        runs = [_LOOSE.sub(lambda two: _ONE_SIGN[two[0]], run) for run in runs]
    return re.compile(r"[\W_]*".join(runs) + ("" if is_open else r"(?![^\W_])"))


@cache
def _plain_letters() -> dict[int, str]:
    """Letters with accents and the letters without; always one for one, so that places stay the same."""
    plain = {}
    for code in _ACCENTED:
        letter = unicodedata.normalize("NFKD", chr(code).lower())[0]
        if letter != chr(code):
            plain[code] = letter
    return plain | {ord(letter): plainer for letter, plainer in zip("øłđðħı", "olddhi", strict=True)}
