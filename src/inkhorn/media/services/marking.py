"""The mark by which a store and a database know that they belong together, so that nobody sweeps away what another site keeps."""

import io
import json
import time
from contextlib import closing
from dataclasses import asdict, dataclass
from uuid import uuid4

from inkhorn.core import audit
from inkhorn.core.access import Actor
from inkhorn.core.config import config
from inkhorn.core.database import end_read, insert_into, session
from inkhorn.core.errors import Conflict
from inkhorn.core.storage import FileMissing, Storage, storage
from inkhorn.media.models import StoreMark

MARK_KEY = "inkhorn-site.json"
# The store is asked no more often than that whose it is.
ASK_AGAIN_SECONDS = 60.0
LONGEST_MARK = 1000
CLAIM = "If it is this site's alone, say so: inkhorn media claim"

# When each store that was seen to be ours is asked again, by where it is and whose it should be.
_seen_until: dict[tuple[str, str], float] = {}


@dataclass(frozen=True)
class Mark:
    """Whose a store is, and how often it was swept: a database that knows of fewer sweeps is an older copy."""

    site: str
    sweeps: int


class StoreNotOurs(Conflict):
    """The store bears another site's mark, or none that would allow a file in it to be deleted."""


def own_mark() -> Mark | None:
    """What the database says; None before the first sweep."""
    row = session().get(StoreMark, StoreMark.ONLY)
    return Mark(row.site, row.sweeps) if row else None


def mark_in(store: Storage) -> Mark | None:
    """What the store says; None where it says nothing, and nobody's mark where that cannot be read."""
    try:
        with closing(store.open(MARK_KEY)) as file:
            told = json.loads(file.read(LONGEST_MARK))
            return Mark(str(told["site"]), int(told["sweeps"]))
    except FileMissing:
        return None
    except (ValueError, KeyError, TypeError):
        return Mark("", 0)


def refuse_others(own: Mark | None, seen: Mark | None) -> None:
    """StoreNotOurs in words where the store is another site's, or has gone on without this database."""
    if seen is not None and (own is None or seen.site != own.site):
        raise StoreNotOurs(f"The store of uploads bears the mark of another site. Give each site a folder or a bucket of its own. {CLAIM}")
    if seen is not None and own is not None and seen.sweeps > own.sweeps:
        raise StoreNotOurs(
            "The store of uploads has gone on without this database, which is an older copy: files that it knows nothing of may be in use. "
            f"Keep a copy of the files. {CLAIM}"
        )


def own_store() -> Storage:
    """Where files are kept; StoreNotOurs where another site keeps its own there and would sweep ours away."""
    own = own_mark()
    end_read()
    store = storage()
    place = (config().storage_url or str(config().data), own.site if own else "")
    if _seen_until.get(place, 0.0) < time.monotonic():
        seen = mark_in(store)
        if seen is not None and (own is None or seen.site != own.site):
            refuse_others(own, seen)
        _seen_until[place] = time.monotonic() + ASK_AGAIN_SECONDS
    return store


def count_sweep(own: Mark | None) -> Mark:
    """Note in the database that the store is about to be swept; the store is told by put_mark() after the commit."""
    row = _row()
    if own is not None and row.site != own.site:
        raise StoreNotOurs("Somebody claimed the store at this moment. Try again.")
    row.sweeps += 1
    session().flush()
    return Mark(row.site, row.sweeps)


def claim_store(*, by: Actor) -> Mark:
    """Make the store this site's own from now on, whoever's it was; the store is told by put_mark() after the commit."""
    row = _row()
    row.site, row.sweeps = uuid4().hex, row.sweeps + 1
    session().flush()
    audit.record(by, "media.store_claimed", None, sweeps=row.sweeps)
    return Mark(row.site, row.sweeps)


def put_mark(store: Storage, mark: Mark) -> None:
    """Write the mark into the store."""
    store.put(MARK_KEY, io.BytesIO(json.dumps(asdict(mark)).encode()), content_type="application/json")


def _row() -> StoreMark:
    first = insert_into(StoreMark).values(id=StoreMark.ONLY, site=uuid4().hex, sweeps=0)
    session().execute(first.on_conflict_do_nothing())
    return session().get_one(StoreMark, StoreMark.ONLY, with_for_update=True, populate_existing=True)
