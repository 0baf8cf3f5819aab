"""The classifier: smoothed log odds of what a comment is made of, against what moderators called spam and what not."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# In how many comments of each kind one is seen before it weighs as much as its figures say.
_SMOOTHING = 0.6
# What one feature may weigh at most, so that no single word condemns.
_HEAVIEST = 3.0
# Beneath this it says nothing.
_LIGHTEST = 0.35
# The most telling ones are counted; further ones are echoes of these.
_MOST_TELLING = 30
# Of each kind, before the classifier says anything.
LEAST_TAUGHT = 10


@dataclass(frozen=True)
class Taught:
    """What the classifier knows of the features at hand: comments taught in all, and (spam, ham) for each feature."""

    spam: int = 0
    ham: int = 0
    seen: Mapping[str, tuple[int, int]] | None = None

    @property
    def is_enough(self) -> bool:
        return min(self.spam, self.ham) >= LEAST_TAUGHT


@dataclass(frozen=True)
class Score:
    """Odds of spam as a natural logarithm, above 0 for spam; and the words that say so most, most telling first."""

    odds: float = 0.0
    telling: tuple[str, ...] = ()


def score(features: Iterable[str], taught: Taught) -> Score:
    """How the features speak; nothing where too little was taught."""
    if not taught.is_enough:
        return Score()
    weights = ((weight_of(taught.seen.get(each, (0, 0)), taught), each) for each in features) if taught.seen else ()
    loudest = sorted((each for each in weights if abs(each[0]) >= _LIGHTEST), key=lambda each: (-abs(each[0]), each[1]))[:_MOST_TELLING]
    odds = sum(weight for weight, _feature in loudest)
    guilty = tuple(feature for weight, feature in loudest if weight > 0)
    # A long text has more to say, not more certainty: words that come together are no independent witnesses.
    return Score(odds / max(1.0, math.sqrt(len(loudest) / 6)), guilty[:4])


def weight_of(seen: tuple[int, int], taught: Taught) -> float:
    """The smoothed log odds of one feature."""
    spam, ham = seen
    if spam + ham == 0:
        return 0.0
    share_of_spam = (spam + _SMOOTHING) / (taught.spam + 2 * _SMOOTHING)
    share_of_ham = (ham + _SMOOTHING) / (taught.ham + 2 * _SMOOTHING)
    # Seen once, it is half believed.
    belief = (spam + ham) / (spam + ham + 1)
    return max(-_HEAVIEST, min(_HEAVIEST, belief * math.log(share_of_spam / share_of_ham)))
