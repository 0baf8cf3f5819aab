"""Where a process keeps its figures: a few pages of a file that it maps, so that whoever is asked can tell those of all, the dead included.

A counter must never fall, or whoever watches takes that for a new beginning and counts everything again. So the figures of a process
that ended are added to those of the gone before its file goes. A process is alive while it holds the lock on its own file: a number of
a process is given to another one day, and means something else in another container.
"""

import fcntl
import json
import mmap
import os
import secrets
import struct
import threading
import time
from bisect import bisect_left
from collections.abc import Iterator, Sized
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from inkhorn.core.metrics.families import KEPT_BY_PROCESSES, PROCESS, Family

# Figures by family and labels: one number each, or as many as a histogram has.
Key = tuple[str, ...]
Figures = dict[Key, list[float]]

FOLDER = "metrics"
SUFFIX = ".figures"
GONE = "gone.json"
LOCK = "figures.lock"
# All endpoints with all methods take a sixth of it.
FILE_BYTES = 1 << 20
# A disk that took nothing is tried again then.
REST_SECONDS = 60.0
_USED = struct.Struct("=Q")
_LENGTHS = struct.Struct("=II")
_NUMBER = struct.Struct("=d")
_ALIGNED = 8


class Shelf:
    """The figures of the machine's processes in one folder; this process adds to its own, and reads all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._forget()
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        """A process that was forked has figures of its own."""
        # A collector of garbage may give a connection back, which counts, while its thread is counting here.
        self._guard = threading.RLock()
        self._is_placing = False
        self._places: dict[Key, int] = {}
        self._map: mmap.mmap | None = None
        # Kept open, for with it goes the lock.
        self._file: IO[bytes] | None = None
        self._is_full = False
        self._rests_until = 0.0
        self._role = ""

    def be(self, role: str) -> None:
        """Say what this process is for."""
        if self._role != role:
            self._role = role
            self.put((PROCESS.name, role), 1.0)

    def add(self, key: Key, amount: float = 1.0) -> None:
        """Let the figure grow."""
        with self._guard:
            at = self._places.get(key) or self._place(key)
            if at and self._map is not None:
                _NUMBER.pack_into(self._map, at, _NUMBER.unpack_from(self._map, at)[0] + amount)

    def put(self, key: Key, value: float) -> None:
        """Say what the figure is now."""
        with self._guard:
            at = self._places.get(key) or self._place(key)
            if at and self._map is not None:
                _NUMBER.pack_into(self._map, at, value)

    def put_size(self, key: Key, things: Sized) -> None:
        """Say how many there are; looked at behind the guard, so that whoever says it last says what is so."""
        with self._guard:
            self.put(key, float(len(things)))

    def observe(self, family: Family, key: Key, value: float) -> None:
        """Count a value in its bucket of the histogram."""
        with self._guard:
            at = self._places.get(key) or self._place(key)
            if at and self._map is not None:
                for place, amount in ((at + 8 * bisect_left(family.bounds, value), 1.0), (at + 8 * (family.width - 1), value)):
                    _NUMBER.pack_into(self._map, place, _NUMBER.unpack_from(self._map, place)[0] + amount)

    def _place(self, key: Key) -> int:
        """Where the key's numbers stand, made room for; 0 where there is no room or no disk, for no figure is worth a failed request."""
        if self._is_full or self._is_placing or time.monotonic() < self._rests_until:
            return 0
        self._is_placing = True
        try:
            return self._make_room(self._map or self._open(), key)
        except OSError:
            self._rests_until = time.monotonic() + REST_SECONDS
            return 0
        finally:
            self._is_placing = False

    def _make_room(self, shared: mmap.mmap, key: Key) -> int:
        name = json.dumps(key, ensure_ascii=True).encode()
        name += b" " * (-(len(name) + _LENGTHS.size) % _ALIGNED)
        width = KEPT_BY_PROCESSES[key[0]].width
        (used,) = _USED.unpack_from(shared, 0)
        end = used + _LENGTHS.size + len(name) + 8 * width
        if end > FILE_BYTES:
            self._is_full = True
            return 0
        _LENGTHS.pack_into(shared, used, len(name), width)
        shared[used + _LENGTHS.size : used + _LENGTHS.size + len(name)] = name
        # Last, so that who reads meanwhile never sees half of it.
        _USED.pack_into(shared, 0, end)
        self._places[key] = end - 8 * width
        return self._places[key]

    def _open(self) -> mmap.mmap:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Held, or somebody who tidies up would take a file that is not locked yet for one of the dead.
        with _held(self.folder):
            self._bury()
            file = (self.folder / f"{os.getpid()}-{_house_of_numbers()}-{secrets.token_hex(6)}{SUFFIX}").open("x+b")
            try:
                # Its room is taken now: where a mapped page finds none on the disk, the kernel ends the process.
                os.posix_fallocate(file.fileno(), 0, FILE_BYTES)
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shared = mmap.mmap(file.fileno(), FILE_BYTES)
            except OSError:
                Path(file.name).unlink(missing_ok=True)
                file.close()
                raise
            _USED.pack_into(shared, 0, _USED.size)
        self._file, self._map = file, shared
        return shared

    def collect(self) -> tuple[Figures, dict[str, Figures]]:
        """The sum over all processes, and the figures of each that lives, by its name; files of the dead are cleared away on the way."""
        living: dict[str, Figures] = {}
        with self._guard:
            if self._map is not None and self._file is not None:
                living[Path(self._file.name).name] = read(bytes(self._map))
        try:
            with _held(self.folder):
                total, buried = self._bury()
                living |= self._read_others(buried)
        except OSError:
            # Nothing was counted yet, or the disk or somebody else's files let nobody tidy up; what can be read is told.
            total, buried = _read_gone(self.folder / GONE)
            living |= self._read_others(buried)
        for figures in living.values():
            _sum_up(total, figures)
        return total, living

    def _read_others(self, buried: set[str]) -> dict[str, Figures]:
        found: dict[str, Figures] = {}
        for path in self._others():
            if path.name not in buried:
                with suppress(OSError, ValueError, struct.error):
                    found[path.name] = read(path.read_bytes())
        return found

    def _others(self) -> list[Path]:
        # Not our own: to close a file drops the lock that this process holds on it.
        own = self._file.name if self._file else None
        return [path for path in sorted(self.folder.glob(f"*{SUFFIX}")) if str(path) != str(own)]

    def _bury(self) -> tuple[Figures, set[str]]:
        """Add the figures of processes that ended to those of the gone, and take their files away; the gone and the names of the files."""
        path = self.folder / GONE
        gone, before = _read_gone(path)
        dead = [each for each in self._others() if each.name in before or not _is_held(each)]
        buried = {each.name for each in dead}
        for each in dead:
            # One that was added and yet is there was left by somebody who was stopped in between.
            if each.name not in before:
                with suppress(OSError, ValueError, struct.error):
                    _sum_up(
                        gone, {key: values for key, values in read(each.read_bytes()).items() if KEPT_BY_PROCESSES[key[0]].kind != "gauge"}
                    )
        # Where the disk takes nothing they stay, and whoever comes next adds them anew to what is written.
        with suppress(OSError):
            if not buried <= before:
                _write_gone(path, gone, buried)
            for each in dead:
                each.unlink(missing_ok=True)
        return gone, buried

    def begin_anew(self) -> None:
        """Forget the gone where nobody lives: a whole start, after which what an older version counted must not be told for ever."""
        with suppress(OSError), _held(self.folder):
            others = self._others()
            if self._map is None and not any(_is_held(each) for each in others):
                for each in (*others, self.folder / GONE):
                    each.unlink(missing_ok=True)


