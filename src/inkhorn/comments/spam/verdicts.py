"""What becomes of a comment before anybody saw it, and why, in words for the moderator."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from inkhorn.comments.spam.features import links_of, plain, words_of
from inkhorn.comments.spam.scoring import Score

Outcome = Literal["approved", "waiting", "spam"]

# Natural logarithms: a little under 1 : 20, and 1 : 150.
DOUBTFUL, CERTAIN = 2.8, 5.0
# Of what no person does.
BEYOND_DOUBT = 12.0
# Of the letters of a text that is long enough to tell.
_MOST_CAPITALS, _SHORTEST_SHOUT = 0.6, 20
_LONGEST_WORD_SHOWN, _SHORTEST_WORD_SHOWN = 30, 2


@dataclass(frozen=True, kw_only=True)
class Submission:
    """A comment as it came, and what is known about its coming."""

    text: str
    name: str = ""
    email: str = ""
    website: str = ""
    # Nobody has approved a comment of this person or address yet.
    is_first: bool = False
    # Comments with the same words lately, and spam from the same network address.
    repeats: int = 0
    spam_from_there: int = 0


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What the settings say."""

    holds_first: bool = True
    # A comment with so many links is held; 0 for any number.
    links_to_hold: int = 2
    held_words: Sequence[str] = ()
    refused_words: Sequence[str] = ()


@dataclass(frozen=True)
class Verdict:
    """Where the comment goes; the word by which the queue is filtered, and a sentence for the moderator; the odds of spam."""

    outcome: Outcome
    cause: str = ""
    reason: str = ""
    odds: float = 0.0

    @property
    def likelihood(self) -> float:
        """How likely it is spam, from 0 to 1."""
        return 1 / (1 + math.exp(-max(-50.0, min(50.0, self.odds))))


@dataclass(frozen=True)
class Sign:
    """Something that speaks against a comment: how much, and whether it is enough to hold it."""

    cause: str
    words: str
    weight: float
    holds: bool = True


def judge(came: Submission, rules: Rules, score: Score) -> Verdict:
    """Approved, waiting or spam. Robots that fall into traps or write too fast come no further than core.captcha."""
    if word := listed_word(came, rules.refused_words):
        return Verdict("spam", "refused word", f"“{word}” is on the list of refused words", BEYOND_DOUBT)
    signs = sorted(_signs(came, rules), key=lambda sign: -sign.weight)
    odds = score.odds + sum(sign.weight for sign in signs)
    if odds >= CERTAIN and (score.odds > 0 or len(signs) > 1):
        return Verdict("spam", "reads like spam", _against(score, signs), odds)
    if held := [sign for sign in signs if sign.holds]:
        return Verdict("waiting", held[0].cause, held[0].words, odds)
    if odds >= DOUBTFUL:
        return Verdict("waiting", "reads like spam", _against(score, signs), odds)
    if came.is_first and rules.holds_first:
        return Verdict("waiting", "first comment", "First comment", odds)
    return Verdict("approved", odds=odds)


def listed_word(came: Submission, words: Sequence[str]) -> str:
    """The first entry of a list that the comment, its name or addresses hold; "" for none. Words count whole, all else wherever it stands."""
    if not words:
        return ""
    told = "\n".join((came.text, came.name, came.email, came.website))
    beneath, shown = f" {' '.join(words_of(told))} ", plain(told)
    for entry in words:
        wanted = " ".join(words_of(entry))
        is_words = wanted and all(each.isalnum() or each in " '’-" for each in entry.strip())
        if (is_words and f" {wanted} " in beneath) or (not is_words and plain(entry).strip() and plain(entry).strip() in shown):
            return entry[:_LONGEST_WORD_SHOWN]
    return ""


def _signs(came: Submission, rules: Rules) -> Iterator[Sign]:
    links = len(links_of(came.text)) + bool(came.website and links_of(came.name))
    if rules.links_to_hold and links >= rules.links_to_hold:
        yield Sign("links", "1 link" if links == 1 else f"{links} links", 0.8 + 0.2 * min(links, 6))
    if word := listed_word(came, rules.held_words):
        yield Sign("held word", f"“{word}” is on the list of words to hold", 1.0)
    if came.spam_from_there:
        told = "Same address as a spam comment" if came.spam_from_there == 1 else f"Same address as {came.spam_from_there} spam comments"
        yield Sign("spam address", told, 1.0 + 0.5 * min(came.spam_from_there, 6))
    if came.repeats:
        told = "Same words as another comment" if came.repeats == 1 else f"Same words as {came.repeats} other comments"
        yield Sign("repeated", told, 1.0 + 0.5 * min(came.repeats, 6))
    if _is_shouting(came.text):
        yield Sign("shouting", "Mostly capitals", 0.7)


def _is_shouting(text: str) -> bool:
    letters = [each for each in text[:2000] if each.isupper() or each.islower()]
    return len(letters) >= _SHORTEST_SHOUT and sum(map(str.isupper, letters)) > _MOST_CAPITALS * len(letters)


def _against(score: Score, signs: Sequence[Sign]) -> str:
    """Reads like spam: “casino”, “bonus”, link to x.test; 3 links."""
    told = ", ".join(filter(None, map(_as_told, score.telling)))
    said = [f"Reads like spam: {told}"] if told else ["Reads like spam"] if score.odds > 0 else []
    return "; ".join([*said, *(sign.words for sign in signs)])[:300]


def _as_told(feature: str) -> str:
    kind, _, what = feature.partition(":")
    shown = what[:_LONGEST_WORD_SHOWN]
    match kind:
        case "h":
            return f"link to {shown}"
        case "n":
            return f"the name “{shown}”" if len(shown) > _SHORTEST_WORD_SHOWN else ""
        case "m":
            return f"mail from {shown}"
        case "s":
            return {"foreign markup": "markup of other programs", "lookalikes": "letters that look like others"}.get(what, "")
    return f"“{shown}”" if len(shown) > _SHORTEST_WORD_SHOWN else ""
