"""A database that nobody could restore is not kept, and one with loose ends is."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from inkhorn.core.errors import Unavailable
from inkhorn.transfer.services.keeping.making import Wishes, make_backup
from inkhorn.transfer.services.keeping.restoring import restore_backup
from inkhorn.transfer.services.keeping.shelf import shelf_of
from inkhorn.transfer.tasks import keep_up
from tests.conftest import config_for
from tests.transfer.keeping.looks import rows

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


def damage(path) -> None:
    """Make an index say otherwise than its table, which every query but that one survives."""
    with closing(sqlite3.connect(path)) as database:
        (page,) = database.execute(
            "SELECT rootpage FROM sqlite_master WHERE type = 'index' AND tbl_name = 'post' AND rootpage LIMIT 1"
        ).fetchone()
        (size,) = database.execute("PRAGMA page_size").fetchone()
        database.execute("PRAGMA journal_mode=DELETE")
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        # The leaf of an index without a cell: whole in itself, and other than its table.
        file.write(b"\x0a" + bytes(4) + size.to_bytes(2) + bytes(1))


def test_a_damaged_database_fails_the_backup_and_no_earlier_one_goes(site, clock):
    config = config_for(site.data, backup_every_hours=24, backup_keep_daily=1, backup_keep_weekly=0)
    clock.set(NOON)
    assert keep_up(config, shelf_of(config))
    damage(site.sqlite_path)
    for day in (1, 2):
        clock.set(NOON + timedelta(days=day))
        with pytest.raises(Unavailable, match=r"database is damaged.*the earlier ones stay"):
            keep_up(config, shelf_of(config))
    assert [each.made_at for each in shelf_of(config).backups()] == [NOON]
    assert len(list((site.data / "backups").iterdir())) == 1


def test_loose_ends_are_told_kept_and_brought_back(site, empty, tmp_path):
    with closing(sqlite3.connect(site.sqlite_path)) as database:
        database.execute("UPDATE comment SET parent_id = 999 WHERE parent_id IS NOT NULL")
        database.commit()
    made = make_backup(site, tmp_path / "one.tar", Wishes())
    assert made.orphans == 1
    assert restore_backup(empty, made.path).posts == 3
    assert rows(empty)["comment"] == rows(site)["comment"]
