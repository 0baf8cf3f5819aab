"""Backups are made when they are due, stand in a folder or a bucket, and go when nobody needs them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from inkhorn.core import clock as house_clock
from inkhorn.core.config import ConfigError
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import Unavailable
from inkhorn.core.jobs import JobRow
from inkhorn.transfer import tasks
from inkhorn.transfer.services.keeping.making import Wishes
from inkhorn.transfer.services.keeping.restoring import restore_backup
from inkhorn.transfer.services.keeping.shelf import Kept, name_now, shelf_of, superfluous
from inkhorn.transfer.services.keeping.watching import look_at_backups
from inkhorn.transfer.tasks import keep_up
from tests.buckets import KEYS, make_bucket
from tests.conftest import config_for
from tests.ports import free_port
from tests.transfer.keeping.house import PASSPHRASE
from tests.transfer.keeping.looks import inside

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
DAILY = {"backup_every_hours": 24}


def kept(*moments: datetime) -> list[Kept]:
    return [Kept(f"inkhorn-{moment:%Y%m%dT%H%M%SZ}.tar", moment, 1) for moment in moments]


@pytest.mark.parametrize("kind", ["folder", "bucket"])
def test_a_backup_is_made_when_it_is_due_and_can_be_fetched(site, clock, tmp_path, kind, request):
    where = str(tmp_path / "shelf") if kind == "folder" else make_bucket(request.getfixturevalue("store_endpoint"))
    keys = {} if kind == "folder" else {name.replace("storage", "backup"): value for name, value in KEYS.items()}
    config = config_for(site.data, backup_to=where, backup_passphrase=PASSPHRASE, **DAILY, **keys)
    shelf = shelf_of(config)
    clock.set(NOON)
    assert look_at_backups(config).is_wrong
    assert keep_up(config, shelf)
    assert not keep_up(config, shelf)
    assert [(each.made_at, each.is_sealed) for each in shelf.backups()] == [(NOON, True)]
    assert look_at_backups(config).mark == "well "
    clock.set(NOON + timedelta(hours=24))
    assert keep_up(config, shelf)
    clock.set(NOON + timedelta(hours=51))
    assert look_at_backups(config).is_wrong
    (tmp_path / "fetched").mkdir()
    fetched = shelf.fetch(shelf.backups()[0].name, tmp_path / "fetched")
    assert restore_backup(config_for(tmp_path / "new"), fetched, passphrase=PASSPHRASE).posts == 3
    left = list((site.data / "backups").glob("*")) if kind == "bucket" else []
    assert left == []


def test_of_days_and_weeks_the_last_ones_are_kept():
    hourly = kept(*(NOON - timedelta(hours=number) for number in range(24 * 60)))
    gone = {each.name for each in superfluous(hourly, daily=7, weekly=4)}
    left = [each.made_at for each in hourly if each.name not in gone]
    assert [f"{each:%m-%d %H}" for each in left] == [
        *("11-29 12", "11-28 23", "11-27 23", "11-26 23", "11-25 23", "11-24 23", "11-23 23"),
        *("11-22 23", "11-15 23", "11-08 23"),
    ]


def test_the_newest_always_stays_and_so_do_old_ones_of_a_site_that_slept():
    assert superfluous(kept(NOON), daily=1, weekly=0) == []
    sparse = kept(NOON, NOON - timedelta(days=100), NOON - timedelta(days=200))
    assert superfluous(sparse, daily=2, weekly=0) == [sparse[2]]


def test_what_else_lies_there_stays(site, clock, tmp_path):
    shelf_folder = tmp_path / "shelf"
    shelf_folder.mkdir()
    for name in ("holiday.jpg", "inkhorn-99999999T000000Z.tar", "inkhorn-20200101T000000Z.tar.part"):
        (shelf_folder / name).write_bytes(b"mine")
    config = config_for(site.data, backup_to=str(shelf_folder), backup_keep_daily=1, backup_keep_weekly=0, **DAILY)
    for day in range(3):
        clock.set(NOON + timedelta(days=day))
        keep_up(config, shelf_of(config))
    names = sorted(path.name for path in shelf_folder.iterdir())
    own = name_now(config, Wishes())
    assert own.startswith("inkhorn-20261201T120000Z-")
    assert names == ["holiday.jpg", "inkhorn-20200101T000000Z.tar.part", own, "inkhorn-99999999T000000Z.tar"]


def test_none_is_made_unless_it_was_asked_for(site, monkeypatch):
    with inside(site):
        tasks.make_due_backup()
    assert not (site.data / "backups").exists()
    assert "none are made by themselves" in look_at_backups(site).news
    with inside(config_for(site.data, **DAILY)):
        tasks.make_due_backup()
    assert len(shelf_of(site).backups()) == 1
    assert "Set backup_to" in look_at_backups(config_for(site.data, **DAILY)).remedy


def test_a_failure_is_set_aside_once(site, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    config = config_for(site.data, backup_to=str(tmp_path / "file" / "below"), **DAILY)
    with inside(config):
        with pytest.raises(Unavailable, match=r"cannot be read|could not be written"):
            tasks.make_due_backup()
        with transaction():
            values = {"name": tasks.NAME, "args": {}, "run_at": house_clock.now(), "max_attempts": 1, "is_dead": True, "error": "full"}
            session().add(JobRow(**values))
        tasks.make_due_backup()
        assert len(session().scalars(select(JobRow.id).where(JobRow.is_dead)).all()) == 1


def test_a_store_that_is_away_is_said(site):
    away = f"s3://backups/site?endpoint=http://127.0.0.1:{free_port()}"
    config = config_for(site.data, backup_to=away, **KEYS, **DAILY)
    with pytest.raises(Unavailable, match="does not answer"):
        shelf_of(config).keep(config, Wishes())
    assert list((site.data / "backups").glob("*")) == []


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("backup_passphrase", "short", "backup_passphrase is too short"),
        ("backup_to", "s3://", "backup_to must look like"),
        ("backup_every_hours", 9000, "backup_every_hours = 9000 is out of bounds"),
        ("backup_keep_daily", 0, "backup_keep_daily = 0 is out of bounds"),
        ("checkpoints", "nobody", "checkpoints = .* is unknown"),
    ],
)
def test_a_setting_without_sense_is_refused(tmp_path: Path, key: str, value: object, words: str):
    with pytest.raises(ConfigError, match=words):
        config_for(tmp_path, **{key: value})
