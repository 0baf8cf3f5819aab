"""Every table of every room, and the forms in which either database gives and takes their values unchanged."""

from typing import Any

from sqlalchemy import JSON, BindParameter, Cast, Column, ColumnElement, Enum, MetaData, String, Table, Text, TypeDecorator, cast
from sqlalchemy.dialects.postgresql import TSVECTOR

import inkhorn.accounts.models
import inkhorn.comments.models
import inkhorn.core.audit
import inkhorn.core.captcha
import inkhorn.core.generations
import inkhorn.core.jobs
import inkhorn.core.limit_stores
import inkhorn.core.mail.letters
import inkhorn.core.replays
import inkhorn.core.settings
import inkhorn.media.models
import inkhorn.posts.models
import inkhorn.search.models  # noqa: F401 - the tables of every room
from inkhorn.core.database import Base


class JsonText(TypeDecorator[str]):
    """JSON of PostgreSQL as the very text that was stored, which is how SQLite keeps it."""

    impl = Text
    cache_ok = True

    def column_expression(self, column: ColumnElement[Any]) -> Cast[Any]:
        return cast(column, Text)

    def bind_expression(self, bindparam: BindParameter[Any]) -> Cast[Any]:
        return cast(cast(bindparam, Text), JSON)


def tables(dialect: str) -> list[Table]:
    """Each table without what the database makes by itself, those that others point at first."""
    plain = MetaData()
    return [Table(each.name, plain, *_columns(each, dialect)) for each in Base.metadata.sorted_tables]


def _columns(table: Table, dialect: str) -> list[Column[Any]]:
    return [
        Column(column.name, _form(column.type, dialect), primary_key=column.primary_key, autoincrement=False)
        for column in table.columns
        if not isinstance(column.type, TSVECTOR)
    ]


def _form(kind: Any, dialect: str) -> Any:
    if isinstance(kind, JSON):
        return JsonText() if dialect == "postgresql" else Text()
    # Words that a later version took off the list are carried over all the same.
    return String() if isinstance(kind, Enum) else kind
