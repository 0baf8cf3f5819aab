"""Looking at a file that somebody sent, before anything of it is kept."""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, BinaryIO, cast
from uuid import uuid4

from sqlalchemy import exists, select

from inkhorn.core import clock, storage
from inkhorn.core.config import config
from inkhorn.core.database import end_read, session
from inkhorn.core.errors import Conflict, NoRoom, Unavailable
from inkhorn.core.storage.disk import DISK_IS_FULL
from inkhorn.media.audio import films, listening, verdicts
from inkhorn.media.content import HEAD_BYTES, HEIC, JPEG, SVG, Content, FileRefused, recognise
from inkhorn.media.images import studio
from inkhorn.media.images.verdicts import Seen
from inkhorn.media.models import Asset
from inkhorn.media.services.marking import own_store

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
    most_pixels: int | None = None
    wait: float = studio.PEOPLE_WAIT_SECONDS
    # Names the file that is kept, and the upload once there is one.
    uuid: str = field(default_factory=lambda: uuid4().hex)
    # Set by the commit that makes it an upload; a file that nobody takes goes again.
    is_taken: bool = False
    _cleaned: tuple[Path, Seen | None] | None = field(default=None, repr=False)
    _kept: storage.Stored | None = field(default=None, repr=False)
    # What was drawn from it and stands in the store already.
    _beside: list[str] = field(default_factory=list, repr=False)
    _heard: verdicts.Heard | None = field(default=None, repr=False)

    @property
    def kept_as(self) -> Content:
        """The kind that readers get: what few browsers show is turned into what all do."""
        return JPEG if self.content is HEIC else self.content

    @property
    def raw(self) -> Path:
        return self.folder / "raw"

    def cleaned(self) -> tuple[Path, Seen | None]:
        """The file to keep, and what a picture turned out to be; FileRefused in words where it cannot be kept."""
        if self._cleaned is None:
            if self.content.is_sound:
                self.heard()
            elif not self.content.is_picture:
                self._look_whole()
            self._cleaned = self._clean() if self.content.is_picture else (self.raw, None)
        return self._cleaned

    def keep(self) -> None:
        """Put the file into the store, which may take its time: never while a transaction is open."""
        key = f"{clock.now():%Y/%m}/{self.uuid}.{self.kept_as.extension}"
        self._kept = own_store().put(key, self.cleaned()[0], content_type=self.kept_as.content_type, is_ours=True)

    def keep_beside(self, key: str, path: Path, content_type: str) -> storage.Stored:
        """Put something into the store that was drawn from it; it goes again with it."""
        self._beside.append(key)
        return own_store().put(key, path, content_type=content_type)

    def keep_lost(self, key: str) -> None:
        """Put the file where its twin was kept, if that is lost from the store."""
        store = own_store()
        if store.stat(key) is None:
            store.put(key, self.cleaned()[0], content_type=self.kept_as.content_type)

    @property
    def kept(self) -> storage.Stored:
        """The file as the store has it."""
        if self._kept is None:
            # It was not put there, since its twin was there when it came; the store is not asked while a transaction is open.
            raise Conflict(f"“{self.filename}” was removed from the library at this very moment. Send it again.")
        return self._kept

    def take(self) -> None:
        """It is an upload's from now on; whoever makes one asks for this after the commit, which a full disk may refuse."""
        self.is_taken = True

    def let_go(self) -> None:
        """Take the files out of the store again where they have become nobody's; what cannot be taken away now is swept up later."""
        kept = [self._kept.key] if self._kept is not None else []
        if not self.is_taken:
            with suppress(Unavailable):
                for key in [*kept, *self._beside]:
                    storage.storage().delete(key)

    @property
    def cover(self) -> Path:
        """Where the picture lies that a sound brought along, if heard() says that it did."""
        return self.folder / "cover"

    def heard(self) -> verdicts.Heard:
        """What a sound says of itself; FileRefused in words where it is none that could be played."""
        if self._heard is None:
            try:
                self._heard = listening.listen(self.raw, self.content.content_type, cover=self.cover)
            except listening.SoundRefused as refusal:
                raise FileRefused(str(refusal)) from refusal
        return self._heard

    def drawn(self) -> list[int]:
        """How loud each part of a sound is; empty where its kind does not tell, or it became none since."""
        try:
            return listening.draw(self.raw, self.content.content_type)
        except listening.SoundRefused:
            return []

    def _look_whole(self) -> None:
        """FileRefused in words for a film whose end is missing."""
        try:
            films.check_film(self.raw, self.content.content_type)
        except verdicts.NotASound as refusal:
            raise FileRefused(str(refusal)) from refusal

    def _clean(self) -> tuple[Path, Seen]:
        target = self.folder / "clean"
        try:
            if self.content is SVG:
                return target, studio.clean_svg(self.raw, target, wait=self.wait)
            return target, studio.clean(self.raw, target, most_pixels=self.most_pixels, wait=self.wait, room=config().data)
        except studio.PictureRefused as refusal:
            raise FileRefused(str(refusal)) from refusal


