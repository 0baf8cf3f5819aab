"""Folders in which something is made before it takes its place, cleared away after whoever was killed in one."""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

UNFINISHED = ".unfinished"
# A folder that was made just now may not be held yet.
GIVEN_UP_SECONDS = 60


@contextmanager
def workplace(parent: Path) -> Iterator[Path]:
    """A folder that only we look into and that is gone afterwards; what was left by one that was killed goes first."""
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    clear_unfinished(parent)
    with tempfile.TemporaryDirectory(prefix=f"{UNFINISHED}-", dir=parent, ignore_cleanup_errors=True) as folder, _held(Path(folder)):
        yield Path(folder)


def clear_unfinished(parent: Path) -> None:
    """Remove what was left by whoever was killed; nobody holds it any more."""
    for left in parent.glob(f"{UNFINISHED}-*"):
        with suppress(OSError):
            is_new = time.time() - left.stat().st_mtime < GIVEN_UP_SECONDS
            if not is_new:
                with _held(left):
                    shutil.rmtree(left, ignore_errors=True)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """While nobody else holds it; the lock ends with the process, however that ends. OSError where somebody does."""
    number = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(number)


def sync(folder: Path) -> None:
    """See that the names in the folder are on the disk."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
