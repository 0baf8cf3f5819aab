"""Decides what is to become of a manuscript before anything is written: new, updated, unchanged, kept or left out."""

from dataclasses import dataclass, field
from typing import Literal

from inkhorn.posts.models import Status
from inkhorn.transfer.manuscript import Manuscript, Problem
from inkhorn.transfer.services.fitting import digest_of, fit, path_of
from inkhorn.transfer.services.journey import Journey

Outcome = Literal["new", "updated", "unchanged", "kept", "left out"]
DIGEST_LENGTH = 48


@dataclass
class Judged:
    """A manuscript that fits our columns, and the verdict on it."""

    manuscript: Manuscript
    outcome: Outcome = "new"
    digest: str = ""
    old_paths: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_to_be_written(self) -> bool:
        return self.outcome in ("new", "updated")


def judge(journey: Journey, manuscript: Manuscript) -> Judged:
    """Reads and remembers, and changes nothing on the site; called once for each manuscript."""
    cut = fit(manuscript)
    judged = Judged(manuscript)
    if manuscript.key in journey.seen:
        why = "The source holds two items with this number or name; the first came over."
        judged.outcome, judged.problems = "left out", [Problem("lost", manuscript.key, "twice", why)]
        return judged
    journey.seen.add(manuscript.key)
    judged.problems = [*manuscript.problems, *cut]
    judged.old_paths = _old_paths(judged)
    judged.digest = digest_of(manuscript)[:DIGEST_LENGTH]
    judged.outcome = _outcome(journey, judged)
    if judged.is_to_be_written and manuscript.published_at is None and manuscript.kind == "post" and manuscript.status != "draft":
        why = "It had no date; the time of the import stands for it."
        judged.problems.append(Problem("changed", manuscript.key, "no-date", why))
    journey.crossings.add(manuscript, judged.old_paths)
    return judged


def _outcome(journey: Journey, judged: Judged) -> Outcome:
    known = journey.known.get(judged.manuscript.key)
    where = judged.manuscript.key
    if known is None:
        if judged.old_paths and journey.gone.issuperset(judged.old_paths):
            judged.problems.append(
                Problem("kept", where, "removed-here", "It was removed here for good after an earlier import; it stays so.")
            )
            return "kept"
        return "new"
    if known.digest == judged.digest:
        return "unchanged"
    if known.is_edited or known.status is Status.TRASHED:
        reason = "is in the trash here" if known.status is Status.TRASHED else "was edited here since it came over"
        judged.problems.append(Problem("kept", where, "edited-here", f"It changed in the source, but {reason}; what is here stays."))
        return "kept"
    return "updated"


def _old_paths(judged: Judged) -> list[str]:
    paths: dict[str, None] = {}
    for address in judged.manuscript.old_paths:
        path = path_of(address)
        if path:
            paths[path] = None
        elif address.strip("/ "):
            why = f"The old address {address[:120]} cannot be kept here."
            judged.problems.append(Problem("lost", judged.manuscript.key, "old-address", why))
    return list(paths)
