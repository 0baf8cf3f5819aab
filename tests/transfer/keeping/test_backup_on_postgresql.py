"""Backups of PostgreSQL, and of SQLite restored there."""

import sqlite3
from contextlib import closing

import psycopg
import pytest

from inkhorn.core.errors import Conflict
from inkhorn.core.starting import READY
from inkhorn.transfer.services.keeping.making import Wishes, make_backup
from inkhorn.transfer.services.keeping.moving import move_database
from inkhorn.transfer.services.keeping.restoring import restore_backup
from tests.conftest import config_for
from tests.transfer.keeping.comparing import new_post_number, search_is_right, sums
from tests.transfer.keeping.house import TITLES
from tests.transfer.keeping.looks import titles

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


def test_a_backup_crosses_between_databases(site, tmp_path, postgres_url, plain):
    there = config_for(tmp_path / "there", database_url=postgres_url)
    assert restore_backup(there, plain).posts == 3
    assert titles(config_for(there.data, database_url=postgres_url)) == list(TITLES)
    with pytest.raises(Conflict, match="Give an empty database"):
        restore_backup(there, plain, is_over=True)
    made = make_backup(there, tmp_path / "from-postgresql.tar", Wishes())
    here = config_for(tmp_path / "here")
    restore_backup(here, made.path)
    but = {"audit_entry", "session", "letter", "job", "page_generation"}
    kept, came = sums(site), sums(here)
    assert {name: came[name] for name in kept if name not in but} == {name: kept[name] for name in kept if name not in but}
    assert search_is_right(config_for(here.data))


def test_what_postgresql_refuses_leaves_nothing_begun(site, tmp_path, postgres_url, plain):
    with closing(sqlite3.connect(site.sqlite_path)) as database:
        database.execute("UPDATE post SET title = 'nul ' || char(0) WHERE id = 1")
        database.commit()
    made = make_backup(site, tmp_path / "nul.tar", Wishes())
    there = config_for(tmp_path / "there", database_url=postgres_url)
    with pytest.raises(Conflict, match="table post holds something"):
        restore_backup(there, made.path)
    assert not (there.data / READY).exists()
    assert not (there.data / "media").exists()
    assert restore_backup(there, plain).posts == 3


def test_the_account_of_the_application_may_make_backups(site, tmp_path, postgres_url):
    move_database(site, postgres_url)
    with psycopg.connect(postgres_url, autocommit=True) as owner:
        owner.execute("CREATE ROLE backups_app LOGIN")
        owner.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO backups_app")
        owner.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO backups_app")
    try:
        config = config_for(tmp_path / "app", database_url=postgres_url.replace("inkhorn@", "backups_app@"))
        made = make_backup(config, tmp_path / "one.tar", Wishes())
        here = config_for(tmp_path / "here")
        restore_backup(here, made.path)
        assert new_post_number(config_for(here.data)) == 5
    finally:
        with psycopg.connect(postgres_url, autocommit=True) as owner:
            owner.execute("DROP OWNED BY backups_app")
            owner.execute("DROP ROLE backups_app")
