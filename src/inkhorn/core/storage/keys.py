"""What every place for files promises, and the keys it knows them by."""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from inkhorn.core.errors import InkhornError, NotFound

LONGEST_KEY = 200
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*(/[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*)*")

# Below this lie the parts of what is on its way: no upload, so no page, backup or sweep of uploads names anything there.
PARTS = "parts"
_PART = re.compile(PARTS + r"/[0-9a-f]{32}/[0-9]{1,15}-[0-9a-f]{32}")


class BadKey(InkhornError):
    """A key that none of our own could be."""

    status = 404


class FileMissing(NotFound):
    """No file is kept under this key."""


@dataclass(frozen=True)
class Stored:
    """What is known of a kept file without opening it."""

    key: str
    size_bytes: int
    modified_at: datetime


class Storage(Protocol):
    """A place for files: a folder or a bucket. Unavailable in words where it is away, full or closed to us."""

    def put(self, key: str, source: BinaryIO | Path, *, content_type: str = "", is_ours: bool = False) -> Stored:
        """Keep all of it or nothing; a file already there is replaced in one step. A source that is ours will not be written to again."""

    def open(self, key: str) -> BinaryIO:
        """The file for reading, seekable so that a range can be served; FileMissing if there is none."""

    def stat(self, key: str) -> Stored | None: ...

    def delete(self, key: str) -> None:
        """Take the file away; nothing happens where there is none."""

    def url(self, key: str) -> str | None:
        """An address at which others serve the file to everybody; None where we serve it."""

    def files(self) -> Iterator[Stored]:
        """Everything kept, in no order, for sweeps; not the parts of what is on its way."""

    def clear_parts(self, uuid: str) -> None:
        """Remove the parts of what is on its way no more."""

    def clear_unfinished(self, before: datetime) -> int:
        """Remove what writers left behind that died half-way; returns how many."""


def is_key(key: str) -> bool:
    return len(key) <= LONGEST_KEY and _KEY.fullmatch(key) is not None


def part_key(uuid: str, offset: int) -> str:
    """A name for a part of what is on its way, never given twice."""
    return f"{PARTS}/{uuid}/{offset}-{secrets.token_hex(16)}"


def is_part(key: str) -> bool:
    return _PART.fullmatch(key) is not None


def checked(key: str) -> str:
    """The key, if it is one of ours; BadKey for everything that could lead elsewhere."""
    if not is_key(key):
        raise BadKey("There is nothing at this address.")
    return key


def public_address(root: str | None, key: str) -> str | None:
    """Where another host, such as that of a CDN, serves the file to everybody; None where there is none."""
    return f"{root.rstrip('/')}/{checked(key)}" if root else None
