"""Tidying up files that no row speaks of."""

import re
import shutil
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import select

from inkhorn.core import clock
from inkhorn.core.database import session
from inkhorn.core.storage import storage
from inkhorn.media.models import Asset, Rendition
from inkhorn.media.services.receiving import workroom

# Longer than any import holds a transaction open: what is younger may get its row yet.
GRACE = timedelta(days=1)
BATCH = 500
# A month and 32 hex digits, as all our names begin: whatever else lies in a folder or bucket, such as a backup, is somebody else's.
_OURS = re.compile(r"\d{4}/\d\d/[0-9a-f]{32}[.-][A-Za-z0-9._-]+")


def sweep_orphans(before: datetime | None = None) -> int:
    """Delete files older than the grace that belong to no upload, and unfinished ones; returns how many."""
    store, limit = storage(), before or clock.now() - GRACE
    swept = store.clear_unfinished(limit) + _clear_workroom(limit)
    old = (stored.key for stored in store.files() if stored.modified_at < limit and _OURS.fullmatch(stored.key))
    while keys := list(islice(old, BATCH)):
        for orphan in set(keys) - _spoken_of(keys):
            store.delete(orphan)
            swept += 1
    return swept


def _clear_workroom(before: datetime) -> int:
    """Remove the folders of work that was killed half-way; what is alive is younger."""
    cleared = 0
    for folder in workroom().iterdir():
        with suppress(FileNotFoundError):
            if folder.lstat().st_mtime < before.timestamp():
                shutil.rmtree(folder, ignore_errors=True)
                cleared += 1
    return cleared


def _spoken_of(keys: list[str]) -> set[str]:
    found = set(session().scalars(select(Asset.key).where(Asset.key.in_(keys))))
    return found | set(session().scalars(select(Rendition.key).where(Rendition.key.in_(keys))))
