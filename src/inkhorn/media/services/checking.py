"""Looking whether what the rows speak of is where they say."""

from sqlalchemy import select

from inkhorn.core.database import end_read, session
from inkhorn.core.storage import storage
from inkhorn.media.models import Asset, Rendition

BATCH = 500


def missing_files() -> tuple[int, list[str]]:
    """How many files were looked at, and the keys of those that are not there or of another size."""
    store, looked, missing = storage(), 0, []
    for table in (Asset, Rendition):
        last = 0
        # By parts, so that no snapshot of the database is held while a slow store is asked.
        while (
            rows := session()
            .execute(select(table.id, table.key, table.size_bytes).where(table.id > last).order_by(table.id).limit(BATCH))
            .all()
        ):
            end_read()
            for _number, key, size_bytes in rows:
                looked += 1
                stored = store.stat(key)
                if stored is None or stored.size_bytes != size_bytes:
                    missing.append(key)
            last = rows[-1][0]
    return looked, missing
