"""How Alembic runs our migrations: on a connection of their own, all or nothing, with foreign keys off while SQLite rebuilds tables."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, Engine, text

import inkhorn.accounts.models
import inkhorn.comments.models
import inkhorn.core.audit
import inkhorn.core.captcha
import inkhorn.core.generations
import inkhorn.core.jobs
import inkhorn.core.limit_stores
import inkhorn.core.mail.letters
import inkhorn.core.settings
import inkhorn.media.models
import inkhorn.posts.models
import inkhorn.search.models  # noqa: F401 - the tables of every room
from inkhorn.core.database import BUSY_TIMEOUT_MS, Base, UtcDateTime
from inkhorn.search.models import SQLITE_TABLES

# Any number will do, so long as every Inkhorn asks for the same.
ADVISORY_LOCK = 7_418_500_417


def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Migrations name plain types, so that they read the same when our classes have moved."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def include_name(name: str | None, kind: str, _parents: Any) -> bool:
    """What a database keeps behind an index of its own is none of our tables."""
    return kind != "table" or name not in SQLITE_TABLES


def include_object(_thing: Any, name: str | None, _kind: str, *_rest: Any) -> bool:
    """One database has this index and the other has its own, see search/models.py."""
    return name != "ix_search_entry_vector"


def migrate(connection: Connection, options: dict[str, Any]) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        render_item=render_item,
        include_name=include_name,
        include_object=include_object,
        user_module_prefix="sa.",
        **options,
    )


def run_on_sqlite(engine: Engine) -> None:
    with engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        raw.isolation_level = None
        # Dropping a table while it is rebuilt would empty every table that points at it; no effect inside a transaction.
        for pragma in (f"busy_timeout={BUSY_TIMEOUT_MS}", "journal_mode=WAL", "wal_autocheckpoint=0", "foreign_keys=OFF"):
            raw.execute(f"PRAGMA {pragma}")
        migrate(connection, {"transactional_ddl": True})
        raw.execute("BEGIN IMMEDIATE")
        try:
            with context.begin_transaction():
                context.run_migrations()
                if broken := raw.execute("PRAGMA foreign_key_check").fetchall():
                    raise RuntimeError(f"{len(broken)} rows point at rows that are not there; nothing was changed.")
            if raw.in_transaction:
                raw.execute("COMMIT")
        finally:
            if raw.in_transaction:
                raw.execute("ROLLBACK")


def run_on_postgresql(engine: Engine) -> None:
    with engine.connect() as connection:
        migrate(connection, {})
        with context.begin_transaction():
            connection.execute(text(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})"))
            context.run_migrations()


engine: Engine = context.config.attributes["engine"]
if engine.dialect.name == "sqlite":
    run_on_sqlite(engine)
else:
    run_on_postgresql(engine)
