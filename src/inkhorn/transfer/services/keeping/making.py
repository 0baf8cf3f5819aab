"""Makes a backup of a running site: one file, whole or not there at all."""

import gzip
import io
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from inkhorn import __version__
from inkhorn.core import clock
from inkhorn.core.config import Config, settings_of_config
from inkhorn.core.errors import Conflict, Unavailable
from inkhorn.core.storage import FileMissing, Storage, storage_of
from inkhorn.transfer.archive.container import Packer
from inkhorn.transfer.archive.contents import (
    ABOUT,
    DATABASE,
    EARLIER_KEYS,
    KEY,
    MANIFEST,
    MEDIA,
    SETTINGS,
    About,
    Manifest,
)
from inkhorn.transfer.archive.envelope import Sealer
from inkhorn.transfer.services.keeping.choosing import Found, look_for_files
from inkhorn.transfer.services.keeping.snapshots import Snapshot, database_bytes, take_snapshot
from inkhorn.transfer.services.keeping.workplaces import sync, workplace

CHUNK_BYTES = 1 << 20
# Left on the disk for whatever else writes there.
SPARE_BYTES = 50_000_000
# Quick rather than small: pictures and sound make most of a backup and are packed already.
PACKED_AT = 5
Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Wishes:
    """What a backup shall hold, and the words that open it again; without a passphrase anybody can."""

    has_media: bool = True
    has_secrets: bool = True
    passphrase: str = ""


@dataclass(frozen=True)
class Made:
    """A finished backup."""

    path: Path
    size: int
    rows: int
    files: int
    gone: int
    # Rows that point at rows that are not there.
    orphans: int = 0
    # Files of themes that no backup holds: links, hidden ones, and those whose names no other machine might read.
    left_out: tuple[str, ...] = ()


def make_backup(config: Config, path: Path, wishes: Wishes, *, progress: Progress | None = None) -> Made:
    """Write the site to a new file; Unavailable in words where that cannot be, and nothing is left of it then."""
    if path.exists():
        raise Conflict(f"{path} is there already and was left as it is. Give another name.")
    with _in_words(path), workplace(path.parent) as folder:
        found = look_for_files(config, has_media=wishes.has_media)
        _refuse_no_room(config, path.parent, found)
        snapshot = take_snapshot(config, folder / "database.sqlite3")
        # After the snapshot: what it speaks of is there, and what came later does no harm.
        found = look_for_files(config, has_media=wishes.has_media)
        unfinished = folder / path.name
        with unfinished.open("xb") as file:
            os.fchmod(file.fileno(), 0o600)
            gone = _write(config, snapshot, found, wishes, file, progress=progress)
            file.flush()
            os.fsync(file.fileno())
        size = unfinished.stat().st_size
        unfinished.rename(path)
        sync(path.parent)
    rows, orphans = sum(snapshot.rows.values()), sum(snapshot.orphans.values())
    return Made(path, size, rows, len(found.media) - len(gone), len(gone), orphans, found.left_out)


def _write(config: Config, snapshot: Snapshot, found: Found, wishes: Wishes, file: BinaryIO, *, progress: Progress | None) -> list[str]:
    """Write everything; the keys of the uploads that somebody removed meanwhile."""
    sealer = Sealer(file, wishes.passphrase) if wishes.passphrase else None
    packer = Packer(sealer or file)
    about = About(
        made_at=clock.now().isoformat(),
        inkhorn=__version__,
        revision=snapshot.revision,
        database_bytes=snapshot.path.stat().st_size,
        files=len(found.media) + len(found.themes),
        files_bytes=found.size,
        has_media=wishes.has_media,
        has_secrets=wishes.has_secrets,
        set_elsewhere=_set_elsewhere(config),
    )
    _add_bytes(packer, ABOUT, about.as_json())
    _add_database(packer, snapshot.path)
    if wishes.has_secrets:
        _add_secrets(packer, config)
    for name, size in found.themes.items():
        with (config.data / name).open("rb") as content:
            _add_unchanged(packer, name, content, size)
    gone = _add_media(packer, storage_of(config), found.media, progress)
    _add_bytes(packer, MANIFEST, Manifest(parts=dict(packer.parts), rows=snapshot.rows, orphans=snapshot.orphans, gone=gone).as_json())
    packer.end()
    if sealer is not None:
        sealer.close()
    return gone


def _add_database(packer: Packer, path: Path) -> None:
    packed = path.with_suffix(".gz")
    with path.open("rb") as plain, gzip.GzipFile(packed, "wb", PACKED_AT, mtime=0) as target:
        shutil.copyfileobj(plain, target, CHUNK_BYTES)
    path.unlink()
    with packed.open("rb") as content:
        packer.add(DATABASE, content, packed.stat().st_size)
    packed.unlink()


def _add_secrets(packer: Packer, config: Config) -> None:
    if config.secret_key:
        _add_bytes(packer, KEY, config.secret_key.encode())
    if config.previous_secret_keys:
        _add_bytes(packer, EARLIER_KEYS, config.previous_secret_keys.encode())
    settings = config.data / SETTINGS
    if settings.is_file():
        _add_bytes(packer, SETTINGS, settings.read_bytes())


def _add_media(packer: Packer, store: Storage, wanted: Mapping[str, int], progress: Progress | None) -> list[str]:
    """Add every file that is still there; the keys of those that somebody removed meanwhile."""
    gone = []
    for done, (key, size) in enumerate(wanted.items(), 1):
        try:
            with store.open(key) as content:
                _add_unchanged(packer, MEDIA + key, content, size)
        except FileMissing:
            gone.append(key)
        if progress is not None:
            progress(done, len(wanted))
    return gone


def _add_unchanged(packer: Packer, name: str, content: BinaryIO, size: int) -> None:
    """Add a file of the size that was announced; one that grew would make the backup hold more than it says."""
    if content.seek(0, io.SEEK_END) != size:
        raise Unavailable(f"{name} was changed while the backup was made. Make it again.")
    content.seek(0)
    packer.add(name, content, size)


def _add_bytes(packer: Packer, name: str, content: bytes) -> None:
    packer.add(name, cast("BinaryIO", io.BytesIO(content)), len(content))


def _set_elsewhere(config: Config) -> tuple[str, ...]:
    own = {SETTINGS, str(config.data / KEY), "command line", "default"}
    names = (each.name for each in settings_of_config())
    return tuple(name for name in names if config.origins.get(name, "default") not in own and name not in ("data", KEY))


def _refuse_no_room(config: Config, folder: Path, found: Found) -> None:
    """The copy of the database, packed and unpacked, and the archive stand beside each other for a while."""
    wanted = 2 * database_bytes(config) + found.size + SPARE_BYTES
    free = shutil.disk_usage(folder).free
    if free < wanted:
        raise Unavailable(f"A backup needs {wanted // 1_000_000} MB at {folder}, and {free // 1_000_000} are free. Make room there.")


@contextmanager
def _in_words(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable(
            f"The backup could not be written to {path.parent}: {error.strerror or error}. Make room there, or correct its rights."
        ) from error
