"""Keeps the C library from giving every thread a heap of its own."""

import ctypes
from contextlib import suppress

# M_ARENA_MAX of glibc's mallopt; other libraries have neither.
ARENA_MAX, HEAPS = -8, 2


def share_heaps() -> None:
    """For this process and those forked from it: a server has dozens of threads that wait, which took 20 MB after a load (29 November 2026)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(ARENA_MAX, HEAPS)
