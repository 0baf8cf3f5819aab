"""Raw rows for administrators: which tables and columns may be seen, searched, sorted and taken away; no secret is among them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, func, or_, select, true, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from inkhorn.accounts.models import AccountStatus, Role, Session, User, user_role
from inkhorn.comments.models import Ban, BanKind, Comment, CommentKind, State
from inkhorn.comments.queries import under_what_is_read_by
from inkhorn.core.access import Actor
from inkhorn.core.audit import Entry
from inkhorn.core.database import session
from inkhorn.core.errors import InkhornError, NotFound
from inkhorn.core.jobs import JobRow
from inkhorn.core.mail.letters import Letter, LetterState
from inkhorn.core.settings import Setting
from inkhorn.posts.models import Address

PAGE_SIZE = 50
# How many rows an export reads at a time.
PART = 1000
Column = InstrumentedAttribute[Any] | ColumnElement[Any]


class UnknownColumn(InkhornError):
    """The table has no such column that may be asked for."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no column “{name[:40]}” to filter or sort by here.")


@dataclass(frozen=True)
class Table:
    """What may be asked of one table; columns that are not named do not exist for anybody here."""

    title: Any
    columns: Mapping[str, Column]
    searched: tuple[str, ...]
    # Those with an index, the usual one first; a minus before it turns the order.
    sorts: tuple[str, ...]
    # What tells each row from all others.
    key: tuple[str, ...] = ("id",)
    # Columns that are filtered by one of a few values.
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    only: tuple[ColumnElement[bool], ...] = ()
    # Which rows there are for somebody, where not all are.
    seen_by: Callable[[Actor], ColumnElement[bool]] = lambda _actor: true()


@dataclass(frozen=True)
class Page:
    """Some rows, each as long as the table has columns."""

    rows: list[tuple[Any, ...]]
    number: int
    has_next: bool


def named(model: Any, *names: str) -> dict[str, Column]:
    return {name: getattr(model, name) for name in names}


ROLE = (
    select(func.min(Role.name))
    .join(user_role, user_role.c.role_id == Role.id)
    .where(user_role.c.user_id == User.id)
    .correlate(User)
    .scalar_subquery()
)
YES_OR_NO = ("yes", "no")
TABLES: dict[str, Table] = {
    "users": Table(
        _l("Users"),
        named(User, "id", "name", "username", "email")
        | {"role": ROLE}
        | named(
            User,
            "status",
            "created_at",
            "confirmed_at",
            "password_changed_at",
            "terms_accepted_at",
            "language",
            "timezone",
            "closes_at",
            "origin",
        ),
        searched=("name", "username", "email"),
        sorts=("id", "-id", "name", "-name"),
        choices={"status": tuple(AccountStatus)},
    ),
    "sessions": Table(
        _l("Sessions"),
        named(Session, "id", "user_id", "started_at", "seen_at", "fresh_at", "way", "is_two_factor", "is_remembered", "address", "device"),
        searched=("address", "device"),
        sorts=("-seen_at", "seen_at", "-started_at", "started_at", "user_id"),
        choices={"is_two_factor": YES_OR_NO, "is_remembered": YES_OR_NO},
    ),
    "audit": Table(
        _l("Audit log"),
        named(
            Entry,
            "id",
            "at",
            "action",
            "actor_id",
            "actor_label",
            "subject_kind",
            "subject_id",
            "subject_label",
            "address",
            "device",
            "details",
        ),
        searched=("action", "actor_label", "subject_label", "address"),
        sorts=("-id", "id"),
    ),
    "jobs": Table(
        _l("Jobs"),
        named(
            JobRow, "id", "name", "args", "run_at", "attempts", "max_attempts", "is_dead", "lease_until", "crashes", "created_at", "error"
        ),
        searched=("name", "error"),
        sorts=("-id", "id"),
        choices={"is_dead": YES_OR_NO},
    ),
    "comments": Table(
        _l("Comments"),
        named(
            Comment,
            "id",
            "post_id",
            "parent_id",
            "kind",
            "state",
            "name",
            "user_id",
            "guest_id",
            "website",
            "body",
            "cause",
            "reason",
            "score",
            "likes",
            "reports",
            "is_pinned",
            "created_at",
            "edited_at",
            "approved_at",
            "origin",
        ),
        searched=("name", "body", "reason"),
        sorts=("-id", "id"),
        seen_by=under_what_is_read_by,
        choices={"state": tuple(State), "kind": tuple(CommentKind), "is_pinned": YES_OR_NO},
    ),
    "bans": Table(
        _l("Bans"),
        named(Ban, "id", "kind", "label", "reason", "until", "created_at", "created_by_label"),
        searched=("label", "reason"),
        sorts=("-id", "id"),
        choices={"kind": tuple(BanKind)},
    ),
    "redirects": Table(
        _l("Redirects"),
        named(Address, "path", "target", "origin", "created_at"),
        searched=("path", "target", "origin"),
        sorts=("path", "-path"),
        key=("path",),
        only=(Address.target.is_not(None),),
    ),
    "settings": Table(
        _l("Settings"),
        named(Setting, "section", "key", "value", "updated_at"),
        searched=("section", "key"),
        sorts=("section", "-section"),
        key=("section", "key"),
    ),
    "letters": Table(
        _l("Letters"),
        named(
            Letter,
            "id",
            "kind",
            "to_address",
            "subject",
            "state",
            "attempts",
            "created_at",
            "next_at",
            "tried_at",
            "sent_at",
            "expires_at",
            "answer",
            "message_id",
        ),
        searched=("to_address", "subject", "kind"),
        sorts=("-created_at", "created_at", "to_address"),
        choices={"state": tuple(LetterState)},
    ),
}


