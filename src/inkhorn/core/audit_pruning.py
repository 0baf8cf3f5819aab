"""The one way in which the audit log becomes shorter: its oldest entries, by whoever owns the table, noted in the log itself."""

import time
from datetime import datetime

from sqlalchemy import delete, func, select, text
from sqlalchemy.exc import ProgrammingError

from inkhorn.core import audit
from inkhorn.core.access import Actor
from inkhorn.core.audit import Entry
from inkhorn.core.database import is_postgresql, session, transaction
from inkhorn.core.errors import Conflict

TABLE = "audit_entry"
TRIGGERS = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table ORDER BY name")
# Whether the account that asks may do on PostgreSQL what only the owner of the table may.
OWNS = "SELECT pg_has_role(current_user, relowner, 'USAGE') FROM pg_class WHERE oid = 'audit_entry'::regclass"
# Nobody else can write while a round removes so many; between two of them everybody who waits has a turn.
ROUND = 5_000
PAUSE_SECONDS = 0.05


class NotTheOwner(Conflict):
    """The database lets only the owner of the table do this."""


def may_prune() -> bool:
    """Whether the database lets this account shorten the log; SQLite lets whoever may write the file."""
    return not is_postgresql() or bool(session().scalar(text(OWNS)))


def prunable(before: datetime) -> int:
    """How many entries are older than that."""
    return session().scalar(select(func.count()).select_from(Entry).where(Entry.at < before)) or 0


def prune(before: datetime, *, by: Actor) -> int:
    """Remove what is older, round by round, each a transaction of its own; how many that were.

    It is noted with the first round, so that nothing is gone unsaid when a later one fails; where there is nothing to do nothing is noted.
    """
    with transaction():
        wanted = prunable(before)
        if not wanted:
            return 0
        noted = audit.record(by, "audit.pruned", entries=wanted, older_than=before.isoformat())
        removed = latest = _remove_round(before, noted.id)
    while latest == ROUND:
        time.sleep(PAUSE_SECONDS)
        with transaction():
            latest = _remove_round(before, noted.id)
        removed += latest
    return removed


def _remove_round(before: datetime, noted_id: int) -> int:
    """Remove the oldest; the guards of the table are back before the caller commits."""
    guards = _take_guards_down()
    # What notes it stays, so that a number that was seen is never given again.
    oldest = select(Entry.id).where(Entry.at < before, Entry.id < noted_id).order_by(Entry.at, Entry.id).limit(ROUND)
    gone = delete(Entry).where(Entry.id.in_(oldest.scalar_subquery())).execution_options(synchronize_session=False)
    removed: int = session().execute(gone).rowcount  # type: ignore[attr-defined]
    for guard in guards:
        session().execute(text(guard))
    return removed


def _take_guards_down() -> list[str]:
    """Take the triggers away within the open transaction; the statements that put them back."""
    if not is_postgresql():
        found = session().execute(TRIGGERS, {"table": TABLE}).all()
        for name, _made in found:
            session().execute(text(f'DROP TRIGGER "{name}"'))
        return [made for _name, made in found]
    try:
        session().execute(text(f"ALTER TABLE {TABLE} DISABLE TRIGGER USER"))
    except ProgrammingError as error:
        raise NotTheOwner(
            "The database lets only the owner of the audit log shorten it. Run this with INKHORN_DATABASE_URL naming the account "
            "that migrates the database."
        ) from error
    return [f"ALTER TABLE {TABLE} ENABLE TRIGGER USER"]
