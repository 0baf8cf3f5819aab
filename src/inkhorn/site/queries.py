"""What the public pages read: plain rows of just the columns they show, because whole objects cost more than drawing the page."""

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from flask import g, has_request_context
from sqlalchemy import CursorResult, Executable

from inkhorn.core.database import session
from inkhorn.core.kept_counts import kept_counts
from inkhorn.core.paging import refuse_beyond, refuse_empty
from inkhorn.posts.models import PostKind
from inkhorn.posts.queries import IS_MEMBER, follows_much
from inkhorn.site.statements import (
    AUTHOR_AT,
    CARD,
    COMPANIONS,
    FIRST_AND_LAST,
    FOLLOWED,
    FOUND,
    FRONT,
    LABELS,
    LABELS_AND_LIVES,
    NAMES,
    PAGE,
    PAGE_OF_SERIES,
    PAGES_OF_AUTHOR,
    PAGES_OF_FOLLOWED,
    PAGES_OF_TAG,
    READING_AT,
    READING_OF,
    REMARKS,
    RENDITIONS,
    SERIES_AT,
    TAG_AT,
    TITLES,
    TITLES_OF,
    AnySelect,
    counts_of,
)

# A row is read by the names of its columns, which differ from statement to statement.
AnyRow = Any

SPANS_PER_QUERY = 200
# Titles among whose words a mistyped one is looked for.
TITLES_KNOWN = 500
# Comments of each post that are looked through for what was found nowhere else.
REMARKS_READ = 50


@dataclass(frozen=True)
class Labels:
    """Authors and tags of some posts, and the versions of their covers."""

    authors: Mapping[int, list[AnyRow]] = field(default_factory=dict)
    tags: Mapping[int, list[AnyRow]] = field(default_factory=dict)
    renditions: Mapping[int, list[AnyRow]] = field(default_factory=dict)


@dataclass(frozen=True)
class Cards:
    """One page of a list; total counts the whole list."""

    rows: Sequence[AnyRow]
    labels: Labels
    total: int
    number: int
    size: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))


def is_read_by_member() -> bool:
    """Whether whoever asks for the page may read what is for members."""
    return has_request_context() and "actor" in g and bool(g.actor.may("members.read"))


def _run(statement: Executable, values: Mapping[str, Any] | None = None) -> CursorResult[*tuple[Any, ...]]:
    # Rows, not objects: the session's own execute() looks for objects first, which takes a tenth of a page's time.
    if is_read_by_member():
        values = {**(values or {}), IS_MEMBER.key: True}
    return session().connection().execute(statement, values)


def _rows(statement: Executable, values: Mapping[str, Any] | None = None) -> list[AnyRow]:
    found = _run(statement, values)
    # A named tuple answers eight times as fast as the library's row, and a list asks hundreds of times.
    make = _row_of(tuple(found.keys()))
    return [make(row) for row in found.all()]


@cache
def _row_of(columns: tuple[str, ...]) -> Callable[[Iterable[Any]], AnyRow]:
    made: Any = namedtuple("Row", columns)  # type: ignore[misc]  # noqa: PYI024 - the names are known only now
    make: Callable[[Iterable[Any]], AnyRow] = made._make
    return make


def front_cards(size: int) -> Cards:
    """The newest posts and the newest featured one, wherever it stands."""
    rows, total = _listed(FRONT, {"size": size})
    return Cards(rows, labels_of(rows), total=total, number=1, size=size)


def cards(number: int, size: int) -> Cards:
    return _cards(PAGE, number, size)


def cards_tagged(tag: AnyRow, number: int, size: int) -> Cards:
    return _cards(PAGES_OF_TAG[bool(tag.has_many)], number, size, wanted=tag.id)


def cards_by(author: AnyRow, number: int, size: int) -> Cards:
    return _cards(PAGES_OF_AUTHOR[bool(author.has_many)], number, size, wanted=author.id)


def cards_of_followed(follower_id: int, number: int, size: int) -> Cards:
    """One page of what the authors publish whom somebody follows; total only tells whether another page comes."""
    refuse_beyond(number)
    query = _without_total(PAGES_OF_FOLLOWED[follows_much(follower_id)])
    found = _rows(query, {"size": size + 1, "skipped": (number - 1) * size, "wanted": follower_id})
    refuse_empty(found, number)
    rows = found[:size]
    return Cards(rows, labels_of(rows), total=(number - 1) * size + len(found), number=number, size=size)


def followed(follower_id: int) -> list[AnyRow]:
    """The authors whom somebody follows, by name."""
    return _rows(FOLLOWED, {"wanted": follower_id})


def cards_in_series(series: AnyRow, number: int, size: int) -> Cards:
    return _cards(PAGE_OF_SERIES, number, size, wanted=series.id)


def _cards(query: AnySelect, number: int, size: int, **wanted: int) -> Cards:
    refuse_beyond(number)
    rows, total = _listed(query, {"size": size, "skipped": (number - 1) * size}, **wanted)
    refuse_empty(rows, number)
    return Cards(rows, labels_of(rows), total=total, number=number, size=size)


