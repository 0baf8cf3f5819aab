"""Who did what, when and from where: one table that only grows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from sqlalchemy import JSON, ColumnElement, Index, Select, String, and_, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from inkhorn.core import clock
from inkhorn.core.access import Actor
from inkhorn.core.database import Base, OffPages, session
from inkhorn.core.metrics.watching import count_act
from inkhorn.core.rows import write_row

# Of entries that no index finds; whoever asks may go on from there.
FARTHEST = 100_000

_declared: dict[str, str] = {}


class UndeclaredAction(RuntimeError):
    """Code notes an action that no room has declared, so nobody would know what it means."""


class Entry(OffPages, Base):
    """One thing that somebody did; no foreign keys, so that it outlives what it speaks of."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_subject", "subject_kind", "subject_id", "id"),
        Index("ix_audit_entry_actor_id_id", "actor_id", "id"),
        Index("ix_audit_entry_action_id", "action", "id"),
        Index("ix_audit_entry_at_id", "at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=clock.now)
    action: Mapped[str] = mapped_column(String(80))
    actor_id: Mapped[int | None]
    actor_label: Mapped[str] = mapped_column(String(320))
    subject_kind: Mapped[str | None] = mapped_column(String(40))
    subject_id: Mapped[int | None]
    subject_label: Mapped[str | None] = mapped_column(String(320))
    address: Mapped[str | None] = mapped_column(String(64))
    # The browser or program, as it calls itself.
    device: Mapped[str | None] = mapped_column(String(300))
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class Subject(Protocol):
    """Anything with a number that an entry can speak of; its str() is the label kept."""

    @property
    def id(self) -> Any: ...


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which entries are looked for; what is None or empty does not matter."""

    actor_id: int | None = None
    # What the entry speaks of, such as "user" and its number.
    subject_kind: str = ""
    subject_id: int | None = None
    # A whole action, or a room with its dot: "accounts.".
    action: str = ""
    since: datetime | None = None
    until: datetime | None = None
    # Words in the labels or the network address.
    search: str = ""

    @property
    def leads(self) -> tuple[str, ...]:
        """The columns by which an index finds the entries in their order; the rest is looked at entry by entry."""
        if self.since is not None or self.until is not None:
            return ("at",)
        if self.actor_id is not None:
            return ("actor_id",)
        if self.subject_kind and self.subject_id is not None:
            return ("subject_kind", "subject_id")
        return ("action",) if self.action and not self.action.endswith(".") else ()


@dataclass(frozen=True)
class Look:
    """What was found on one side of an entry, and the last number looked at; None where the log was looked at to its end."""

    entries: Sequence[Entry]
    until: int | None


def declare(actions: Mapping[str, str]) -> Mapping[str, str]:
    """Say what a room notes in the log: "<room>.<past verb>" and the words that stand after the actor's name."""
    _declared.update(actions)
    return actions


def declared_actions() -> dict[str, str]:
    """Every action that may stand in the log, with its words, by name."""
    return dict(sorted(_declared.items()))


def record(by: Actor, action: str, subject: Subject | None = None, **details: Any) -> Entry:
    """Note what was done in the caller's transaction; the action is one that its room has declared."""
    if action not in _declared:
        raise UndeclaredAction(action)
    entry = Entry(
        action=action,
        actor_id=by.id,
        actor_label=by.label[:320],
        address=by.address,
        device=by.device[:300] if by.device else None,
        details=details,
    )
    if subject is not None:
        if subject.id is None:
            session().flush()
        entry.subject_kind = type(subject).__name__.lower()
        entry.subject_id = subject.id
        entry.subject_label = str(subject)[:320]
    # Nothing is ever done with an entry, so that no session needs to know it.
    write_row(entry)
    count_act(action)
    return entry


def entries_about(subject: Subject) -> Select[Entry]:
    return (
        select(Entry).where(Entry.subject_kind == type(subject).__name__.lower(), Entry.subject_id == subject.id).order_by(Entry.id.desc())
    )


def entry_numbered(number: int) -> Select[Any]:
    """The columns of one entry."""
    return select(*Entry.__table__.c).where(Entry.id == min(number, 2**31 - 1))


def entries(wanted: Wanted) -> Select[Entry]:
    """What was done, the latest first."""
    return select(Entry).where(*_asked(wanted)).order_by(*(column.desc() for column in _order(wanted)))


def look(wanted: Wanted, *, many: int, before: int | None = None, after: int | None = None) -> Look:
    """The entries before a number or just after one, in the order in which they are met; FARTHEST at most are looked at one by one."""
    is_rising = after is not None
    order = _order(wanted)
    turned = [column.asc() if is_rising else column.desc() for column in order]
    beyond = [*_beyond(wanted, after if is_rising else before, is_rising=is_rising)]
    wishes = [*_wishes(wanted)]
    last = None
    if any(name not in wanted.leads for name, _wish in wishes):
        led = select(*order).where(*(wish for name, wish in wishes if name in wanted.leads), *beyond).order_by(*turned)
        last = session().execute(led.offset(FARTHEST - 1).limit(1)).first()
    if last is not None:
        beyond.append(tuple_(*order) <= tuple(last) if is_rising else tuple_(*order) >= tuple(last))
    found = session().scalars(select(Entry).where(*(wish for _name, wish in wishes), *beyond).order_by(*turned).limit(many)).all()
    return Look(found, last.id if last is not None and len(found) < many else None)


def entries_in_parts(wanted: Wanted, columns: Sequence[str], *, part: int = 1000) -> Iterator[Sequence[Any]]:
    """The named columns of the same, however many there are: read part by part, so that neither memory nor a snapshot is held for long."""
    order = _order(wanted)
    asked = select(*(getattr(Entry, name) for name in columns), *order).where(*_asked(wanted))
    asked = rest = asked.order_by(*(column.desc() for column in order)).limit(part)
    while True:
        rows = session().execute(rest).all()
        session().rollback()
        for row in rows:
            yield row[: len(columns)]
        if len(rows) < part:
            return
        rest = asked.where(tuple_(*order) < tuple(rows[-1][len(columns) :]))


def _order(wanted: Wanted) -> tuple[InstrumentedAttribute[Any], ...]:
    """What the entries follow each other by; with days by these, so that an old one is not walked to from today."""
    return (Entry.at, Entry.id) if "at" in wanted.leads else (Entry.id,)


def _beyond(wanted: Wanted, number: int | None, *, is_rising: bool) -> Iterator[ColumnElement[bool]]:
    """What stands on one side of the entry of that number, or of where it stood."""
    if number is None:
        return
    place: tuple[Any, ...] = (number,)
    if "at" in wanted.leads:
        at = session().scalar(select(Entry.at).where(Entry.id <= number).order_by(Entry.id.desc()).limit(1))
        place = (at or datetime.min.replace(tzinfo=UTC), number)
    key = tuple_(*_order(wanted))
    yield key > place if is_rising else key < place


def _wishes(wanted: Wanted) -> Iterator[tuple[str, ColumnElement[bool]]]:
    """Each wish with the column it is about; one that does not lead is kept off its index, or all that is in there were sorted for one page."""
    if wanted.since is not None:
        yield "at", Entry.at >= wanted.since
    if wanted.until is not None:
        yield "at", Entry.at < wanted.until
    if wanted.actor_id is not None:
        yield "actor_id", (Entry.actor_id if "actor_id" in wanted.leads else Entry.actor_id + 0) == wanted.actor_id
    if wanted.subject_kind:
        leads = "subject_kind" in wanted.leads
        yield "subject_kind", (Entry.subject_kind if leads else Entry.subject_kind + "") == wanted.subject_kind
        if wanted.subject_id is not None:
            yield "subject_id", (Entry.subject_id if leads else Entry.subject_id + 0) == wanted.subject_id
    if wanted.action.endswith("."):
        # As a range, since LIKE means something else on each database.
        yield "action", and_(Entry.action + "" >= wanted.action, Entry.action + "" < wanted.action[:-1] + "/")
    elif wanted.action:
        yield "action", (Entry.action if "action" in wanted.leads else Entry.action + "") == wanted.action
    if wanted.search:
        columns = (Entry.actor_label, Entry.subject_label, Entry.address)
        yield "search", or_(*(column.icontains(wanted.search, autoescape=True) for column in columns))


def _asked(wanted: Wanted) -> list[ColumnElement[bool]]:
    return [wish for _column, wish in _wishes(wanted)]
