"""Rows as files: CSV that no spreadsheet takes for formulas, and JSON lines; both written row by row."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from enum import Enum
from typing import Any

from flask import Response, stream_with_context

from inkhorn.core import audit, clock
from inkhorn.core.audit import Wanted

# With these a spreadsheet begins a formula; a quotation mark before them makes them text.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
LINES_AT_ONCE = 200
AUDIT_COLUMNS = (
    "id", "at", "action", "actor_id", "actor_label", "subject_kind", "subject_id", "subject_label", "address", "device", "details",
)  # fmt: skip
TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson; charset=utf-8"}


def csv_lines(columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """A heading and one line for each row."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(columns)
    yield _taken(buffer)
    for row in rows:
        writer.writerow([defused(plain(value)) for value in row])
        yield _taken(buffer)


def json_lines(columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """One object on each line."""
    names = list(columns)
    for row in rows:
        yield json.dumps(dict(zip(names, map(plain, row), strict=True)), ensure_ascii=False) + "\n"


WRITERS = {"csv": csv_lines, "jsonl": json_lines}


def entry_rows(wanted: Wanted) -> Iterator[Sequence[Any]]:
    """The entries that are asked for, as the columns of a file."""
    return audit.entries_in_parts(wanted, AUDIT_COLUMNS)


def plain(value: Any) -> Any:
    """A value as JSON knows it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    return value


def defused(value: Any) -> Any:
    """A cell that is text and nothing else, whatever it begins with."""
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, str):
        return "" if value is None else value
    text = value.replace("\x00", "")
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text


def attached(kind: str, name: str, lines: Iterable[str]) -> Response:
    """The file as an answer that is sent while it is written."""
    response = Response(stream_with_context(_in_chunks(lines)), content_type=TYPES[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-{clock.now():%Y-%m-%d}.{kind}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _in_chunks(lines: Iterable[str]) -> Iterator[str]:
    """Many lines at a time, since each step through the server costs more than a line."""
    waiting: list[str] = []
    for line in lines:
        waiting.append(line)
        if len(waiting) >= LINES_AT_ONCE:
            yield "".join(waiting)
            waiting.clear()
    yield "".join(waiting)


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
