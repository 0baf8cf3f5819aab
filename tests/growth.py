"""Whether the time of a piece of work grows with what it is given, or with its square: a ratio, so that a busy machine changes nothing."""

import time
from collections.abc import Callable

# Between the two sizes that are compared. Even growth makes a ratio of TIMES, growth with the square one of TIMES * TIMES.
TIMES = 4
MOST = 2.5 * TIMES
# What is this quick in its large form may grow as it likes: it is all start, and the clock is coarse.
TOO_QUICK_TO_JUDGE = 0.03
LOOKS = 4


def seconds(work: Callable[[int], object], size: int) -> float:
    """The processor's time of this thread alone: the threads of servers that stand beside a test do not count."""
    began = time.thread_time()
    work(size)
    return time.thread_time() - began


def assert_grows_evenly(work: Callable[[int], object], size: int) -> None:
    """`work(size)` takes at most two and a half times what even growth from a quarter of the size would make; the best of a few looks counts."""
    small = large = float("inf")
    for _ in range(LOOKS):
        large = min(large, seconds(work, size))
        if large < TOO_QUICK_TO_JUDGE:
            return
        small = min(small, seconds(work, size // TIMES))
        if large <= MOST * small:
            return
    raise AssertionError(f"{TIMES} times as much took {large / small:.1f} times as long: {small:.3f} s became {large:.3f} s.")
