"""Who did what, when and from where: one append-only table."""

from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import JSON, Index, Select, String, select
from sqlalchemy.orm import Mapped, mapped_column

from inkhorn.core import clock
from inkhorn.core.access import Actor
from inkhorn.core.database import Base, session


class Entry(Base):
    """One thing that somebody did; no foreign keys, so that it outlives what it speaks of."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_subject", "subject_kind", "subject_id", "id"),
        Index("ix_audit_entry_actor_id_id", "actor_id", "id"),
        Index("ix_audit_entry_action_id", "action", "id"),
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
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class Subject(Protocol):
    """Anything with a number that an entry can speak of; its str() is the label kept."""

    @property
    def id(self) -> Any: ...


def record(by: Actor, action: str, subject: Subject | None = None, **details: Any) -> Entry:
    """Note what was done in the caller's transaction; action is "<room>.<past verb>"."""
    entry = Entry(
        action=action,
        actor_id=by.id,
        actor_label=by.label[:320],
        address=by.address,
        details=details,
    )
    if subject is not None:
        session().flush()
        entry.subject_kind = type(subject).__name__.lower()
        entry.subject_id = subject.id
        entry.subject_label = str(subject)[:320]
    session().add(entry)
    return entry


def entries_about(subject: Subject) -> Select[Entry]:
    return (
        select(Entry).where(Entry.subject_kind == type(subject).__name__.lower(), Entry.subject_id == subject.id).order_by(Entry.id.desc())
    )
