"""What a backup says of itself: about.json before everything else, manifest.json at the end, and the names between them."""

import json
import re
from dataclasses import asdict, dataclass, field
from typing import Any

from inkhorn.core.errors import InkhornError
from inkhorn.core.storage.keys import is_key

FORMAT = 1
ABOUT, MANIFEST, DATABASE = "about.json", "manifest.json", "database.sqlite3.gz"
KEY, EARLIER_KEYS, SETTINGS = "secret_key", "previous_secret_keys", "inkhorn.toml"
MEDIA, THEMES = "media/", "themes/"
# Of what is read into memory whole; a manifest names every file.
MOST_ABOUT_BYTES, MOST_MANIFEST_BYTES, MOST_SETTINGS_BYTES = 64 << 10, 256 << 20, 1 << 20
SMALL = {ABOUT: MOST_ABOUT_BYTES, MANIFEST: MOST_MANIFEST_BYTES, **dict.fromkeys((KEY, EARLIER_KEYS, SETTINGS), MOST_SETTINGS_BYTES)}
LONGEST_NAME_BYTES = 400
# A theme's files are called as their author likes; nothing that begins with a dot, so nothing that leads up.
_THEME_FILE = re.compile(r"themes/[^/.\0\\][^/\0\\]{0,100}(/[^/.\0\\][^/\0\\]{0,100}){1,8}")


class Spoilt(InkhornError):
    """The file is no backup, or not the one that was made; nothing was changed."""


@dataclass(frozen=True)
class Part:
    """One file of an archive."""

    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class About:
    """What has to be known before anything is unpacked."""

    made_at: str
    inkhorn: str
    revision: str
    # Of the database when it is unpacked, and of all files together.
    database_bytes: int
    files: int
    files_bytes: int
    has_media: bool = True
    has_secrets: bool = True
    # Settings that were given otherwise than in the data folder, and so are not in here.
    set_elsewhere: tuple[str, ...] = ()
    format: int = FORMAT

    def as_json(self) -> bytes:
        return json.dumps(asdict(self), indent=2).encode()


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What has to agree when everything was unpacked."""

    parts: dict[str, Part]
    rows: dict[str, int]
    # Rows that pointed at rows that were not there, table by table: such a site is kept, and comes back, as it was.
    orphans: dict[str, int] = field(default_factory=dict)
    # Files that went away while the backup was made.
    gone: list[str] = field(default_factory=list)

    def as_json(self) -> bytes:
        return json.dumps(asdict(self), indent=1).encode()


def about_from(content: bytes) -> About:
    """Spoilt for nonsense, and for a form that a later Inkhorn wrote."""
    told = _table(content, ABOUT)
    number = told.get("format")
    if isinstance(number, int) and number > FORMAT:
        raise Spoilt(
            f"The backup has form {number}, and this Inkhorn reads up to {FORMAT}. Install the version that made it, or a later one."
        )
    try:
        made = About(**{**told, "set_elsewhere": tuple(map(str, told.get("set_elsewhere", ())))})
    except TypeError as error:
        raise Spoilt("The backup does not say what it holds, so it is none of ours.") from error
    numbers = (made.database_bytes, made.files, made.files_bytes)
    words = (made.made_at, made.inkhorn, made.revision)
    if number != FORMAT or not all(type(each) is int and each >= 0 for each in numbers) or not all(isinstance(each, str) for each in words):
        raise Spoilt("The backup does not say what it holds, so it is none of ours.")
    return made


def manifest_from(content: bytes) -> Manifest:
    """Spoilt for nonsense."""
    told = _table(content, MANIFEST)
    try:
        parts = {str(name): Part(int(part["size"]), str(part["sha256"])) for name, part in told["parts"].items()}
        rows = {str(name): int(number) for name, number in told["rows"].items()}
        orphans = {str(name): int(number) for name, number in told.get("orphans", {}).items()}
        return Manifest(parts=parts, rows=rows, orphans=orphans, gone=[str(each) for each in told.get("gone", [])])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Spoilt("The list of what the backup holds cannot be read.") from error


def is_known(name: str) -> bool:
    """Whether a backup of ours may hold a file of this name."""
    if name in (ABOUT, MANIFEST, DATABASE, KEY, EARLIER_KEYS, SETTINGS):
        return True
    return is_key(name.removeprefix(MEDIA)) if name.startswith(MEDIA) else is_theme_file(name)


def is_theme_file(name: str) -> bool:
    try:
        is_short = len(name.encode()) <= LONGEST_NAME_BYTES
    except UnicodeEncodeError:
        # Bytes that are no UTF-8: a disk may have them in a name, an archive that everybody reads may not.
        return False
    return is_short and _THEME_FILE.fullmatch(name) is not None


def _table(content: bytes, name: str) -> dict[str, Any]:
    try:
        told = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Spoilt(f"{name} in the backup cannot be read.") from error
    if not isinstance(told, dict):
        raise Spoilt(f"{name} in the backup cannot be read.")
    return told
