"""Looking whether what the rows speak of is where they say."""

from sqlalchemy import select

from inkhorn.core.database import session
from inkhorn.core.storage import storage
from inkhorn.media.models import Asset, Rendition

BATCH = 500


def missing_files() -> tuple[int, list[str]]:
    """How many files were looked at, and the keys of those that are not there or of another size."""
    store, looked, missing = storage(), 0, []
    for table in (Asset, Rendition):
        rows = select(table.key, table.size_bytes).order_by(table.id).execution_options(yield_per=BATCH)
        for key, size_bytes in session().execute(rows):
            looked += 1
            stored = store.stat(key)
            if stored is None or stored.size_bytes != size_bytes:
                missing.append(key)
    return looked, missing
