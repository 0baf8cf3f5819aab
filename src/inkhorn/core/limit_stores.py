"""Where tries are counted: a small file for one machine, PostgreSQL or Redis for many, and that file while those are away."""

import fcntl
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from limits.errors import StorageError
from limits.storage import Storage, storage_from_string
from sqlalchemy import Double, Engine, NullPool, String, create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from inkhorn.core import clock
from inkhorn.core.config import Config
from inkhorn.core.database import Base, OffPages, db
from inkhorn.core.errors import Unavailable

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

# The scheme under which the limits library finds our storage.
SCHEME = "inkhorn"
FILE_NAME = "limits.sqlite3"
# How many counts may pass before those that ended are cleared away.
TIDIED_EVERY = 1000
# A shared store that did not answer is not asked again for so long.
AWAY_SECONDS = 5.0
PATIENCE_SECONDS = 1


class Allowance(OffPages, Base):
    """One count, where PostgreSQL keeps them for several machines."""

    __tablename__ = "allowance"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    hits: Mapped[int]
    # Seconds of the epoch, as the limits library counts.
    ends_at: Mapped[float] = mapped_column(Double, index=True)


class Store(Protocol):
    """Where counts are kept: incr() adds and returns the count of the window, which ends after so many seconds."""

    def incr(self, key: str, expiry: int, amount: int = 1) -> int: ...
    def get(self, key: str) -> int: ...
    def get_expiry(self, key: str) -> float: ...
    def clear(self, key: str) -> None: ...
    def reset(self) -> int | None: ...


COUNT = """
INSERT INTO allowance (key, hits, ends_at) VALUES (:key, :least, :ends_at)
ON CONFLICT (key) DO UPDATE SET
  hits = CASE WHEN allowance.ends_at <= :now THEN :least WHEN allowance.hits + :amount < 0 THEN 0 ELSE allowance.hits + :amount END,
  ends_at = CASE WHEN allowance.ends_at <= :now THEN :ends_at ELSE allowance.ends_at END
RETURNING hits, ends_at
"""
# Whether the account of the application may do all of that.
MAY_COUNT = "SELECT bool_and(has_table_privilege('allowance', act)) FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS act"


class _Table:
    """Counts in a table of that name, by whatever runs one statement and returns its rows."""

    def __init__(self) -> None:
        self._counted = 0

    def run(self, statement: str, values: dict[str, Any]) -> list[Any]:
        raise NotImplementedError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        return self.count(key, expiry, amount)[0]

    def count(self, key: str, expiry: int, amount: int = 1) -> tuple[int, float]:
        """Add to a count: what it comes to, and when its window ends."""
        now = clock.now().timestamp()
        values = {"key": key, "now": now, "ends_at": now + expiry, "amount": amount, "least": max(0, amount)}
        self._counted += 1
        if self._counted % TIDIED_EVERY == 0:
            self.run("DELETE FROM allowance WHERE ends_at <= :now", {"now": now})
        hits, ends_at = self.run(COUNT, values)[0]
        return int(hits), float(ends_at)

    def get(self, key: str) -> int:
        found = self.run("SELECT hits FROM allowance WHERE key = :key AND ends_at > :now", {"key": key, "now": clock.now().timestamp()})
        return int(found[0][0]) if found else 0

    def get_expiry(self, key: str) -> float:
        found = self.run("SELECT ends_at FROM allowance WHERE key = :key", {"key": key})
        return float(found[0][0]) if found else clock.now().timestamp()

    def clear(self, key: str) -> None:
        self.run("DELETE FROM allowance WHERE key = :key", {"key": key})

    def reset(self) -> int | None:
        self.run("DELETE FROM allowance", {})
        return None


class FileStore(_Table):
    """Counts for the processes of one machine in a small SQLite file, which may be lost: it is made anew."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._own = threading.local()

    def run(self, statement: str, values: dict[str, Any]) -> list[Any]:
        try:
            return self._connection().execute(statement, values).fetchall()
        except sqlite3.DatabaseError as error:
            if not _is_spoilt(error):
                raise
            # Half written when the power went; nobody misses it.
            log.warning("limits_begun_anew", extra={"reason": str(error)})
            self._begin_anew()
            return self._connection().execute(statement, values).fetchall()

    def _connection(self) -> sqlite3.Connection:
        kept: _Opened | None = getattr(self._own, "opened", None)
        if kept is not None and kept.inode == _inode(self._path):
            return kept.connection
        # Another process began the file anew, or somebody took it away; what is counted in the old one counts for nobody.
        self._close()
        with self._alone():
            made = sqlite3.connect(self._path, timeout=5, isolation_level=None, check_same_thread=False)
            self._own.opened = _Opened(made, _inode(self._path))
        for pragma in ("journal_mode=WAL", "synchronous=OFF"):
            made.execute(f"PRAGMA {pragma}")
        made.execute("CREATE TABLE IF NOT EXISTS allowance (key TEXT PRIMARY KEY, hits INTEGER NOT NULL, ends_at REAL NOT NULL)")
        return made

    def _begin_anew(self) -> None:
        """Take the spoilt file away, unless another process was faster and the path leads to a new one by now."""
        kept: _Opened | None = getattr(self._own, "opened", None)
        spoilt = (kept.inode if kept else None) or _inode(self._path)
        self._close()
        with self._alone():
            if _inode(self._path) == spoilt:
                for ending in ("-wal", "-shm", ""):
                    self._path.with_name(self._path.name + ending).unlink(missing_ok=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """While nobody else opens the file or takes it away."""
        with self._path.with_name(f"{self._path.name}.lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _close(self) -> None:
        kept: _Opened | None = self._own.__dict__.pop("opened", None)
        if kept is not None:
            kept.connection.close()


@dataclass(frozen=True)
class _Opened:
    """A thread's connection, and which file it speaks to."""

    connection: sqlite3.Connection
    inode: tuple[int, int] | None


