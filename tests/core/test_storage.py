"""Files on disk are whole or absent, and no key leads out of the folder."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from inkhorn.core.errors import Unavailable
from inkhorn.core.storage import BadKey, DiskStorage, FileMissing
from inkhorn.core.storage import disk as disk_module


@pytest.fixture
def disk(tmp_path: Path) -> DiskStorage:
    return DiskStorage(tmp_path / "media")


def test_what_is_put_can_be_opened_from_any_place(disk: DiskStorage) -> None:
    stored = disk.put("2026/11/a.txt", io.BytesIO(b"low water"))
    assert stored.size_bytes == 9
    with disk.open("2026/11/a.txt") as file:
        file.seek(4)
        assert file.read() == b"water"


def test_a_path_can_be_put_as_well(disk: DiskStorage, tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"tide")
    disk.put("tide", tmp_path / "source")
    assert disk.open("tide").read() == b"tide"
    assert (tmp_path / "source").exists()


def test_a_new_month_is_on_the_disk_with_its_first_file(disk: DiskStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(disk_module, "sync_folder", synced.append)
    disk.put("2026/11/a.txt", io.BytesIO(b"low water"))
    assert {disk.root.parent, disk.root, disk.root / "2026", disk.root / "2026/11"} == set(synced)
    synced.clear()
    disk.put("2026/11/b.txt", io.BytesIO(b"high water"))
    assert synced == [disk.root / "2026/11"]


@pytest.mark.parametrize(
    "key",
    [
        "../secret_key",
        "a/../../b",
        "/etc/passwd",
        "a//b",
        "",
        ".hidden",
        "a/.b",
        "a\x00b",
        "a\\b",
        "a" * 201,
        "ä",
        "a/",
        "a\n",
        "..",
        "a..b",
    ],
)
def test_a_key_that_is_not_ours_is_refused(disk: DiskStorage, key: str) -> None:
    with pytest.raises(BadKey):
        disk.put(key, io.BytesIO(b""))
    with pytest.raises(BadKey):
        disk.open(key)


def test_a_link_in_the_folder_is_not_followed(disk: DiskStorage, tmp_path: Path) -> None:
    disk.put("real", io.BytesIO(b"x"))
    (tmp_path / "outside").write_text("secret")
    (disk.root / "link").symlink_to(tmp_path / "outside")
    with pytest.raises(FileMissing):
        disk.open("link")
    assert disk.stat("link") is None


def test_a_source_that_breaks_leaves_nothing(disk: DiskStorage) -> None:
    class Breaks(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell():
                raise OSError(5, "Input/output error")
            return super().read(3)

    with pytest.raises(Unavailable):
        disk.put("half", Breaks(b"half a file"))
    assert disk.stat("half") is None
    assert list(disk.files()) == []


def test_a_failed_replacement_keeps_what_was_there(disk: DiskStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    disk.put("a", io.BytesIO(b"first"))

    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("inkhorn.core.storage.disk.os.fsync", full)
    with pytest.raises(Unavailable, match="disk is full"):
        disk.put("a", io.BytesIO(b"second"))
    assert disk.open("a").read() == b"first"


def test_deleting_what_is_not_there_is_nothing(disk: DiskStorage) -> None:
    disk.delete("2026/11/never")
    disk.put("a", io.BytesIO(b"x"))
    disk.delete("a")
    assert disk.stat("a") is None


def test_a_missing_file_is_named_so(disk: DiskStorage) -> None:
    with pytest.raises(FileMissing):
        disk.open("2026/11/nothing.png")
    disk.put("a", io.BytesIO(b"x"))
    with pytest.raises(FileMissing):
        disk.open("a/b")


def test_every_kept_file_is_listed_once(disk: DiskStorage) -> None:
    for key in ("a", "2026/11/b.png"):
        disk.put(key, io.BytesIO(b"x"))
    assert sorted(stored.key for stored in disk.files()) == ["2026/11/b.png", "a"]


def test_old_unfinished_files_are_cleared_away(disk: DiskStorage) -> None:
    (disk.root / ".unfinished").mkdir(parents=True)
    (disk.root / ".unfinished" / "left").write_bytes(b"half")
    assert disk.clear_unfinished(datetime.now(UTC) - timedelta(hours=1)) == 0
    assert disk.clear_unfinished(datetime.now(UTC) + timedelta(hours=1)) == 1
