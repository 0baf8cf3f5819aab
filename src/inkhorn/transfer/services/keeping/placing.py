"""Puts what was unpacked and found whole in the place of what was there: begun with one rename, and gone on with after any interruption."""

import json
import os
import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from inkhorn.core import clock
from inkhorn.core.config import Config, ConfigError
from inkhorn.core.config_loading import FILE_NAME, load_config
from inkhorn.core.errors import InkhornError, Unavailable
from inkhorn.core.starting import READY
from inkhorn.core.storage import DiskStorage, Storage, storage_of
from inkhorn.transfer.archive.contents import EARLIER_KEYS, KEY, MEDIA, THEMES
from inkhorn.transfer.services.keeping.filling import fill, is_filled
from inkhorn.transfer.services.keeping.reading import UNPACKED
from inkhorn.transfer.services.keeping.workplaces import UNFINISHED, sync

PLAN = "plan.json"
# Beside the settings that count.
BESIDE = f"{FILE_NAME}.from-backup"
LEADING = {
    "database_url", "replica_url", "storage_url", "storage_access_key", "storage_secret_key", "broker_url", "limits_url", "backup_to", "log_file",
}  # fmt: skip
LOGS = ("-wal", "-shm", "-journal")


@dataclass(frozen=True)
class Plan:
    """What goes where; everything that stood there goes into a folder beside it."""

    aside: str
    has_media: bool
    has_secrets: bool
    # Decided while nothing is changed yet: settings that cannot be read would let no command finish this.
    has_fitting_settings: bool = False

    def keep(self, folder: Path) -> None:
        with (folder / PLAN).open("x", encoding="utf-8") as file:
            json.dump(asdict(self), file)
            file.flush()
            os.fsync(file.fileno())


def make_plan(config: Config, folder: Path, *, has_media: bool, has_secrets: bool) -> Plan:
    """Decide about what was unpacked into the folder."""
    aside = f"before-restore-{clock.now():%Y%m%dT%H%M%SZ}"
    return Plan(aside, has_media, has_secrets, has_secrets and _has_fitting_settings(config, folder))


def _has_fitting_settings(config: Config, folder: Path) -> bool:
    """Whether a site starts with the settings, and they do not say where things are kept: a copy could be led to what the living site uses."""
    if (config.data / FILE_NAME).exists() or not (folder / FILE_NAME).exists():
        return False
    try:
        load_config(data=folder)
        told = tomllib.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
    except (ConfigError, ValueError, RecursionError):
        return False
    return not LEADING.intersection(told)


def begin_placing(config: Config, folder: Path) -> None:
    """From here on the backup is what the site will be, however often this is interrupted."""
    folder.rename(config.data / READY)
    sync(config.data)


def is_begun(config: Config) -> bool:
    return (config.data / READY / PLAN).is_file()


def finish_placing(config: Config) -> Path | None:
    """Put everything that still waits in its place; may be called again and again. The folder with what was there before."""
    ready = config.data / READY
    try:
        plan = Plan(**json.loads((ready / PLAN).read_text(encoding="utf-8")))
        aside = config.data / plan.aside
        try:
            _place_database(config, ready, aside)
        except InkhornError:
            # Asked first: were the database away again, what it may hold by now must still be finished.
            if not is_filled(config, ready / UNPACKED):
                # Nothing was put anywhere yet, and another attempt would end like this one.
                _clear(config, ready, plan)
            raise
        if plan.has_media:
            _place_media(storage_of(config), ready, aside)
        if plan.has_secrets:
            _swap(ready / KEY, config.data / KEY, aside)
            _swap(ready / EARLIER_KEYS, config.data / EARLIER_KEYS, aside)
            _place_settings(ready / FILE_NAME, config.data / FILE_NAME, plan)
        _place_themes(ready / THEMES, config.data / THEMES, aside)
        sync(config.data)
        _clear(config, ready, plan)
    except OSError as error:
        raise Unavailable(
            f"The restore stopped in the middle: {error.strerror or error} ({error.filename}). Mend that, then run: inkhorn restore --finish"
        ) from error
    return aside if aside.is_dir() else None


def _clear(config: Config, ready: Path, plan: Plan) -> None:
    """Be done with the folder in one step: what is left of it without its plan could never be finished."""
    over = config.data / f"{UNFINISHED}-{plan.aside}"
    ready.rename(over)
    shutil.rmtree(over, ignore_errors=True)


def _place_database(config: Config, ready: Path, aside: Path) -> None:
    unpacked = ready / UNPACKED
    place = config.sqlite_path
    if place is None:
        if unpacked.exists():
            fill(config, unpacked)
            unpacked.unlink()
        return
    if place.parent != config.data:
        # It may be another disk, from which nothing can be renamed to here.
        beside = place.with_name(f".{place.name}.restored")
        if unpacked.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            _copy_through(unpacked, beside)
            unpacked.unlink()
        unpacked = beside
    if unpacked.exists():
        _put_aside_database(place, aside)
        unpacked.rename(place)
        sync(place.parent)


def _put_aside_database(path: Path, aside: Path) -> None:
    # Its log first: a log without its database does nothing, the other way round would lose what is in it.
    for each in (path, *(path.with_name(path.name + ending) for ending in LOGS)):
        _put_aside(each, aside)


def _place_media(store: Storage, ready: Path, aside: Path) -> None:
    unpacked = ready / MEDIA
    if isinstance(store, DiskStorage) and not os.path.ismount(store.root):
        _swap(unpacked, store.root, aside)
        return
    for path in _files(unpacked):
        key = path.relative_to(unpacked).as_posix()
        kept = store.stat(key)
        # The same name is the same file: keys are never given twice.
        if kept is None or kept.size_bytes != path.stat().st_size:
            store.put(key, path)


def _place_themes(unpacked: Path, place: Path, aside: Path) -> None:
    if not os.path.ismount(place):
        _swap(unpacked, place, aside)
        return
    # A volume of a container can be filled, not put aside; each theme goes there once it is whole.
    beside = place / ".unfinished"
    for theme in sorted(unpacked.iterdir()) if unpacked.exists() else ():
        shutil.rmtree(beside, ignore_errors=True)
        shutil.copytree(theme, beside)
        # Within the volume, which outlives the container that fills it.
        _put_aside(place / theme.name, place / f".{aside.name}")
        beside.rename(place / theme.name)
        sync(place)
        shutil.rmtree(theme)


def _place_settings(unpacked: Path, place: Path, plan: Plan) -> None:
    """Where they belong, or beside what counts."""
    if unpacked.exists():
        fits = plan.has_fitting_settings and not place.exists()
        unpacked.rename(place if fits else place.with_name(BESIDE))


def _swap(unpacked: Path, place: Path, aside: Path) -> None:
    if not unpacked.exists():
        return
    _put_aside(place, aside)
    unpacked.rename(place)


def _put_aside(path: Path, aside: Path) -> None:
    if not path.exists():
        return
    aside.mkdir(mode=0o700, exist_ok=True)
    shutil.move(path, aside / path.name)
    sync(aside)


def _copy_through(source: Path, target: Path) -> None:
    with source.open("rb") as content, target.open("wb") as file:
        os.fchmod(file.fileno(), 0o600)
        shutil.copyfileobj(content, file, 1 << 20)
        file.flush()
        os.fsync(file.fileno())


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())
