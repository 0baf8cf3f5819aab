"""The index that a database keeps, behind one protocol: FTS5 on SQLite, tsvector on PostgreSQL."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    cast,
    column,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR
from sqlalchemy.exc import DatabaseError

from inkhorn.core.database import is_postgresql, session
from inkhorn.search.grammar import FIELDS, Field, Term
from inkhorn.search.models import SearchEntry

# How much more a word in the title counts than one in the text, and one in a comment less.
WEIGHTS: Mapping[Field, float] = {"title": 10.0, "tags": 4.0, "authors": 4.0, "body": 1.0, "comments": 0.5}
_entry = SearchEntry.__table__.c


class Matches(NamedTuple):
    """Rows to join with, and the values they are asked with; the rows may be one and the same for every question."""

    rows: CTE
    values: Mapping[str, Any]


class Index(Protocol):
    """What the searches of this house ask of a database."""

    def matches(self, wanted: Sequence[Term], unwanted: Sequence[Term]) -> Matches:
        """Number (post_id) and worth (score, the greater the better) of the posts that hold all wanted terms and no unwanted one."""

    def holds(self, term: Term) -> ColumnElement[bool]:
        """Whether the entry numbered by SearchEntry.post_id holds the term."""

    def vector_of(self, words: Mapping[Field, str]) -> str | None:
        """What is kept of an entry beside its words."""

    def is_sound(self) -> bool:
        """Whether what the database looks things up in agrees with the entries."""

    def remake(self) -> None:
        """Let the database build what it looks things up in anew from the entries."""


class Fts5:
    """SQLite's index, kept by triggers on the entries."""

    _table = table("search_fts", column("rowid"), column("rank"), *(column(field) for field in FIELDS))
    _itself: ColumnElement[Any] = literal_column("search_fts")

    _score: ColumnElement[Any] = -func.bm25(_itself, *(literal_column(str(weight)) for weight in WEIGHTS.values()))
    _found = select(_table.c.rowid.label("post_id"), _score.label("score")).where(_itself.op("MATCH")(bindparam("asked", type_=String())))
    # Ranked while the index is read; mixed with the rest of the question SQLite could not.
    _rows = _found.cte("matches").prefix_with("MATERIALIZED")

    def matches(self, wanted: Sequence[Term], unwanted: Sequence[Term]) -> Matches:
        asked = " AND ".join(_in_fts5(term) for term in wanted)
        if unwanted:
            asked = f"({asked}) NOT ({' OR '.join(_in_fts5(term) for term in unwanted)})"
        return Matches(self._rows, {"asked": asked})

    def holds(self, term: Term) -> ColumnElement[bool]:
        return _entry.post_id.in_(select(self._table.c.rowid).where(self._itself.op("MATCH")(_in_fts5(term))))

    def vector_of(self, words: Mapping[Field, str]) -> None:
        return None

    def is_sound(self) -> bool:
        try:
            session().execute(text("INSERT INTO search_fts (search_fts, rank) VALUES ('integrity-check', 1)"))
        except DatabaseError:
            return False
        return True

    def remake(self) -> None:
        session().execute(text("INSERT INTO search_fts (search_fts) VALUES ('rebuild')"))


class TsVector:
    """PostgreSQL's index: a column of the entries. Its words are ours, so no parser and no dictionary of its own takes part."""

    _labels: Mapping[Field, str] = {"title": "A", "tags": "B", "authors": "B", "body": "C", "comments": "D"}
    # PostgreSQL counts places up to this one and keeps so many of one word; they only weigh, sequences are compared apart.
    _last_place = 16_383
    _most_places = 60
    # Of all words together; those that come after it have one place each.
    _all_places = 50_000

    def matches(self, wanted: Sequence[Term], unwanted: Sequence[Term]) -> Matches:
        asked = cast(literal(" & ".join(self._in_tsquery(term) for term in wanted)), TSQUERY)
        worth: ColumnElement[Any] = literal_column("CAST('{0.05, 0.1, 0.4, 1.0}' AS real[])")
        # Lengths count, but only by their logarithm, or notes would come before all essays.
        score = func.ts_rank_cd(worth, _entry.vector, asked, literal_column("1"))
        found: Select[Any] = select(_entry.post_id, score.label("score"))
        found = found.where(*(self.holds(term) for term in wanted), *(not_(self.holds(term)) for term in unwanted))
        return Matches(found.cte("matches"), {})

    def holds(self, term: Term) -> ColumnElement[bool]:
        is_there = _entry.vector.op("@@")(cast(literal(self._in_tsquery(term)), TSQUERY))
        if len(term.words) == 1 and term.field is None:
            return is_there
        sequence = f"% {' '.join(term.words)}{'' if term.is_prefix else ' '}%"
        fields = [term.field] if term.field else FIELDS
        return and_(is_there, or_(*(_entry[field].like(sequence) for field in fields)))

    def vector_of(self, words: Mapping[Field, str]) -> str:
        places: dict[str, list[str]] = {}
        place = 0
        for field in FIELDS:
            label = self._labels[field]
            for word in words[field].split():
                place += 1
                kept = places.setdefault(word, [])
                if not kept or (len(kept) < self._most_places and place <= self._all_places):
                    kept.append(f"{min(place, self._last_place)}{label}")
        return " ".join(f"'{word}':{','.join(kept)}" for word, kept in places.items())

    def is_sound(self) -> bool:
        entries = select(_entry.post_id, *(_entry[field] for field in FIELDS)).execution_options(yield_per=100)
        for row in session().execute(entries):
            wanted = cast(literal(self.vector_of({field: getattr(row, field) for field in FIELDS})), TSVECTOR)
            if session().scalar(select(_entry.vector.is_distinct_from(wanted)).where(_entry.post_id == row.post_id)):
                return False
        return True

    def remake(self) -> None:
        """Nothing: the rebuild that asks for it writes every entry anew, its vector too, and the account that serves may not reindex."""

    def _in_tsquery(self, term: Term) -> str:
        label = self._labels[term.field] if term.field else ""
        return " & ".join(f"'{word}':{self._mark(term, place)}{label}".rstrip(":") for place, word in enumerate(term.words, 1))

    @staticmethod
    def _mark(term: Term, place: int) -> str:
        return "*" if term.is_prefix and place == len(term.words) else ""


def _in_fts5(term: Term) -> str:
    """The term as FTS5 reads it; words hold letters and digits only, so nothing in them is a sign of its language."""
    phrase = f'"{" ".join(term.words)}"'
    within = f"{term.field} : " if term.field else ""
    if not term.is_prefix:
        return f"{within}{phrase}"
    # The whole word is worth more than the beginning of a longer one.
    return f"({within}{phrase} OR {within}{phrase} *)"


_indexes: Mapping[bool, Index] = {True: TsVector(), False: Fts5()}


def index() -> Index:
    """That of the running database."""
    return _indexes[is_postgresql()]
