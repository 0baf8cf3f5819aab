"""The words of every post as they are searched, and the index that each database keeps of them."""

from sqlalchemy import DDL, ForeignKey, Index, Text, event
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from inkhorn.core.database import Base, OffPages
from inkhorn.search.grammar import FIELDS

# The number of an entry that has to be made anew, whatever its post's is.
STALE = 0


class SearchEntry(OffPages, Base):
    """One post in the index: its folded words field by field, and the plain text that excerpts are cut from."""

    __tablename__ = "search_entry"
    __table_args__ = (
        # All that the look for what is behind reads of an entry.
        Index("ix_search_entry_state", "post_id", "revision", "folding"),
        Index("ix_search_entry_vector", "vector", postgresql_using="gin").ddl_if(dialect="postgresql"),
    )

    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), primary_key=True, autoincrement=False)
    # Of the post, when its words were taken; STALE when an author or a tag was called otherwise since.
    revision: Mapped[int]
    # Version of grammar.py that folded the words.
    folding: Mapped[int]
    title: Mapped[str] = mapped_column(Text)
    tags: Mapped[str] = mapped_column(Text)
    authors: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    comments: Mapped[str] = mapped_column(Text, default="")
    text: Mapped[str] = mapped_column(Text)
    # What PostgreSQL searches; SQLite has search_fts instead, which triggers keep.
    vector: Mapped[str | None] = mapped_column(TSVECTOR().with_variant(Text(), "sqlite"))


_COLUMNS = ", ".join(FIELDS)
_NEW, _OLD = (", ".join(f"{row}.{field}" for field in FIELDS) for row in ("new", "old"))
_FORGET = f"INSERT INTO search_fts (search_fts, rowid, {_COLUMNS}) VALUES ('delete', old.post_id, {_OLD})"  # noqa: S608 - our own names
_LEARN = f"INSERT INTO search_fts (rowid, {_COLUMNS}) VALUES (new.post_id, {_NEW})"  # noqa: S608 - our own names
_DIFFERS = " OR ".join(f"old.{field} <> new.{field}" for field in FIELDS)
# Every word is folded already: all that is not ASCII belongs to a word, and spaces part them.
SQLITE_INDEX = (
    f"CREATE VIRTUAL TABLE search_fts USING fts5({_COLUMNS}, content='search_entry', content_rowid='post_id', tokenize='ascii', prefix='2 3')",
    f"CREATE TRIGGER search_entry_added AFTER INSERT ON search_entry BEGIN {_LEARN}; END",
    f"CREATE TRIGGER search_entry_removed AFTER DELETE ON search_entry BEGIN {_FORGET}; END",
    f"CREATE TRIGGER search_entry_changed AFTER UPDATE OF {_COLUMNS} ON search_entry WHEN {_DIFFERS} BEGIN {_FORGET}; {_LEARN}; END",
)
# Tables that SQLite keeps for the index, and which are no business of ours.
SQLITE_TABLES = frozenset(f"search_fts{ending}" for ending in ("", "_data", "_idx", "_docsize", "_config", "_content"))


def _on_sqlite(moment: str, statement: str) -> None:
    event.listen(SearchEntry.__table__, moment, DDL(statement).execute_if(dialect="sqlite"))  # type: ignore[no-untyped-call]


for _statement in SQLITE_INDEX:
    _on_sqlite("after_create", _statement)
_on_sqlite("before_drop", "DROP TABLE IF EXISTS search_fts")
