"""What became of each thing of a source, counted and named."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from inkhorn.core import clock
from inkhorn.transfer.manuscript import Problem

# More than this are counted and not named, so that no source can fill the memory.
MOST_PROBLEMS = 200_000
_HEADINGS = {
    "lost": "Not carried over",
    "changed": "Carried over with a change",
    "kept": "Carried over as it was; worth a look",
    "waiting": "Waiting for somebody to do it by hand, or for a part that is not built yet",
}
_ORDER = tuple(_HEADINGS)
_NOUNS = {
    "posts": ("post", "posts"),
    "pages": ("page", "pages"),
    "authors": ("author", "authors"),
    "tags": ("tag", "tags"),
    "series": ("series", "series"),
    "files": ("file", "files"),
    "redirects": ("redirect", "redirects"),
    "comments": ("comment", "comments"),
    "pings": ("pingback or trackback", "pingbacks and trackbacks"),
}


@dataclass
class Report:
    """Counts of what was new, updated, unchanged or kept, and every problem by name."""

    source: str
    dialect: str
    is_dry_run: bool = False
    started_at: datetime = field(default_factory=clock.now)
    finished_at: datetime | None = None
    # {"posts": {"new": 386}, ...}
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    old_addresses: int = 0
    problems: list[Problem] = field(default_factory=list)
    problem_counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def count(self, noun: str, outcome: str) -> None:
        self.counts.setdefault(noun, Counter())[outcome] += 1

    def of(self, noun: str, outcome: str | None = None) -> int:
        """How many posts, authors and so on had this outcome, or any."""
        found = self.counts.get(noun, Counter())
        return found.total() if outcome is None else found[outcome]

    def note(self, problem: Problem) -> None:
        self.problem_counts[problem.severity, problem.what] += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)

    def mark(self) -> "Mark":
        """Where it stands, for rewind()."""
        return Mark(
            {noun: counter.copy() for noun, counter in self.counts.items()},
            self.old_addresses,
            len(self.problems),
            self.problem_counts.copy(),
        )

    def rewind(self, mark: "Mark") -> None:
        """Forget what was noted since the mark, because it was rolled back."""
        self.counts = {noun: counter.copy() for noun, counter in mark.counts.items()}
        self.old_addresses = mark.old_addresses
        self.problem_counts = mark.problem_counts.copy()
        del self.problems[mark.problems :]

    @property
    def changed_something(self) -> bool:
        return any(counter["new"] or counter["updated"] for counter in self.counts.values())

    def as_json(self) -> str:
        """For programs; the names of its keys stay stable."""
        return json.dumps(self._document(), indent=2, ensure_ascii=False) + "\n"

    def _document(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "dialect": self.dialect,
            "dry_run": self.is_dry_run,
            "started_at": self.started_at.isoformat(),
            "finished_at": self.finished_at.isoformat() if self.finished_at else None,
            "counts": {noun: dict(sorted(counter.items())) for noun, counter in sorted(self.counts.items())},
            "old_addresses": self.old_addresses,
            "problem_counts": [
                {"severity": severity, "what": what, "count": count} for (severity, what), count in sorted(self.problem_counts.items())
            ],
            "problems": [asdict(problem) for problem in self.problems],
        }

    def lines(self) -> Iterator[str]:
        """For people: counts first, then each problem under its heading."""
        yield f"{'Would be carried over' if self.is_dry_run else 'Carried over'} from {self.source} ({self.dialect})"
        for noun, (one, many) in _NOUNS.items():
            if counter := self.counts.get(noun):
                outcomes = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counter.items()))
                yield f"  {counter.total():>6} {one if counter.total() == 1 else many}: {outcomes}"
        if self.old_addresses:
            yield f"  {self.old_addresses:>6} old {'address leads' if self.old_addresses == 1 else 'addresses lead'} to {'its post' if self.old_addresses == 1 else 'their posts'}"
        if self.problem_counts:
            yield from self._problem_lines()

    def _problem_lines(self) -> Iterator[str]:
        ordered = sorted(self.problems, key=lambda problem: (_ORDER.index(problem.severity), problem.what))
        for severity, problems in groupby(ordered, key=lambda problem: problem.severity):
            yield ""
            yield f"{_HEADINGS[severity]}:"
            for what, group in groupby(problems, key=lambda problem: problem.what):
                yield f"  {what} ({self.problem_counts[severity, what]})"
                for problem in group:
                    yield f"    {problem.where}: {problem.why}"


@dataclass(frozen=True)
class Mark:
    """A place in a report."""

    counts: dict[str, Counter[str]]
    old_addresses: int
    problems: int
    problem_counts: Counter[tuple[str, str]]
