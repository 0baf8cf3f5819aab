"""Who puts together which file, and how many at once, each of which takes its whole size on the disk."""

from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex
from threading import BoundedSemaphore
from typing import Any

from sqlalchemy import ColumnElement, or_, select, update

from inkhorn.core import clock
from inkhorn.core.database import session
from inkhorn.core.errors import Unavailable
from inkhorn.media.models import Upload
from inkhorn.media.services.shelves.shelf import LEASE, PartsGone, StillAtWork

# A process puts together so many files at once, each of which takes its whole size on the disk: what a disk shows as free says
# nothing where others fill it as well, or where a pod is ended for taking too much.
MOST_TOGETHER = 2
_places = BoundedSemaphore(MOST_TOGETHER)


class TooManyTogether(Unavailable):
    """This process puts together as many files as its disk has room for."""

    retry_after_seconds = 15

    def __init__(self) -> None:
        super().__init__("All of this file has arrived, and others are put together first. Ask again in some seconds.")


@contextmanager
def place() -> Iterator[None]:
    """A place for one file; TooManyTogether where none is left."""
    if not _places.acquire(blocking=False):
        raise TooManyTogether
    try:
        yield
    finally:
        _places.release()


def hold(upload: Upload) -> str:
    """Be the only one who finishes it, for the length of a lease; StillAtWork where somebody else does."""
    now, holder = clock.now(), token_hex(16)
    # What lies further ahead was written while a clock was wrong.
    is_free = or_(Upload.finishing_until.is_(None), Upload.finishing_until < now, Upload.finishing_until > now + 2 * LEASE)
    if not _change(upload, Upload.asset_id.is_(None), is_free, finishing_until=now + LEASE, finisher=holder):
        if session().scalar(select(Upload.id).where(Upload.id == upload.id, Upload.asset_id.is_(None))) is None:
            raise PartsGone
        raise StillAtWork
    return holder


def renew(upload: Upload, holder: str) -> bool:
    """Whether it is still held by whoever has that word, and then for another lease."""
    return _change(upload, Upload.finisher == holder, finishing_until=clock.now() + LEASE)


def leave(upload: Upload, holder: str) -> None:
    """Let others finish it."""
    _change(upload, Upload.finisher == holder, finishing_until=None, finisher=None)


def _change(upload: Upload, *so_long_as: ColumnElement[bool], **values: Any) -> bool:
    done = update(Upload).where(Upload.id == upload.id, *so_long_as).values(**values).returning(Upload.id)
    return session().execute(done.execution_options(synchronize_session=False)).scalar() is not None
