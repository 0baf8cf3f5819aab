"""What may have been meant by words that nothing here holds."""

from collections.abc import Iterable
from difflib import get_close_matches

from inkhorn.search.grammar import Question, fold, words_of
from inkhorn.site.queries import names_here

# Words that somebody may have mistyped and that are looked into; and how alike two words are that may be one.
MOST_WORDS = 6
LIKENESS = 0.72
LEAST_LETTERS = 3


def nearest(text: str, question: Question) -> str:
    """The text with each word that titles, tags and names do not hold put right; empty where nothing is near."""
    words = words_of(text)
    if len(words) > MOST_WORDS or any(term.field or term.is_unwanted for term in question.terms):
        return ""
    known = {fold(word) for name in names_here() for word in name.split()}
    meant = [_nearest(word, known) for word in words]
    return " ".join(meant) if meant != words else ""


def _nearest(word: str, known: Iterable[str]) -> str:
    if word in known or len(word) < LEAST_LETTERS:
        return word
    letters = set(word)
    # Comparing whole words is slow; most are too different at a glance.
    near = [other for other in known if abs(len(other) - len(word)) <= 2 and len(letters & set(other)) >= len(letters) - 2]
    return next(iter(get_close_matches(word, near, n=1, cutoff=LIKENESS)), word)
