"""One large picture at a time on a machine: every web process and every runner may be looking into some."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Opened, turned and packed anew, a picture was seen to take 12 bytes for each pixel: 1.2 GB for a hundred megapixels.
LARGE_PIXELS = 25_000_000
# For all of one task; the studio gives up after a minute.
PATIENCE_SECONDS = 20.0
NAME = "large-picture.lock"


class _Task:
    """Where the processes of the site meet, and until when one that waits is patient."""

    room: Path | None = None
    until = 0.0


def begin_task(room: Path | None) -> None:
    """What comes next is one task; room is a folder that all processes of the site on this machine share."""
    _Task.room, _Task.until = room, time.monotonic() + PATIENCE_SECONDS


@contextmanager
def alone(pixels: int) -> Iterator[None]:
    """Wait until no other large picture is open, and no longer than one is patient: the alarm of a task that waits would call it too large."""
    lock = _open_lock() if pixels > LARGE_PIXELS else None
    if lock is None:
        yield
        return
    try:
        _wait_for(lock)
        yield
    finally:
        os.close(lock)


def _open_lock() -> int | None:
    if _Task.room is None:
        return None
    try:
        return os.open(_Task.room / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        # A disk that takes nothing says so when the picture is written.
        return None


def _wait_for(lock: int) -> None:
    while time.monotonic() < _Task.until:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            time.sleep(0.1)
        else:
            return
