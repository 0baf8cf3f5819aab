"""A restore asks before it overwrites, puts aside what was there, and lays beside what could lead astray."""

import os
import sqlite3
import stat
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from inkhorn.core import migrating, revisions
from inkhorn.core.errors import Conflict
from inkhorn.core.runner import RunnerBusy, take_lock
from inkhorn.core.starting import READY, StartRefused, lock_folder
from inkhorn.transfer.services.keeping.making import Wishes, make_backup
from inkhorn.transfer.services.keeping.restoring import restore_backup
from tests.conftest import config_for
from tests.transfer.keeping.house import TITLES
from tests.transfer.keeping.looks import everything, rows, titles


def test_a_site_is_not_overwritten_unasked(site, plain):
    before = everything(site.data)
    with pytest.raises(Conflict, match=r"3 posts, 1 people.*--over"):
        restore_backup(site, plain)
    assert everything(site.data) == before


def test_what_was_there_is_put_aside(site, plain):
    with closing(sqlite3.connect(site.sqlite_path)) as database:
        database.execute("UPDATE post SET title = 'Changed'")
        database.commit()
    aside = restore_backup(site, plain, is_over=True).aside
    assert titles(config_for(site.data)) == list(TITLES)
    assert titles(replace(site, database_url=f"sqlite:///{aside / 'inkhorn.sqlite3'}")) == ["Changed"] * 3


def test_a_volume_with_themes_stays_where_it_is_and_is_filled(empty, plain, monkeypatch):
    volume = empty.data / "themes"
    for name in ("salt", "pepper"):
        (volume / name).mkdir(parents=True)
        (volume / name / "theme.toml").write_text("old", encoding="utf-8")
    number = volume.stat().st_ino
    monkeypatch.setattr(os.path, "ismount", lambda path: Path(path) == volume)
    restore_backup(empty, plain)
    assert volume.stat().st_ino == number
    # What was there before stays in the volume too: a container that fills it may be gone afterwards.
    (aside,) = volume.glob(".before-restore-*")
    assert sorted(path.name for path in volume.iterdir()) == [aside.name, "pepper", "salt"]
    assert (volume / "salt" / "templates" / "home.html").is_file()
    assert not (volume / "salt" / "theme.toml").exists()
    assert (aside / "salt" / "theme.toml").read_text(encoding="utf-8") == "old"


def test_a_backup_of_an_earlier_version_is_brought_to_this_one(tmp_path):
    old = config_for(tmp_path / "old")
    old.data.mkdir()
    migrating.upgrade(old, "0012")
    with closing(sqlite3.connect(old.sqlite_path)) as database:
        database.execute("INSERT INTO setting VALUES ('site', 'title', '\"Slow Ferry\"', '2026-01-01 00:00:00')")
        database.commit()
    made = make_backup(old, tmp_path / "old.tar", Wishes())
    new = config_for(tmp_path / "new")
    assert restore_backup(new, made.path).about.revision == "0012"
    assert migrating.current_revision(new) == revisions.head()
    assert rows(new)["setting"] == rows(old)["setting"] != []
    assert not (new.data / "backups").exists()


def test_a_database_elsewhere_is_for_its_owner_alone(tmp_path, plain):
    elsewhere = tmp_path / "elsewhere" / "site.sqlite3"
    config = config_for(tmp_path / "new", database_url=f"sqlite:///{elsewhere}")
    assert restore_backup(config, plain).posts == 3
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o600


def test_a_site_that_runs_is_left_alone(site, plain):
    for held in (lock_folder(site), take_lock(site.data, is_needed=True)[0]):
        with held, pytest.raises((StartRefused, RunnerBusy), match=r"runs on|runner works on"):
            restore_backup(site, plain, is_over=True)


def test_settings_that_lead_elsewhere_are_only_laid_beside(site, tmp_path):
    (site.data / "inkhorn.toml").write_text('database_url = "postgresql://somewhere/else"\n', encoding="utf-8")
    made = make_backup(site, tmp_path / "one.tar", Wishes())
    restored = restore_backup(config_for(tmp_path / "new"), made.path)
    assert not (tmp_path / "new" / "inkhorn.toml").exists()
    assert "somewhere" in restored.settings_beside.read_text(encoding="utf-8")
    (site.data / "inkhorn.toml").write_text("web_workers = 3\n", encoding="utf-8")
    made = make_backup(site, tmp_path / "two.tar", Wishes())
    restore_backup(config_for(tmp_path / "newer"), made.path)
    assert (tmp_path / "newer" / "inkhorn.toml").read_text(encoding="utf-8") == "web_workers = 3\n"


@pytest.mark.parametrize(
    "content", [b"web_workers = [", b"\xff\xfe", b'ink = "blue"\n', b"web_workers = 900\n", b"x = " + b"[" * 5000, b"port = " + b"9" * 5000]
)
def test_settings_that_let_nothing_start_are_only_laid_beside(site, tmp_path, content):
    (site.data / "inkhorn.toml").write_bytes(content)
    made = make_backup(site, tmp_path / "one.tar", Wishes())
    new = config_for(tmp_path / "new")
    assert restore_backup(new, made.path).settings_beside.read_bytes() == content
    assert not (new.data / "inkhorn.toml").exists()
    assert not (new.data / READY).exists()


def test_settings_from_elsewhere_are_named(site, empty):
    told = replace(site, origins={**site.origins, "smtp_password": "environment", "web_workers": "inkhorn.toml"})
    made = make_backup(told, site.data / "one.tar", Wishes())
    named = restore_backup(empty, made.path).about.set_elsewhere
    assert "smtp_password" in named
    assert "web_workers" not in named
