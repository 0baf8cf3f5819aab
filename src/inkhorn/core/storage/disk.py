"""Files in a folder of this machine."""

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from inkhorn.core.errors import NoRoom, Unavailable
from inkhorn.core.storage.keys import FileMissing, Stored, checked, is_key, public_address

CHUNK_BYTES = 1 << 20
DISK_IS_FULL = (errno.ENOSPC, errno.EDQUOT)
# Begins with a dot, so that no key can name it.
_UNFINISHED = ".unfinished"


class DiskStorage:
    """Files in a folder; a reader never sees one that is not whole, not even after a power cut."""

    def __init__(self, root: Path, *, public_url: str | None = None) -> None:
        self.root = root
        self.public_url = public_url

    def put(self, key: str, source: BinaryIO | Path, *, content_type: str = "", is_ours: bool = False) -> Stored:
        target = self._path(key)
        unfinished = self.root / _UNFINISHED / secrets.token_hex(16)
        try:
            _make_folder(unfinished.parent)
            _make_folder(target.parent)
            _write_through(unfinished, source, is_ours=is_ours)
            unfinished.replace(target)
            sync_folder(target.parent)
        except OSError as error:
            raise _in_words(error) from error
        finally:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
        return self._stored(key, target.stat())

    def open(self, key: str) -> BinaryIO:
        try:
            # A link in the media folder was not made by us, so it is not followed.
            number = os.open(self._path(key), os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        except FileNotFoundError as error:
            raise FileMissing from error
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENOTDIR):
                raise FileMissing from error
            raise _in_words(error) from error
        return os.fdopen(number, "rb")

    def stat(self, key: str) -> Stored | None:
        try:
            found = self._path(key).lstat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return self._stored(key, found) if _is_plain(found) else None

    def delete(self, key: str) -> None:
        with suppress(NotADirectoryError):
            self._path(key).unlink(missing_ok=True)

    def url(self, key: str) -> str | None:
        return public_address(self.public_url, key)

    def files(self) -> Iterator[Stored]:
        for folder, names, files in os.walk(self.root):
            names[:] = [name for name in names if not name.startswith(".")]
            for name in files:
                path = Path(folder, name)
                key = path.relative_to(self.root).as_posix()
                with suppress(FileNotFoundError):
                    if is_key(key) and _is_plain(found := path.lstat()):
                        yield self._stored(key, found)

    def clear_parts(self, uuid: str) -> None:
        """Nothing: parts lie elsewhere on the disk."""

    def clear_unfinished(self, before: datetime) -> int:
        cleared = 0
        for path in (self.root / _UNFINISHED).glob("*"):
            with suppress(FileNotFoundError):
                if path.lstat().st_mtime < before.timestamp():
                    path.unlink()
                    cleared += 1
        return cleared

    def _path(self, key: str) -> Path:
        return self.root / checked(key)

    @staticmethod
    def _stored(key: str, found: os.stat_result) -> Stored:
        return Stored(key, found.st_size, datetime.fromtimestamp(int(found.st_mtime), UTC))


def _write_through(path: Path, source: BinaryIO | Path, *, is_ours: bool) -> None:
    if is_ours and isinstance(source, Path) and _linked(source, path):
        return
    with path.open("xb") as target:
        if isinstance(source, Path):
            with source.open("rb") as content:
                shutil.copyfileobj(content, target, CHUNK_BYTES)
        else:
            shutil.copyfileobj(source, target, CHUNK_BYTES)
        target.flush()
        os.fsync(target.fileno())


def _linked(source: Path, target: Path) -> bool:
    """Give a file of our own a second name instead of copying it: two gigabytes take no time then; False where the disk is another."""
    try:
        os.link(source, target)
    except OSError:
        return False
    number = os.open(target, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
    return True


def _make_folder(folder: Path) -> None:
    """Make it and what it stands in, down to the disk: a file is no safer than the newest folder above it."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder down to the disk."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _is_plain(found: os.stat_result) -> bool:
    return (found.st_mode & 0o170000) == 0o100000


def _in_words(error: OSError) -> Unavailable:
    if error.errno in DISK_IS_FULL:
        return NoRoom("The disk is full, so the file could not be kept. Make room and send it again.")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return Unavailable("The media folder cannot be used by Inkhorn. Give its user the right to read and write there.")
    return Unavailable(f"The file could not be kept or read: {error.strerror or 'the disk gave no reason'}.")
