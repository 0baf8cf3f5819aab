"""Looking at a file that somebody sent, before anything of it is kept."""

import errno
import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import exists, select

from inkhorn.core.config import config
from inkhorn.core.database import session
from inkhorn.core.errors import Unavailable
from inkhorn.media.content import HEAD_BYTES, SVG, Content, FileRefused, recognise
from inkhorn.media.images import studio
from inkhorn.media.images.verdicts import Seen
from inkhorn.media.models import Asset

CHUNK_BYTES = 1 << 20
LONGEST_FILENAME = 255
# Marks that turn the direction of writing: a name that holds them can be made to read backwards.
_TURNERS = dict.fromkeys([0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])


@dataclass
class Incoming:
    """A file that was sent: recognised, measured, and cleaned when that is first asked for."""

    folder: Path
    filename: str
    content: Content
    sha256: str
    _cleaned: tuple[Path, Seen | None] | None = field(default=None, repr=False)

    @property
    def raw(self) -> Path:
        return self.folder / "raw"

    def cleaned(self) -> tuple[Path, Seen | None]:
        """The file to keep, and what a picture turned out to be; FileRefused in words where it cannot be kept."""
        if self._cleaned is None:
            self._cleaned = self._clean() if self.content.is_picture else (self.raw, None)
        return self._cleaned

    def _clean(self) -> tuple[Path, Seen]:
        target = self.folder / "clean"
        try:
            seen = studio.clean_svg(self.raw, target) if self.content is SVG else studio.clean(self.raw, target)
        except studio.PictureRefused as refusal:
            raise FileRefused(str(refusal)) from refusal
        return target, seen


@contextmanager
def receive(file: BinaryIO | Path, *, filename: str, max_bytes: int | None = None) -> Iterator[Incoming]:
    """Copy the file to a place of its own and look into it, best before a transaction opens: opening pictures takes time."""
    try:
        with tempfile.TemporaryDirectory(dir=workroom()) as name:
            folder = Path(name)
            digest, head = _copy(file, folder / "raw", max_bytes or config().max_upload_mb * 1024 * 1024)
            incoming = Incoming(folder, tidy_filename(filename), recognise(head, filename), digest)
            if not session().scalar(select(exists().where(Asset.sha256 == digest))):
                incoming.cleaned()
            yield incoming
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Unavailable("The disk is full, so the file could not be taken in. Make room and send it again.") from error
        raise


def workroom() -> Path:
    """The folder in which files are looked into and drawn; on the data's own disk, since they may be large."""
    room = config().data / "tmp"
    room.mkdir(parents=True, exist_ok=True)
    return room


def tidy_filename(filename: str) -> str:
    """The name as people may see it: no folders, no marks that hide or turn letters."""
    name = filename.replace("\\", "/").rpartition("/")[2].translate(_TURNERS)
    name = "".join(letter for letter in name if letter.isprintable()).strip(" .")
    stem, dot, ending = name.rpartition(".")
    if dot and len(ending) <= 10:
        return f"{stem[: LONGEST_FILENAME - 11]}.{ending}" if stem else ending
    return name[:LONGEST_FILENAME] or "file"


def _copy(file: BinaryIO | Path, target: Path, max_bytes: int) -> tuple[str, bytes]:
    if isinstance(file, Path):
        with file.open("rb") as opened:
            return _copy(opened, target, max_bytes)
    digest, size, head = hashlib.sha256(), 0, b""
    with target.open("wb") as copy:
        while chunk := file.read(CHUNK_BYTES):
            size += len(chunk)
            if size > max_bytes:
                raise FileRefused(f"The file is larger than {max_bytes // (1024 * 1024)} MB. Make it smaller and send it again.")
            if len(head) < HEAD_BYTES:
                head += chunk[: HEAD_BYTES - len(head)]
            digest.update(chunk)
            copy.write(chunk)
    return digest.hexdigest(), head
