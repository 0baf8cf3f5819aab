"""Restores a site from a backup: everything is unpacked and examined beside what is there, then takes its place."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from inkhorn.core import migrating
from inkhorn.core.config import Config
from inkhorn.core.errors import Conflict, InkhornError
from inkhorn.core.starting import make_data_folder, refuse_unfinished
from inkhorn.transfer.archive.contents import KEY, MEDIA, About, Spoilt
from inkhorn.transfer.services.keeping.filling import posts_in, refuse_a_living_site
from inkhorn.transfer.services.keeping.making import Progress
from inkhorn.transfer.services.keeping.placing import (
    BESIDE,
    begin_placing,
    finish_placing,
    is_begun,
    make_plan,
)
from inkhorn.transfer.services.keeping.reading import UNPACKED, Unpacked, unpack_backup
from inkhorn.transfer.services.keeping.resting import at_rest
from inkhorn.transfer.services.keeping.settling import settle
from inkhorn.transfer.services.keeping.snapshots import as_one_file, sqlite_config
from inkhorn.transfer.services.keeping.workplaces import workplace


@dataclass(frozen=True)
class Restored:
    """What the site holds now, and what its operator should know."""

    about: About
    posts: int
    files: int
    letters: int
    aside: Path | None
    has_other_key: bool
    settings_beside: Path | None


def restore_backup(
    config: Config, path: Path, *, passphrase: str = "", is_over: bool = False, progress: Progress | None = None
) -> Restored:
    """Put a backup in the place of the data folder's site; refused in words, and nothing changed, unless all of it is sound."""
    refuse_unfinished(config.data)
    make_data_folder(config.data)
    with at_rest(config):
        if not is_over or not config.uses_sqlite:
            refuse_a_living_site(config)
        with workplace(config.data) as folder:
            unpacked = unpack_backup(path, folder, passphrase=passphrase, progress=progress)
            letters = _bring_up_to_date(folder, unpacked.about)
            has_other_key = _has_other_key(config, folder)
            make_plan(config, folder, has_media=unpacked.about.has_media, has_secrets=unpacked.about.has_secrets).keep(folder)
            begin_placing(config, folder)
        aside = finish_placing(config)
    return _told(config, unpacked, letters=letters, aside=aside, has_other_key=has_other_key)


def finish_restore(config: Config) -> Path | None:
    """Go on with a restore that was interrupted; Conflict where there is none."""
    if not is_begun(config):
        raise Conflict(f"No restore into {config.data} waits to be finished.")
    with at_rest(config):
        return finish_placing(config)


def _bring_up_to_date(folder: Path, about: About) -> int:
    """Migrate the unpacked database, so that what fails does so before anything is changed."""
    if about.has_media:
        (folder / MEDIA).mkdir(exist_ok=True)
    path = folder / UNPACKED
    try:
        migrating.upgrade(sqlite_config(path))
    except InkhornError as error:
        raise Spoilt(f"The database in the backup cannot be brought to what this version knows: {error}") from error
    shutil.rmtree(folder / "backups", ignore_errors=True)
    letters = settle(path, about)
    as_one_file(path)
    return letters


def _has_other_key(config: Config, folder: Path) -> bool:
    """Whether the configuration gives another secret key than the backup was made with."""
    is_given = bool(config.secret_key) and config.origins.get("secret_key") != str(config.data / KEY)
    kept = folder / KEY
    return is_given and kept.is_file() and kept.read_text(encoding="utf-8") not in config.secret_keys


def _told(config: Config, unpacked: Unpacked, *, letters: int, aside: Path | None, has_other_key: bool) -> Restored:
    beside = config.data / BESIDE
    return Restored(
        about=unpacked.about,
        posts=posts_in(config),
        files=len(unpacked.media),
        letters=letters,
        aside=aside,
        has_other_key=has_other_key,
        settings_beside=beside if beside.exists() else None,
    )
