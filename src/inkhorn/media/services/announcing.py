"""Large files announced: refused in words before a byte of them is sent where they cannot be kept."""

import re

from sqlalchemy import func, select

from inkhorn.accounts.models import User
from inkhorn.core.config import config
from inkhorn.core.database import hold_name, session
from inkhorn.core.errors import Conflict, Invalid, NoRoom
from inkhorn.media.models import Upload
from inkhorn.media.services.parts import shelf
from inkhorn.media.services.receiving import tidy_filename

MOST_AT_ONCE = 20
# What must stay free on the disk beside an upload.
SPARE_BYTES = 200_000_000
_SHA256 = re.compile(r"[0-9a-f]{64}")


class TooLarge(Invalid):
    """More than the settings allow."""

    status = 413

    def __init__(self, most_mb: int) -> None:
        super().__init__(f"The file is larger than {most_mb} MB. Make it smaller, or ask the operator to raise max_media_mb.", field="size")


def begin_upload(user: User, *, filename: str, size_bytes: int, sha256: str | None = None) -> Upload:
    """Make room for a file that is to come in parts; refused in words before a byte of it is sent where it cannot be kept."""
    most = config().max_media_mb
    if size_bytes < 1:
        raise Invalid("The file is empty. Choose another one.", field="size")
    if size_bytes > most * 1024 * 1024:
        raise TooLarge(most)
    if sha256 is not None and not _SHA256.fullmatch(sha256):
        raise Invalid("A SHA-256 is 64 digits from 0 to f.", field="sha256")
    # Of two that begin at once the second counts the first.
    hold_name("uploads")
    waiting = session().scalar(select(func.count()).where(Upload.user_id == user.id, Upload.asset_id.is_(None))) or 0
    if waiting >= MOST_AT_ONCE:
        raise Conflict(f"{MOST_AT_ONCE} files of yours are on their way. Finish or stop one first.")
    place = shelf()
    if place.room() - SPARE_BYTES < size_bytes:
        raise NoRoom(
            "There is not enough room on the disk for this file, with what others are sending just now. Make room, or send a smaller one."
        )
    upload = Upload(user_id=user.id, filename=tidy_filename(filename), size_bytes=size_bytes, sha256=sha256)
    session().add(upload)
    session().flush()
    place.begin(upload)
    return upload
