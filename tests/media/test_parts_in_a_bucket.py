"""Parts that wait in a bucket: any machine takes the next and any finishes, one part wins at each place, and what does not count is swept."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from itertools import pairwise

import pytest

from inkhorn.core import clock
from inkhorn.core.config import config
from inkhorn.core.database import db, session, transaction
from inkhorn.core.errors import Unavailable
from inkhorn.core.storage import storage
from inkhorn.core.storage.bucket import BucketStorage
from inkhorn.media import services
from inkhorn.media.models import Asset, Upload, UploadPart
from inkhorn.media.services import parts
from inkhorn.media.services.shelves import bucket
from inkhorn.media.services.shelves.shelf import LEASE, PART_BYTES, PartsGone, WrongOffset
from tests.buckets import KEYS, make_bucket
from tests.media.shelves import WAVE, added, begun, delete_parts, kept_files, sender, unrenewed, whole_files
from tests.ports import free_port

__all__ = ["sender", "unrenewed"]

HALF = 100_000


@pytest.fixture(autouse=True)
def settle(app, database, store_endpoint, monkeypatch):
    """The files are kept in a bucket; gives the application other settings for the length of a test."""

    def say(**settings: object) -> None:
        monkeypatch.setitem(app.extensions, "inkhorn.config", replace(config(), **settings))

    say(storage_url=make_bucket(store_endpoint), **KEYS)
    return say


@pytest.fixture
def upload(wren) -> Upload:
    return begun(wren, len(WAVE), sha256=sha256(WAVE).hexdigest())


def finished(upload: Upload, by) -> Asset:
    with parts.finish_upload(upload) as incoming, transaction():
        asset = services.store_asset(incoming, by=by)
        parts.close_upload(upload, asset)
    return asset


def test_machines_that_share_no_disk_take_turns(sender, client, settle, tmp_path):
    sent = sender(sha256=sha256(WAVE).hexdigest())
    ends = [0, 1, 50_000, HALF, len(WAVE)]
    for number, (start, end) in enumerate(pairwise(ends)):
        settle(data=tmp_path / str(number % 2))
        assert sent.far() == start
        assert sent.part(start, end).json["offset"] == end
    settle(data=tmp_path / "another")
    asset = sent.finish().json
    assert client.get(asset["path"]).data == WAVE
    assert (kept_files(), len(whole_files()), session().query(UploadPart).count()) == ([], 1, 0)
    assert list((tmp_path / "another" / "tmp").iterdir()) == []


def test_a_kill_between_object_and_row_costs_an_object_that_is_swept(upload, wren):
    with pytest.raises(KeyboardInterrupt), parts.add_part(upload, 0, BytesIO(WAVE)):
        raise KeyboardInterrupt
    assert (len(kept_files()), parts.offset_of(upload)) == (1, 0)
    assert services.sweep_leftovers(clock.now() + timedelta(hours=1)) >= 1
    assert kept_files() == []
    assert added(upload, 0, BytesIO(WAVE)) == len(WAVE)
    finished(upload, wren)
    assert (kept_files(), len(whole_files())) == ([], 1)


def test_what_a_kill_left_goes_with_the_parts_of_its_upload(upload, wren):
    with pytest.raises(KeyboardInterrupt), parts.add_part(upload, 0, BytesIO(WAVE)):
        raise KeyboardInterrupt
    added(upload, 0, BytesIO(WAVE))
    assert len(kept_files()) == 2
    finished(upload, wren)
    assert (kept_files(), len(whole_files())) == ([], 1)


def test_of_two_parts_for_one_place_the_slower_is_told_what_would_follow_and_nothing_of_it_stays(upload, wren):
    with pytest.raises(WrongOffset) as refused, parts.add_part(upload, 0, BytesIO(bytes(500))) as slow:
        assert added(upload, 0, BytesIO(WAVE[:HALF])) == HALF
        with transaction():
            parts.note_part(upload, slow)
    assert (refused.value.offset, len(kept_files())) == (HALF, 1)
    assert added(upload, HALF, BytesIO(WAVE[HALF:])) == len(WAVE)
    assert finished(upload, wren).sha256 == sha256(WAVE).hexdigest()


def test_a_part_of_what_is_stopped_meanwhile_leaves_nothing(upload):
    with pytest.raises(PartsGone), parts.add_part(upload, 0, BytesIO(WAVE)) as arrived:
        with transaction():
            parts.forget_upload(upload)
        with transaction():
            parts.note_part(upload, arrived)
    assert (kept_files(), session().query(UploadPart).count()) == ([], 0)


def test_nobody_waits_while_parts_are_deleted(sender, monkeypatch):
    sent, deleted, real = sender(), [], BucketStorage.delete
    sent.part(0, HALF)
    sent.part(HALF, len(WAVE))
    monkeypatch.setattr(BucketStorage, "delete", lambda self, key: (deleted.append(key), real(self, key)))
    assert (sent.finish().status_code, deleted) == (200, [])
    delete_parts()
    assert (len(deleted), kept_files(), len(whole_files())) == (2, [], 1)


def test_two_machines_that_finish_at_once_make_one_file(upload, wren):
    added(upload, 0, BytesIO(WAVE))
    with parts.finish_upload(upload) as slow:
        first = finished(upload, wren)
        with transaction():
            second = services.store_asset(slow, by=wren)
            parts.close_upload(upload, second)
    assert (first.id, whole_files(), kept_files()) == (second.id, [first.key], [])


def test_a_machine_whose_parts_another_takes_away_while_it_puts_them_together_is_told_the_file(sender, monkeypatch, clock):
    sent, told = sender(), []
    sent.part(0, HALF)
    sent.part(HALF, len(WAVE))
    real = BucketStorage.open

    def open_late(self, key):
        # This one was paused for longer than it holds the upload; the other machine finishes after this one has seen that all is there.
        monkeypatch.setattr(BucketStorage, "open", real)
        clock.forward(seconds=LEASE.total_seconds() + 1)
        told.append(sent.finish().json)
        return real(self, key)

    monkeypatch.setattr(BucketStorage, "open", open_late)
    answer = sent.finish()
    assert (answer.status_code, [answer.json]) == (200, told)
    assert len(whole_files()) == 1


def test_a_finish_that_is_killed_can_be_done_again(upload, wren):
    added(upload, 0, BytesIO(WAVE))
    with pytest.raises(KeyboardInterrupt), parts.finish_upload(upload):
        raise KeyboardInterrupt
    assert finished(upload, wren).size_bytes == len(WAVE)
    assert len(whole_files()) == 1


def test_a_part_that_was_taken_out_of_the_bucket_is_told(sender):
    sent = sender()
    sent.part(0, len(WAVE))
    storage().delete(kept_files()[0])
    answer = sent.finish()
    assert (answer.status_code, "Begin anew" in answer.json["detail"]) == (404, True)


def test_while_the_bucket_is_away_parts_are_refused_in_words_and_nothing_is_lost(sender, settle):
    sent, here = sender(), config().storage_url
    sent.part(0, HALF)
    settle(storage_url=f"s3://bucket?endpoint=http://127.0.0.1:{free_port()}")
    refused = sent.part(HALF, len(WAVE))
    assert (refused.status_code, "does not answer" in refused.json["detail"], sent.far()) == (503, True, HALF)
    settle(storage_url=here)
    assert sent.part(HALF, len(WAVE)).json["offset"] == len(WAVE)
    settle(storage_url=f"s3://bucket?endpoint=http://127.0.0.1:{free_port()}")
    assert sent.finish().status_code == 503
    settle(storage_url=here)
    assert sent.finish().status_code == 200


def test_a_stopped_upload_goes_while_the_bucket_is_away_and_its_parts_are_swept_later(upload, settle):
    here = config().storage_url
    added(upload, 0, BytesIO(WAVE))
    settle(storage_url=f"s3://bucket?endpoint=http://127.0.0.1:{free_port()}")
    with transaction():
        parts.forget_upload(upload)
    assert session().query(Upload).count() == 0
    with pytest.raises(Unavailable):
        delete_parts()
    settle(storage_url=here)
    assert services.sweep_leftovers(clock.now() + timedelta(hours=1)) >= 1
    assert kept_files() == []


def test_parts_are_neither_files_nor_strangers_and_no_address_names_them(upload, client):
    added(upload, 0, BytesIO(WAVE))
    (part,) = kept_files()
    assert part.startswith(f"parts/{upload.uuid}/0-")
    assert whole_files() == []
    assert client.get(f"/media/{part}").status_code == 404
    found = services.find_orphans(clock.now() + timedelta(hours=1))
    assert (found.keys, found.looked) == ([], 0)


def test_only_old_parts_are_swept_and_nothing_that_others_keep_beside_them(upload, wren):
    added(upload, 0, BytesIO(WAVE))
    strangers = {"parts/list.txt", f"parts/{upload.uuid}/list.txt", f"partsoftheship/{upload.uuid}/0-{'0' * 32}"}
    for key in strangers:
        storage().put(key, BytesIO(b"x"))
    services.sweep_leftovers()
    assert finished(upload, wren).size_bytes == len(WAVE)
    services.sweep_leftovers(clock.now() + timedelta(hours=1))
    assert strangers <= {*whole_files()}


def test_a_file_in_crumbs_is_refused_before_more_of_it_is_put_and_forgotten(sender, monkeypatch):
    monkeypatch.setattr(bucket, "MOST_PARTS", 2)
    monkeypatch.setattr(bucket, "LEAST_BYTES", 10**9)
    sent, put, real = sender(), [], BucketStorage.put
    for number in range(2):
        assert sent.part(number, number + 1).status_code == 200
    monkeypatch.setattr(BucketStorage, "put", lambda self, key, *args, **more: (put.append(key), real(self, key, *args, **more))[1])
    refused = sent.part(2, 3)
    assert (refused.status_code, refused.json["errors"][0]["field"], "too many pieces" in refused.json["detail"]) == (422, "file", True)
    assert (put, kept_files(), sent.desk.get(sent.address).status_code) == ([], [], 404)


def test_two_machines_that_take_in_crumbs_at_once_count_each_others(upload, monkeypatch):
    monkeypatch.setattr(bucket, "MOST_PARTS", 0)
    monkeypatch.setattr(bucket, "LEAST_BYTES", upload.size_bytes)
    with pytest.raises(bucket.TooManyParts), parts.add_part(upload, 0, BytesIO(b"")) as nothing, transaction():
        added_meanwhile = replace(nothing, reached=1, key="parts/x/0-x")
        parts.note_part(upload, added_meanwhile)
        parts.note_part(upload, replace(added_meanwhile, offset=1, reached=2))


def test_full_parts_on_a_line_that_breaks_in_every_second_one_are_not_too_many():
    most = 2048 << 20
    assert bucket.MOST_PARTS + most // bucket.LEAST_BYTES > 2 * (most // PART_BYTES + 1)


def test_a_bucket_that_fails_in_the_middle_of_a_part_keeps_what_was_there(upload, monkeypatch):
    added(upload, 0, BytesIO(WAVE[:HALF]))

    def fail(*_args, **_more):
        raise Unavailable("The store that keeps the files does not answer. Try again in a moment.")

    with monkeypatch.context() as away:
        away.setattr(BucketStorage, "put", fail)
        with pytest.raises(Unavailable):
            added(upload, HALF, BytesIO(WAVE[HALF:]))
    assert added(upload, HALF, BytesIO(WAVE[HALF:])) == len(WAVE)


def test_nothing_of_the_database_is_held_while_the_bucket_is_asked(sender, monkeypatch):
    real, held = BucketStorage._ask, []

    def ask(self, question):
        held.append(db.session.in_transaction())
        return real(self, question)

    sent = sender()
    monkeypatch.setattr(BucketStorage, "_ask", ask)
    sent.part(0, HALF)
    assert sent.part(0, HALF).status_code == 409
    sent.part(HALF, len(WAVE))
    assert sent.finish().status_code == 200
    assert (bool(held), any(held)) == (True, False)
