"""Large files that come in parts, and go on where they stopped: kept apart until they are whole, and forgotten after a day."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, BinaryIO

from sqlalchemy import delete, select, update

from inkhorn.core import clock
from inkhorn.core.access import Actor
from inkhorn.core.config import config
from inkhorn.core.database import after_commit, session
from inkhorn.core.errors import Conflict, Invalid, NoRoom, NotFound
from inkhorn.core.storage.disk import DISK_IS_FULL
from inkhorn.media.content import HEAD_BYTES, FileRefused, recognise
from inkhorn.media.models import Asset, Upload
from inkhorn.media.services.receiving import Incoming, receive

CHUNK_BYTES = 1 << 20
# What one request may bring; a lost line costs no more than that.
PART_BYTES = 8 << 20
LIFE = timedelta(days=1)
_FULL = "The disk is full, so the file could not be taken in. Make room and go on."


class WrongOffset(Conflict):
    """The part does not follow on what is there; offset tells what would."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"The part does not follow on what has arrived, which is {offset} bytes. Ask how far it is, and go on there.")
        self.offset = offset


class PartDamaged(Invalid):
    """The part is not what whoever sent it reckoned; nothing of it stays."""

    def __init__(self) -> None:
        super().__init__("The part was damaged on its way: its SHA-256 is another. Send it again.", field="Content-Digest")


class PartTooLarge(Invalid):
    """More came at once than a part has; nothing of it stays."""

    status = 413

    def __init__(self) -> None:
        super().__init__(f"A part has at most {PART_BYTES} bytes. Send what is more in the next one.", field="part")


def get_upload_for(actor: Actor, uuid: str) -> Upload:
    """One's own upload, apart from the session, since its row may go while bytes of it come; NotFound for everybody else."""
    upload = session().scalar(select(Upload).where(Upload.uuid == uuid, Upload.user_id == actor.id))
    if upload is None or upload.created_at < clock.now() - LIFE:
        raise NotFound("There is no such upload, or it was forgotten after a day. Begin anew.")
    session().expunge(upload)
    return upload


def offset_of(upload: Upload) -> int:
    """How many bytes have arrived."""
    if upload.asset_id is not None:
        return upload.size_bytes
    try:
        return path_of(upload).stat().st_size
    except FileNotFoundError:
        return 0


def add_part(upload: Upload, offset: int, part: BinaryIO | IO[bytes], *, digest: bytes | None = None) -> int:
    """Add what follows on what has arrived, and say how far it is; WrongOffset for what does not. What came before a line broke stays.

    What is told is on the disk, and of the SHA-256 that came along, where one did.
    """
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
            _refuse_at_sight(file, upload, reached)
    return reached


def _sync(file: IO[bytes], offset: int) -> None:
    try:
        os.fsync(file.fileno())
    except OSError as error:
        # Some disks find only now that they are full, or a quota is used up; what is there of the part nobody can know.
        with suppress(OSError):
            file.truncate(offset)
        if error.errno in DISK_IS_FULL:
            raise NoRoom(_FULL) from error
        raise


def _take_in(file: IO[bytes], upload: Upload, offset: int, part: BinaryIO | IO[bytes], digest: bytes | None) -> int:
    reached, found = offset, hashlib.sha256()
    file.seek(offset)
    try:
        while chunk := part.read(CHUNK_BYTES):
            reached += len(chunk)
            if refusal := _too_much(upload, reached, reached - offset):
                file.truncate(offset)
                raise refusal
            found.update(chunk)
            rest = memoryview(chunk)
            while rest:
                rest = rest[file.write(rest) :]
    except OSError as error:
        if error.errno in DISK_IS_FULL:
            raise NoRoom(_FULL) from error
        raise
    if digest is not None and digest != found.digest():
        file.truncate(offset)
        raise PartDamaged
    return reached


def _too_much(upload: Upload, reached: int, of_part: int) -> Invalid | None:
    if of_part > PART_BYTES:
        return PartTooLarge()
    return Invalid("More came than was announced. Begin anew.", field="size") if reached > upload.size_bytes else None


