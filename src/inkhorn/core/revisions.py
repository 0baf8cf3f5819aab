"""Which migrations this version ships and where an SQLite file stands, told without loading the migration library."""

import re
import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path

from inkhorn.core.errors import Unavailable

FOLDER = Path(__file__).parent.parent / "migrations"
_ASSIGNED = re.compile(r'^(revision|down_revision)\b[^=\n]*=\s*["\'](\w+)["\']', re.MULTILINE)


@cache
def _chain() -> tuple[frozenset[str], str]:
    found: dict[str, set[str]] = {"revision": set(), "down_revision": set()}
    for path in (FOLDER / "versions").glob("*.py"):
        for name, value in _ASSIGNED.findall(path.read_text(encoding="utf-8")):
            found[name].add(value)
    heads = found["revision"] - found["down_revision"]
    return frozenset(found["revision"]), next(iter(heads), "")


def known_revisions() -> frozenset[str]:
    return _chain()[0]


def head() -> str:
    """The newest revision."""
    return _chain()[1]


def revision_of_file(path: Path) -> str | None:
    """The revision an SQLite file is at; None if there is no file, or nothing in it."""
    if not path.exists():
        return None
    try:
        with closing(sqlite3.connect(path, timeout=10)) as connection:
            connection.execute("PRAGMA wal_autocheckpoint=0")
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError as error:
        if "no such table" in str(error):
            return None
        damaged = "Put back the latest copy from backups/, or move the file away."
        closed = "Run this as the account that owns it, or correct its owner and permissions."
        is_closed = error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
        raise Unavailable(f"{path} cannot be read: {error}. {closed if is_closed else damaged}") from error
    return row[0] if row else None
