"""Cut a select() into pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import Select, func, select

from inkhorn.core.database import session
from inkhorn.core.errors import NotFound

Row = TypeVar("Row")

FARTHEST_PAGE = 100_000


@dataclass(frozen=True)
class Slice(Generic[Row]):
    """One page of a list; number counts from 1."""

    items: Sequence[Row]
    number: int
    size: int
    has_next: bool
    total: int | None = None

    @property
    def has_previous(self) -> bool:
        return self.number > 1


def page_of(query: Select[Row], *, number: int, size: int, counted: bool = False, total: int | None = None) -> Slice[Row]:
    """One page by one query (two when counted, unless the total is known); NotFound for a page past the end, but the first may be empty."""
    refuse_beyond(number)
    # One row more than the page tells whether another page follows.
    rows = session().scalars(query.limit(size + 1).offset((number - 1) * size)).unique().all()
    refuse_empty(rows, number)
    if counted and total is None:
        total = session().scalar(select(func.count()).select_from(query.order_by(None).options().subquery()))
    return Slice(items=rows[:size], number=number, size=size, has_next=len(rows) > size, total=total)


def refuse_beyond(number: int) -> None:
    """NotFound for a page that no list has, before anything is asked."""
    if not 1 <= number <= FARTHEST_PAGE:
        raise NotFound("There is no such page in this list.")


def refuse_empty(rows: Sequence[object], number: int) -> None:
    """NotFound for a page past the end; the first may be empty."""
    if not rows and number > 1:
        raise NotFound("There is no such page in this list.")
