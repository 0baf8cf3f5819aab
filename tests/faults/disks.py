"""Small disks that only root can make, filled and made unwritable as a test likes."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

BALLAST = "ballast"


def _mount(*words: str | Path) -> bool:
    return not subprocess.run(["mount", *map(str, words)], capture_output=True, check=False).returncode


@contextmanager
def small_disk(place: Path, *, megabytes: int = 50) -> Iterator[Path]:
    place.mkdir(parents=True, exist_ok=True)
    if os.geteuid() or not shutil.which("mount") or not _mount("-t", "tmpfs", "-o", f"size={megabytes}m", "none", place):
        pytest.skip("Only root may make a small disk, and not everywhere.")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)


@contextmanager
def unwritable(place: Path) -> Iterator[None]:
    """The folder as it is, on a disk that takes nothing any more."""
    if os.geteuid() or not _mount("--bind", place, place):
        pytest.skip("Only root may make a disk unwritable, and not everywhere.")
    try:
        if not _mount("-o", "remount,bind,ro", place):
            pytest.skip("This machine makes no disk unwritable.")
        yield
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def fill(place: Path, *, but_kb: int) -> None:
    """Leave no more room than that."""
    (place / BALLAST).unlink(missing_ok=True)
    with (place / BALLAST).open("wb", buffering=0) as ballast:
        try:
            while True:
                ballast.write(bytes(65536))
        except OSError:
            ballast.truncate(max(0, ballast.tell() - but_kb * 1024))


def empty(place: Path) -> None:
    (place / BALLAST).unlink(missing_ok=True)
