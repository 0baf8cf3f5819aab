"""What is told of a file in parts is true: checked, on the disk, room kept for it, and told again to whoever did not hear it."""

import errno
import os
import shutil
from base64 import b64encode
from hashlib import sha256
from io import BytesIO
from types import SimpleNamespace

import pytest

from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.media.models import Asset, Upload
from inkhorn.media.services import announcing, parts
from inkhorn.media.services.leaving import remove_assets
from tests.factories.media import make_asset
from tests.media.test_parts import HERE, WAVE, empty_folder, kept_files, sender

__all__ = ["empty_folder", "sender"]


def digest(content: bytes) -> dict[str, str]:
    return {"Content-Digest": f"sha-256=:{b64encode(sha256(content).digest()).decode()}:"}


def test_a_part_with_its_checksum_is_taken_in(sender):
    sent = sender()
    assert sent.part(0, 1000, **digest(WAVE[:1000])).json["offset"] == 1000
    told = "md5=:x:, SHA-256=" + digest(WAVE[1000:2000])["Content-Digest"].partition("=")[2]
    assert sent.part(1000, 2000, **{"Content-Digest": told}).json["offset"] == 2000
    assert sent.part(2000, 3000, **{"Content-Digest": "md5=:x:"}).json["offset"] == 3000


def test_nothing_of_a_damaged_part_stays(sender):
    sent = sender()
    sent.part(0, 1000)
    refused = sent.part(1000, 2000, **digest(b"something else"))
    assert (refused.status_code, refused.json["errors"][0]["field"], sent.far()) == (422, "Content-Digest", 1000)
    assert sent.part(1000, len(WAVE), **digest(WAVE[1000:])).json["offset"] == len(WAVE)
    assert sent.finish().status_code == 200


@pytest.mark.parametrize("told", ["sha-256=x", "sha-256=::", "sha-256=:eA==:", "sha-256=:%%%:", "sha-256", "sha-256=:\xe9:"])
def test_a_checksum_that_is_none_is_refused_by_name(sender, told):
    sent = sender()
    refused = sent.part(0, 1000, **{"Content-Digest": told})
    assert (refused.status_code, refused.json["errors"][0]["field"], sent.far()) == (422, "Content-Digest", 0)


def test_a_finished_upload_is_told_again_and_kept_once(sender, ada, at_desk):
    sent = sender()
    sent.part(0, len(WAVE))
    first = sent.finish()
    assert kept_files() == []
    assert sent.finish().json == first.json
    assert sent.desk.get(sent.address).json["asset"] == first.json
    assert sent.far() == len(WAVE)
    assert sent.part(len(WAVE), len(WAVE)).status_code == 404
    assert at_desk(ada).ask(f"{sent.address}/finish").status_code == 404
    assert session().query(Asset).count() == 1


def test_of_two_that_finish_at_once_the_second_is_told_the_same(sender, monkeypatch):
    sent = sender()
    sent.part(0, len(WAVE))
    first, known = sent.finish().json, parts.asset_of
    looks: list[Upload] = []

    def look(upload: Upload) -> Asset | None:
        looks.append(upload)
        # As it was when the second request looked, a moment before the first one committed.
        return None if len(looks) == 1 else known(upload)

    monkeypatch.setattr(parts, "asset_of", look)
    assert sent.finish().json == first


def test_what_was_removed_for_good_is_told_no_more(sender):
    sent = sender()
    sent.part(0, len(WAVE))
    asset = sent.finish().json
    with transaction():
        remove_assets([asset["id"]], by=House())
    assert sent.finish().status_code == 404


def test_a_finished_upload_takes_no_place(at_desk, wren, monkeypatch):
    monkeypatch.setattr(announcing, "MOST_AT_ONCE", 1)
    upload = begun(wren, 10)
    with transaction():
        parts.close_upload(upload, make_asset())
    assert at_desk(wren).ask(HERE, filename="a.wav", size=10).status_code == 201


def begun(actor, size_bytes: int) -> Upload:
    with transaction():
        return announcing.begin_upload(actor.user, filename="fog.wav", size_bytes=size_bytes)


def test_what_was_announced_and_has_not_come_counts_as_taken(at_desk, wren, emil, monkeypatch):
    free = announcing.SPARE_BYTES + 1000
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=free))
    upload = begun(wren, 600)
    refused = at_desk(emil).ask(HERE, filename="a.wav", size=500)
    assert (refused.status_code, "not enough room" in refused.json["detail"]) == (507, True)
    assert kept_files() == [upload.uuid]
    parts.add_part(upload, 0, BytesIO(bytes(200)))
    assert at_desk(emil).ask(HERE, filename="a.wav", size=500).status_code == 201
    assert at_desk(emil).ask(HERE, filename="a.wav", size=101).status_code == 507


def test_a_part_is_on_the_disk_before_it_is_told(wren, monkeypatch):
    upload, synced = begun(wren, len(WAVE)), []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda number: (synced.append(os.fstat(number).st_size), real(number)))
    assert parts.add_part(upload, 0, BytesIO(WAVE[:70_000])) == 70_000
    assert synced == [70_000]


def test_a_part_that_the_disk_does_not_take_is_not_told(wren, monkeypatch):
    upload = begun(wren, len(WAVE))

    def fail(_number: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="Input/output"):
        parts.add_part(upload, 0, BytesIO(WAVE))
