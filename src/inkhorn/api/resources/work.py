"""The audit log and the background work, as those see them who look after the site."""

from typing import Any

from inkhorn.api.asking import Asked
from inkhorn.api.filters import by_fact, moment, named, one_of, whole
from inkhorn.api.shapes import MOMENT, TEXT, WHOLE, Resource, Sort, maybe, plain, shown, told_moment, words
from inkhorn.core import clock
from inkhorn.core.audit import Entry, Wanted
from inkhorn.core.job_board import JOB_ID, JOB_RUN_AT

entry = Entry.__table__.c
NAMED = TEXT | {"minLength": 1, "maxLength": 81, "pattern": r"^[a-z_]{1,40}\.?[a-z_]{0,40}$"}

ENTRY = Resource(
    name="AuditEntry",
    about="One thing that somebody did.",
    key=entry.id,
    fields=plain(
        id=WHOLE,
        at=shown(MOMENT, read=told_moment("at")),
        action=TEXT,
        actor_id=maybe(WHOLE),
        actor_label=TEXT,
        subject_kind=maybe(TEXT),
        subject_id=maybe(WHOLE),
        subject_label=maybe(TEXT),
        address=maybe(TEXT),
        device=maybe(TEXT),
        details={"type": "object"},
    ),
    filters={
        "actor": by_fact("actor_id", whole, {"type": "string", "pattern": r"^\d{1,9}$"}, about="The number of whoever acted."),
        "action": by_fact("action", named, NAMED, about="An action, or a room with its dot."),
        "subject_kind": by_fact("subject_kind", named, NAMED),
        "subject_id": by_fact("subject_id", whole, {"type": "string", "pattern": r"^\d{1,9}$"}, about="Together with subject_kind."),
        "since": by_fact("since", moment, MOMENT),
        "until": by_fact("until", moment, MOMENT),
    },
    sorts={"id": Sort(column=entry.id, read=int, write=int)},
    usual_sort="-id",
)


def wanted_of(asked: Asked) -> Wanted:
    """Which entries are looked for, in the log's own words: it knows what its indexes find."""
    return Wanted(**asked.facts)


def _state(row: Any, _beside: Any) -> str:
    if row.is_dead:
        return "dead"
    return "running" if row.lease_until is not None and row.lease_until >= clock.now() else "waiting"


JOB = Resource(
    name="Job",
    about="One piece of work that waits, runs or was set aside; it is gone once it is done.",
    key=JOB_ID,
    fields=plain(
        id=WHOLE,
        name=TEXT,
        state=shown(words("waiting", "running", "dead"), read=_state),
        run_at=shown(MOMENT, read=told_moment("run_at")),
        attempts=WHOLE,
        max_attempts=WHOLE,
        error=shown(maybe(TEXT), "The last line of what went wrong.", read=lambda row, _beside: _last_line(row.error)),
    ),
    filters={"state": by_fact("state", one_of("waiting", "dead"), words("waiting", "dead"), about="Without it, what waits or runs.")},
    sorts={"run_at": Sort(column=JOB_RUN_AT, read=moment, write=lambda value: value.isoformat())},
    usual_sort="run_at",
)


def _last_line(error: str | None) -> str | None:
    return error.strip().rpartition("\n")[2] if error else error
