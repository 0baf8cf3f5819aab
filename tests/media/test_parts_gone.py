"""A large file in parts whose row, file or store goes while it comes: told in words, and nothing of it is kept by halves."""

import errno
import os
import shutil
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from types import SimpleNamespace

import pytest
from sqlalchemy import delete

from inkhorn.core.config import config
from inkhorn.core.database import db, session, transaction
from inkhorn.core.errors import NoRoom
from inkhorn.core.storage import storage
from inkhorn.media import tasks
from inkhorn.media.models import Asset, Upload
from inkhorn.media.services import StoreNotOurs, announcing, marking, parts, put_mark
from inkhorn.media.services.marking import Mark
from inkhorn.media.services.shelves import disk
from tests.media.shelves import HERE, WAVE, added, begun, empty_folder, kept_files, sender
from tests.media.sweeping import own

__all__ = ["empty_folder", "sender"]


def stop_every_upload() -> None:
    """As another window does."""
    with transaction():
        session().execute(delete(Upload).execution_options(synchronize_session=False))


@pytest.fixture
def stopped_when_whole(monkeypatch):
    """Every upload is stopped while what arrived of one is looked into."""
    real = parts.receive

    @contextmanager
    def receive(*args, **more):
        with real(*args, **more) as incoming:
            stop_every_upload()
            yield incoming

    monkeypatch.setattr(parts, "receive", receive)


@pytest.mark.usefixtures("stopped_when_whole")
def test_what_was_stopped_while_it_was_finished_is_not_kept(sender):
    sent = sender()
    sent.part(0, len(WAVE))
    answer = sent.finish()
    assert (answer.status_code, "stopped meanwhile" in answer.json["detail"]) == (404, True)
    assert session().query(Asset).count() == 0


@pytest.mark.usefixtures("stopped_when_whole")
def test_what_was_stopped_while_it_was_refused_is_refused_in_words(sender):
    sent = sender(sha256="0" * 64)
    sent.part(0, len(WAVE))
    assert sent.finish().status_code == 422


def test_a_part_that_is_refused_at_sight_after_it_was_stopped_is_refused_in_words(sender, monkeypatch):
    sent, real = sender(b"MZ\x90\x00" + b"\0" * 200_000, "timetable.jpg"), parts.add_part

    def add_part(*args, **more):
        stop_every_upload()
        return real(*args, **more)

    monkeypatch.setattr(parts, "add_part", add_part)
    assert sent.part(0, 100_000).status_code == 422


def test_nothing_of_the_database_is_held_while_a_part_comes(sender, monkeypatch):
    sent, real, held = sender(), parts.add_part, []

    def add_part(*args, **more):
        held.append(db.session.in_transaction())
        return real(*args, **more)

    monkeypatch.setattr(parts, "add_part", add_part)
    assert sent.part(0, 1000).json["offset"] == 1000
    assert held == [False]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_is_found_full_only_at_the_end_is_told_so_and_nothing_of_the_part_stays(wren, monkeypatch, number):
    upload = begun(wren, len(WAVE))
    added(upload, 0, BytesIO(WAVE[:1000]))

    def fail(_number: int) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as full:
        full.setattr(os, "fsync", fail)
        with pytest.raises(NoRoom, match="Make room and go on"):
            added(upload, 1000, BytesIO(WAVE[1000:]))
    assert parts.offset_of(upload) == 1000
    assert added(upload, 1000, BytesIO(WAVE[1000:])) == len(WAVE)


def test_what_was_announced_and_lies_still_takes_no_room(at_desk, wren, emil, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=announcing.SPARE_BYTES + 1000))
    still = disk.path_of(begun(wren, 600))
    ask = lambda: at_desk(emil).ask(HERE, filename="a.wav", size=900).status_code  # noqa: E731 - asked twice
    assert ask() == 507
    os.utime(still, (still.stat().st_mtime - 2 * 3600,) * 2)
    assert ask() == 201


def test_a_large_file_is_refused_before_a_byte_comes_where_the_store_is_another_sites(at_desk, wren, app, tmp_path, monkeypatch):
    monkeypatch.setitem(app.extensions, "inkhorn.config", replace(config(), data=tmp_path))
    monkeypatch.setattr(marking, "_seen_until", {})
    put_mark(storage(), Mark("another", 1))
    refused = at_desk(wren).ask(HERE, filename="fog.wav", size=len(WAVE))
    assert (refused.status_code, "another site" in refused.json["detail"]) == (409, True)
    assert (session().query(Upload).count(), kept_files()) == (0, [])


def test_what_is_finished_while_the_sweep_looks_stops_no_sweep(database, monkeypatch):
    listed = SimpleNamespace(iterdir=lambda: [config().data / "uploads" / "gone"])
    monkeypatch.setattr(disk, "folder_of_parts", lambda: listed)
    with transaction():
        assert parts.sweep_uploads() == 0


def test_unfinished_work_in_another_sites_store_is_left_alone(database, app, tmp_path, monkeypatch):
    monkeypatch.setitem(app.extensions, "inkhorn.config", replace(config(), data=tmp_path))
    monkeypatch.setattr(marking, "_seen_until", {})
    own()
    theirs = tmp_path / "media" / ".unfinished" / "theirs"
    theirs.parent.mkdir(parents=True, exist_ok=True)
    theirs.touch()
    os.utime(theirs, (0, 0))
    put_mark(storage(), Mark("another", 1))
    with pytest.raises(StoreNotOurs):
        tasks.sweep_orphans()
    assert theirs.exists()
    own()
    marking._seen_until.clear()
    tasks.sweep_orphans()
    assert not theirs.exists()
