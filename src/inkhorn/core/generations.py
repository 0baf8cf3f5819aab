"""The number that every kept page is valid by: read before a page is drawn, raised after each commit that readers may see.

The number itself is one row, raised in the very transaction that changes what pages show. What readers' processes compare with is nearer:
beside an SQLite file a few bytes that all processes map into memory, and with PostgreSQL a number that each process hears of. How nobody
sees a page from before is told in docs/decisions/0017-page-cache.md.
"""

import errno
import fcntl
import logging
import mmap
import os
import re
import secrets
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from flask import Flask, current_app
from sqlalchemy import BigInteger, Connection, Engine, String, event, exc, text
from sqlalchemy.orm import Mapped, mapped_column

from inkhorn.core.config import Config
from inkhorn.core.database import Base, OffPages, before_commits, db

log = logging.getLogger(__name__)

FILE_NAME = "pages.generation"
CHANNEL = "inkhorn_pages"
HEARD_SECONDS = 0.4
# So long a process keeps answering from memory without having heard of the database, by its own clock.
LEASE_SECONDS = 1.5
# So long a writer takes it for alive, by the database's clock; more than a lease, for that began earlier.
ALIVE_SECONDS = 2.0
FORGOTTEN_SECONDS = 3600
RETRY_SECONDS = 0.5
# As the machine keeps a number, for then it is read and written in one piece.
_NUMBER = struct.Struct("@Q")
# Beside an SQLite file: what pages are valid by, and what the row said when that was last raised.
_VALID_AT, _ROW_AT, _FILE_BYTES = 0, 8, 16
_MARK = "inkhorn_pages_changed"
_WRITTEN = re.compile(r'\b(?:INTO|UPDATE|DELETE\s+FROM)\s+"?(\w+)')


class PageGeneration(OffPages, Base):
    """The one row with the number."""

    __tablename__ = "page_generation"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, default=0)


class PageReader(OffPages, Base):
    """A process that answers from memory, and the number below which it certainly gives out nothing any more."""

    __tablename__ = "page_reader"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
    heard_at: Mapped[datetime]


class Generation(Protocol):
    """What a process knows of the number."""

    def read(self) -> int | None:
        """The number now; None while it cannot be known, and nothing kept may be given out."""

    def raise_to(self, number: int) -> None:
        """Return when nobody anywhere is given a page from before any more."""


class MappedGeneration:
    """Beside an SQLite file: a few bytes that every process of the machine maps."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._map: mmap.mmap | None = None
        self._file = -1
        self._guard = threading.Lock()

    def read(self) -> int | None:
        try:
            number: int = _NUMBER.unpack_from(self._map or self.open(), _VALID_AT)[0]
        except OSError as error:
            if error.errno not in (errno.EMFILE, errno.ENFILE):
                raise
            return None
        return number

    def raise_to(self, number: int) -> None:
        self._raise(number, always=True)

    def catch_up_with(self, number: int) -> None:
        """Raise it if what the row says was not announced; a database that was restored may even say less than before."""
        self._raise(number, always=False)

    def _raise(self, number: int, *, always: bool) -> None:
        shared = self._map or self.open()
        with self._guard, _locked(self._file):
            if always or _NUMBER.unpack_from(shared, _ROW_AT)[0] != number:
                _NUMBER.pack_into(shared, _VALID_AT, _NUMBER.unpack_from(shared, _VALID_AT)[0] + 1)
                _NUMBER.pack_into(shared, _ROW_AT, number)

    def open(self) -> mmap.mmap:
        """Map the number, once."""
        with self._guard:
            if self._map is None:
                self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                try:
                    if os.fstat(self._file).st_size < _FILE_BYTES:
                        # Of a file that is only said to be so long, the first write on a full disk would end the process.
                        os.posix_fallocate(self._file, 0, _FILE_BYTES)
                    self._map = mmap.mmap(self._file, _FILE_BYTES)
                except OSError:
                    os.close(self._file)
                    raise
            return self._map


@contextmanager
def _locked(file: int) -> Iterator[None]:
    # Between processes; threads of one have their own lock before it.
    fcntl.lockf(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.lockf(file, fcntl.LOCK_UN)


class HeardGeneration:
    """With PostgreSQL: each process hears of the number, says that it heard, and trusts what it knows for the length of a lease."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._name = ""
        # What pages are valid by: the number, and above it how often nothing was heard or the row went back, as after a restore.
        self._valid = 0
        self._number = self._epoch = 0
        self._until = 0.0
        self._is_closed = False
        self._guard = threading.Lock()

    def close(self) -> None:
        """Hear no more, where an application ends before its process does."""
        self._is_closed = True

    def read(self) -> int | None:
        if self._name == "":
            self._listen()
        return self._valid if _now() < self._until else None

    def heard(self) -> int | None:
        """The row's number; what was announced before this was asked is in it. None while it cannot be known."""
        return self._number if self.read() is not None else None

    def raise_to(self, number: int) -> None:
        # This process is one of those that hear.
        pause, until = 0.001, _now() + 2 * ALIVE_SECONDS
        try:
            with self._engine.connect() as connection:
                while _now() < until and connection.scalar(_BEHIND, {"number": number, "alive": ALIVE_SECONDS}):
                    connection.rollback()
                    time.sleep(pause)
                    pause = min(2 * pause, 0.02)
        except exc.SQLAlchemyError as error:
            # Who heard it cannot be asked; after so long nobody trusts what they knew before.
            log.warning("readers_not_awaited", extra={"error": type(error).__name__})
            time.sleep(ALIVE_SECONDS)

    def _listen(self) -> None:
        with self._guard:
            if self._name == "":
                self._name = f"{os.getpid()}-{secrets.token_hex(8)}"
                try:
                    threading.Thread(target=self._hear, name="pages", daemon=True).start()
                except RuntimeError:
                    # There are too many threads just now; whoever reads next tries again.
                    self._name = ""

    def _hear(self) -> None:
        while not self._is_closed:
            try:
                self._hear_until_lost()
            except Exception as error:
                log.warning("pages_not_heard", extra={"error": type(error).__name__})
                time.sleep(RETRY_SECONDS)

    def _hear_until_lost(self) -> None:
        pooled = self._engine.raw_connection()
        connection: Any = pooled.driver_connection
        pooled.detach()
        with connection:
            connection.autocommit = True
            # What is told here is worth two seconds; no power cut makes it wrong.
            connection.execute("SET synchronous_commit = off")
            connection.execute(f"LISTEN {CHANNEL}")
            connection.execute(_FORGET, (FORGOTTEN_SECONDS,))
            while not self._is_closed:
                self._renew(connection)
                for _told in connection.notifies(timeout=HEARD_SECONDS, stop_after=1):
                    pass

    def _renew(self, connection: Any) -> None:
        began, before = _now(), self._until
        if began >= before:
            # Writers may have taken this process for dead. From here on they wait for it again, and what it kept meanwhile is worth nothing.
            connection.execute(_HEARD, (self._name, 0))
            self._epoch += 1
        row = connection.execute("SELECT number FROM page_generation").fetchone()
        number = row[0] if row else 0
        if number < self._number:
            self._epoch += 1
        # First nothing older is given out, then others are told so; the lease began before either.
        self._number, self._valid = number, (self._epoch << 48) + number
        connection.execute(_HEARD, (self._name, number))
        if began < before <= _now():
            # The lease ended on the way, and with it what writers waited for: the next round begins anew.
            return
        self._until = began + LEASE_SECONDS