@contextmanager
def receive(
    file: BinaryIO | IO[bytes] | Path,
    *,
    filename: str,
    max_bytes: int | None = None,
    most_pixels: int | None = None,
    wait: float = studio.PEOPLE_WAIT_SECONDS,
    keeps: bool = True,
    is_ours: bool = False,
) -> Iterator[Incoming]:
    """Copy the file to a place of its own, look into it and keep it, best before a transaction opens: pictures and stores take time."""
    end_read()
    try:
        with tempfile.TemporaryDirectory(dir=workroom()) as name:
            folder = Path(name)
            bound = max_bytes or config().max_upload_mb * 1024 * 1024
            taken = _taken_over(file, folder / "raw") if is_ours and isinstance(file, Path) else None
            digest, head = taken or _copy(file, folder / "raw", bound)
            content = recognise(head, filename)
            incoming = Incoming(folder, tidy_filename(filename, content), content, digest, most_pixels, wait)
            _keep(incoming) if keeps else _look(incoming)
            try:
                yield incoming
            finally:
                incoming.let_go()
    except OSError as error:
        if error.errno in DISK_IS_FULL:
            raise NoRoom("The disk is full, so the file could not be taken in. Make room and send it again.") from error
        raise


def _keep(incoming: Incoming) -> None:
    twin = session().execute(select(Asset.key, Asset.trashed_at).where(Asset.sha256 == incoming.sha256)).one_or_none()
    end_read()
    if twin is not None:
        incoming.keep_lost(twin.key)
    if twin is None or twin.trashed_at is not None:
        # What lies in the trash may be gone before the transaction that would take it back.
        incoming.keep()


def _look(incoming: Incoming) -> None:
    is_known = session().scalar(select(exists().where(Asset.sha256 == incoming.sha256)))
    end_read()
    if not is_known:
        incoming.cleaned()


def workroom() -> Path:
    """The folder in which files are looked into and drawn; on the data's own disk, since they may be large."""
    room = config().data / "tmp"
    room.mkdir(parents=True, exist_ok=True)
    return room


@contextmanager
def fetched_file() -> Iterator[BinaryIO]:
    """A file without a name for what comes from another host, on the data's own disk; it is gone when the block ends."""
    with tempfile.TemporaryFile(dir=workroom()) as file:
        yield cast("BinaryIO", file)


def tidy_filename(filename: str, content: Content | None = None) -> str:
    """The name as people may see it: no folders, no marks that hide or turn letters, and not the ending of what it was turned from."""
    name = filename.replace("\\", "/").rpartition("/")[2].translate(_TURNERS)
    name = "".join(letter for letter in name if letter.isprintable()).strip(" .")
    stem, dot, ending = name.rpartition(".")
    if content is HEIC and dot:
        ending = JPEG.extension
        name = f"{stem}.{ending}"
    if dot and len(ending) <= 10:
        return f"{stem[: LONGEST_FILENAME - 11]}.{ending}" if stem else ending
    return name[:LONGEST_FILENAME] or "file"


def _taken_over(file: Path, target: Path) -> tuple[str, bytes] | None:
    """A second name for a file that is ours, instead of a second copy of two gigabytes; None where the disk is another."""
    try:
        target.hardlink_to(file)
    except OSError:
        return None
    with target.open("rb") as opened:
        head = opened.read(HEAD_BYTES)
        opened.seek(0)
        return hashlib.file_digest(opened, "sha256").hexdigest(), head


def _copy(file: BinaryIO | IO[bytes] | Path, target: Path, max_bytes: int) -> tuple[str, bytes]:
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
