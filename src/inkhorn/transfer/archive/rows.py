"""Every row of one database written into another empty one, and compared there with what was read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, Integer, Table, func, insert, inspect, select, text
from sqlalchemy.exc import DataError, IntegrityError, StatementError

from inkhorn.core.errors import Conflict
from inkhorn.search.grammar import FIELDS
from inkhorn.search.index import TsVector
from inkhorn.search.models import SQLITE_TABLES, SearchEntry
from inkhorn.transfer.archive.tables import tables

BATCH = 200
BOUND = 1 << 128
NO_TABLES_OF_ROOMS = {"alembic_version", *SQLITE_TABLES}
# What SQLite and Litestream keep for themselves.
THEIR_OWN = ("sqlite_", "_litestream_")
KEYS = text(
    "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE contype = 'f' AND connamespace = current_schema()::regnamespace"
)
# Whoever may use a sequence may ask this, and need not be allowed to read it.
REACHED = text(
    "SELECT last_value FROM pg_sequences "
    "WHERE quote_ident(schemaname) || '.' || quote_ident(sequencename) = pg_get_serial_sequence(:table, :key)"
)
Progress = Callable[[int, int | None], None]


class NotCarried(Conflict):
    """Something cannot be kept by the other database, or arrived there differently; nothing of it is kept."""


@dataclass
class Sum:
    """How many rows, and a sum over all of them that comes out the same in whatever order they are read."""

    rows: int = 0
    digest: int = 0

    def add(self, row: tuple[Any, ...]) -> None:
        self.rows += 1
        self.digest = (self.digest + int.from_bytes(blake2b(repr(row).encode("utf-8", "surrogatepass"), digest_size=16).digest())) % BOUND


@dataclass
class Carried:
    """What was carried over, table by table."""

    sums: dict[str, Sum] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return sum(each.rows for each in self.sums.values())


def carry_rows(source: Connection, target: Connection, *, progress: Progress | None = None) -> Carried:
    """Write all rows within the caller's transactions, set the numbers that are given next, and compare; NotCarried in words."""
    refuse_strangers(source)
    total = sum(counts(source).values())
    carried = Carried()
    keys = _drop_keys(target)
    for table, twin in zip(tables(source.dialect.name), tables(target.dialect.name), strict=True):
        carried.sums[table.name] = told = Sum()
        try:
            for batch in _batches(source, table, told):
                target.execute(insert(twin), batch)
                if progress is not None:
                    progress(carried.rows, total)
        except (DataError, IntegrityError, StatementError) as error:
            raise NotCarried(f"The table {table.name} holds something that the other database does not take: {_short(error)}") from error
    _make_vectors(target)
    _put_back_keys(target, keys)
    _set_numbers(source, target)
    _compare(target, carried)
    return carried


def refuse_strangers(connection: Connection) -> None:
    """NotCarried where there are tables that this version knows nothing of."""
    known = {table.name for table in tables(connection.dialect.name)}
    strange = sorted(set(filter(holds_content, inspect(connection).get_table_names())) - known)
    if strange:
        raise NotCarried(f"The database holds tables that Inkhorn did not make ({', '.join(strange[:5])}). Move them elsewhere first.")


def holds_content(table: str) -> bool:
    """Whether a table is none of those that databases and programs around them make for themselves."""
    return table not in NO_TABLES_OF_ROOMS and not table.startswith(THEIR_OWN)


def counts(connection: Connection) -> dict[str, int]:
    """How many rows each table has."""
    return {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables(connection.dialect.name)
    }


def _batches(connection: Connection, table: Table, told: Sum) -> Iterator[list[dict[str, Any]]]:
    names = [column.name for column in table.columns]
    found = connection.execute(select(table).execution_options(yield_per=BATCH))
    for part in found.partitions():
        rows = [_plain(row) for row in part]
        for row in rows:
            told.add(row)
        yield [dict(zip(names, row, strict=True)) for row in rows]


