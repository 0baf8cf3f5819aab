"""A restore into PostgreSQL takes the place of what a first start made, refuses anybody's work, and takes neither for its own."""

import psycopg
import pytest

from inkhorn.core import clock
from inkhorn.core.errors import Conflict, Unavailable
from inkhorn.core.migrating import MigrationFailed
from inkhorn.core.starting import READY
from inkhorn.transfer.services.keeping import filling, placing
from inkhorn.transfer.services.keeping.restoring import finish_restore, restore_backup
from tests.conftest import config_for
from tests.running import RunningSite
from tests.transfer.keeping.house import TITLES
from tests.transfer.keeping.looks import titles

pytestmark = [pytest.mark.postgres, pytest.mark.slow]
SOMEBODYS = "INSERT INTO setting VALUES ('site', 'title', '\"Mine\"', now())"


@pytest.fixture
def there(tmp_path, postgres_url):
    """A folder for a site with its database in PostgreSQL."""
    return config_for(tmp_path / "there", database_url=postgres_url)


def told(url: str, statement: str) -> list[tuple]:
    with psycopg.connect(url, autocommit=True) as asked:
        answer = asked.execute(statement)
        return answer.fetchall() if answer.description else []


def test_what_a_first_start_wrote_makes_way(there, tmp_path, postgres_url, plain):
    started = RunningSite(tmp_path / "started", environment={"INKHORN_PROFILE": "development", "INKHORN_DATABASE_URL": postgres_url})
    started.start().stop()
    told(postgres_url, "INSERT INTO page_reader (name, number, heard_at) VALUES ('1-gone', 7, now())")
    assert told(postgres_url, "SELECT count(*) FROM role") != [(0,)]
    before = int(clock.now().timestamp() * 1_000_000)
    assert restore_backup(there, plain).posts == 3
    assert told(postgres_url, "SELECT count(*) FROM page_reader") == [(0,)]
    assert told(postgres_url, "SELECT number FROM page_generation")[0][0] >= before
    assert titles(config_for(there.data, database_url=postgres_url)) == list(TITLES)


def test_anybodys_row_is_refused(there, postgres_url, plain):
    told(postgres_url, "CREATE TABLE invoices AS SELECT 1 AS id")
    with pytest.raises(Conflict, match=r"rows in invoices\).*Give an empty database"):
        restore_backup(there, plain)
    assert not (there.data / READY).exists()


@pytest.fixture
def stopped(there, plain, monkeypatch):
    """Lets a restore stop before or after its rows have come, as if the machine had."""

    def stop(*, is_filled: bool) -> None:
        def cut(*arguments: object) -> None:
            if is_filled:
                filling.fill(*arguments)
            raise OSError(5, "The machine is gone", "disk")

        with monkeypatch.context() as patched:
            patched.setattr(placing, "fill", cut)
            with pytest.raises(Unavailable, match="inkhorn restore --finish"):
                restore_backup(there, plain)
        assert (there.data / READY).exists()

    return stop


def test_rows_that_came_are_known_again_and_come_once(there, postgres_url, stopped):
    stopped(is_filled=True)
    told(postgres_url, SOMEBODYS.replace("title", "tagline"))
    told(postgres_url, "DELETE FROM comment")
    finish_restore(there)
    assert not (there.data / READY).exists()
    assert list((there.data / "media").rglob("*.*"))
    assert told(postgres_url, "SELECT count(*) FROM comment") == [(0,)]
    assert told(postgres_url, "SELECT count(*) FROM setting WHERE key = 'tagline'") == [(1,)]


def test_rows_of_others_are_not_taken_for_its_own(there, postgres_url, stopped):
    stopped(is_filled=False)
    told(postgres_url, "CREATE TABLE invoices AS SELECT 1 AS id")
    with pytest.raises(Conflict, match="Give an empty database"):
        finish_restore(there)
    assert not (there.data / READY).exists()
    assert not (there.data / "media").exists()


@pytest.mark.parametrize("error", [MigrationFailed("The database could not be migrated."), Unavailable("It is away.")])
def test_what_failed_before_anything_was_put_anywhere_leaves_nothing_begun(there, plain, monkeypatch, error):
    def fail(*_arguments: object, **_more: object) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(filling, "carry", fail)
        with pytest.raises(Unavailable, match=str(error)):
            restore_backup(there, plain)
    assert not (there.data / READY).exists()
    assert restore_backup(there, plain).posts == 3
