"""How a runner learns that somebody enqueued: SQLite's change counter, or PostgreSQL's LISTEN."""

import sqlite3
import threading
from pathlib import Path
from typing import Any, Protocol

from inkhorn.core.jobs import CHANNEL

POLL_SECONDS = 0.05
LISTEN_SECONDS = 0.5


class Wakeups(Protocol):
    """Waits a short while for news of the database."""

    def wait(self) -> bool:
        """Return soon; True if something may have been enqueued."""

    def close(self) -> None: ...


class FileWakeups:
    """Reads the change counter of an SQLite file over a connection kept for it; a read takes two microseconds."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, timeout=10, isolation_level=None)
        self._seen = -1
        self._pause = threading.Event()

    def wait(self) -> bool:
        self._pause.wait(POLL_SECONDS)
        before, self._seen = self._seen, int(self._connection.execute("PRAGMA data_version").fetchone()[0])
        return before != self._seen

    def close(self) -> None:
        self._connection.close()


class ChannelWakeups:
    """Listens on the channel that enqueue() notifies."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._connection.autocommit = True
        self._connection.execute(f"LISTEN {CHANNEL}")

    def wait(self) -> bool:
        return any(True for _ in self._connection.notifies(timeout=LISTEN_SECONDS, stop_after=1))

    def close(self) -> None:
        self._connection.close()
