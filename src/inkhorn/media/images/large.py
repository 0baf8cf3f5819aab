"""One large picture at a time on a machine: every web process and every runner may be looking into some."""

import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Opened, turned and packed anew, a picture was seen to take 12 bytes for each pixel: 1.2 GB for a hundred megapixels.
LARGE_PIXELS = 25_000_000
# Whoever sent it waits; the studio gives up after a minute.
PATIENCE_SECONDS = 20.0


@contextmanager
def alone(pixels: int) -> Iterator[None]:
    """Wait until no other large picture is open; where that lasts it is opened all the same, for the memory of one is limited."""
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
    """A file of this user's own; None where somebody else has put one there, or nothing can be put."""
    path = Path(tempfile.gettempdir()) / f"inkhorn-large-picture-{os.geteuid()}.lock"
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError:
        return None
    if os.fstat(lock).st_uid != os.geteuid():
        os.close(lock)
        return None
    return lock


def _wait_for(lock: int) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            time.sleep(0.1)
        else:
            return
