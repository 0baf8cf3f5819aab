"""A source made of given records, and what came of it on the site."""

from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import func, select

from inkhorn.core.access import House
from inkhorn.core.database import session
from inkhorn.posts.models import Post
from inkhorn.transfer.commands.running import run_import
from inkhorn.transfer.manuscript import Manuscript, Record
from inkhorn.transfer.services.journey import Options
from inkhorn.transfer.services.reporting import Report


class Box:
    """A source of given records."""

    dialect = "box"

    def __init__(self, *records: Record, name: str = "box:tides") -> None:
        self.given, self.name = records, name

    def count(self) -> int | None:
        return len(self.given)

    def records(self) -> Iterator[Record]:
        yield from self.given


def carried(*records: Record, **options: object) -> Report:
    return run_import(Box(*records), by=House(), options=Options(**options))  # type: ignore[arg-type]


def tide(key: str = "tide", **fields: object) -> Manuscript:
    given = {"title": "Tide", "body": "It comes.\n", "published_at": datetime(2020, 1, 2, tzinfo=UTC)} | fields
    return Manuscript(key=key, **given)  # type: ignore[arg-type]


def post_of(key: str = "tide") -> Post:
    return session().scalars(select(Post).where(Post.origin_key == key)).one()


def count_of(table: type) -> int:
    return session().scalar(select(func.count()).select_from(table)) or 0
