"""How long lists are that many pages tell of: counted once for each number that pages are valid by, since to count a hundred thousand takes ten times a page."""

from collections.abc import Hashable
from dataclasses import dataclass, field

from flask import Flask, current_app

from inkhorn.core.generations import Generation

NAME = "inkhorn.kept_counts"
# A list has as many as it has readers of different rights; who asks for more than these starts anew.
MOST = 10_000


@dataclass
class KeptCounts:
    """Of one process; what its generation does not know is not kept."""

    generation: Generation
    _kept: dict[Hashable, tuple[int, int]] = field(default_factory=dict)

    def number(self) -> int | None:
        """To be read before anything is counted: what is counted now may be older than a number read later."""
        return self.generation.read()

    def get(self, key: Hashable, number: int | None) -> int | None:
        kept = self._kept.get(key)
        return kept[1] if kept is not None and kept[0] == number else None

    def put(self, key: Hashable, number: int | None, count: int) -> None:
        if number is None:
            return
        if len(self._kept) >= MOST:
            self._kept.clear()
        self._kept[key] = (number, count)


def init_app(app: Flask, generation: Generation) -> None:
    app.extensions[NAME] = KeptCounts(generation)


def kept_counts() -> KeptCounts | None:
    """Those of this process; None where none are kept, as in a command."""
    found: KeptCounts | None = current_app.extensions.get(NAME)
    return found
