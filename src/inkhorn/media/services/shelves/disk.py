"""What is on its way waits in a folder of this machine, each in one file: its length there is how far it is."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, BinaryIO

from sqlalchemy import select

from inkhorn.core import clock
from inkhorn.core.config import config
from inkhorn.core.database import after_commit, session
from inkhorn.core.errors import Conflict, NoRoom
from inkhorn.core.storage.disk import DISK_IS_FULL, sync_folder
from inkhorn.media.content import HEAD_BYTES
from inkhorn.media.models import Upload
from inkhorn.media.services.shelves.shelf import (
    CHUNK_BYTES,
    FULL,
    LIFE,
    Arrived,
    PartDamaged,
    PartsGone,
    WrongOffset,
    refuse_at_sight,
    too_much,
)

# What nothing came of for so long may have been given up; it goes on all the same if there is room then.
STILL = timedelta(hours=1)


class DiskShelf:
    """Files in a folder of this machine; what is told of them is on the disk."""

    def begin(self, upload: Upload) -> None:
        try:
            path_of(upload).touch()
            sync_folder(folder_of_parts())
        except OSError as error:
            if error.errno in DISK_IS_FULL:
                raise NoRoom("The disk is full, so the file could not be taken in. Make room and begin anew.") from error
            raise

    def room(self) -> int:
        return shutil.disk_usage(folder_of_parts()).free - _still_to_come()

    def offset_of(self, upload: Upload) -> int:
        try:
            return path_of(upload).stat().st_size
        except FileNotFoundError:
            return 0

    def add(self, upload: Upload, offset: int, part: BinaryIO | IO[bytes], digest: bytes | None) -> Arrived:
        with _held(upload) as file:
            reached = os.fstat(file.fileno()).st_size
            if offset != reached:
                raise WrongOffset(reached)
            try:
                reached = _take_in(file, upload, offset, part, digest)
            finally:
                # Also what a broken line brought: whoever asks how far it is must not be told of bytes that a power cut takes away.
                _sync(file, offset)
            if offset == 0:
                file.seek(0)
                refuse_at_sight(file.read(HEAD_BYTES), upload, reached)
        return Arrived(offset, reached)

    def note(self, upload: Upload, arrived: Arrived) -> None:
        """Nothing: the length of the file says it."""

    def let_go(self, arrived: Arrived) -> None:
        """Nothing: what was refused is not there."""

    def hold(self, upload: Upload) -> str | None:
        """Nothing: whoever is second finds the file locked, and the lock is let go of with the process."""

    def renew(self, upload: Upload, holder: str) -> bool:
        raise NotImplementedError("A locked file needs no renewal.")

    def leave(self, upload: Upload, holder: str) -> None:
        raise NotImplementedError("A locked file is left with the process.")

    @contextmanager
    def whole(self, upload: Upload) -> Iterator[Path]:
        with _held(upload) as file:
            reached = os.fstat(file.fileno()).st_size
            if reached != upload.size_bytes:
                raise WrongOffset(reached)
            yield path_of(upload)

    def forget(self, upload: Upload) -> None:
        path = path_of(upload)
        after_commit(lambda: path.unlink(missing_ok=True))


def sweep_folder(before: datetime) -> int:
    """Delete files that belong to no upload; how many went."""
    names = {path.name: path for path in folder_of_parts().iterdir()}
    known = set(session().scalars(select(Upload.uuid).where(Upload.asset_id.is_(None))))
    swept = 0
    for name in names.keys() - known:
        # Each may be finished or stopped while this looks.
        with suppress(FileNotFoundError):
            # One whose row is being written has a young file.
            if names[name].stat().st_mtime < before.timestamp() + LIFE.total_seconds() / 24:
                names[name].unlink()
                swept += 1
    return swept


def path_of(upload: Upload) -> Path:
    """Where what has arrived of it lies."""
    return folder_of_parts() / upload.uuid


def folder_of_parts() -> Path:
    """Where everything lies that is on its way."""
    folder = config().data / "uploads"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _sync(file: IO[bytes], offset: int) -> None:
    try:
        os.fsync(file.fileno())
    except OSError as error:
        # Some disks find only now that they are full, or a quota is used up; what is there of the part nobody can know.
        with suppress(OSError):
            file.truncate(offset)
        if error.errno in DISK_IS_FULL:
            raise NoRoom(FULL) from error
        raise


def _take_in(file: IO[bytes], upload: Upload, offset: int, part: BinaryIO | IO[bytes], digest: bytes | None) -> int:
    reached, found = offset, hashlib.sha256()
    file.seek(offset)
    try:
        while chunk := part.read(CHUNK_BYTES):
            reached += len(chunk)
            if refusal := too_much(upload, reached, reached - offset):
                file.truncate(offset)
                raise refusal
            found.update(chunk)
            rest = memoryview(chunk)
            while rest:
                rest = rest[file.write(rest) :]
    except OSError as error:
        if error.errno in DISK_IS_FULL:
            raise NoRoom(FULL) from error
        raise
    if digest is not None and digest != found.digest():
        file.truncate(offset)
        raise PartDamaged
    return reached


@contextmanager
def _held(upload: Upload) -> Iterator[IO[bytes]]:
    """The file, for one request at a time: the second of two would write among the first one's bytes."""
    try:
        # Without a buffer, which would be written once more when the file is closed, onto a disk that is full.
        file = path_of(upload).open("r+b", buffering=0)
    except FileNotFoundError as error:
        raise PartsGone from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Conflict("Another part of this file is arriving just now. Ask how far it is in a moment.") from error
        if not path_of(upload).exists():
            # Somebody finished or stopped it between the two lines above.
            raise PartsGone
        yield file


def _still_to_come() -> int:
    """How many bytes were announced by uploads that are on their way, and have not arrived; one that lies still takes no room."""
    unfinished = select(Upload).where(Upload.asset_id.is_(None), Upload.created_at >= clock.now() - LIFE)
    moving_since = (clock.now() - STILL).timestamp()
    to_come = 0
    for each in session().scalars(unfinished):
        with suppress(FileNotFoundError):
            arrived = path_of(each).stat()
            if arrived.st_mtime >= moving_since:
                to_come += max(0, each.size_bytes - arrived.st_size)
    return to_come
