"""Loudness as a drawing needs it: a few dozen steps from 0 to 100."""

import mmap
from collections.abc import Sequence
from itertools import pairwise

# As many as stand side by side on a phone.
STEPS = 100
LOUDEST = 100
# What never takes more than two bits a moment and a little, written without loss, is the noise of a quiet room.
LOSSLESS_SILENCE = 4.0


def lossless(sizes: Sequence[tuple[int, int]]) -> list[float]:
    """Loudness by how many bytes so many moments take: one bit more a moment for twice the loudness."""
    found = [2.0 ** min(24.0, 8 * size / moments) - 1 for size, moments in sizes]
    return found if max(found, default=0.0) > LOSSLESS_SILENCE else []


def let_go(data: object) -> None:
    """Give back the memory of what was read of a mapped file, so that a large one never lies in it whole."""
    if isinstance(data, mmap.mmap):
        data.madvise(mmap.MADV_DONTNEED)


def scaled(loudness: Sequence[float], steps: int = STEPS) -> tuple[int, ...]:
    """The loudest moment of each of so many equal parts, the loudest of all being 100; nothing for silence."""
    top = max(loudness, default=0.0)
    if top <= 0:
        return ()
    count = min(steps, len(loudness))
    bounds = [index * len(loudness) // count for index in range(count + 1)]
    return tuple(round(max(loudness[start:end]) / top * LOUDEST) for start, end in pairwise(bounds))
