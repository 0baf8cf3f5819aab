"""Reads a backup to its end: every file is what the list says, and nothing else is in there. Writes to a folder of its own, or nowhere."""

import gzip
import os
import shutil
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from inkhorn.core.errors import NotFound, Unavailable
from inkhorn.core.revisions import known_revisions
from inkhorn.transfer.archive.container import Packed, Source, unpack
from inkhorn.transfer.archive.contents import (
    ABOUT,
    DATABASE,
    MANIFEST,
    MEDIA,
    SMALL,
    About,
    Manifest,
    Part,
    Spoilt,
    about_from,
    is_known,
    manifest_from,
)
from inkhorn.transfer.archive.envelope import MAGIC, Opener, is_sealed
from inkhorn.transfer.services.keeping.making import SPARE_BYTES, Progress
from inkhorn.transfer.services.keeping.snapshots import examine_file

UNPACKED = "database.sqlite3"
SEALED = ".sealed"
NOT_SEALED = (
    "The file is not sealed, and there is a passphrase or its name says that it is, so somebody else may have made it. "
    "If you know where it comes from, give --unsealed, and a name that does not end in .sealed."
)
CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Unpacked:
    """A backup that was read to its end and found whole."""

    about: About
    manifest: Manifest

    @property
    def media(self) -> list[str]:
        return [name.removeprefix(MEDIA) for name in self.manifest.parts if name.startswith(MEDIA)]


def unpack_backup(path: Path, folder: Path, *, passphrase: str = "", progress: Progress | None = None) -> Unpacked:
    """Unpack everything into a folder and examine it there; Spoilt in words for whatever is not as it was made."""
    with opened(path, passphrase) as source:
        reader = _Reader(folder, progress)
        for packed in unpack(source):
            reader.take(packed)
        unpacked = reader.finished()
    _unpack_database(folder, unpacked.about.database_bytes)
    examine_database(folder / UNPACKED, unpacked.manifest)
    return unpacked


def look_into(path: Path, *, passphrase: str = "") -> About:
    """What the backup says of itself, from its beginning alone."""
    with opened(path, passphrase) as source:
        for packed in unpack(source):
            return _about(packed)
    raise Spoilt("The backup is empty.")


@contextmanager
def opened(path: Path, passphrase: str) -> Iterator[Source]:
    """The archive itself, out of its envelope where it has one."""
    try:
        file: BinaryIO = path.open("rb")
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {path}.") from error
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror}.") from error
    with file:
        try:
            beginning = file.read(len(MAGIC))
            file.seek(0)
            if not is_sealed(beginning):
                # What is sealed nobody else can have made; of anything else in its place that is not known.
                if passphrase or path.name.endswith(SEALED):
                    raise Spoilt(NOT_SEALED)
                yield file
            elif not passphrase:
                raise Spoilt("The backup is sealed. Give its passphrase: set backup_passphrase, or answer with --ask-passphrase.")
            else:
                yield Opener(file, passphrase)
        except OSError as error:
            raise Unavailable(f"The backup could not be read or unpacked: {error.strerror or error}.") from error


class _Reader:
    def __init__(self, folder: Path, progress: Progress | None) -> None:
        self._folder, self._progress = folder, progress
        self._about: About | None = None
        self._manifest: Manifest | None = None
        self._parts: dict[str, Part] = {}
        self._files_bytes = 0

    def take(self, packed: Packed) -> None:
        """Write one file into the folder; Spoilt where no backup of ours has it there."""
        if self._manifest is not None or not is_known(packed.name) or packed.name in self._parts:
            raise Spoilt(f"The backup holds something that does not belong there ({packed.name[:100]!r}).")
        if self._about is None:
            self._about = _about(packed)
            _refuse_unknown_revision(self._about)
            _refuse_no_room(self._about, self._folder)
        elif packed.name == MANIFEST:
            self._manifest = manifest_from(_content(packed))
            return
        else:
            self._unpack(packed)
        self._parts[packed.name] = packed.part
        if self._progress is not None:
            self._progress(len(self._parts), self._about.files + 4)

    def finished(self) -> Unpacked:
        if self._about is None or self._manifest is None or DATABASE not in self._parts:
            raise Spoilt("The backup does not hold everything that belongs in one.")
        if self._parts != self._manifest.parts:
            names = sorted(name for name, part in self._manifest.parts.items() if self._parts.get(name) != part) or sorted(self._parts)
            raise Spoilt(f"The backup was changed after it was made: {names[0][:100]} is not what the list says.")
        return Unpacked(self._about, self._manifest)

    def _unpack(self, packed: Packed) -> None:
        assert self._about is not None
        if packed.size > SMALL.get(packed.name, packed.size):
            raise Spoilt(f"{packed.name} in the backup is larger than any could be.")
        if packed.name == DATABASE:
            # Packing makes it smaller, or hardly larger.
            is_more = packed.size > self._about.database_bytes + self._about.database_bytes // 100 + 1024
        else:
            self._files_bytes += packed.size if packed.name not in SMALL else 0
            is_more = self._files_bytes > self._about.files_bytes
        if is_more:
            raise Spoilt("The backup holds more than it says, so it was not unpacked.")
        target = self._folder / packed.name
        target.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        with target.open("xb") as file:
            if packed.name in SMALL:
                os.fchmod(file.fileno(), 0o600)
            for chunk in packed.chunks():
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())


def examine_database(path: Path, manifest: Manifest) -> None:
    """Spoilt where SQLite finds a fault, or other rows than were counted; that some pointed nowhere was known when it was made."""
    try:
        found = examine_file(path)
    except sqlite3.Error as error:
        raise Spoilt(f"The database in the backup cannot be read: {error}.") from error
    if not found.is_sound or found.orphans != manifest.orphans or found.rows != manifest.rows:
        raise Spoilt("The database in the backup is not whole.")


def _unpack_database(folder: Path, most: int) -> None:
    written = 0
    try:
        with gzip.open(folder / DATABASE, "rb") as packed, (folder / UNPACKED).open("xb") as target:
            while chunk := packed.read(CHUNK_BYTES):
                written += len(chunk)
                if written > most:
                    raise Spoilt("The database in the backup is larger than it says, so it was not unpacked.")
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise Spoilt("The database in the backup cannot be unpacked.") from error
    except OSError as error:
        raise Unavailable(f"The backup could not be unpacked: {error.strerror or error}. Make room at {folder.parent}.") from error
    (folder / DATABASE).unlink()


def _about(packed: Packed) -> About:
    if packed.name != ABOUT:
        raise Spoilt("This is no backup that Inkhorn made.")
    return about_from(_content(packed))


def _content(packed: Packed) -> bytes:
    if packed.size > SMALL[packed.name]:
        raise Spoilt(f"{packed.name} in the backup is larger than any could be.")
    return b"".join(packed.chunks())


def _refuse_unknown_revision(about: About) -> None:
    if about.revision not in known_revisions():
        raise Spoilt(
            f"The backup was made by Inkhorn {about.inkhorn[:20]} with its database at revision {about.revision[:20]}, "
            "which this version does not know. Install that version, or a later one."
        )


def _refuse_no_room(about: About, folder: Path) -> None:
    # Packed and unpacked, the database stands there twice for a moment, and it may have to be migrated.
    wanted = 3 * about.database_bytes + about.files_bytes + SPARE_BYTES
    free = shutil.disk_usage(folder).free
    if free < wanted:
        raise Unavailable(
            f"To unpack it takes {wanted // 1_000_000} MB at {folder.parent}, and {free // 1_000_000} are free. Make room there."
        )
