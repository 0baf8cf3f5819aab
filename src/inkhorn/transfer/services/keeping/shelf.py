"""Where backups stand, in a folder or a bucket, and which of them are kept."""

import hmac
import re
import shutil
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from inkhorn.core import audit, clock
from inkhorn.core.access import Actor
from inkhorn.core.config import Config
from inkhorn.core.config_checks import refuse_no_bucket
from inkhorn.core.errors import Unavailable
from inkhorn.core.storage import FileMissing, Storage, storage_of
from inkhorn.transfer.services.keeping.making import Made, Progress, Wishes, make_backup
from inkhorn.transfer.services.keeping.workplaces import workplace

FOLDER = "backups"
# When it was made, whose it is, and whether something was left out of it.
NAME = re.compile(r"inkhorn-(\d{8}T\d{6}Z)(?:-([0-9a-f]{8}))?(-partial)?\.tar(\.sealed)?")
BUCKET = "s3://"
# A backup may be late by the time that making it takes.
GRACE = timedelta(hours=2)


@dataclass(frozen=True)
class Kept:
    """One backup on the shelf; its name tells when it was made."""

    name: str
    made_at: datetime
    size: int
    site: str = ""
    is_partial: bool = False

    @property
    def is_sealed(self) -> bool:
        return self.name.endswith(".sealed")


class Shelf(Protocol):
    """A place for backups."""

    @property
    def where(self) -> str: ...
    def keep(self, config: Config, wishes: Wishes, *, progress: Progress | None = None) -> Made:
        """Make a backup and put it here; all of it or nothing."""

    def backups(self) -> list[Kept]:
        """What stands here, the newest first."""

    def remove(self, name: str) -> None: ...

    def fetch(self, name: str, folder: Path) -> Path:
        """Where the file can be read; fetched into the folder if it is not on this machine."""


def shelf_of(config: Config, where: str | None = None) -> Shelf:
    """The place that is named, that of the settings otherwise, and a folder of the data folder at last."""
    wanted = where or config.backup_to or str(config.data / FOLDER)
    if not wanted.startswith(BUCKET):
        return FolderShelf(Path(wanted).expanduser().absolute())
    refuse_no_bucket("The place for backups", wanted)
    return BucketShelf(config, wanted)


def name_now(config: Config, wishes: Wishes) -> str:
    """What a backup is called that is begun now."""
    is_partial = not wishes.has_secrets or (config.backup_media and not wishes.has_media)
    kind = f"{'-partial' if is_partial else ''}.tar{'.sealed' if wishes.passphrase else ''}"
    return f"inkhorn-{clock.now():%Y%m%dT%H%M%SZ}-{_sites(config)[0]}{kind}"


def counting(config: Config, backups: Sequence[Kept]) -> list[Kept]:
    """Those by which the next one is due and the older ones go: this site's own, with everything in them, and not of a clock that ran ahead."""
    own = _sites(config)
    return [each for each in backups if each.site in own and not each.is_partial and each.made_at <= clock.now()]


def _sites(config: Config) -> list[str]:
    """By what the names of backups tell one site from another at the same place: its keys, none of which can be found out from it."""
    return [hmac.digest(key.encode(), b"the names of backups", "sha256").hex()[:8] for key in config.secret_keys]


@dataclass(frozen=True)
class FolderShelf:
    """A folder of this machine."""

    folder: Path

    @property
    def where(self) -> str:
        return str(self.folder)

    def keep(self, config: Config, wishes: Wishes, *, progress: Progress | None = None) -> Made:
        return make_backup(config, self.folder / name_now(config, wishes), wishes, progress=progress)

    def backups(self) -> list[Kept]:
        try:
            found = [(path.name, path.stat().st_size) for path in self.folder.iterdir() if path.is_file()]
        except FileNotFoundError:
            return []
        except OSError as error:
            mend = "Name a folder" if isinstance(error, NotADirectoryError) else "Correct its rights"
            raise Unavailable(f"{self.folder} cannot be read: {error.strerror}. {mend}.") from error
        return _sorted(found)

    def remove(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)

    def fetch(self, name: str, folder: Path) -> Path:
        return self.folder / name