def _plain(row: Any) -> tuple[Any, ...]:
    return tuple(bytes(value) if isinstance(value, memoryview) else value for value in row)


def _compare(target: Connection, carried: Carried) -> None:
    for table in tables(target.dialect.name):
        found = Sum()
        for _batch in _batches(target, table, found):
            pass
        if found != carried.sums[table.name]:
            raise NotCarried(
                f"The table {table.name} did not arrive as it was read ({found.rows} of {carried.sums[table.name].rows} rows)."
            )


def _drop_keys(target: Connection) -> list[tuple[str, str, str]]:
    """Rows point at each other in circles, so PostgreSQL looks at that once all are there; SQLite does not look until it is asked."""
    if target.dialect.name != "postgresql":
        return []
    keys = [(row[0], row[1], row[2]) for row in target.execute(KEYS)]
    for table, name, _meaning in keys:
        target.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {name}"))
    return keys


def _put_back_keys(target: Connection, keys: list[tuple[str, str, str]]) -> None:
    try:
        for table, name, meaning in keys:
            target.execute(text(f"ALTER TABLE {table} ADD CONSTRAINT {name} {meaning}"))
    except IntegrityError as error:
        raise NotCarried(f"Some rows point at rows that are not there: {_short(error)}") from error
    if target.dialect.name == "sqlite" and (broken := target.execute(text("PRAGMA foreign_key_check")).all()):
        raise NotCarried(f"{len(broken)} rows of the table {broken[0][0]} point at rows that are not there.")


def _make_vectors(target: Connection) -> None:
    """What PostgreSQL searches is made from the words; SQLite's triggers have done the same by now."""
    if target.dialect.name != "postgresql":
        return
    entry = SearchEntry.__table__
    words = select(entry.c.post_id, *(entry.c[name] for name in FIELDS))
    numbers = list(target.scalars(select(entry.c.post_id)))
    for start in range(0, len(numbers), BATCH):
        for row in target.execute(words.where(entry.c.post_id.in_(numbers[start : start + BATCH]))).mappings().all():
            vector = TsVector().vector_of({name: row[name] for name in FIELDS})
            made = {"vector": vector, "number": row["post_id"]}
            target.execute(text("UPDATE search_entry SET vector = CAST(:vector AS tsvector) WHERE post_id = :number"), made)


def _set_numbers(source: Connection, target: Connection) -> None:
    """A number that was given once is not given again, on either database."""
    for table in tables(target.dialect.name):
        key = list(table.primary_key.columns)
        if len(key) != 1 or not isinstance(key[0].type, Integer):
            continue
        highest = target.execute(select(func.max(key[0]))).scalar_one() or 0
        reached = max(highest, _given(source, table.name, key[0].name))
        if reached:
            _give_after(target, table.name, key[0].name, reached)


def _given(connection: Connection, table: str, key: str) -> int:
    """The highest number that the table ever gave, as far as the database remembers."""
    if connection.dialect.name == "sqlite":
        return int(connection.execute(text("SELECT max(seq) FROM sqlite_sequence WHERE name = :table"), {"table": table}).scalar() or 0)
    return int(connection.execute(REACHED, {"table": f'"{table}"', "key": key}).scalar() or 0)


def _give_after(connection: Connection, table: str, key: str, reached: int) -> None:
    if connection.dialect.name == "postgresql":
        asked = {"table": f'"{table}"', "key": key, "reached": reached}
        connection.execute(text("SELECT setval(pg_get_serial_sequence(:table, :key), :reached)"), asked)
        return
    # Only tables that never give a number twice have a row here once they hold something.
    made = connection.execute(text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :table"), {"table": table}).scalar() or ""
    if "AUTOINCREMENT" in made.upper():
        connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :table"), {"table": table})
        connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :reached)"), {"table": table, "reached": reached})


def _short(error: Exception) -> str:
    return " ".join(str(getattr(error, "orig", None) or error).split())[:300]
