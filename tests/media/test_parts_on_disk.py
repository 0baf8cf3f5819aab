"""What is told of a file in parts that waits on a disk is there: room is kept for it, and it is down before it is told."""

import errno
import os
import shutil
from io import BytesIO
from types import SimpleNamespace

import pytest

from inkhorn.media.services import announcing
from tests.media.shelves import HERE, WAVE, added, begun, empty_folder, kept_files

__all__ = ["empty_folder"]


def test_what_was_announced_and_has_not_come_counts_as_taken(at_desk, wren, emil, monkeypatch):
    free = announcing.SPARE_BYTES + 1000
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=free))
    upload = begun(wren, 600)
    refused = at_desk(emil).ask(HERE, filename="a.wav", size=500)
    assert (refused.status_code, "not enough room" in refused.json["detail"]) == (507, True)
    assert kept_files() == [upload.uuid]
    added(upload, 0, BytesIO(bytes(200)))
    assert at_desk(emil).ask(HERE, filename="a.wav", size=500).status_code == 201
    assert at_desk(emil).ask(HERE, filename="a.wav", size=101).status_code == 507


def test_a_part_is_on_the_disk_before_it_is_told(wren, monkeypatch):
    upload, synced = begun(wren, len(WAVE)), []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda number: (synced.append(os.fstat(number).st_size), real(number)))
    assert added(upload, 0, BytesIO(WAVE[:70_000])) == 70_000
    assert synced == [70_000]


def test_a_part_that_the_disk_does_not_take_is_not_told(wren, monkeypatch):
    upload = begun(wren, len(WAVE))

    def fail(_number: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="Input/output"):
        added(upload, 0, BytesIO(WAVE))
