"""WAV: is all of it there, and how loud is each part."""

import math
import struct
from collections.abc import Callable
from typing import NamedTuple

from inkhorn.media.audio.peaks import STEPS, let_go
from inkhorn.media.audio.verdicts import Measured, NotASound

PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
# Of each step of the drawing so many moments are looked at, however long the sound is.
LOOKS = 400
# Of a moment; a header may claim thousands.
MOST_CHANNELS = 8
# Of the loudest that could be written; what never gets above it is the noise of a quiet room.
SILENCE = 0.001
_WHOLE: dict[int, Callable[[bytes], float]] = {
    1: lambda moment: moment[0] - 128,
    2: lambda moment: int.from_bytes(moment, "little", signed=True),
    3: lambda moment: int.from_bytes(moment, "little", signed=True),
    4: lambda moment: int.from_bytes(moment, "little", signed=True),
}
_BROKEN: dict[int, Callable[[bytes], float]] = {
    4: lambda moment: float(struct.unpack("<f", moment)[0]),
    8: lambda moment: float(struct.unpack("<d", moment)[0]),
}


class Sound(NamedTuple):
    """How the moments of a file are written, and where they lie."""

    kind: int
    channels: int
    per_second: int
    block: int
    start: int
    end: int


def measure(data: bytes) -> Measured:
    """Its length; NotASound where the file has no sound or ends before it."""
    sound = _sound(data)
    return Measured((sound.end - sound.start) / sound.per_second)


def loudness(data: bytes) -> list[float]:
    """Of moments at equal distances, in whatever depth they are written; empty for codings that are no plain numbers."""
    sound = _sound(data)
    width = sound.block // sound.channels
    read = {PCM: _WHOLE, FLOAT: _BROKEN}.get(sound.kind, {}).get(width)
    if read is None:
        return []
    blocks = (sound.end - sound.start) // sound.block
    step = max(1, blocks // (STEPS * LOOKS))
    loudest = 1.0 if sound.kind == FLOAT else 256.0**width / 2
    channels, found = min(sound.channels, MOST_CHANNELS), []
    for at in range(sound.start, sound.start + blocks * sound.block, step * sound.block):
        block = data[at : at + width * channels]
        loud = max(abs(read(block[place : place + width])) for place in range(0, len(block), width))
        found.append(loud / loudest if math.isfinite(loud) else 0.0)
        if len(found) % LOOKS == 0:
            let_go(data)
    return found if max(found, default=0.0) > SILENCE else []


def _sound(data: bytes) -> Sound:
    chunks = _chunks(data)
    if b"fmt " not in chunks or b"data" not in chunks or chunks[b"fmt "][1] < 16:
        raise NotASound("There is no sound in this file. Export it again and send that.")
    at, told = chunks[b"fmt "]
    kind, channels, sampling, per_second, block, _bits = struct.unpack("<HHIIHH", data[at : at + 16])
    start, size = chunks[b"data"]
    if start + size > len(data):
        raise NotASound("The file is cut off: the end of it is missing. Send the whole file.")
    if not (channels and sampling and per_second and block):
        raise NotASound("The file does not say how its sound is to be played. Export it again and send that.")
    if kind == EXTENSIBLE:
        # What it really is stands behind, as the beginning of a long mark.
        kind = int.from_bytes(data[at + 24 : at + 26], "little") if told >= 26 else PCM
    return Sound(kind, channels, per_second, block, start, start + size)


def _chunks(data: bytes) -> dict[bytes, tuple[int, int]]:
    found: dict[bytes, tuple[int, int]] = {}
    at = 12
    while at + 8 <= len(data) and len(found) < 1_000:
        name, size = struct.unpack("<4sI", data[at : at + 8])
        found.setdefault(name, (at + 8, size))
        at += 8 + size + size % 2
    return found