class BucketShelf:
    """A bucket, or a folder of one; the archive is made on this machine and then sent."""

    def __init__(self, config: Config, url: str) -> None:
        self.where = url.partition("?")[0]
        bucket = replace(
            config,
            storage_url=url,
            storage_access_key=config.backup_access_key or config.storage_access_key,
            storage_secret_key=config.backup_secret_key or config.storage_secret_key,
            media_url=None,
        )
        self._store: Storage = storage_of(bucket)

    def keep(self, config: Config, wishes: Wishes, *, progress: Progress | None = None) -> Made:
        with workplace(config.data / FOLDER) as folder:
            made = make_backup(config, folder / name_now(config, wishes), wishes, progress=progress)
            self._store.put(made.path.name, made.path, content_type="application/octet-stream")
            return replace(made, path=Path(made.path.name))

    def backups(self) -> list[Kept]:
        return _sorted([(each.key, each.size_bytes) for each in self._store.files()])

    def remove(self, name: str) -> None:
        self._store.delete(name)

    def fetch(self, name: str, folder: Path) -> Path:
        target = folder / name
        try:
            with closing(self._store.open(name)) as content, target.open("xb") as file:
                shutil.copyfileobj(content, file, 1 << 20)
        except FileMissing as error:
            raise FileMissing(f"There is no backup {name} at {self.where}.") from error
        except OSError as error:
            raise Unavailable(f"The backup could not be fetched to {folder}: {error.strerror or error}. Make room there.") from error
        return target


@dataclass(frozen=True)
class Backups:
    """What stands on the shelf, and whether the next one should be there by now."""

    where: str
    found: list[Kept]
    newest: Kept | None
    is_late: bool


def backups_of(config: Config) -> Backups:
    """How the configuration's place for backups stands."""
    shelf = shelf_of(config)
    found = shelf.backups()
    newest = next(iter(counting(config, found)), None)
    limit = timedelta(hours=config.backup_every_hours) + GRACE
    is_late = bool(config.backup_every_hours) and (newest is None or clock.now() - newest.made_at > limit)
    return Backups(shelf.where, found, newest, is_late)


def note_backup(made: Made, wishes: Wishes, *, by: Actor) -> None:
    """Have the audit log say that somebody took everything along."""
    held = {"has_media": wishes.has_media, "has_secrets": wishes.has_secrets, "is_sealed": bool(wishes.passphrase)}
    audit.record(by, "transfer.backed_up", None, name=made.path.name, bytes=made.size, **held)


def superfluous(backups: Sequence[Kept], *, daily: int, weekly: int) -> list[Kept]:
    """Which may go: all but the newest of each of the last days and weeks that have one; the newest of all always stays."""
    newest_first = sorted(backups, key=lambda each: each.made_at, reverse=True)
    kept = {each.name for each in newest_first[:1]}
    for number, period in ((daily, "%Y-%m-%d"), (weekly, "%G-%V")):
        met: dict[str, str] = {}
        for each in newest_first:
            met.setdefault(each.made_at.strftime(period), each.name)
        kept |= set(list(met.values())[:number])
    return [each for each in newest_first if each.name not in kept]


def _sorted(found: Sequence[tuple[str, int]]) -> list[Kept]:
    kept = [each for name, size in found if (each := _kept(name, size)) is not None]
    return sorted(kept, key=lambda each: (each.made_at, each.name), reverse=True)


def _kept(name: str, size: int) -> Kept | None:
    told = NAME.fullmatch(name)
    try:
        return (
            Kept(name, datetime.strptime(told[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC), size, told[2] or "", bool(told[3]))
            if told
            else None
        )
    except ValueError:
        return None
