"""Writes a new object's row at once, for what is made so often that the session's search for all there is to do costs more than the database."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Column, Insert, insert, inspect
from sqlalchemy.orm import make_transient_to_detached

from inkhorn.core.database import Base, session


@dataclass(frozen=True)
class Plan:
    """How objects of a class become rows: the statement, built once, and what stands where nothing was said."""

    statement: Insert
    defaults: dict[str, Callable[[], Any]]
    # The column whose value the database chooses; "" where there is none.
    number: str


def write_row(made: Base) -> None:
    """Write an object that no session knows yet, as it stands, and make of it one that was read.

    What is related to it is the caller's to write, and then to add all of it to the session.
    """
    plan, known = _plan(type(made)), made.__dict__
    values = {name: known[name] if name in known else default() for name, default in plan.defaults.items()}
    written: Any = session().connection().execute(plan.statement, values)
    if plan.number:
        values[plan.number] = written.inserted_primary_key[0]
    known.update(values)
    make_transient_to_detached(made)


@cache
def _plan(kind: type[Base]) -> Plan:
    table: Any = kind.__table__
    number = table.autoincrement_column
    columns = {each.key: each.columns[0] for each in inspect(kind).column_attrs if each.columns[0] is not number}
    defaults = {name: _default_of(column) for name, column in columns.items() if isinstance(column, Column)}
    return Plan(insert(table), defaults, number.key if number is not None else "")


def _default_of(column: Column[Any]) -> Callable[[], Any]:
    default: Any = column.default
    if default is None and column.server_default is None:
        return lambda: None
    if default is not None and default.is_callable:
        return lambda: default.arg(None)
    if default is not None and default.is_scalar:
        return lambda: default.arg
    raise TypeError(f"What stands in {column} by default only the database knows, so its rows cannot be written at once.")