def _now() -> float:
    """A clock that goes on while the machine sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


_FORGET = "DELETE FROM page_reader WHERE heard_at < clock_timestamp() - make_interval(secs => %s)"
_BEHIND = text("SELECT 1 FROM page_reader WHERE heard_at > clock_timestamp() - make_interval(secs => :alive) AND number < :number LIMIT 1")
_HEARD = (
    "INSERT INTO page_reader (name, number, heard_at) VALUES (%s, %s, clock_timestamp())"
    " ON CONFLICT (name) DO UPDATE SET number = excluded.number, heard_at = excluded.heard_at"
)
_RAISE = text(
    "INSERT INTO page_generation (id, number) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET number = page_generation.number + 1 RETURNING number"
)
_TELL = text(f"NOTIFY {CHANNEL}")
_NOW = text("SELECT number FROM page_generation")


def init_app(app: Flask, config: Config) -> None:
    with app.app_context():
        engine = db.engine
    app.extensions["inkhorn.generation"] = MappedGeneration(config.data / FILE_NAME) if config.uses_sqlite else HeardGeneration(engine)
    event.listen(engine, "begin", _forget)
    event.listen(engine, "after_cursor_execute", _note)


def generation() -> Generation:
    found: Generation = current_app.extensions["inkhorn.generation"]
    return found


def map_at_start() -> None:
    """Map the number while the process has handles for it: a change must not fail to be announced because there are none left."""
    known = generation()
    if isinstance(known, MappedGeneration):
        known.open()


def _note(connection: Connection, cursor: Any, statement: str, *_rest: Any) -> None:
    """Mark the connection where something was written that pages show."""
    # Where rows come back, SQLite counts them only once they were fetched.
    is_nothing = cursor.rowcount == 0 and cursor.description is None
    if statement.startswith("SELECT") or is_nothing or connection.info.get(_MARK):
        return
    if not _shown_tables().isdisjoint(_WRITTEN.findall(statement)):
        connection.info[_MARK] = True


_shown: frozenset[str] = frozenset()


def _shown_tables() -> frozenset[str]:
    global _shown
    if not _shown:
        hidden = {mapper.local_table.name for mapper in Base.registry.mappers if issubclass(mapper.class_, OffPages)}  # type: ignore[attr-defined]
        _shown = frozenset(Base.metadata.tables) - hidden
    return _shown


def _forget(connection: Connection) -> None:
    connection.info.pop(_MARK, None)


# Called within each transaction that changes what pages show, before it is committed.
on_change: list[Callable[[], None]] = []


def _announce(connection: Connection) -> Callable[[], None] | None:
    """Raise the number if anything was written that pages show; once that is committed, nobody may be given a page from before."""
    if not connection.info.pop(_MARK, False):
        return None
    number = int(connection.execute(_RAISE).scalar_one())
    for react in on_change:
        react()
    if connection.dialect.name == "postgresql":
        connection.execute(_TELL)
    return lambda: generation().raise_to(number)


before_commits.append(_announce)


def catch_up() -> None:
    """Make good what a kill between a commit and its announcement left out: processes that map the number learn what the row says."""
    known = current_app.extensions.get("inkhorn.generation")
    if isinstance(known, MappedGeneration):
        number = db.session.execute(_NOW).scalar()
        db.session.rollback()
        if number is not None:
            known.catch_up_with(int(number))
