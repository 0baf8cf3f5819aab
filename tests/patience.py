"""Waiting for what comes by itself: others may keep the machine busy, and what never comes is found out all the same."""

import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE_SECONDS = 120
Found = TypeVar("Found")


def awaited(look: Callable[[], Found], told: Callable[[], str] = str, *, pause: Callable[[], object] = lambda: time.sleep(0.1)) -> Found:
    """What one looks for, as soon as it is anything; what is told fails the test after two minutes."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not (found := look()):
        assert time.monotonic() < until, f"It did not come within {PATIENCE_SECONDS} seconds. {told()}"
        pause()
    return found
