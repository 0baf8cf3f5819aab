"""Tidying up files that no row speaks of: found first, and deleted only where the store is ours and the number is sane."""

import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import select

from inkhorn.core import clock
from inkhorn.core.database import end_read, session
from inkhorn.core.errors import Conflict
from inkhorn.core.storage import Storage, storage
from inkhorn.media.models import Asset, Rendition
from inkhorn.media.services.marking import CLAIM, Mark, StoreNotOurs, mark_in, own_mark, own_store, put_mark, refuse_others
from inkhorn.media.services.receiving import workroom

# Longer than any import holds a transaction open: what is younger may get its row yet.
GRACE = timedelta(days=1)
BATCH = 500
# Of one sweep; the next takes the rest.
MOST_AT_ONCE = 10_000
# More than so many, and more than one in ten, are no leftovers: the database is likely an older one.
SANE_NUMBER, SANE_SHARE = 100, 0.1
# A month and 32 hex digits, as all our names begin: whatever else lies in a folder or bucket, such as a backup, is somebody else's.
_OURS = re.compile(r"\d{4}/\d\d/[0-9a-f]{32}[.-][A-Za-z0-9._-]+")


class TooManyOrphans(Conflict):
    """So many files belong to no upload that something else must be wrong."""

    def __init__(self, number: int, looked: int) -> None:
        super().__init__(
            f"{number} of {looked} files belong to no upload, which is too many for leftovers, so none was deleted. "
            "Was an older database put back? If they may go: inkhorn media sweep --any-number"
        )


@dataclass(frozen=True)
class Orphans:
    """Files that belong to no upload, in a store that is ours."""

    store: Storage
    own: Mark | None
    before: datetime
    keys: list[str]
    # Of all, also of those that are left for the next sweep.
    number: int
    looked: int


def find_orphans(before: datetime | None = None, *, is_any_number: bool = False) -> Orphans:
    """The files older than the grace that no upload speaks of; StoreNotOurs or TooManyOrphans where none of them may be deleted."""
    store, own = storage(), own_mark()
    end_read()
    seen = mark_in(store)
    refuse_others(own, seen)
    found = look_for_orphans(store, own, before or clock.now() - GRACE)
    if seen is None and found.number:
        raise StoreNotOurs(f"The store of uploads bears no mark, and {found.number} files in it belong to no upload of this site. {CLAIM}")
    if not is_any_number and found.number > max(SANE_NUMBER, found.looked * SANE_SHARE):
        raise TooManyOrphans(found.number, found.looked)
    return found


def look_for_orphans(store: Storage, own: Mark | None, before: datetime) -> Orphans:
    """The same, whosever the store is."""
    keys: list[str] = []
    number = looked = 0
    files = (stored for stored in store.files() if _OURS.fullmatch(stored.key))
    while some := list(islice(files, BATCH)):
        looked += len(some)
        old = [stored.key for stored in some if stored.modified_at < before]
        orphans = sorted(set(old) - _spoken_of(old))
        number += len(orphans)
        keys += orphans[: MOST_AT_ONCE - len(keys)]
    return Orphans(store, own, before, keys, number, looked)


def delete_orphans(found: Orphans, mark: Mark) -> int:
    """Write the mark that was counted into the store, and delete what was found, unless an upload came to speak of it; how many went."""
    put_mark(found.store, mark)
    swept = 0
    for some in _batches(found.keys):
        for orphan in sorted(set(some) - _spoken_of(some)):
            # Work that was done again may have put the same version there anew, and its row is not yet written.
            stored = found.store.stat(orphan)
            if stored is not None and stored.modified_at < found.before:
                found.store.delete(orphan)
                swept += 1
    return swept


def sweep_leftovers(before: datetime | None = None) -> int:
    """Remove what was left unfinished by work that was killed; how many. StoreNotOurs where the store is another site's, whose work may live."""
    limit = before or clock.now() - GRACE
    cleared = _clear_workroom(limit)
    return cleared + own_store().clear_unfinished(limit)


def _clear_workroom(before: datetime) -> int:
    """Remove the folders of work that was killed half-way; what is alive is younger."""
    cleared = 0
    for folder in workroom().iterdir():
        with suppress(FileNotFoundError):
            if folder.lstat().st_mtime < before.timestamp():
                shutil.rmtree(folder, ignore_errors=True)
                cleared += 1
    return cleared


def _batches(keys: list[str]) -> Iterator[list[str]]:
    return (keys[start : start + BATCH] for start in range(0, len(keys), BATCH))


def _spoken_of(keys: list[str]) -> set[str]:
    found = set(session().scalars(select(Asset.key).where(Asset.key.in_(keys))))
    found |= set(session().scalars(select(Rendition.key).where(Rendition.key.in_(keys))))
    end_read()
    return found
