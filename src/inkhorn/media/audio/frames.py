"""FLAC frame by frame: each says how many moments it holds, and the louder they are, the more bits they need."""

from collections.abc import Iterator
from itertools import pairwise

from inkhorn.media.audio.peaks import lossless

_SYNC = b"\xff\xf8"
# Moments by four bits of the header; 6 and 7 say that the number follows.
_MOMENTS = {1: 192} | {code: 576 << (code - 2) for code in range(2, 6)} | {code: 256 << (code - 8) for code in range(8, 16)}
MOST_CHANNEL_CODES, MOST_NUMBER_BYTES = 11, 7


def loudness(data: bytes) -> list[float]:
    """Of each frame, by its size; a frame ends where the next begins."""
    found = list(_frames(data))
    stretches = pairwise([*found, (len(data), 0, 0)])
    return lossless([(after[0] - at, moments * channels) for (at, moments, channels), after in stretches])


def _frames(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Where each frame begins, how many moments it holds, and of how many channels."""
    at = _sound_begins(data)
    # Whether frames are all of one length is said in the sync itself, and holds for the whole file.
    sync = data[at : at + 2]
    if sync not in (_SYNC, b"\xff\xf9"):
        return
    while at >= 0:
        if told := _header(data, at):
            yield at, *told
        at = data.find(sync, at + 2)


def _sound_begins(data: bytes) -> int:
    at, is_last = 4, False
    while not is_last and at + 4 <= len(data):
        is_last, at = bool(data[at] >> 7), at + 4 + int.from_bytes(data[at + 1 : at + 4], "big")
    return at


def _header(data: bytes, at: int) -> tuple[int, int] | None:
    """Moments and channels, where a frame's header stands there, its checksum being the proof."""
    head = data[at : at + 16]
    if len(head) < 6 or head[3] & 1:
        return None
    code, channels = head[2] >> 4, head[3] >> 4
    # The frame's number is written as UTF-8 writes letters.
    number = 8 - (head[4] ^ 0xFF).bit_length() if head[4] >= 0x80 else 1
    end = 4 + number
    moments = _MOMENTS.get(code, 0)
    if code in (6, 7):
        width = code - 5
        moments, end = int.from_bytes(head[end : end + width], "big") + 1, end + width
    end += {12: 1, 13: 2, 14: 2}.get(head[2] & 15, 0)
    if (
        not moments
        or number > MOST_NUMBER_BYTES
        or channels >= MOST_CHANNEL_CODES
        or end >= len(head)
        or _checksum(head[:end]) != head[end]
    ):
        return None
    return moments, channels + 1 if channels < 8 else 2


def _checksum(head: bytes) -> int:
    value = 0
    for byte in head:
        value ^= byte
        for _ in range(8):
            value = (value << 1 ^ 0x07) & 0xFF if value & 0x80 else value << 1
    return value