def _refuse_at_sight(file: IO[bytes], upload: Upload, reached: int) -> None:
    """Say after the first part what would be said after the last."""
    if reached >= min(HEAD_BYTES, upload.size_bytes):
        file.seek(0)
        content = recognise(file.read(HEAD_BYTES), upload.filename)
        most = config().max_upload_mb
        if content.is_picture and upload.size_bytes > most * 1024 * 1024:
            raise FileRefused(f"The picture is larger than {most} MB. Make it smaller and send it again.")


@contextmanager
def finish_upload(upload: Upload) -> Iterator[Incoming]:
    """The whole file, looked into and kept, before a transaction opens; FileRefused in words, Conflict where some of it is missing."""
    with _held(upload) as file:
        reached = os.fstat(file.fileno()).st_size
        if reached != upload.size_bytes:
            raise WrongOffset(reached)
        most = upload.size_bytes
        with receive(path_of(upload), filename=upload.filename, max_bytes=most, is_ours=True) as incoming:
            if upload.sha256 is not None and upload.sha256 != incoming.sha256:
                raise FileRefused("The file was damaged on its way: its SHA-256 is another. Send it again.")
            yield incoming


def close_upload(upload: Upload, asset: Asset) -> None:
    """It has become that file, which is told again for a day to whoever did not hear it; NotFound where it was stopped meanwhile.

    What had arrived goes with the commit.
    """
    path = path_of(upload)
    done = update(Upload).where(Upload.id == upload.id).values(asset_id=asset.id).returning(Upload.id)
    if session().execute(done.execution_options(synchronize_session=False)).scalar() is None:
        raise NotFound("This upload was stopped meanwhile, so nothing of it was kept. Begin anew.")
    after_commit(lambda: path.unlink(missing_ok=True))


def asset_of(upload: Upload) -> Asset | None:
    """The file that the upload has become; None while it is on its way."""
    return session().scalar(select(Asset).join(Upload, Upload.asset_id == Asset.id).where(Upload.id == upload.id))


def forget_upload(upload: Upload) -> None:
    """What was stopped or refused; what had arrived of it goes with the commit."""
    path = path_of(upload)
    session().execute(delete(Upload).where(Upload.id == upload.id).execution_options(synchronize_session=False))
    after_commit(lambda: path.unlink(missing_ok=True))


def sweep_uploads(before: datetime | None = None) -> int:
    """Forget what has been on its way for a day, and files that belong to no upload; how many went."""
    limit = before or clock.now() - LIFE
    session().execute(delete(Upload).where(Upload.created_at < limit).execution_options(synchronize_session=False))
    names = {path.name: path for path in folder_of_parts().iterdir()}
    known = set(session().scalars(select(Upload.uuid).where(Upload.asset_id.is_(None))))
    swept = 0
    for name in names.keys() - known:
        # Each may be finished or stopped while this looks.
        with suppress(FileNotFoundError):
            # One whose row is being written has a young file.
            if names[name].stat().st_mtime < limit.timestamp() + LIFE.total_seconds() / 24:
                names[name].unlink()
                swept += 1
    return swept


@contextmanager
def _held(upload: Upload) -> Iterator[IO[bytes]]:
    """The file, for one request at a time: the second of two would write among the first one's bytes."""
    try:
        # Without a buffer, which would be written once more when the file is closed, onto a disk that is full.
        file = path_of(upload).open("r+b", buffering=0)
    except FileNotFoundError as error:
        raise NotFound("What had arrived of this file is gone. Begin anew.") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Conflict("Another part of this file is arriving just now. Ask how far it is in a moment.") from error
        if not path_of(upload).exists():
            # Somebody finished or stopped it between the two lines above.
            raise NotFound("What had arrived of this file is gone. Begin anew.")
        yield file


def path_of(upload: Upload) -> Path:
    """Where what has arrived of it lies."""
    return folder_of_parts() / upload.uuid


def folder_of_parts() -> Path:
    """Where everything lies that is on its way."""
    folder = config().data / "uploads"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
