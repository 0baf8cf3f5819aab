"""The one place that copies SQLite's write-ahead log back into the database file; docs/decisions/0003-wal-checkpoints.md says why."""

import logging
import sqlite3
import time
from contextlib import closing
from pathlib import Path

log = logging.getLogger(__name__)

BUSY_SECONDS = 10.0
GUARD_SECONDS = 2.0


class Checkpointer:
    """Checkpoints the database when something was written since the last time; used by the runner alone."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._checkpoints = _connect(path)
        # The checkpointing connection sees its own work as no change, so a third party's writes are what it counts.
        self._done_at: int | None = None

    def run(self) -> bool:
        """Copy what can be copied; True if everything was. Readers of old pages can hold some of it back until later."""
        version = self._version()
        if version == self._done_at:
            return True
        is_complete = _checkpoint(self._checkpoints, self._path)
        self._done_at = version if is_complete else None
        return is_complete

    def close(self) -> None:
        self._checkpoints.close()

    def _version(self) -> int:
        return int(self._checkpoints.execute("PRAGMA data_version").fetchone()[0])


def checkpoint(path: Path) -> bool:
    """Checkpoint once; only where no runner works on the same file."""
    with closing(_connect(path)) as connection:
        return _checkpoint(connection, path)


def _checkpoint(connection: sqlite3.Connection, path: Path) -> bool:
    with closing(_connect(path)) as guard:
        # While the guard may write, nobody else commits, so nobody can reset the log under the checkpoint.
        if not _hold_off_writers(guard):
            log.warning("checkpoint_postponed")
            return False
        try:
            _is_busy, pages, copied = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        finally:
            guard.execute("ROLLBACK")
    log.debug("checkpointed", extra={"pages": pages, "copied": copied})
    return bool(pages == copied)


def _hold_off_writers(guard: sqlite3.Connection) -> bool:
    # SQLite's own waiting sleeps ever longer, and among busy writers it never gets a turn.
    guard.execute("PRAGMA busy_timeout=0")
    until = time.monotonic() + GUARD_SECONDS
    while time.monotonic() < until:
        try:
            guard.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            time.sleep(0.001)
        else:
            return True
    return False


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA wal_autocheckpoint=0")
    connection.execute("PRAGMA synchronous=FULL")
    return connection
