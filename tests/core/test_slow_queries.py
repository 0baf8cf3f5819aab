"""What took the database too long is logged: by whom, which statement without a value, how long and how many rows; on both databases."""

import json
import logging
import sqlite3

import psycopg
import pytest
from sqlalchemy import create_engine, text
from structlog.contextvars import bound_contextvars

from inkhorn.core import statements
from inkhorn.core.statements import Tally, connect_args, tally, timed, without_values
from tests.conftest import config_for

# Rows one by one, with a sort before the first and work with each.
SQLITE = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :most) SELECT i FROM n WHERE i <> :secret"
POSTGRESQL = "SELECT i FROM generate_series(1, :most) AS i WHERE i <> :secret"


@pytest.fixture
def lines(caplog):
    """What was logged of slow statements."""
    caplog.set_level(logging.WARNING, statements.__name__)
    return lambda: [record for record in caplog.records if record.getMessage() == "slow_query"]


@pytest.fixture(params=["sqlite", "postgresql"])
def asked(request, tmp_path):
    """An engine whose every statement is too slow, and a question with many rows."""
    address = {} if request.param == "sqlite" else {"database_url": request.getfixturevalue("postgres_url")}
    config = config_for(tmp_path, slow_query_ms=1, **address)
    # What takes no time at all is slow here, so that nothing hangs on how fast the machine is.
    args = dict(connect_args(config))
    watch = statements._watch_for(0.0)
    if config.uses_sqlite:
        cursor = timed(sqlite3.Cursor, watch)
        args["factory"] = type("Connection", (sqlite3.Connection,), {"cursor": lambda self: sqlite3.Connection.cursor(self, cursor)})
    else:
        args["cursor_factory"] = timed(psycopg.Cursor, watch)
    engine = create_engine(config.driver_url, connect_args=args)
    yield engine, SQLITE if config.uses_sqlite else POSTGRESQL
    engine.dispose()


def test_a_slow_statement_is_told_with_its_rows_and_without_its_values(asked, lines):
    engine, question = asked
    with engine.connect() as connection, bound_contextvars(job="posts.release"):
        assert len(connection.execute(text(question), {"most": 40_000, "secret": 31_337}).all()) == 39_999
    (line,) = [each for each in lines() if "SELECT i" in each.statement]
    assert (line.rows, line.endpoint, line.ms >= 0) == (39_999, "posts.release", True)
    assert "31337" not in line.statement
    assert "40000" not in line.statement


def test_rows_that_are_changed_are_counted_too(asked, lines):
    engine, _question = asked
    with engine.begin() as connection:
        connection.execute(text("CREATE TEMPORARY TABLE tide (name VARCHAR(20))"))
        connection.execute(text("INSERT INTO tide VALUES (:a), (:b)"), {"a": "ebb", "b": "flood"})
        connection.execute(text("UPDATE tide SET name = 'slack water'"))
    told = {each.statement.split()[0]: each for each in lines()}
    assert (told["INSERT"].rows, told["UPDATE"].rows) == (2, 2)
    assert told["UPDATE"].statement == "UPDATE tide SET name = ?"


def test_a_request_is_named_by_its_endpoint(app, client, lines, monkeypatch):
    with app.test_request_context("/"):
        statements.tell_slow("SELECT 1", 0.7, 1)
    (line,) = lines()
    assert (line.endpoint, line.ms) == ("site.show_home", 700.0)


def test_what_is_fast_enough_is_not_told_but_counted(lines):
    token = tally.set(Tally())
    cursor = sqlite3.connect(":memory:").cursor(timed(sqlite3.Cursor, statements._watch_for(3600.0)))
    cursor.execute("SELECT 1").fetchall()
    cursor.execute("BEGIN")
    cursor.close()
    assert (tally.get().count, lines()) == (1, [])
    tally.reset(token)


def test_a_statement_that_fails_is_told_once_and_fails_as_ever(lines):
    cursor = sqlite3.connect(":memory:").cursor(timed(sqlite3.Cursor, statements._watch_for(0.0)))
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        cursor.execute("SELECT * FROM nowhere")
    cursor.close()
    assert [line.statement for line in lines()] == ["SELECT * FROM nowhere"]


@pytest.mark.parametrize(("threshold", "is_timed"), [(0, False), (500, True)])
def test_nothing_is_timed_where_nobody_asks(tmp_path, threshold, is_timed):
    assert bool(connect_args(config_for(tmp_path, slow_query_ms=threshold))) is is_timed


def test_values_that_are_written_into_a_statement_are_left_out():
    assert without_values("SELECT 'it''s  me',\n  x1 FROM t WHERE a = 12.5") == "SELECT ?, x1 FROM t WHERE a = ?"
    assert json.dumps(without_values("x" * 9000)).__len__() < 2100
