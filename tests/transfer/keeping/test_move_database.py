"""The database goes to PostgreSQL and back with every row as it was, or not at all."""

import re
import sqlite3
from contextlib import closing

import psycopg
import pytest

from inkhorn.core import migrating
from inkhorn.core.database import Base
from inkhorn.core.errors import Conflict, Invalid
from inkhorn.transfer.archive import rows
from inkhorn.transfer.archive.tables import tables
from inkhorn.transfer.services.keeping import moving
from inkhorn.transfer.services.keeping.moving import move_database
from tests.conftest import config_for
from tests.transfer.keeping.comparing import new_post_number, search_is_right, sums
from tests.transfer.keeping.house import TITLES
from tests.transfer.keeping.looks import dump, titles

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


def test_it_goes_over_and_back(site, tmp_path, postgres_url):
    before = dump(site.sqlite_path)
    moved = move_database(site, postgres_url)
    there = config_for(site.data, database_url=postgres_url)
    assert dump(site.sqlite_path) == before
    assert moved.rows == sum(each.rows for each in sums(site).values()) > 50
    assert sums(there) == sums(site)
    assert titles(there) == list(TITLES)
    assert search_is_right(there)
    assert migrating.differences(there) == []
    back = f"sqlite:///{tmp_path / 'back' / 'site.sqlite3'}"
    move_database(there, back)
    again = config_for(site.data, database_url=back)
    assert sums(again) == sums(site)
    assert search_is_right(again)
    assert [path.name for path in (tmp_path / "back").iterdir()] == ["site.sqlite3"]
    # Post 4 was made and removed before: its number stands in the audit log.
    assert (new_post_number(again), new_post_number(there)) == (5, 5)


def test_foreign_keys_and_guards_are_there_afterwards(site, postgres_url):
    move_database(site, postgres_url)
    with psycopg.connect(postgres_url, autocommit=True) as asked:
        keys = asked.execute("SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND convalidated").fetchone()[0]
        assert keys == sum(len(table.foreign_keys) for table in Base.metadata.tables.values())
        with pytest.raises(psycopg.errors.RaiseException, match="only grows"):
            asked.execute("DELETE FROM audit_entry")


def test_a_database_that_holds_something_is_left_alone(site, postgres_url):
    with psycopg.connect(postgres_url, autocommit=True) as asked:
        asked.execute("CREATE TABLE invoices (id int)")
    with pytest.raises(Conflict, match=r"not empty.*invoices"):
        move_database(site, postgres_url)
    with psycopg.connect(postgres_url, autocommit=True) as asked:
        asked.execute("DROP TABLE invoices")
    move_database(site, postgres_url)
    with pytest.raises(Conflict, match="not empty"):
        move_database(site, postgres_url)


def test_a_move_that_was_cut_off_is_begun_again(site, postgres_url, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(rows, "_set_numbers", lambda *_connections: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            move_database(site, postgres_url)
    with psycopg.connect(postgres_url, autocommit=True) as asked:
        assert asked.execute("SELECT count(*) FROM post").fetchone() == (0,)
    move_database(site, postgres_url)
    assert titles(config_for(site.data, database_url=postgres_url)) == list(TITLES)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE post SET title = 'nul ' || char(0) WHERE id = 1", r"table post holds something that the other database does not take"),
        ("UPDATE post SET slug = printf('%.*c', 900, 'x') WHERE id = 1", r"table post holds something.*too long"),
        ("PRAGMA foreign_keys=OFF; UPDATE comment SET parent_id = 999 WHERE parent_id IS NOT NULL", r"point at rows that are not there"),
        ("CREATE TABLE invoices (id int)", r"tables that Inkhorn did not make \(invoices\)"),
    ],
)
def test_what_cannot_be_carried_is_named_and_nothing_is_kept(site, postgres_url, change, words):
    with closing(sqlite3.connect(site.sqlite_path)) as database:
        database.executescript(change)
    with pytest.raises(Conflict, match=words):
        move_database(site, postgres_url)
    with psycopg.connect(postgres_url, autocommit=True) as asked:
        assert asked.execute("SELECT count(*) FROM post").fetchone() == (0,)


def test_a_row_that_arrives_otherwise_is_found(site, postgres_url, monkeypatch):
    put_back = rows._put_back_keys

    def meddle(target, keys):
        target.exec_driver_sql("UPDATE post SET title = title || ' ' WHERE id = 2")
        put_back(target, keys)

    monkeypatch.setattr(rows, "_put_back_keys", meddle)
    with pytest.raises(Conflict, match="table post did not arrive as it was read"):
        move_database(site, postgres_url)


@pytest.mark.parametrize("to", ["mysql://x/y", "", "postgresql", "sqlite:///{own}"])
def test_nonsense_for_a_target_is_refused(site, to):
    with pytest.raises(Invalid, match=re.escape("--to")):
        move_database(site, to.format(own=site.sqlite_path))


def test_a_file_without_a_folder_is_told_with_the_one_it_was_made_in(site, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert move_database(site, "sqlite:///moved.sqlite3").target.database_url == f"sqlite:///{tmp_path}/moved.sqlite3"
    assert (tmp_path / "moved.sqlite3").exists()


def test_a_database_that_somebody_uses_is_not_moved(site, tmp_path, postgres_url, monkeypatch):
    move_database(site, postgres_url)
    there = config_for(tmp_path / "there", database_url=postgres_url)
    with monkeypatch.context() as patched, psycopg.connect(postgres_url):
        patched.setattr(moving, "PATIENCE_SECONDS", 0)
        with pytest.raises(Conflict, match="connected to the database"):
            move_database(there, f"sqlite:///{tmp_path / 'x.sqlite3'}")
    (tmp_path / "x.sqlite3").write_bytes(b"")
    with pytest.raises(Conflict, match="is there already"):
        move_database(there, f"sqlite:///{tmp_path / 'x.sqlite3'}")


def test_an_account_without_rights_sees_that_others_are_there(postgres_url):
    with psycopg.connect(postgres_url, autocommit=True) as other:
        other.execute("CREATE ROLE mover LOGIN")
        try:
            with psycopg.connect(postgres_url.replace("inkhorn@", "mover@")) as mover:
                assert mover.execute(str(moving.OTHERS)).fetchone()[0] >= 1
        finally:
            other.execute("DROP ROLE mover")


def test_every_table_of_every_room_is_carried(app):
    assert {table.name for table in tables("sqlite")} == set(Base.metadata.tables)
