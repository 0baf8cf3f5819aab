"""What the runs find out: each figure is printed as it comes, and all of them at the end as one table beside their bars and the peers."""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

# Named by it (not as a setting of the house is, or that would be refused), a file takes a line of JSON for each figure; `python -m benchmarks.table` reads them.
BOOK = "BENCH_BOOK"
TIMES = ("ms", "s")
PEERS = ("Ghost", "WordPress", "Wagtail", "Flasky")
# What the peers take for the same work, measured once by ../shared/bench/ with the same content; None where one has no such thing.
PEERS_TAKE: dict[str, tuple[float | None, ...]] = {
    "post, drawn": (38, 42, 8.5, 8.5),
    "home, drawn": (91, 42, 18, 35),
    "API list of 10 full posts": (37, 38, 26, 30),
    "search": (153, 91, 8, None),
    "create and publish by API": (53, 22, None, 12.6),
    "first answer after start": (2.5, 0.72, 1.6, 0.85),
    "memory": (310, 290, 289, 173),
    "growth of home": (40, 1.6, 27, 48),
    "growth of tag": (None, 29, None, None),
    "growth of search": (None, 93, None, None),
}


@dataclass(frozen=True)
class Figure:
    """One thing measured: `bar` is the most it may be, or the least where `is_least`; `beside` tells what it was measured in turn with."""

    what: str
    measured: float
    unit: str
    bar: float | None = None
    is_least: bool = False
    beside: str = ""
    # How many times longer Python took here just then than on a quiet day (measures.pace); 1 where it was not asked.
    pace: float = 1.0

    @property
    def at_pace(self) -> float:
        """What it would be on a quiet day; what is no time is the same on all days."""
        if self.unit == "a second":
            return self.measured * self.pace
        return self.measured / self.pace if self.unit in TIMES else self.measured

    @property
    def holds(self) -> bool:
        if self.bar is None:
            return True
        return self.at_pace >= self.bar if self.is_least else self.at_pace <= self.bar

    def in_words(self) -> str:
        aim = "" if self.bar is None else f" (bar {self.bar_in_words()}{'' if self.holds else ', MISSED'})"
        pace = "" if self.at_pace == self.measured else f" = {number(self.at_pace)} on a quiet day"
        return f"{self.what}: {number(self.measured)} {self.unit}{pace}{aim}{'; ' if self.beside else ''}{self.beside}"

    def bar_in_words(self) -> str:
        return "" if self.bar is None else f"{'at least ' if self.is_least else ''}{number(self.bar)}"


def number(value: float) -> str:
    """Three digits that count, or all of those before the point."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def record(figure: Figure) -> None:
    print(figure.in_words(), flush=True)
    if os.environ.get(BOOK):
        with Path(os.environ[BOOK]).open("a", encoding="utf-8") as book:
            book.write(json.dumps(asdict(figure)) + "\n")


def read_book(book: Path) -> list[Figure]:
    return [Figure(**json.loads(line)) for line in book.read_text(encoding="utf-8").splitlines()] if book.exists() else []


def table(figures: Iterable[Figure]) -> str:
    """A Markdown table of them all, the peers' figures beside ours."""
    lines = [
        f"| what | measured | on a quiet day | bar | holds | {' | '.join(PEERS)} | measured beside |",
        "| --- | ---: | ---: | ---: | --- |" + " ---: |" * len(PEERS) + " --- |",
    ]
    for each in figures:
        taken = [("" if value is None else number(value)) for value in PEERS_TAKE.get(each.what, (None,) * len(PEERS))]
        verdict = "" if each.bar is None else "yes" if each.holds else "**no**"
        lines.append(
            f"| {each.what} | {number(each.measured)} {each.unit} | {number(each.at_pace)} | {each.bar_in_words()} | {verdict} | {' | '.join(taken)} | {each.beside} |"
        )
    return "\n".join(lines)
