"""The audit log as it is asked for and as it is told: filters from an address, pages by number, words for each entry."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import load_only, noload

from inkhorn.accounts.models import User
from inkhorn.accounts.queries import holders_of
from inkhorn.admin.views.room import asked_day, asked_number, asked_words
from inkhorn.core import audit, clock
from inkhorn.core.audit import Entry, Wanted
from inkhorn.core.database import session
from inkhorn.core.errors import Invalid

PAGE_SIZE = 50
MOST_OFFERED = 200
SPANS = {
    "day": (_l("Last 24 hours"), timedelta(days=1)),
    "week": (_l("Last 7 days"), timedelta(days=7)),
    "month": (_l("Last 30 days"), timedelta(days=30)),
    "year": (_l("Last year"), timedelta(days=365)),
}
ROOMS = {
    "accounts": _l("People and signing in"),
    "audit": _l("Audit log"),
    "jobs": _l("Jobs"),
    "mail": _l("Mail"),
    "media": _l("Media"),
    "posts": _l("Posts"),
    "records": _l("Raw records"),
    "settings": _l("Settings"),
    "transfer": _l("Imports and exports"),
}
SECTIONS = {"site": _l("General"), "accounts": _l("Sign-in"), "posts": _l("Posts"), "comments": _l("Comments")}
# The words stand in an entry's own fold.
COMPARED = ("before", "after")


@dataclass(frozen=True)
class Trail:
    """One page of the log; newer and older are the numbers that the neighbouring pages begin beside."""

    entries: Sequence[Entry]
    newer: int | None
    older: int | None
    # Whether there may be more that was not looked at, since no index finds it.
    is_cut: bool = False


@dataclass(frozen=True)
class Change:
    """One value before and after."""

    name: str
    before: str
    after: str


def asked() -> Wanted:
    """Which entries the address asks for; Invalid for a filter that makes no sense."""
    span = request.values.get("span", "")
    if span and span not in SPANS:
        raise Invalid(f"There is no span “{span[:20]}”.", field="span")
    action = request.values.get("action", "")
    if action and action not in audit.declared_actions() and action not in {f"{room}." for room in rooms()}:
        raise Invalid(f"There is no action “{action[:40]}”.", field="action")
    kind, _dash, number = asked_words("about").partition("-")
    if number and not (number.isascii() and number.isdigit() and len(number) < 10):
        raise Invalid("What the entries are about is a kind and a number, like user-7.", field="about")
    return Wanted(
        actor_id=asked_number("actor"),
        action=action,
        since=asked_day("since") or (clock.now() - SPANS[span][1] if span else None),
        until=asked_day("until", after=True),
        search=asked_words(),
        subject_kind=kind[:40],
        subject_id=int(number) if number else None,
    )


def page_of_trail(wanted: Wanted, *, before: int | None, after: int | None) -> Trail:
    """The entries before a number, or just after one, the latest first."""
    seen = audit.look(wanted, many=PAGE_SIZE + 1, before=before, after=after)
    shown = list(seen.entries[:PAGE_SIZE])
    has_more = len(seen.entries) > PAGE_SIZE
    # Where looking was given up, the next page goes on from there.
    onward = shown[-1].id if has_more else seen.until
    is_cut = seen.until is not None
    if after is not None:
        shown.reverse()
        return Trail(shown, newer=onward, older=shown[-1].id if shown else after + 1, is_cut=is_cut)
    first = shown[0].id if shown else (before or 1) - 1
    return Trail(shown, newer=first if before is not None else None, older=onward, is_cut=is_cut)


def people_in(entries: Sequence[Entry]) -> dict[int, User]:
    """Those of the actors who still have an account, by number, with their names alone."""
    numbers = {entry.actor_id for entry in entries if entry.actor_id is not None}
    named = select(User).options(load_only(User.name), noload(User.roles)).where(User.id.in_(numbers))
    return {user.id: user for user in session().scalars(named)} if numbers else {}


def offered_actors() -> list[User]:
    """Whose acts are asked after most: everybody who works here, by name."""
    staff = holders_of("desk.open").options(load_only(User.name), noload(User.roles)).order_by(None).order_by(User.name)
    return list(session().scalars(staff.limit(MOST_OFFERED)))


def rooms() -> list[str]:
    """The rooms that note anything."""
    return sorted({action.partition(".")[0] for action in audit.declared_actions()})


def subject_of(entry: Entry) -> str:
    """What the entry speaks of, unless that is whoever acted."""
    if entry.subject_kind == "user" and entry.subject_id == entry.actor_id:
        return ""
    section = str(entry.details.get("section") or "")
    return entry.subject_label or str(SECTIONS.get(section, section))


def changes_in(entry: Entry) -> list[Change]:
    """What was changed from what to what, value by value."""
    before, after = (entry.details.get(side) for side in COMPARED)
    if before is None and after is None:
        return []
    if isinstance(before, dict) or isinstance(after, dict):
        was, told = (side if isinstance(side, dict) else {} for side in (before, after))
        return [Change(name, as_text(was.get(name)), as_text(told.get(name))) for name in sorted({*was, *told})]
    return [Change("", as_text(before), as_text(after))]


def facts_in(entry: Entry) -> Iterator[tuple[str, str]]:
    """Whatever else was noted."""
    for name, value in entry.details.items():
        if name not in COMPARED and value not in (None, "", [], {}):
            yield name.replace("_", " "), as_text(value)


def as_text(value: Any) -> str:
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(each, str | int | float) for each in value):
        return ", ".join(map(str, value)) or "—"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
