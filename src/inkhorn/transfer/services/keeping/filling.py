"""Fills a database that holds nobody's work, once: what a first start writes makes way, and rows that came are known again."""

from pathlib import Path
from typing import Any

from sqlalchemy import func, inspect, select, table

from inkhorn.core.audit import Entry
from inkhorn.core.config import Config
from inkhorn.core.errors import Conflict
from inkhorn.transfer.archive.rows import holds_content
from inkhorn.transfer.archive.tables import tables
from inkhorn.transfer.services.keeping.settling import RESTORED
from inkhorn.transfer.services.keeping.snapshots import carry, reading, sqlite_config

# What a start writes by itself is nobody's work, and the backup brings its own.
OF_A_START = ("job", "page_generation", "page_reader", "periodic", "role", "setup_link", "store_mark")


def refuse_a_living_site(config: Config) -> None:
    """Conflict where the database of the configuration holds anything but what a first start writes."""
    if config.sqlite_path and not config.sqlite_path.exists():
        return
    held = {name: rows for name, rows in _held(config).items() if rows and name not in OF_A_START}
    if held:
        where = "in this data folder" if config.uses_sqlite else "in this database"
        mend = "--over puts it aside and the backup in its place." if config.uses_sqlite else "Give an empty database in database_url."
        most = ", ".join(sorted(held, key=lambda name: held[name], reverse=True)[:3])
        told = f"{held.get('post', 0)} posts, {held.get('user', 0)} people; rows in {most}"
        raise Conflict(f"There is a site {where} already ({told}). {mend}")


def fill(config: Config, unpacked: Path) -> None:
    """Bring every row over in one transaction; nothing where this very restore did so before."""
    if not is_filled(config, unpacked):
        refuse_a_living_site(config)
        carry(sqlite_config(unpacked), config, instead_of=OF_A_START)


def is_filled(config: Config, unpacked: Path) -> bool:
    """Whether the database holds the line that this restore left in the audit log: all rows come with it, or none."""
    mark = _entry(sqlite_config(unpacked), None)
    return mark is not None and _entry(config, mark[0]) == mark


def posts_in(config: Config) -> int:
    """How many posts and pages the database holds."""
    return _held(config).get("post", 0)


def _held(config: Config) -> dict[str, int]:
    """How many rows each table has, of whatever version they are."""
    with reading(config) as connection:
        names = filter(holds_content, inspect(connection).get_table_names())
        return {name: connection.execute(select(func.count()).select_from(table(name))).scalar_one() for name in names}


def _entry(config: Config, number: int | None) -> tuple[Any, ...] | None:
    """The entry of that number; without one, the last that tells of a restore."""
    with reading(config) as connection:
        if not inspect(connection).has_table(Entry.__tablename__):
            return None
        entry = next(each for each in tables(connection.dialect.name) if each.name == Entry.__tablename__)
        asked = select(entry).where(entry.c.action == RESTORED).order_by(entry.c.id.desc()).limit(1)
        row = connection.execute(asked if number is None else asked.where(entry.c.id == number)).first()
        return tuple(row) if row is not None else None
