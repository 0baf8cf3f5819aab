"""Moves the database from SQLite to PostgreSQL or back: into an empty one, every row compared, the old one left as it is."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import inspect, text

from inkhorn.core import migrating, revisions
from inkhorn.core.config import Config, ConfigError
from inkhorn.core.config_checks import refuse_nonsense
from inkhorn.core.errors import Conflict, Invalid
from inkhorn.transfer.archive.rows import counts, holds_content
from inkhorn.transfer.archive.tables import tables
from inkhorn.transfer.services.keeping.making import Progress
from inkhorn.transfer.services.keeping.resting import at_rest
from inkhorn.transfer.services.keeping.snapshots import as_one_file, carry, reading
from inkhorn.transfer.services.keeping.workplaces import sync, workplace

# Of what other accounts do, most is hidden from one without pg_read_all_stats, but not that they are there; PostgreSQL's own work has no account.
OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND usesysid IS NOT NULL"
)
# PostgreSQL notices a moment later that somebody has hung up.
PATIENCE_SECONDS = 5.0
ARRIVED = "database.sqlite3"


@dataclass(frozen=True)
class Moved:
    """How much went over, table by table where there was any."""

    rows: int
    target: Config


def move_database(config: Config, url: str, *, progress: Progress | None = None) -> Moved:
    """Copy everything to the database at the address; Conflict or Invalid in words, and the source untouched in any case."""
    target = _target(config, url)
    revision = migrating.current_revision(config)
    if revision != revisions.head():
        raise Conflict(f"The database is at revision {revision or 'none'} and this version wants {revisions.head()}. Run: inkhorn migrate")
    with _nobody_at(config):
        if target.sqlite_path is None:
            _refuse_full(target)
            return Moved(carry(config, target, progress=progress), target)
        return Moved(_move_to_file(config, target.sqlite_path, progress), target)


def _target(config: Config, url: str) -> Config:
    target = replace(config, database_url=url)
    if target.sqlite_path is not None:
        target = replace(target, database_url=f"sqlite:///{target.sqlite_path.expanduser().absolute()}")
    try:
        refuse_nonsense(target)
    except ConfigError as error:
        raise Invalid("--to wants an address that begins with sqlite:/// or postgresql://.", field="to") from error
    if target.driver_url == config.driver_url:
        raise Invalid("--to names the database that the site uses already. Name another one.", field="to")
    return target


def _move_to_file(config: Config, path: Path, progress: Progress | None) -> int:
    if path.exists():
        raise Conflict(f"{path} is there already and was left as it is. Name a file that is not there.")
    with workplace(path.parent) as folder:
        arrived = folder / ARRIVED
        rows = carry(config, replace(config, data=folder, database_url=f"sqlite:///{arrived}"), progress=progress)
        as_one_file(arrived)
        arrived.rename(path)
        sync(path.parent)
    return rows


def _refuse_full(target: Config) -> None:
    """Conflict unless the database is empty, or holds the tables that a move made which was interrupted."""
    with reading(target) as connection:
        found = set(filter(holds_content, inspect(connection).get_table_names()))
        ours = {table.name for table in tables(connection.dialect.name)}
        strange = sorted(found - ours)
        rows = sum(counts(connection).values()) if ours <= found else len(found & ours)
    if strange or rows:
        held = f"tables of something else ({', '.join(strange[:3])})" if strange else "rows"
        raise Conflict(f"The database to move to is not empty: it holds {held}. Make a new one and name that.")


@contextmanager
def _nobody_at(config: Config) -> Iterator[None]:
    """While nobody works on the database; what was written during the move would be lost."""
    with at_rest(config):
        if not config.uses_sqlite:
            _await_quiet(config)
        yield


def _await_quiet(config: Config) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        with reading(config) as connection:
            others = connection.execute(OTHERS).scalar_one()
        if not others:
            return
        if time.monotonic() > until:
            raise Conflict(f"{others} others are connected to the database. Stop the site on every machine, then move.")
        time.sleep(0.2)
