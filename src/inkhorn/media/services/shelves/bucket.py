"""What is on its way waits in the bucket, each part an object, so that any machine takes the next part and any finishes.

A part counts from the commit of its row on: whoever is killed before leaves an object that the sweep removes a day later.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any, BinaryIO

from sqlalchemy import Delete, Select, delete, func, select
from sqlalchemy.orm import outerjoin

from inkhorn.core.database import after_commit, end_read, insert_into, session
from inkhorn.core.errors import NoRoom, Unavailable
from inkhorn.core.storage import FileMissing, part_key, storage
from inkhorn.core.storage.disk import DISK_IS_FULL
from inkhorn.media.content import HEAD_BYTES, FileRefused
from inkhorn.media.events import parts_left
from inkhorn.media.models import Upload, UploadPart
from inkhorn.media.services.receiving import fetched_file, workroom
from inkhorn.media.services.shelves import places
from inkhorn.media.services.shelves.shelf import (
    CHUNK_BYTES,
    FULL,
    PART_BYTES,
    Arrived,
    PartDamaged,
    PartsGone,
    WrongOffset,
    refuse_at_sight,
    too_much,
)

# Each part is an object that has to be fetched and deleted: a file may come in this many, and one more for each so many bytes of it.
# Of two gigabytes that is 1,124 parts where 256 full ones are enough: lines may break 868 times.
MOST_PARTS, LEAST_BYTES = 100, 2 << 20


class TooManyParts(FileRefused):
    """It came in crumbs, and nothing of it stays."""

    def __init__(self) -> None:
        super().__init__(f"This file came in too many pieces. Begin anew, with parts of up to {PART_BYTES} bytes.")


class BucketShelf:
    """Objects below a prefix that no upload is kept under; rows say which of them count."""

    def begin(self, upload: Upload) -> None:
        """Nothing: no part has come."""

    def room(self) -> int:
        # The bucket takes what comes, and which machine puts it together nobody knows yet: this says only what none like this one could hold.
        return shutil.disk_usage(workroom()).free

    def offset_of(self, upload: Upload) -> int:
        try:
            return _far(upload)[0]
        except PartsGone:
            return 0

    def add(self, upload: Upload, offset: int, part: BinaryIO | IO[bytes], digest: bytes | None) -> Arrived:
        reached, number = _far(upload)
        # A slow line takes minutes over a part, and no snapshot is held for so long.
        end_read()
        if offset != reached:
            raise WrongOffset(reached)
        _refuse_crumbs(upload, number)
        with _told_if_full(), fetched_file() as file:
            size, broke = _take_in(file, upload, offset, part, digest)
            if broke is None and offset == 0:
                file.seek(0)
                refuse_at_sight(file.read(HEAD_BYTES), upload, size)
            if not size:
                return Arrived(offset, offset, broke=broke)
            file.seek(0)
            key = part_key(upload.uuid, offset)
            storage().put(key, file)
        return Arrived(offset, offset + size, key, broke)

    def note(self, upload: Upload, arrived: Arrived) -> None:
        # Of two machines the second waits for the first, and counts its part.
        session().execute(select(Upload.id).where(Upload.id == upload.id).with_for_update())
        reached, number = _far(upload)
        if reached != arrived.offset:
            raise WrongOffset(reached)
        _refuse_crumbs(upload, number)
        row = insert_into(UploadPart).values(
            upload_id=upload.id, offset_bytes=arrived.offset, size_bytes=arrived.reached - arrived.offset, key=arrived.key
        )
        session().execute(row)

    def let_go(self, arrived: Arrived) -> None:
        if arrived.key is not None:
            _discard([arrived.key])

    def hold(self, upload: Upload) -> str | None:
        return places.hold(upload)

    def renew(self, upload: Upload, holder: str) -> bool:
        return places.renew(upload, holder)

    def leave(self, upload: Upload, holder: str) -> None:
        places.leave(upload, holder)

    @contextmanager
    def whole(self, upload: Upload) -> Iterator[Path]:
        pieces = _pieces(upload)
        end_read()
        if (reached := sum(size for _key, size in pieces)) != upload.size_bytes:
            raise WrongOffset(reached)
        with places.place(), _told_if_full(), tempfile.TemporaryDirectory(dir=workroom()) as folder:
            whole = Path(folder) / "whole"
            _put_together(pieces, whole)
            yield whole

    def forget(self, upload: Upload) -> None:
        session().execute(select(Upload.id).where(Upload.id == upload.id).with_for_update())
        gone = delete(UploadPart).where(UploadPart.upload_id == upload.id).returning(UploadPart.key)
        if session().scalars(gone.execution_options(synchronize_session=False)).all():
            # To delete them takes longer than whoever waits for the answer has patience.
            parts_left.send(upload.uuid)


def _refuse_crumbs(upload: Upload, number: int) -> None:
    if number >= MOST_PARTS + upload.size_bytes // LEAST_BYTES:
        raise TooManyParts


def forget_parts(before: datetime) -> int:
    """Let the parts of uploads go with the commit that were begun before; how many."""
    old = select(Upload.id).where(Upload.created_at < before)
    # In the order in which note() does, here and below, so that neither waits for the other for ever.
    session().execute(old.order_by(Upload.id).with_for_update())
    return _let_go_with_commit(delete(UploadPart).where(UploadPart.upload_id.in_(old)))


def _let_go_with_commit(those: Delete) -> int:
    keys = session().scalars(those.returning(UploadPart.key).execution_options(synchronize_session=False)).all()
    if keys:
        after_commit(lambda: _discard(keys))
    return len(keys)


def _discard(keys: Iterable[str]) -> None:
    store = storage()
    try:
        for key in keys:
            store.delete(key)
    except Unavailable:
        # No row speaks of them, so the sweep removes them.
        return


# Asked in one question each, since another machine may finish the upload between two.


def _far(upload: Upload) -> tuple[int, int]:
    """How many bytes have arrived, and in how many parts."""
    end = func.coalesce(func.max(UploadPart.offset_bytes + UploadPart.size_bytes), 0)
    asked = _of(upload, end, func.count(UploadPart.upload_id)).group_by(Upload.id)
    if (found := session().execute(asked).one_or_none()) is None:
        raise PartsGone
    return found[0], found[1]


def _pieces(upload: Upload) -> list[tuple[str, int]]:
    """The key and the size of each part, in the order of the file."""
    found = session().execute(_of(upload, UploadPart.key, UploadPart.size_bytes).order_by(UploadPart.offset_bytes)).all()
    if not found:
        raise PartsGone
    return [(key, size) for key, size in found if key is not None]


def _of(upload: Upload, *columns: Any) -> Select[Any]:
    """Of its parts, one row without any where none has come, and none where it is on its way no more."""
    whose = outerjoin(Upload, UploadPart, UploadPart.upload_id == Upload.id)
    return select(*columns).select_from(whose).where(Upload.id == upload.id, Upload.asset_id.is_(None))


def _take_in(file: BinaryIO, upload: Upload, offset: int, part: BinaryIO | IO[bytes], digest: bytes | None) -> tuple[int, Exception | None]:
    """How much came, and what broke off the line if it did."""
    size, found = 0, hashlib.sha256()
    while True:
        try:
            chunk = part.read(CHUNK_BYTES)
        except Exception as error:
            return size, error
        if not chunk:
            break
        size += len(chunk)
        if refusal := too_much(upload, offset + size, size):
            raise refusal
        found.update(chunk)
        _write(file, chunk)
    if digest is not None and digest != found.digest():
        raise PartDamaged
    return size, None


def _put_together(pieces: list[tuple[str, int]], whole: Path) -> None:
    with whole.open("wb", buffering=0) as target:
        for key, size in pieces:
            try:
                with closing(storage().open(key)) as piece:
                    content = piece.read(size)
            except FileMissing as error:
                # Another machine has finished it, or somebody tidied up the bucket.
                raise PartsGone from error
            if len(content) != size:
                raise PartsGone
            _write(target, content)


def _write(file: BinaryIO | IO[bytes], content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[file.write(rest) :]


@contextmanager
def _told_if_full() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in DISK_IS_FULL:
            raise NoRoom(FULL) from error
        raise