def _inode(path: Path) -> tuple[int, int] | None:
    try:
        told = path.stat()
    except FileNotFoundError:
        return None
    return told.st_dev, told.st_ino


def _is_spoilt(error: sqlite3.DatabaseError) -> bool:
    """Whether the file itself is to blame, and not a full disk, a lock that is held or a fault of ours."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or "no such table" in str(error)


class DatabaseStore(_Table):
    """Counts for several machines in PostgreSQL, apart from the caller's transaction, so that a refusal cannot be rolled back."""

    def run(self, statement: str, values: dict[str, Any]) -> list[Any]:
        engine: Engine = db.engine
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            result = connection.execute(text(statement), values)
            return list(result) if result.returns_rows else []


class HouseStorage(Storage):
    """What the limits library counts in: the store that the configuration names, and a file of this machine while that one is away."""

    STORAGE_SCHEME = [SCHEME]

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, *, config: Config, **_options: Any) -> None:  # noqa: FBT001, FBT002 - the library's own signature
        super().__init__(uri, wrap_exceptions)
        self._local = FileStore(config.data / FILE_NAME)
        self._shared = _shared_store(config)
        self._away_until = 0.0

    @property
    def base_exceptions(self) -> type[Exception]:
        return sqlite3.Error

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        return self._ask(lambda store: store.incr(key, expiry, amount))

    def count(self, key: str, expiry: int) -> tuple[int, float]:
        """One more, and when its window ends: by one statement, or by two questions to a store that is not ours."""

        def asked(store: Store) -> tuple[int, float]:
            return store.count(key, expiry) if isinstance(store, _Table) else (store.incr(key, expiry), store.get_expiry(key))

        return self._ask(asked)

    def get(self, key: str) -> int:
        return self._ask(lambda store: store.get(key))

    def get_expiry(self, key: str) -> float:
        return self._ask(lambda store: store.get_expiry(key))

    def clear(self, key: str) -> None:
        self._ask(lambda store: store.clear(key))

    def reset(self) -> int | None:
        return self._ask(lambda store: store.reset())

    def check(self) -> bool:
        """Whether the store that the configuration names answers."""
        try:
            (self._shared or self._local).get("check")
        except (StorageError, SQLAlchemyError, sqlite3.Error, OSError):
            return False
        return True

    def _ask(self, question: Callable[[Store], Answer]) -> Answer:
        if self._shared is not None and time.monotonic() >= self._away_until:
            try:
                return question(self._shared)
            except (StorageError, SQLAlchemyError, OSError) as error:
                log.warning("limits_store_away", extra={"reason": str(error)[:300]})
                self._away_until = time.monotonic() + AWAY_SECONDS
        try:
            return question(self._local)
        except (sqlite3.Error, OSError) as error:
            # Nobody is let through because nobody can count.
            log.error("limits_not_counted", extra={"reason": str(error)})
            raise Unavailable("The site cannot count tries just now, so nothing was tried. Wait a minute and try again.") from error


def answers(config: Config) -> tuple[str, bool]:
    """Where tries are counted, and whether that can be asked just now; asks without an application."""
    path = config.data / FILE_NAME
    if not config.limits_url:
        return ("a file of the data folder", not path.exists() or path.is_file()) if config.uses_sqlite else _table_answers(config)
    try:
        shared = _shared_store(config)
        is_there = shared is not None and shared.get("check") >= 0
    except (StorageError, OSError):
        is_there = False
    return "Redis", is_there


def _table_answers(config: Config) -> tuple[str, bool]:
    engine = create_engine(config.driver_url, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            return "a table of PostgreSQL", bool(connection.execute(text(MAY_COUNT)).scalar())
    except SQLAlchemyError:
        return "a table of PostgreSQL", False


def _shared_store(config: Config) -> Store | None:
    if config.limits_url:
        options = {"socket_connect_timeout": PATIENCE_SECONDS, "socket_timeout": PATIENCE_SECONDS}
        return storage_from_string(config.limits_url, wrap_exceptions=True, **options)  # type: ignore[return-value]
    return None if config.uses_sqlite else DatabaseStore()
