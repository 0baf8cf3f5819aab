"""How SQLite would answer each question that a request asks: which indexes it reads, and what it walks from end to end."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from inkhorn.core.database import db


@contextmanager
def plans() -> Iterator[list[str]]:
    """Gathers one line for each step of each SELECT that runs in the block."""
    if db.engine.dialect.name != "sqlite":
        pytest.skip("Plans are read as SQLite words them.")
    asked: list[tuple[str, Any]] = []
    steps: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        asked.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield steps
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    for statement, values in asked:
        if statement.startswith(("SELECT", "WITH")):
            cursor = db.session.connection().connection.cursor()
            steps += [row[3] for row in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", values)]


def walked_whole(steps: list[str]) -> list[str]:
    """Steps that read a large table from one end to the other without even an index that holds all they need."""
    return [step for step in steps if re.match(r"SCAN (post|byline|post_tag|address)\b(?!.* COVERING )", step)]
