"""MP4: is it whole, and which chapters does a sound have. Its tags and length are read elsewhere."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from inkhorn.media.audio.verdicts import NotASound

MOST_BOXES = 10_000
# Less than this much a second is no sound in any coding, silence included.
LEAST_BYTES_A_SECOND = 60


class Box(NamedTuple):
    """One box: its name and where what it holds begins and ends."""

    name: bytes
    start: int
    end: int


def boxes(data: bytes, start: int, end: int) -> Iterator[Box]:
    """The boxes side by side in a stretch; the last may end behind it, which tells that something is missing."""
    at = start
    for _ in range(MOST_BOXES):
        if at + 8 > end:
            return
        size, name = struct.unpack(">I4s", data[at : at + 8])
        body = at + 8
        if size == 1:
            if at + 16 > end:
                return
            size, body = struct.unpack(">Q", data[at + 8 : at + 16])[0], at + 16
        elif size == 0:
            size = end - at
        if size < body - at:
            return
        yield Box(name, body, at + size)
        at += size


def check_whole(data: bytes) -> list[Box]:
    """The outermost boxes of a sound or a film; NotASound where the file ends too early."""
    found = list(boxes(data, 0, len(data)))
    if any(box.end > len(data) for box in found):
        raise NotASound("The file is cut off: the end of it is missing. Send the whole file.")
    if not any(box.name == b"moov" for box in found):
        raise NotASound("The file does not say what is in it, as when a recording was broken off. Export it again and send that.")
    return found


def check(data: bytes, seconds: float) -> str:
    """NotASound for a file that ends too early; a sentence of doubt, or none."""
    found = check_whole(data)
    held = sum(box.end - box.start for box in found if box.name == b"mdat")
    if held < seconds * LEAST_BYTES_A_SECOND:
        return (
            f"The file says that it lasts {seconds:.0f} seconds, but there is hardly any sound in it. It may have been cut off on its way."
        )
    return ""


def chapters(data: bytes) -> list[tuple[float, str]]:
    """The chapters as Nero's programs and most makers of audio books write them."""
    where = (0, len(data))
    for name in (b"moov", b"udta", b"chpl"):
        found = next((box for box in boxes(data, *where) if box.name == name), None)
        if found is None or found.end > len(data):
            return []
        where = (found.start, found.end)
    start, end = where
    # A version, flags, in the usual version four bytes that mean nothing, then how many there are.
    at = start + (9 if data[start : start + 1] == b"\x01" else 5)
    made: list[tuple[float, str]] = []
    while at + 9 <= end:
        moment, length = struct.unpack(">QB", data[at : at + 9])
        made.append((moment / 10_000_000, data[at + 9 : min(end, at + 9 + length)].decode("utf-8", "replace")))
        at += 9 + length
    return made
