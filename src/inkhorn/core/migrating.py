"""Bring the database to the form this version of Inkhorn knows: a copy first, then every step or none."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import Engine, NullPool, create_engine
from sqlalchemy.exc import SQLAlchemyError

from inkhorn.core import clock
from inkhorn.core.config import Config
from inkhorn.core.errors import Unavailable
from inkhorn.core.revisions import FOLDER, head, known_revisions

KEPT_BACKUPS = 10
# Longer than any copy takes that is still being made.
GIVEN_UP_AFTER = timedelta(hours=6)


class DatabaseNewer(Unavailable):
    """The database was written by a later Inkhorn than this one."""


class MigrationFailed(Unavailable):
    """A step could not be made; the database is as it was."""


@dataclass(frozen=True)
class Migrated:
    """What a migration did: from which revision to which, and the copy that was made first."""

    before: str | None
    after: str | None
    backup: Path | None = None


def current_revision(config: Config) -> str | None:
    """The revision the database is at; None for an empty one, DatabaseNewer for one we do not know."""
    with _engine(config) as engine:
        return _revision(engine)


def upgrade(config: Config, to: str = "head") -> Migrated:
    """Migrate to the newest revision; an SQLite file that holds something is copied first."""
    with _engine(config) as engine:
        before = _revision(engine)
        if before == (head() if to == "head" else to):
            return Migrated(before, before)
        backup = back_up(config, before) if before else None
        _run(command.upgrade, engine, to)
    return Migrated(before, current_revision(config), backup)


def downgrade(config: Config, to: str) -> Migrated:
    """Go back to an older revision, or to "base", which leaves nothing; the file is copied first."""
    with _engine(config) as engine:
        before = _revision(engine)
        backup = back_up(config, before) if before else None
        _run(command.downgrade, engine, to)
    return Migrated(before, current_revision(config), backup)


def differences(config: Config) -> list[Any]:
    """What the models say and the migrated database does not; empty when nobody forgot a migration."""
    found: list[Any] = []

    def collect(_context: Any, _revision: Any, directives: list[Any]) -> None:
        found.extend(directives[0].upgrade_ops.as_diffs())
        directives.clear()

    with _engine(config) as engine:
        command.revision(_alembic(engine), autogenerate=True, process_revision_directives=collect)
    return found


def write_migration(config: Config, message: str) -> Path | None:
    """Write the next migration by comparing the models with the migrated database; None if they agree."""
    upgrade(config)
    if not differences(config):
        return None
    number = f"{len(known_revisions()) + 1:04}"
    with _engine(config) as engine:
        command.revision(_alembic(engine), message=message, autogenerate=True, rev_id=number)
    return next((FOLDER / "versions").glob(f"{number}_*.py"))


def back_up(config: Config, revision: str) -> Path | None:
    """Copy a living SQLite file beside the data, whole and consistent; nothing for other databases."""
    path = config.sqlite_path
    if path is None or not path.exists():
        return None
    folder = config.data / "backups"
    target = folder / f"before-{revision}-{clock.now():%Y%m%dT%H%M%SZ}.sqlite3"
    partial = target.with_suffix(".part")
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        # First, since they may be what fills the disk.
        _clear_unfinished(folder)
        with closing(sqlite3.connect(path, timeout=10)) as source, closing(sqlite3.connect(partial)) as copy:
            source.execute("PRAGMA wal_autocheckpoint=0")
            source.backup(copy)
        partial.chmod(0o600)
        partial.replace(target)
    except (OSError, sqlite3.Error) as error:
        if folder.is_dir():
            partial.unlink(missing_ok=True)
        raise MigrationFailed(
            f"The database could not be copied to {folder} ({error}), so it was not migrated. Make room there."
        ) from error
    _forget_old_copies(folder)
    return target


def _clear_unfinished(folder: Path) -> None:
    """Remove what copies left behind that were killed half-way."""
    limit = (clock.now() - GIVEN_UP_AFTER).timestamp()
    for path in folder.glob("before-*.part*"):
        if path.stat().st_mtime < limit:
            path.unlink(missing_ok=True)


def _forget_old_copies(folder: Path) -> None:
    copies = sorted(folder.glob("before-*.sqlite3"), key=lambda path: path.stat().st_mtime)
    for path in copies[:-KEPT_BACKUPS]:
        path.unlink(missing_ok=True)


def _run(verb: Any, engine: Engine, to: str) -> None:
    try:
        verb(_alembic(engine), to)
    except CommandError as error:
        raise MigrationFailed(f"There is no way to revision {to}: {error}.") from error
    except (SQLAlchemyError, sqlite3.Error, RuntimeError) as error:
        reason = str(getattr(error, "orig", None) or error)
        raise MigrationFailed(f"The database could not be migrated and is as it was: {reason}.") from error


def _revision(engine: Engine) -> str | None:
    try:
        with engine.connect() as connection:
            revision = MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError as error:
        reason = " ".join(str(getattr(error, "orig", None) or error).split())
        which = f"The database {engine.url.database}" if engine.dialect.name == "sqlite" else "The database"
        raise Unavailable(f"{which} cannot be reached or read: {reason.rstrip('.?')}.") from error
    if revision is not None and revision not in known_revisions():
        raise newer(revision)
    return revision


def newer(revision: str) -> DatabaseNewer:
    return DatabaseNewer(
        f"The database is at revision {revision}, which this version of Inkhorn does not know: a newer Inkhorn wrote it. "
        "Install that version again, or put back the copy it made in backups/ before it migrated."
    )


def _alembic(engine: Engine) -> AlembicConfig:
    settings = AlembicConfig()
    settings.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    settings.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    settings.attributes["engine"] = engine
    return settings


@contextmanager
def _engine(config: Config) -> Iterator[Engine]:
    # Apart from the application's pool, whose connections must never come back with foreign keys off.
    engine = create_engine(config.driver_url, poolclass=NullPool)
    try:
        yield engine
    finally:
        engine.dispose()