def table_named(name: str) -> Table:
    if name not in TABLES:
        raise NotFound
    return TABLES[name]


def records(table: Table, *, by: Actor, search: str, sort: str, filters: Mapping[str, str]) -> Select[Any]:
    """The rows that are asked for, as far as they are there for whoever asks; UnknownColumn for anything that is not on the list."""
    return _found(table, search=search, filters=filters).where(table.seen_by(by)).order_by(*_order(table, sort))


def page_of_records(query: Select[Any], *, number: int) -> Page:
    """One page by one query; NotFound for a page past the end."""
    if not 1 <= number <= 100_000:
        raise NotFound
    rows = session().execute(query.limit(PAGE_SIZE + 1).offset((number - 1) * PAGE_SIZE)).all()
    if not rows and number > 1:
        raise NotFound
    return Page([tuple(row) for row in rows[:PAGE_SIZE]], number, len(rows) > PAGE_SIZE)


def all_records(table: Table, *, by: Actor, search: str, sort: str, filters: Mapping[str, str]) -> Iterator[tuple[Any, ...]]:
    """Every row that is asked for, by its key: who was seen last changes meanwhile, and nobody must be left out because of that."""
    found = records(table, by=by, search=search, sort=sort, filters=filters).order_by(None)
    return _in_parts(found, table, is_falling=(sort or table.sorts[0]) == f"-{table.key[0]}")


def _in_parts(found: Select[Any], table: Table, *, is_falling: bool) -> Iterator[tuple[Any, ...]]:
    """The rows part by part, so that no snapshot is held however slowly they are taken."""
    key = tuple_(*(table.columns[name] for name in table.key))
    places = [list(table.columns).index(name) for name in table.key]
    asked = found.order_by(*(column.desc() if is_falling else column.asc() for column in key.clauses)).limit(PART)
    rest = asked
    while rows := session().execute(rest).all():
        session().rollback()
        yield from map(tuple, rows)
        last = tuple(rows[-1][place] for place in places)
        rest = asked.where(key < last if is_falling else key > last)
    session().rollback()


def _found(table: Table, *, search: str, filters: Mapping[str, str]) -> Select[Any]:
    wanted = select(*(column.label(name) for name, column in table.columns.items())).where(*table.only)
    for name, value in filters.items():
        if value not in table.choices.get(name, ()):
            raise UnknownColumn(name)
        wanted = wanted.where(table.columns[name] == (value == "yes" if table.choices[name] is YES_OR_NO else value))
    if search:
        wanted = wanted.where(or_(*(table.columns[name].icontains(search, autoescape=True) for name in table.searched)))
    return wanted


def _order(table: Table, sort: str) -> Iterator[ColumnElement[Any]]:
    chosen = sort or table.sorts[0]
    if chosen not in table.sorts:
        raise UnknownColumn(chosen)
    first = next(iter(table.columns))
    for name in dict.fromkeys((chosen.removeprefix("-"), first)):
        column = table.columns[name]
        yield column.desc() if chosen.startswith("-") else column.asc()
