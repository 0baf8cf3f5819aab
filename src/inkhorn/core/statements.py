"""What the database is asked, timed at the cursor: reading the rows is part of it, for SQLite does much of its work only then."""

import logging
import re
import sqlite3
import time
from collections.abc import Callable
from contextvars import ContextVar
from importlib import import_module
from typing import Any

from flask import has_request_context, request
from sqlalchemy import make_url

from inkhorn.core.config import Config
from inkhorn.core.logs import told_with_each_line

log = logging.getLogger(__name__)

LONGEST_STATEMENT = 2000
# What opens and ends transactions is no question.
FRAME = ("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK", "COMMIT", "PRAGMA")
# Values go beside a statement; the few that are written into one, such as names of states, tell nothing that matters but are left out all the same.
_VALUE = re.compile(r"""'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b""")

# Told of each statement: what was asked, how long it took, how many rows came or were changed.
Watch = Callable[[str, float, int], None]


# A machine that fell silent refuses nothing, and its kernel gives a connection up after a quarter of an hour: in seconds, and the second in
# milliseconds of what was sent and not taken.
PATIENCE = {"connect_timeout": 5, "tcp_user_timeout": 10_000, "keepalives_idle": 10, "keepalives_interval": 3, "keepalives_count": 3}


class Tally:
    """How many statements one request or job asked, and how long they took."""

    __slots__ = ("count", "seconds", "slow")

    def __init__(self) -> None:
        self.count, self.seconds, self.slow = 0, 0.0, 0


# Told of each statement of a request or job that is traced, with its begin and end in nanoseconds of the epoch.
traced: ContextVar[Callable[[str, int, int], None] | None] = ContextVar("traced", default=None)
tally: ContextVar[Tally | None] = ContextVar("tally", default=None)


def patience(url: str) -> dict[str, int]:
    """How long PostgreSQL's silence is borne, but for what the address itself says."""
    said = make_url(url).query
    return {name: value for name, value in PATIENCE.items() if name not in said}


def connect_args(config: Config) -> dict[str, Any]:
    """What makes the driver's connections tell how long each statement took; nothing where nobody asks."""
    if not config.slow_query_ms and not config.metrics_token and not config.otlp_url:
        return {}
    watch = _watch_for(config.slow_query_ms / 1000 if config.slow_query_ms else float("inf"))
    if not config.uses_sqlite:
        return {"cursor_factory": timed(import_module("psycopg").Cursor, watch)}
    timed_cursor = timed(sqlite3.Cursor, watch)

    class TimedConnection(sqlite3.Connection):
        """Its cursors tell how long they took."""

        def cursor(self, factory: Any = timed_cursor) -> Any:
            return super().cursor(factory)

    return {"factory": TimedConnection}


def timed(base: type[Any], watch: Watch) -> type[Any]:
    """A driver's cursor that tells how long each of its statements took, once it is closed or asks the next."""

    class Timed(_reading(base)):  # type: ignore[misc]
        _asked: str = ""
        _seconds: float = 0.0
        _rows: int = 0

        def execute(self, statement: Any, *more: Any, **options: Any) -> Any:
            return self._ask(super().execute, statement, *more, **options)

        def executemany(self, statement: Any, *more: Any, **options: Any) -> Any:
            return self._ask(super().executemany, statement, *more, **options)

        def _ask(self, ask: Callable[..., Any], statement: Any, *more: Any, **options: Any) -> Any:
            if self._asked:
                self._tell()
            began = time.perf_counter()
            try:
                return ask(statement, *more, **options)
            finally:
                self._seconds, self._asked = time.perf_counter() - began, str(statement)

        def close(self) -> None:
            if self._asked:
                self._tell()
            super().close()

        def _tell(self) -> None:
            asked, seconds, rows = self._asked, self._seconds, self._rows
            self._asked, self._seconds, self._rows = "", 0.0, 0
            if not asked.startswith(FRAME):
                watch(asked, seconds, rows or max(0, self.rowcount))

    return Timed


def _reading(base: type[Any]) -> type[Any]:
    """The cursor, adding up how long its rows took and how many came."""

    class Reading(base):
        _asked, _seconds, _rows = "", 0.0, 0

        def fetchall(self) -> Any:
            began = time.perf_counter()
            rows = super().fetchall()
            self._seconds += time.perf_counter() - began
            self._rows += len(rows)
            return rows

        def fetchmany(self, *many: Any, **options: Any) -> Any:
            began = time.perf_counter()
            rows = super().fetchmany(*many, **options)
            self._seconds += time.perf_counter() - began
            self._rows += len(rows)
            return rows

        def fetchone(self) -> Any:
            began = time.perf_counter()
            row = super().fetchone()
            self._seconds += time.perf_counter() - began
            self._rows += row is not None
            return row

    return Reading


def _watch_for(slow_seconds: float) -> Watch:
    def watch(statement: str, seconds: float, rows: int) -> None:
        current = tally.get()
        if current is not None:
            current.count += 1
            current.seconds += seconds
        note = traced.get()
        if note is not None:
            now = time.time_ns()
            note(statement, now - int(seconds * 1e9), now)
        if seconds >= slow_seconds:
            if current is not None:
                current.slow += 1
            tell_slow(statement, seconds, rows)

    return watch


def tell_slow(statement: str, seconds: float, rows: int) -> None:
    """A line for a statement that took too long: by whom it was asked and what, without a value."""
    log.warning(
        "slow_query", extra={"endpoint": where(), "statement": without_values(statement), "ms": round(seconds * 1000, 1), "rows": rows}
    )


def without_values(statement: str) -> str:
    """The statement on one line, a mark for each value that is written into it."""
    return _VALUE.sub("?", " ".join(statement.split()))[:LONGEST_STATEMENT]


def where() -> str:
    """The endpoint or the job that is at work, as far as there is one."""
    if has_request_context():
        return request.endpoint or "none"
    return str(told_with_each_line().get("job", "outside"))
