"""One transaction at the edge, callbacks after its commit, and times that know their zone."""

import sqlite3
import threading
from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from inkhorn.core.database import BUSY_TIMEOUT_MS, after_commit, db, session, transaction
from inkhorn.posts.models import Tag


def test_a_block_commits_once_and_then_calls_back(database):
    heard = []
    with transaction():
        session().add(Tag(name="Tides", slug="tides"))
        after_commit(lambda: heard.append("left"))
        assert heard == []
    assert heard == ["left"]


def test_a_failed_block_leaves_nothing_and_calls_nobody(database):
    heard = []
    with pytest.raises(ZeroDivisionError), transaction():
        session().add(Tag(name="Tides", slug="tides"))
        session().flush()
        after_commit(lambda: heard.append("left"))
        raise ZeroDivisionError
    assert heard == []
    assert session().query(Tag).count() == 0


def test_a_rolled_back_savepoint_keeps_the_rest(database):
    heard = []
    with transaction():
        after_commit(lambda: heard.append("left"))
        with pytest.raises(ZeroDivisionError), session().begin_nested():
            raise ZeroDivisionError
        assert heard == []
    assert heard == ["left"]


def test_a_transaction_inside_another_is_refused(database):
    with transaction(), pytest.raises(RuntimeError, match="already open"), transaction():
        pass


def test_a_nudge_that_fails_does_not_undo_the_commit(database):
    with transaction():
        session().add(Tag(name="Tides", slug="tides"))
        after_commit(lambda: 1 / 0)
    assert session().query(Tag).count() == 1


def test_a_time_without_a_zone_is_refused(wren):
    with pytest.raises(Exception, match="without a zone"), transaction():
        session().get(type(wren.user), wren.id).confirmed_at = datetime(2026, 1, 1)
        session().flush()


@pytest.mark.parametrize(("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("wal_autocheckpoint", 0)])
def test_sqlite_is_tuned_on_every_connection(database, pragma, value):
    assert session().execute(text(f"PRAGMA {pragma}")).scalar() == value


@pytest.fixture
def other_writer(app) -> Iterator[sqlite3.Connection]:
    """Another process that is writing."""
    holder = sqlite3.connect(str(db.engine.url.database), isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    yield holder
    holder.close()


def begin_to_write() -> int:
    """Begin as transaction() does, on a connection of its own; how long that is then ready to wait for SQLite elsewhere."""
    with db.engine.connect() as connection, connection.execution_options(inkhorn_writes=True).begin():
        return int(connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one())


def test_who_writes_while_another_does_waits_for_the_other_to_finish(other_writer):
    soon = threading.Timer(0.05, lambda: other_writer.execute("ROLLBACK"))
    soon.start()
    assert begin_to_write() == BUSY_TIMEOUT_MS
    soon.join()


def test_who_waits_too_long_is_told_that_the_database_is_busy(other_writer, monkeypatch):
    monkeypatch.setattr("inkhorn.core.database.BUSY_TIMEOUT_MS", 20)
    with pytest.raises(OperationalError, match="database is locked"):
        begin_to_write()
    other_writer.execute("ROLLBACK")
    assert begin_to_write() == 20