def _listed(query: AnySelect, cut: Mapping[str, int], **wanted: int) -> tuple[list[AnyRow], int]:
    """The rows of one page of a list, and how many the whole list has: counted with them only where that is not known."""
    counts = kept_counts()
    number = counts.number() if counts else None
    key = (id(query), is_read_by_member(), *wanted.values())
    total = counts.get(key, number) if counts else None
    rows = _rows(query if total is None else _without_total(query), {**cut, **wanted})
    if total is None:
        total = rows[0].total if rows else 0
        # Of a page past the end nothing is learnt about the list.
        if counts and rows:
            counts.put(key, number, total)
    return rows, total


@cache
def _without_total(query: AnySelect) -> AnySelect:
    return query.with_only_columns(*CARD, maintain_column_froms=True)


def labels_of(rows: Sequence[AnyRow], *, whole_people: bool = False) -> Labels:
    """Authors and tags by one query for any number of posts, and the covers' versions by another where there are covers."""
    if not rows:
        return Labels()
    statement = LABELS_AND_LIVES if whole_people else LABELS
    found: tuple[dict[int, list[AnyRow]], dict[int, list[AnyRow]]] = ({}, {})
    for row in sorted(_rows(statement, {"ids": [row.id for row in rows]}), key=lambda row: row.position):
        found[row.is_tag].setdefault(row.post_id, []).append(row)
    return Labels(authors=found[0], tags=found[1], renditions=_renditions_of(row.asset_id for row in rows))


def _renditions_of(asset_ids: Iterable[int | None]) -> dict[int, list[AnyRow]]:
    ids = [asset_id for asset_id in asset_ids if asset_id is not None]
    found: dict[int, list[AnyRow]] = {}
    if ids:
        for row in _rows(RENDITIONS, {"ids": ids}):
            found.setdefault(row.asset_id, []).append(row)
    return found


def reading_at(paths: Sequence[str]) -> AnyRow | None:
    """The address row of the first of these paths that is known, with its post if it has one."""
    rows = {row.asked: row for row in _rows(READING_AT, {"paths": list(paths)})}
    return next((rows[path] for path in paths if path in rows), None)


def reading_of(post_id: int) -> AnyRow:
    """The same columns of one post, whatever its state; for those who may see it."""
    return _run(READING_OF, {"wanted": post_id}).one()


def companions(row: AnyRow) -> list[AnyRow]:
    """The newer and the older post and the parts around this one in its series, by one query; side is "newer", "older" or "part"."""
    in_time = row.published_at is not None and row.kind is PostKind.POST
    statement = COMPANIONS.get((in_time, row.series_id is not None))
    if statement is None:
        return []
    return _rows(statement, {"moment": row.published_at, "number": row.id, "series_id": row.series_id})


def tag_at(slug: str) -> AnyRow | None:
    return _run(TAG_AT, {"slug": slug}).one_or_none()


def series_at(slug: str) -> AnyRow | None:
    return _run(SERIES_AT, {"slug": slug}).one_or_none()


def author_at(slug: str) -> AnyRow | None:
    """The person, and when their first post appeared."""
    return _run(AUTHOR_AT, {"slug": slug}).one_or_none()


def first_and_last() -> tuple[datetime, datetime] | None:
    """The moments of the oldest and the newest post."""
    oldest, newest_at = _run(FIRST_AND_LAST).one()
    return (oldest, newest_at) if oldest else None


def posts_between(spans: Sequence[tuple[datetime, datetime]]) -> list[int]:
    """How many posts fall into each span."""
    found: list[int] = []
    # Databases bound the columns of a query, and somebody will date a post to the year 1.
    for at in range(0, len(spans), SPANS_PER_QUERY):
        some = spans[at : at + SPANS_PER_QUERY]
        values = {f"{end}_{n}": moment for n, span in enumerate(some) for end, moment in zip(("start", "end"), span, strict=True)}
        found += _run(counts_of(len(some)), values).one()
    return found


def archive_rows(number: int, size: int) -> tuple[Sequence[AnyRow], Mapping[int, list[AnyRow]]]:
    """One page of the archive and its authors."""
    rows = _rows(TITLES, {"size": size, "skipped": (number - 1) * size})
    return rows, labels_of(rows).authors


def newest(limit: int) -> Sequence[AnyRow]:
    return _rows(TITLES, {"size": limit, "skipped": 0})


def titles_of(post_ids: Sequence[int]) -> list[AnyRow]:
    """Titles and addresses of these posts, in no order."""
    return _rows(TITLES_OF, {"ids": list(post_ids)}) if post_ids else []


def found(post_ids: Sequence[int]) -> tuple[list[AnyRow], Labels]:
    """What a search shows of these posts, in their order."""
    if not post_ids:
        return [], Labels()
    rows = {row.id: row for row in _rows(FOUND, {"ids": list(post_ids)})}
    there = [rows[number] for number in post_ids if number in rows]
    return there, labels_of(there)


def names_here() -> list[str]:
    """The newest titles, and every tag and author that this reader can find something of."""
    return [row[0] for row in _run(NAMES, {"size": TITLES_KNOWN}).all()]


def remarks(post_ids: Sequence[int]) -> dict[int, list[AnyRow]]:
    """The newest comments under each of these posts."""
    found: dict[int, list[AnyRow]] = {}
    if post_ids:
        for row in _rows(REMARKS, {"ids": list(post_ids), "size": REMARKS_READ}):
            found.setdefault(row.post_id, []).append(row)
    return found
