"""Sites on either database, compared."""

from inkhorn.core.config import Config
from inkhorn.core.database import transaction
from inkhorn.search.index import index
from inkhorn.search.services import differing
from inkhorn.transfer.archive import rows
from inkhorn.transfer.archive.tables import tables
from inkhorn.transfer.services.keeping.snapshots import reading
from tests.factories.posts import make_post
from tests.transfer.keeping.looks import inside


def sums(config: Config) -> dict[str, rows.Sum]:
    """What is in each table, as rows are compared."""
    found = {}
    with reading(config) as connection:
        for table in tables(connection.dialect.name):
            found[table.name] = told = rows.Sum()
            for _batch in rows._batches(connection, table, told):
                pass
    return found


def search_is_right(config: Config) -> bool:
    with inside(config):
        with transaction():
            is_sound = index().is_sound()
        return is_sound and not list(differing(lambda _done, _total: None))


def new_post_number(config: Config) -> int:
    with inside(config):
        return make_post(title="Later").id
