"""Large files in parts: they go on where they stopped, and nothing of them is reachable before they are whole."""

import os
from hashlib import sha256
from io import BytesIO

import pytest

from inkhorn.core import clock as house_clock
from inkhorn.core.config import config
from inkhorn.core.database import session, transaction
from inkhorn.core.storage import storage
from inkhorn.media.models import Asset, Upload
from inkhorn.media.services import announcing, parts
from inkhorn.media.services.parts import sweep_uploads
from inkhorn.media.services.shelves.shelf import PART_BYTES
from tests.media.shelves import HERE, WAVE, Sender, added, empty_folder, kept_files, place, sender, unrenewed

__all__ = ["empty_folder", "place", "sender", "unrenewed"]


def test_a_file_in_parts_is_kept_whole(sender, client):
    sent = sender(sha256=sha256(WAVE).hexdigest())
    assert sent.begun.status_code == 201
    assert sent.part(0, 100_000).json["offset"] == 100_000
    assert sent.far() == 100_000
    sent.part(100_000, len(WAVE))
    asset = sent.finish().json
    assert (asset["filename"], asset["content_type"]) == ("fog.wav", "audio/wav")
    assert client.get(asset["path"]).data == WAVE
    assert kept_files() == []


def test_a_part_that_does_not_follow_is_told_what_would(sender):
    sent = sender()
    sent.part(0, 1000)
    for offset in (0, 999, 1001, 10**14):
        answer = sent.part(1000, 2000, offset=offset)
        assert (answer.status_code, answer.json["offset"]) == (409, 1000)
    assert sent.far() == 1000


@pytest.mark.parametrize("offset", ["", "-1", "x", "1.5", "NaN", "٣", "9" * 30])
def test_an_offset_that_is_no_number_is_refused_by_name(sender, offset):
    answer = sender().part(0, 10, offset=offset)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "Upload-Offset")


@pytest.mark.parametrize(
    ("size", "status"), [(0, 422), (-1, 422), (5 * 2**30, 413), (2**63, 422), ("", 422), ("x", 422), ("1e9", 422), ("NaN", 422)]
)
def test_a_size_that_cannot_be_kept_is_refused_before_a_byte_comes(at_desk, wren, size, status):
    answer = at_desk(wren).ask(HERE, filename="a.wav", size=size)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (status, "size")
    assert session().query(Upload).count() == 0
    assert kept_files() == []


def test_more_than_was_announced_is_refused_and_not_kept(sender):
    sent = sender()
    sent.content += b"more"
    assert sent.part(0, len(sent.content)).status_code == 422
    assert sent.far() == 0


def test_what_is_not_whole_is_not_finished(sender):
    sent = sender()
    sent.part(0, 1000)
    assert sent.finish().status_code == 409
    assert session().query(Asset).count() == 0


def test_a_damaged_file_is_refused_and_forgotten(sender):
    before = {each.key for each in storage().files()}
    sent = sender(sha256="0" * 64)
    sent.part(0, len(WAVE))
    answer = sent.finish()
    assert (answer.status_code, "damaged" in answer.json["detail"]) == (422, True)
    assert kept_files() == []
    assert {each.key for each in storage().files()} == before


def test_what_is_not_kept_is_said_after_the_first_part(sender):
    sent = sender(b"MZ\x90\x00" + b"\0" * 200_000, "timetable.jpg")
    assert sent.part(0, 100_000).status_code == 422
    assert sent.desk.get(sent.address).status_code == 404
    assert kept_files() == []


def test_strangers_cannot_see_add_to_finish_or_stop_it(sender, at_desk, emil, client):
    sent = sender()
    theirs = Sender(at_desk(emil))
    theirs.address = sent.address
    assert theirs.part(0, 10).status_code == 404
    assert theirs.finish().status_code == 404
    assert theirs.desk.get(sent.address).status_code == 404
    assert theirs.desk.browser.delete(sent.address, headers={"X-CSRF-Token": theirs.token}).status_code == 404
    assert client.patch(sent.address, data=b"x", headers={"Accept": "application/json"}).status_code == 401


@pytest.mark.parametrize("token", ["", "x", "a.b.c"])
def test_a_forged_part_is_refused(sender, token):
    sent = sender()
    assert sent.part(0, 10, token=token).status_code == 403
    assert sent.desk.browser.delete(sent.address, headers={"X-CSRF-Token": token}).status_code == 403
    assert sent.far() == 0


def test_a_part_is_no_larger_than_it_may_be(sender):
    sent = sender(b"RIFF\x24\x00\x00\x00WAVE" + bytes(PART_BYTES + 100))
    refused = sent.part(0, PART_BYTES + 50)
    assert (refused.status_code, refused.json["errors"][0]["field"], sent.far()) == (413, "part", 0)


def test_a_stream_without_an_end_is_refused_and_nothing_of_it_stays(sender):
    sent = sender(b"RIFF\x24\x00\x00\x00WAVE" + bytes(2 * PART_BYTES))
    headers = {"Upload-Offset": "0", "X-CSRF-Token": sent.token, "Accept": "application/json"}
    told = {"wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    refused = sent.desk.browser.patch(sent.address, data=sent.content, headers=headers, environ_overrides=told)
    assert (refused.status_code, refused.json["errors"][0]["field"], sent.far()) == (413, "part", 0)


def test_a_full_part_arrives_by_a_server_that_marks_the_end_itself(sender):
    sent = sender(b"RIFF\x24\x00\x00\x00WAVE" + bytes(PART_BYTES))
    headers = {"Upload-Offset": "0", "X-CSRF-Token": sent.token, "Accept": "application/json"}
    ends_itself = {"wsgi.input_terminated": True}
    answer = sent.desk.browser.patch(sent.address, data=sent.content[:PART_BYTES], headers=headers, environ_overrides=ends_itself)
    assert (answer.status_code, answer.json["offset"]) == (200, PART_BYTES)


def test_a_stopped_upload_is_gone(sender):
    sent = sender()
    sent.part(0, 1000)
    assert sent.desk.browser.delete(sent.address, headers={"X-CSRF-Token": sent.token}).status_code == 204
    assert kept_files() == []


def test_what_a_cut_line_brought_stays_and_the_rest_follows(wren):
    class Cut(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() >= 50_000:
                raise ConnectionResetError
            return super().read(min(size or 25_000, 25_000))

    with transaction():
        upload = announcing.begin_upload(wren.user, filename="fog.wav", size_bytes=len(WAVE))
    with pytest.raises(ConnectionResetError):
        added(upload, 0, Cut(WAVE))
    assert parts.offset_of(upload) == 50_000
    assert added(upload, 50_000, BytesIO(WAVE[50_000:])) == len(WAVE)


def test_what_was_left_half_way_is_forgotten_after_a_day(sender, clock):
    sent = sender()
    sent.part(0, 1000)
    with transaction():
        assert sweep_uploads() == 0
    clock.forward(hours=25)
    for arrived in (config().data / "uploads").iterdir():
        os.utime(arrived, (0, 0))
    with transaction():
        assert sweep_uploads(house_clock.now()) == 1
    assert kept_files() == []
    assert sent.desk.get(sent.address).status_code == 404


def test_nobody_has_more_on_the_way_than_is_bounded(at_desk, wren, monkeypatch):
    monkeypatch.setattr(announcing, "MOST_AT_ONCE", 2)
    desk = at_desk(wren)
    assert [desk.ask(HERE, filename="a.wav", size=10).status_code for _ in range(3)] == [201, 201, 409]
