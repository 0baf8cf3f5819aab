"""What every place promises in which a file waits until all its parts are there, and what each refuses in words."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO, BinaryIO, Protocol

from inkhorn.core.config import config
from inkhorn.core.errors import Conflict, Invalid, NotFound
from inkhorn.media.content import HEAD_BYTES, FileRefused, recognise
from inkhorn.media.models import Upload

CHUNK_BYTES = 1 << 20
# What one request may bring; a lost line costs no more than that.
PART_BYTES = 8 << 20
LIFE = timedelta(days=1)
# Somebody who finishes and was killed gives way after this long; whoever lives renews it three times as often.
LEASE = timedelta(seconds=30)
FULL = "The disk is full, so the file could not be taken in. Make room and go on."


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


class PartsGone(NotFound):
    """It was finished or stopped meanwhile, or somebody took away what had arrived."""

    def __init__(self) -> None:
        super().__init__("What had arrived of this file is gone. Begin anew.")


class StillAtWork(Conflict):
    """Another request finishes it just now; nothing is to be done but to ask again."""

    retry_after_seconds = 5

    def __init__(self) -> None:
        super().__init__("All of this file has arrived, and it is being put together just now. Ask again in some seconds.")


@dataclass(frozen=True)
class Arrived:
    """A part that came, and how far the file is with it."""

    offset: int
    reached: int
    # Names a part that counts once it has its row.
    key: str | None = None
    # What broke off the line; what had come until then stays.
    broke: Exception | None = None

    @property
    def is_to_be_noted(self) -> bool:
        return self.key is not None


class Shelf(Protocol):
    """A place for what is on its way."""

    def begin(self, upload: Upload) -> None:
        """Make a place for it; NoRoom where the disk is full."""

    def room(self) -> int:
        """How many bytes may still be announced, beside what others have announced."""

    def offset_of(self, upload: Upload) -> int:
        """How many bytes have arrived."""

    def add(self, upload: Upload, offset: int, part: BinaryIO | IO[bytes], digest: bytes | None) -> Arrived:
        """Take in what follows on what has arrived; WrongOffset for what does not. What came before a line broke stays."""

    def note(self, upload: Upload, arrived: Arrived) -> None:
        """Let it count, in a transaction; WrongOffset where another part was faster."""

    def let_go(self, arrived: Arrived) -> None:
        """Take it away again, since it does not count."""

    def hold(self, upload: Upload) -> str | None:
        """Finish it alone for the length of a lease, told a word to renew it by; StillAtWork where somebody else does. None where whole() sees to that."""

    def renew(self, upload: Upload, holder: str) -> bool:
        """Whether it is still held by whoever has that word, and then for another lease."""

    def leave(self, upload: Upload, holder: str) -> None:
        """Let others finish it."""

    def whole(self, upload: Upload) -> AbstractContextManager[Path]:
        """All of it in one file of ours; WrongOffset where some is missing."""

    def forget(self, upload: Upload) -> None:
        """Let what had arrived go with the commit."""


def too_much(upload: Upload, reached: int, of_part: int) -> Invalid | None:
    """What is wrong with so much, if anything is."""
    if of_part > PART_BYTES:
        return PartTooLarge()
    return Invalid("More came than was announced. Begin anew.", field="size") if reached > upload.size_bytes else None


def refuse_at_sight(head: bytes, upload: Upload, reached: int) -> None:
    """Say after the first part what would be said after the last."""
    if reached >= min(HEAD_BYTES, upload.size_bytes):
        content = recognise(head, upload.filename)
        most = config().max_upload_mb
        if content.is_picture and upload.size_bytes > most * 1024 * 1024:
            raise FileRefused(f"The picture is larger than {most} MB. Make it smaller and send it again.")
