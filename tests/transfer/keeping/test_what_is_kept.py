"""Which files a backup takes along: all that it can give back, and it says so of the others."""

import io
import os
import shutil
import sqlite3
import tarfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from inkhorn.core.errors import Unavailable
from inkhorn.core.storage import part_key, storage_of
from inkhorn.media.services.marking import MARK_KEY, Mark, put_mark
from inkhorn.transfer.archive import container
from inkhorn.transfer.archive.contents import LONGEST_NAME_BYTES, Spoilt
from inkhorn.transfer.services.keeping import making
from inkhorn.transfer.services.keeping.making import Wishes, make_backup
from inkhorn.transfer.services.keeping.restoring import restore_backup
from tests.buckets import KEYS, make_bucket

# As long as a name may be, and one byte longer.
LONG = "themes/" + "é" * 100 + "/" + "x" * 96 + "/" + "y" * 95
TOO_LONG = f"{LONG}z"


def write(folder: Path, name: str | bytes) -> None:
    path = folder / os.fsdecode(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"salt")


def test_no_name_of_a_theme_file_makes_a_backup_that_cannot_be_restored(site, empty, tmp_path):
    assert len(LONG.encode()) == LONGEST_NAME_BYTES
    for name in (LONG, TOO_LONG, b"themes/salt/\xff\xfe.css", "themes/salt/.hidden"):
        write(site.data, name)
    (site.data / "themes" / "salt" / "link.css").symlink_to(site.data / "secret_key")
    made = make_backup(site, tmp_path / "one.tar", Wishes())
    assert sorted(made.left_out) == sorted(
        [TOO_LONG, os.fsdecode(b"themes/salt/\xff\xfe.css"), "themes/salt/.hidden", "themes/salt/link.css"]
    )
    restore_backup(empty, made.path)
    assert (empty.data / LONG).read_bytes() == b"salt"
    assert (empty.data / "themes" / "salt" / "templates" / "home.html").exists()
    assert not (empty.data / "themes" / "salt" / "link.css").exists()


def test_whose_a_store_is_stays_with_the_store(site, empty, tmp_path):
    put_mark(storage_of(site), Mark("0" * 32, 9))
    made = make_backup(site, tmp_path / "one.tar", Wishes())
    with tarfile.open(made.path) as archive:
        assert f"media/{MARK_KEY}" not in archive.getnames()
    restore_backup(empty, made.path)
    assert not (empty.data / "media" / MARK_KEY).exists()


def test_what_is_on_its_way_stays_behind_with_what_is_said_of_it(site, empty, tmp_path, store_endpoint):
    in_bucket = replace(site, storage_url=make_bucket(store_endpoint), **KEYS)
    part = part_key("0" * 32, 0)
    for key in (part, "2026/11/salt.txt"):
        storage_of(in_bucket).put(key, io.BytesIO(b"salt"))
    with closing(sqlite3.connect(site.sqlite_path)) as database, database:
        database.execute(
            "INSERT INTO upload (id, uuid, user_id, filename, size_bytes, created_at) "
            f"SELECT 1, '{'0' * 32}', min(id), 'fog.wav', 9, '2026-11-01 00:00:00' FROM user"
        )
        database.execute(f"INSERT INTO upload_part (upload_id, offset_bytes, size_bytes, key) VALUES (1, 0, 4, '{part}')")
    made = make_backup(in_bucket, tmp_path / "one.tar", Wishes())
    with tarfile.open(made.path) as archive:
        assert [name for name in archive.getnames() if name.startswith("media/")] == ["media/2026/11/salt.txt"]
    restore_backup(empty, made.path)
    with closing(sqlite3.connect(empty.sqlite_path)) as database:
        assert [database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("upload", "upload_part")] == [0, 0]


def test_a_file_that_changed_meanwhile_makes_no_backup(site, tmp_path, monkeypatch):
    add = making._add_database

    def meddle(*arguments: object) -> None:
        (site.data / "themes" / "salt" / "templates" / "home.html").write_text("<p>" + "salt " * 900, encoding="utf-8")
        add(*arguments)

    monkeypatch.setattr(making, "_add_database", meddle)
    with pytest.raises(Unavailable, match=r"home\.html was changed while the backup was made"):
        make_backup(site, tmp_path / "one.tar", Wishes())
    assert not (tmp_path / "one.tar").exists()


def test_a_list_that_nobody_would_read_is_not_written(monkeypatch):
    monkeypatch.setitem(container.SMALL, "manifest.json", 10)
    packer = container.Packer(io.BytesIO())
    with pytest.raises(Spoilt, match=r"manifest\.json would have 11 bytes"):
        packer.add("manifest.json", io.BytesIO(b"x" * 11), 11)


def test_room_for_the_files_is_asked_for_as_well(site, tmp_path, monkeypatch):
    database = site.sqlite_path.stat().st_size
    free = 2 * database + making.SPARE_BYTES
    monkeypatch.setattr(making.shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(10 * free, 9 * free, free))
    with pytest.raises(Unavailable, match="Make room there"):
        make_backup(site, tmp_path / "one.tar", Wishes())