def number_of(name: str) -> int | None:
    """The number of the process that has this file; None where it means nothing here, as of one in another container."""
    number, house = name.split("-")[:2]
    return int(number) if house == _house_of_numbers() else None


def _house_of_numbers() -> str:
    try:
        return str(Path("/proc/self/ns/pid").stat().st_ino)
    except OSError:
        return "here"


def read(content: bytes) -> Figures:
    """The figures that stand in a file; what this version does not know is left out."""
    found: Figures = {}
    (used,) = _USED.unpack_from(content, 0)
    at = _USED.size
    while at < min(used, len(content)):
        length, width = _LENGTHS.unpack_from(content, at)
        at += _LENGTHS.size
        key: Key = tuple(json.loads(content[at : at + length]))
        at += length
        if _is_known(key, width):
            found[key] = list(struct.unpack_from(f"={width}d", content, at))
        at += 8 * width
    return found


def _read_gone(path: Path) -> tuple[Figures, set[str]]:
    """What the gone counted, and the names of files that are in it."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        figures = {tuple(key): values for key, values in told["figures"] if _is_known(tuple(key), len(values))}
        return figures, set(told["buried"])
    except (OSError, ValueError, TypeError, KeyError):
        return {}, set()


def _write_gone(path: Path, gone: Figures, buried: set[str]) -> None:
    partial = path.with_suffix(".partial")
    told = {"figures": [[list(key), values] for key, values in gone.items()], "buried": sorted(buried)}
    partial.write_text(json.dumps(told), encoding="utf-8")
    partial.replace(path)


def _is_known(key: Key, width: int) -> bool:
    family = KEPT_BY_PROCESSES.get(key[0])
    return family is not None and family.width == width and len(key) == len(family.labels) + 1


def _sum_up(total: Figures, more: Figures) -> None:
    for key, values in more.items():
        known = total.get(key)
        total[key] = [a + b for a, b in zip(known, values, strict=True)] if known else list(values)


def _is_held(path: Path) -> bool:
    try:
        with path.open("r+b") as file:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    with (folder / LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
