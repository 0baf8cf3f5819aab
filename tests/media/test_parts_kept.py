"""What is told of a file in parts is true: checked, on the disk, room kept for it, and told again to whoever did not hear it."""

from base64 import b64encode
from hashlib import sha256

import pytest

from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.media.models import Asset, Upload
from inkhorn.media.services import announcing, parts
from inkhorn.media.services.leaving import remove_assets
from tests.factories.media import make_asset
from tests.media.shelves import HERE, WAVE, begun, empty_folder, kept_files, place, sender, unrenewed

__all__ = ["empty_folder", "place", "sender", "unrenewed"]


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
