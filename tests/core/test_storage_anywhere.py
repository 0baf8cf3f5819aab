"""What every place for files promises, asked of a folder and of a bucket alike."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from inkhorn.core.config_loading import load_config
from inkhorn.core.doctor import look_at_media
from inkhorn.core.errors import Unavailable
from inkhorn.core.storage import BadKey, FileMissing, Storage, storage_of
from tests.buckets import KEYS, make_bucket
from tests.conftest import SECRET
from tests.ports import free_port

LARGE = 20 * 1024 * 1024


def configured(folder: Path, **more: object):
    return load_config(data=folder, environ={}, overrides={"profile": "testing", "secret_key": SECRET, **more})


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "folder":
        return storage_of(configured(tmp_path))
    endpoint = request.getfixturevalue("store_endpoint")
    return storage_of(configured(tmp_path, storage_url=make_bucket(endpoint), **KEYS))


def test_what_is_put_can_be_opened_from_any_place(place: Storage):
    stored = place.put("2026/11/a.txt", io.BytesIO(b"low water"), content_type="text/plain")
    assert (stored.key, stored.size_bytes) == ("2026/11/a.txt", 9)
    with place.open("2026/11/a.txt") as file:
        file.seek(4)
        assert file.read() == b"water"
        file.seek(-9, io.SEEK_END)
        assert file.read(3) == b"low"


def test_a_large_file_comes_back_as_it_went(place: Storage, tmp_path: Path):
    content = bytes(range(256)) * (LARGE // 256)
    (tmp_path / "large").write_bytes(content)
    assert place.put("large", tmp_path / "large", is_ours=True).size_bytes == LARGE
    with place.open("large") as file:
        file.seek(LARGE - 5)
        assert file.read() == content[-5:]
        file.seek(0)
        assert file.read() == content


def test_the_rest_of_a_file_is_fetched_in_large_pieces(store_endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    bucket, fetched = storage_of(configured(tmp_path, storage_url=make_bucket(store_endpoint), **KEYS)), []
    bucket.put("large", io.BytesIO(bytes(LARGE)))
    monkeypatch.setattr(bucket, "read", lambda key, start, end: fetched.append(end - start) or bytes(end - start))
    with bucket.open("large") as file:
        assert len(file.read()) == LARGE
    assert fetched == [8 << 20, 8 << 20, 4 << 20]


def test_an_empty_file_is_kept_too(place: Storage):
    assert place.put("empty", io.BytesIO(b"")).size_bytes == 0
    assert place.open("empty").read() == b""


def test_a_file_is_replaced_whole(place: Storage):
    place.put("a", io.BytesIO(b"the first, which is longer"))
    place.put("a", io.BytesIO(b"the second"))
    assert place.open("a").read() == b"the second"


def test_what_is_missing_is_named_so(place: Storage):
    with pytest.raises(FileMissing):
        place.open("2026/11/nothing.png")
    assert place.stat("2026/11/nothing.png") is None
    place.delete("2026/11/nothing.png")
    place.put("a", io.BytesIO(b"x"))
    place.delete("a")
    assert place.stat("a") is None


@pytest.mark.parametrize("key", ["../secret_key", "/etc/passwd", "a//b", "", ".hidden", "a\x00b", "a" * 201])
def test_a_key_that_is_not_ours_is_refused(place: Storage, key: str):
    for act in (lambda: place.put(key, io.BytesIO(b"")), lambda: place.open(key), lambda: place.stat(key), lambda: place.delete(key)):
        with pytest.raises(BadKey):
            act()


def test_everything_is_listed_once_with_its_age(place: Storage):
    for number in range(3):
        place.put(f"2026/11/{number}.txt", io.BytesIO(b"x" * number))
    place.put("top", io.BytesIO(b""))
    listed = {each.key: each for each in place.files()}
    assert sorted(listed) == ["2026/11/0.txt", "2026/11/1.txt", "2026/11/2.txt", "top"]
    assert listed["2026/11/2.txt"].size_bytes == 2
    assert abs(datetime.now(UTC) - listed["top"].modified_at) < timedelta(minutes=5)


def test_a_source_that_breaks_leaves_nothing(place: Storage):
    class Breaks(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell():
                raise OSError(5, "Input/output error")
            return super().read(3)

    with pytest.raises(Unavailable):
        place.put("half", Breaks(b"half a file"))
    assert [each.key for each in place.files()] == []


def test_an_address_of_others_is_told_where_one_is_set(tmp_path: Path):
    assert storage_of(configured(tmp_path)).url("2026/a.png") is None
    assert (
        storage_of(configured(tmp_path, media_url="https://media.example.org/f/")).url("2026/a.png")
        == "https://media.example.org/f/2026/a.png"
    )


def test_a_store_that_is_away_is_said_in_words_and_not_asked_again_at_once(tmp_path: Path, store_endpoint: str):
    nowhere = f"http://127.0.0.1:{free_port()}"
    place = storage_of(configured(tmp_path, storage_url=f"s3://bucket?endpoint={nowhere}", **KEYS))
    with pytest.raises(Unavailable, match="does not answer"):
        place.put("a", io.BytesIO(b"x"))
    place._store = None
    with pytest.raises(Unavailable, match="does not answer"):
        place.open("a")


def test_the_doctor_tries_the_bucket_and_leaves_nothing_there(tmp_path: Path, store_endpoint: str):
    there = configured(tmp_path, storage_url=make_bucket(store_endpoint), **KEYS)
    finding = look_at_media(there)
    assert not finding.is_wrong
    assert "took a file and gave it back" in finding.news
    assert "only-for-tests" not in finding.news
    assert list(storage_of(there).files()) == []
    gone = configured(tmp_path, storage_url=f"s3://no-such-bucket?endpoint={store_endpoint}", **KEYS)
    with pytest.raises((Unavailable, FileMissing)):
        look_at_media(gone)
    assert not look_at_media(configured(tmp_path)).is_wrong
