"""The database: the declarative base, the one transaction() and what waits for its commit."""

import hashlib
import logging
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from inspect import iscoroutinefunction
from typing import Any

from flask.sansio.app import App
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy import Connection, DateTime, Dialect, Engine, MetaData, TypeDecorator, event, func, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from inkhorn.core import clock

log = logging.getLogger(__name__)

BUSY_TIMEOUT_MS = 10_000
LOOK_AGAIN_SECONDS = 0.002
# Of SQLite's error codes the part that names the kind.
PRIMARY_CODE = 0xFF


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: stored as UTC, always aware in Python; a naive value is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without a zone cannot be stored; give it one.")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """What every table of every room is declared on."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime}


class OffPages:
    """Marks a table of which no page for visitors shows anything: what is written there leaves kept pages as good as they were."""


class Timestamped:
    """Adds the moments at which a row was made and last changed."""

    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)


class Database(SQLAlchemy):
    """Flask-SQLAlchemy-Lite, carrying the metadata that Flask-Migrate asks for."""

    metadata = Base.metadata

    def init_app(self, app: App) -> None:
        super().init_app(app)
        # Nothing here is asynchronous, and asking after asynchronous sessions starts a thread at the end of each request: half its cost.
        app.teardown_appcontext_funcs[:] = [close for close in app.teardown_appcontext_funcs if not iscoroutinefunction(close)]


# What was read before a commit stays readable after it: the edge commits, then answers.
db = Database(session_options={"expire_on_commit": False})


def session() -> Session:
    """The session of the running request, job or command."""
    return db.session


def insert_into(table: Any) -> Any:
    """An INSERT that can say ON CONFLICT, as the running database spells it; two who look first and insert then cannot both be right."""
    return (postgresql if is_postgresql() else sqlite).insert(table)


def is_postgresql() -> bool:
    return session().get_bind().dialect.name == "postgresql"


def revision() -> str | None:
    """The migration that the running database stands at; its own error where no migration made it."""
    stands_at: str | None = session().scalar(text("SELECT version_num FROM alembic_version"))
    return stands_at


def hold_name(name: str) -> None:
    """Wait until nobody else holds the name, and hold it until the end of the transaction; SQLite lets one write at a time as it is."""
    if is_postgresql():
        number = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), signed=True)
        session().execute(select(func.pg_advisory_xact_lock(number)))


# Looked at with the connection as the last of each transaction(); what they return is called last once it is committed.
before_commits: list[Callable[[Connection], Callable[[], None] | None]] = []


@contextmanager
def transaction() -> Iterator[Session]:
    """Commit everything in the block once, or nothing of it; only edges and tasks open one, and never inside another."""
    current = db.session
    if current.info.get("in_transaction_block"):
        raise RuntimeError("transaction() is already open; only the edge opens one.")
    # A read that came first holds a snapshot; SQLite cannot turn it into a write, so begin afresh.
    current.rollback()
    read_at_home()
    current.info.pop("settings", None)
    current.info["in_transaction_block"] = True
    waiting: list[Callable[[], None]] = []
    current.info["after_commit"] = waiting
    try:
        current.connection(execution_options={"inkhorn_writes": True})
        yield current
        current.flush()
        waiting += [callback for look in before_commits if (callback := look(current.connection())) is not None]
        current.commit()
    except BaseException:
        current.rollback()
        # What was read inside the block may never have been.
        current.info.pop("settings", None)
        raise
    finally:
        current.info.pop("in_transaction_block", None)
        current.info.pop("after_commit", None)
    _run_after_commit(waiting)


def read_from(engine: Engine) -> None:
    """Have the running session read from another engine until read_at_home(); a transaction() never does."""
    db.session.info.setdefault("own_bind", db.session.bind)
    db.session.bind = engine


def read_at_home() -> None:
    """Have it read from the database itself."""
    if (own := db.session.info.pop("own_bind", None)) is not None:
        # Whatever was read so far is read anew when it is asked for again.
        db.session.rollback()
        db.session.bind = own


def is_reading_from(engine: Engine) -> bool:
    return db.session.bind is engine


def is_writing() -> bool:
    """Whether a transaction() is open."""
    return bool(db.session.info.get("in_transaction_block"))


def is_only_writer() -> bool:
    """Whether nobody else can write until the open transaction() ends, as on SQLite; what was found free then stays free."""
    return is_writing() and not is_postgresql()


def end_read() -> None:
    """Let go of what reading holds, before something slow is asked; nothing happens while a transaction() is open."""
    if not is_writing():
        db.session.rollback()


def after_commit(callback: Callable[[], None]) -> None:
    """Call back once the open transaction() is committed, and never if it is rolled back; at once where none is open."""
    waiting = db.session.info.get("after_commit")
    if waiting is None:
        callback()
    else:
        waiting.append(callback)


def _run_after_commit(waiting: list[Callable[[], None]]) -> None:
    for callback in waiting:
        try:
            callback()
        except Exception:
            # The commit stands; a nudge that fails is made good by the sweep.
            log.exception("after_commit_failed")


def tune_engine(engine: Engine) -> None:
    """Give an SQLite engine the pragmas and the BEGIN that several processes need; others stay as they are."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            # Only the runner checkpoints: see docs/decisions on SQLite's WAL-reset bug.
            "wal_autocheckpoint=0",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        # A deferred transaction that later writes fails at once when another writer was faster.
        if connection.get_execution_options().get("inkhorn_writes"):
            _await_turn(connection)
        else:
            connection.exec_driver_sql("BEGIN")


def _await_turn(connection: Any) -> None:
    """Become SQLite's one writer. Its own waiting sleeps for up to a tenth of a second between two looks, and where many write the unlucky starve."""
    file = connection.connection.driver_connection
    until = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    file.execute("PRAGMA busy_timeout=0")
    try:
        while time.monotonic() < until:
            try:
                file.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & PRIMARY_CODE != sqlite3.SQLITE_BUSY:
                    break
                time.sleep(LOOK_AGAIN_SECONDS)
            else:
                return
        # What stands in the way is then said as everywhere else.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        file.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
