"""Sweeps the store as the job does, after making it the site's own: what other tests left there is nobody's."""

from datetime import datetime

from inkhorn.core.access import House
from inkhorn.core.database import transaction
from inkhorn.core.storage import storage
from inkhorn.media.services import claim_store, count_sweep, delete_orphans, find_orphans, put_mark


def own() -> None:
    """Let the store bear the mark of the site of this test."""
    with transaction():
        mark = claim_store(by=House())
    put_mark(storage(), mark)


def sweep(before: datetime | None = None) -> int:
    own()
    found = find_orphans(before, is_any_number=True)
    with transaction():
        mark = count_sweep(found.own)
    return delete_orphans(found, mark)
