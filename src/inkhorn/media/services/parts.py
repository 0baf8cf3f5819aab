"""Large files that come in parts, and go on where they stopped: kept apart until they are whole, and forgotten after a day.

Where files are kept on a disk their parts wait on it too; where they are kept in a bucket they wait there (see shelves/).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import IO, BinaryIO

from sqlalchemy import delete, select, update

from inkhorn.core import clock
from inkhorn.core.access import Actor
from inkhorn.core.config import config
from inkhorn.core.database import session
from inkhorn.core.errors import InkhornError, NotFound
from inkhorn.core.storage import storage
from inkhorn.media.content import FileRefused
from inkhorn.media.models import Asset, Upload
from inkhorn.media.services.receiving import Incoming, receive
from inkhorn.media.services.shelves.bucket import BucketShelf, forget_parts
from inkhorn.media.services.shelves.disk import DiskShelf, sweep_folder
from inkhorn.media.services.shelves.shelf import LIFE, Arrived, Shelf


def shelf() -> Shelf:
    """Where parts wait: beside the files that are whole, so that all who share these share those."""
    return DiskShelf() if config().storage_url is None else BucketShelf()


def get_upload_for(actor: Actor, uuid: str) -> Upload:
    """One's own upload, apart from the session, since its row may go while bytes of it come; NotFound for everybody else."""
    upload = session().scalar(select(Upload).where(Upload.uuid == uuid, Upload.user_id == actor.id))
    if upload is None or upload.created_at < clock.now() - LIFE:
        raise NotFound("There is no such upload, or it was forgotten after a day. Begin anew.")
    session().expunge(upload)
    return upload


def offset_of(upload: Upload) -> int:
    """How many bytes have arrived."""
    return upload.size_bytes if upload.asset_id is not None else shelf().offset_of(upload)


@contextmanager
def add_part(upload: Upload, offset: int, part: BinaryIO | IO[bytes], *, digest: bytes | None = None) -> Iterator[Arrived]:
    """Add what follows on what has arrived; WrongOffset for what does not. What came before a line broke stays, if it is noted where it must be.

    What is told is kept for good, and of the SHA-256 that came along, where one did.
    """
    place = shelf()
    arrived = place.add(upload, offset, part, digest)
    try:
        yield arrived
    except InkhornError:
        # Whatever else goes wrong may have gone wrong after the commit, and what counts must stay.
        place.let_go(arrived)
        raise
    if arrived.broke is not None:
        raise arrived.broke


def note_part(upload: Upload, arrived: Arrived) -> None:
    """Let the part count; WrongOffset where another was faster, NotFound where the upload was finished or stopped meanwhile."""
    shelf().note(upload, arrived)


def hold_upload(upload: Upload) -> str | None:
    """Be the only one who finishes it, told a word by which to renew_hold() and leave_upload(); StillAtWork where somebody else is at it.

    None where nothing has to be renewed.
    """
    return shelf().hold(upload)


def renew_hold(upload: Upload, holder: str) -> bool:
    """Whether it is still held, and then for another while."""
    return shelf().renew(upload, holder)


def leave_upload(upload: Upload, holder: str) -> None:
    """Let others finish what went wrong here."""
    shelf().leave(upload, holder)


@contextmanager
def finish_upload(upload: Upload) -> Iterator[Incoming]:
    """The whole file, looked into and kept, before a transaction opens; FileRefused in words, Conflict where some of it is missing."""
    with (
        shelf().whole(upload) as file,
        receive(file, filename=upload.filename, max_bytes=upload.size_bytes, is_ours=True) as incoming,
    ):
        if upload.sha256 is not None and upload.sha256 != incoming.sha256:
            raise FileRefused("The file was damaged on its way: its SHA-256 is another. Send it again.")
        yield incoming


def close_upload(upload: Upload, asset: Asset) -> None:
    """It has become that file, which is told again for a day to whoever did not hear it; NotFound where it was stopped meanwhile.

    What had arrived goes with the commit.
    """
    done = update(Upload).where(Upload.id == upload.id).values(asset_id=asset.id, finishing_until=None, finisher=None).returning(Upload.id)
    if session().execute(done.execution_options(synchronize_session=False)).scalar() is None:
        raise NotFound("This upload was stopped meanwhile, so nothing of it was kept. Begin anew.")
    shelf().forget(upload)


def asset_of(upload: Upload) -> Asset | None:
    """The file that the upload has become; None while it is on its way."""
    return session().scalar(select(Asset).join(Upload, Upload.asset_id == Asset.id).where(Upload.id == upload.id))


def forget_upload(upload: Upload) -> None:
    """What was stopped or refused; what had arrived of it goes with the commit."""
    shelf().forget(upload)
    session().execute(delete(Upload).where(Upload.id == upload.id).execution_options(synchronize_session=False))


def discard_parts(uuid: str) -> None:
    """Delete what lies in the store of an upload that was finished, stopped or refused."""
    storage().clear_parts(uuid)


def sweep_uploads(before: datetime | None = None) -> int:
    """Forget what has been on its way for a day, and files that belong to no upload; how many went."""
    limit = before or clock.now() - LIFE
    swept = forget_parts(limit)
    session().execute(delete(Upload).where(Upload.created_at < limit).execution_options(synchronize_session=False))
    return swept + sweep_folder(limit)
