"""The database as it is at one moment, as an SQLite file of its own, whichever database it comes from."""

import os
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, NullPool, create_engine, delete, event, table, text
from sqlalchemy.exc import SQLAlchemyError

from inkhorn.core import revisions
from inkhorn.core.config import Config
from inkhorn.core.errors import Conflict, InkhornError, Unavailable
from inkhorn.transfer.archive.rows import Progress, carry_rows, holds_content


@dataclass(frozen=True)
class Snapshot:
    """A copy that nobody else writes to."""

    path: Path
    revision: str
    rows: dict[str, int]
    # Rows of each table that point at rows that are not there.
    orphans: dict[str, int]


@dataclass(frozen=True)
class Examined:
    """What SQLite says of a file."""

    verdict: str
    rows: dict[str, int]
    orphans: dict[str, int]

    @property
    def is_sound(self) -> bool:
        return self.verdict == "ok"


def take_snapshot(config: Config, path: Path) -> Snapshot:
    """Copy the living database to a file and examine it as a restore will; writers are not held up."""
    from inkhorn.core import migrating  # noqa: PLC0415

    revision = migrating.current_revision(config)
    if revision is None:
        raise Conflict("There is no site here yet, so there is nothing to keep. Start it once with: inkhorn run")
    if config.sqlite_path:
        _copy_file(config.sqlite_path, path)
    else:
        if revision != revisions.head():
            raise Conflict(f"The database is at revision {revision} and this version wants {revisions.head()}. Run: inkhorn migrate")
        carry(config, sqlite_config(path))
    as_one_file(path)
    try:
        found = examine_file(path)
    except sqlite3.Error as error:
        raise _damaged(str(error)) from error
    if not found.is_sound:
        raise _damaged(found.verdict)
    return Snapshot(path, revision, found.rows, found.orphans)


def examine_file(path: Path) -> Examined:
    """Have SQLite look through all of a file; sqlite3.Error where it cannot even do that."""
    with closing(sqlite3.connect(path)) as copy:
        verdict = str(copy.execute("PRAGMA integrity_check(1)").fetchone()[0])
        orphans = Counter(name for name, *_rest in copy.execute("PRAGMA foreign_key_check"))
        return Examined(verdict, _counts(copy), dict(orphans))


def _damaged(reason: str) -> Unavailable:
    return Unavailable(
        f"The database is damaged, so no backup was made of it and the earlier ones stay: {' '.join(reason.split())[:300]}. "
        "Stop the site and restore the newest backup."
    )


def _counts(copy: sqlite3.Connection) -> dict[str, int]:
    """How many rows each table of the file has; of any revision."""
    names = [name for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    return {name: copy.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in filter(holds_content, names)}  # noqa: S608 - names of tables


def carry(source: Config, target: Config, *, progress: Progress | None = None, instead_of: Iterable[str] = ()) -> int:
    """Make the tables of a database and fill them with every row of another, instead of what some hold; all or nothing. How many rows."""
    from inkhorn.core import migrating  # noqa: PLC0415

    migrating.upgrade(target)
    with reading(source) as read, writing(target) as written:
        for name in instead_of:
            written.execute(delete(table(name)))
        return carry_rows(read, written, progress=progress).rows


def as_one_file(path: Path) -> None:
    """Leave no log beside the file, let only its owner read it, and see that it is on the disk."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=DELETE")
    path.chmod(0o600)
    with path.open("rb") as file:
        os.fsync(file.fileno())


def database_bytes(config: Config) -> int:
    """How large the living database is, with what waits in its log; on PostgreSQL with its indexes, which a file has as well."""
    if config.sqlite_path:
        files = (config.sqlite_path, config.sqlite_path.with_name(f"{config.sqlite_path.name}-wal"))
        return sum(path.stat().st_size for path in files if path.exists())
    with reading(config) as connection:
        return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())


@contextmanager
def reading(config: Config) -> Iterator[Connection]:
    """A connection on which everything is of one moment; of an SQLite file, nobody else writes to it meanwhile."""
    with _connected(config, "BEGIN IMMEDIATE") as connection:
        options: dict[str, Any] = {} if config.uses_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        yield connection.execution_options(**options)


@contextmanager
def writing(config: Config) -> Iterator[Connection]:
    """A connection whose changes are kept when the block ends well, and only then."""
    with _connected(config, "BEGIN IMMEDIATE") as connection, connection.begin():
        yield connection


def sqlite_config(path: Path) -> Config:
    """What is needed to work with an SQLite file that stands alone."""
    return replace(Config(), data=path.parent, database_url=f"sqlite:///{path}")


@contextmanager
def _connected(config: Config, begin: str) -> Iterator[Connection]:
    engine = create_engine(config.driver_url, poolclass=NullPool, hide_parameters=True)
    if config.uses_sqlite:

        @event.listens_for(engine, "connect")
        def own_transactions(connection: Any, _record: Any) -> None:
            connection.isolation_level = None
            connection.execute("PRAGMA busy_timeout=10000")
            connection.execute("PRAGMA wal_autocheckpoint=0")

        @event.listens_for(engine, "begin")
        def begin_at_once(connection: Any) -> None:
            connection.exec_driver_sql(begin)

    try:
        with engine.connect() as connection:
            yield connection
    except InkhornError:
        raise
    except SQLAlchemyError as error:
        raise Unavailable(
            f"The database cannot be read or written: {' '.join(str(getattr(error, 'orig', None) or error).split())}"
        ) from error
    finally:
        engine.dispose()


def _copy_file(source: Path, target: Path) -> None:
    try:
        with closing(sqlite3.connect(source, timeout=10)) as living, closing(sqlite3.connect(target)) as copy:
            living.execute("PRAGMA wal_autocheckpoint=0")
            living.backup(copy)
    except sqlite3.Error as error:
        raise Unavailable(f"The database could not be copied: {error}. See that there is room at {target.parent}.") from error
