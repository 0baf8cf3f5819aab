"""A process that was forked gives back what its work took: while it is idle it ends, and its parent forks a fresh one that shares its memory."""

import logging
import re
import time
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger(__name__)

# What the parent takes for an orderly end that asks for a new beginning.
EXIT_RENEWED = 76
IDLE_SECONDS = 5.0
# So long a process lives at least, for a beginning costs something, too.
LEAST_SECONDS = 60.0
# A runner begins with 6 MB of its own, has 24 after a minute with nothing but its timetable, and 56 after a thousand posts (29 November 2026).
GROWN_MEGABYTES = 30.0
# What was imported before the fork; another version of it may have come to the disk since, and two versions are not to be mixed.
_CODE = Path(__file__)
_CODE_FROM = _CODE.stat().st_mtime_ns
_ROLLUP = Path("/proc/self/smaps_rollup")
_PRIVATE = re.compile(r"^Private_Dirty:\s+(\d+) kB", re.MULTILINE)


def private_megabytes() -> float:
    """What this process shares with no other; 0 where the system does not tell."""
    try:
        found = _PRIVATE.search(_ROLLUP.read_text(encoding="ascii"))
    except OSError:
        return 0.0
    return int(found[1]) / 1024 if found else 0.0


class Renewal:
    """Looks, once after each stretch of work, how much a process has grown since it began."""

    def __init__(self, measure: Callable[[], float] = private_megabytes, clock: Callable[[], float] = time.monotonic) -> None:
        self._measure, self._clock = measure, clock
        self._at_first, self._began = measure(), clock()
        self._worked_at: float | None = None

    def note_work(self) -> None:
        """Something is being done, or was done just now."""
        self._worked_at = self._clock()

    def is_due(self) -> bool:
        """Whether the process has been idle for long enough and would give back enough."""
        now = self._clock()
        if self._worked_at is None or now < self._worked_at + IDLE_SECONDS or now < self._began + LEAST_SECONDS:
            return False
        self._worked_at = None
        grown = self._measure() - self._at_first
        if grown < GROWN_MEGABYTES or not _is_same_code():
            return False
        log.info("renewed", extra={"megabytes_given_back": round(grown), "after_seconds": round(now - self._began)})
        return True


def _is_same_code() -> bool:
    try:
        return _CODE.stat().st_mtime_ns == _CODE_FROM
    except OSError:
        return False
