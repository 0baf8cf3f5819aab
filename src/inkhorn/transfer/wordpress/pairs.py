"""Finds what stands between an opening and a closing mark, in one walk over the text however broken it is."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

# What is longer between a mark's name and its end is no mark.
LONGEST_ATTRIBUTES = 2_000


@dataclass(frozen=True)
class Pair:
    """A construct as it stands in the text: its name, the words in its opening mark, and what it encloses."""

    start: int
    end: int
    name: str
    attributes: str
    content: str


@dataclass(frozen=True)
class Marks:
    """How a kind of construct is written."""

    # Finds the beginning of an opening mark; its first group is the name.
    opening: re.Pattern[str]
    # What follows it up to the end of the mark; its first group is the attributes.
    rest: re.Pattern[str]
    # The closing mark, with {} for the name.
    closing: str

    def pairs(self, text: str) -> Iterator[Pair]:
        """Each construct that is closed; what stands inside another one is part of its content."""
        closings: dict[str, re.Match[str] | None] = {}
        reached = 0
        for opening in self.opening.finditer(text):
            if opening.start() < reached:
                continue
            rest = self.rest.match(text, opening.end(), min(len(text), opening.end() + LONGEST_ATTRIBUTES))
            closing = self._closing(text, opening[1].lower(), rest.end(), closings) if rest else None
            if rest and closing:
                reached = closing.end()
                yield Pair(opening.start(), reached, opening[1], rest[1], text[rest.end() : closing.start()])

    def sub(self, change: Callable[[Pair], str], text: str) -> str:
        """The text with what `change` makes of each construct in its place."""
        pieces, end = [], 0
        for pair in self.pairs(text):
            pieces += [text[end : pair.start], change(pair)]
            end = pair.end
        return "".join([*pieces, text[end:]]) if pieces else text

    def _closing(self, text: str, name: str, start: int, known: dict[str, re.Match[str] | None]) -> re.Match[str] | None:
        """The next closing mark of that name; sought again only once the last one found is passed."""
        if name not in known or ((last := known[name]) is not None and last.start() < start):
            known[name] = _closing_of(self.closing, name).search(text, start)
        return known[name]


@cache
def _closing_of(closing: str, name: str) -> re.Pattern[str]:
    return re.compile(closing.format(re.escape(name)), re.IGNORECASE)
