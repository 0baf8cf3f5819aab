"""MP3 read frame by frame: how long it really lasts, what its own header claims, and how loud each part is."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from inkhorn.media.audio.peaks import let_go
from inkhorn.media.audio.verdicts import Measured, NotASound

# Kilobits a second of layer III, by the four bits of the header.
_RATES = {
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_SAMPLINGS = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
FEWEST_FRAMES = 2
# What may lie between two frames before the sound counts as over: tags and padding of careless programs.
MOST_STRAY_BYTES = 64 * 1024
# After so much the memory of what was read is given back.
PIECE_BYTES = 16 << 20
# Of what the header promises, the part that must be there for it to be believed without a word.
BELIEVED = 0.9


@dataclass(frozen=True)
class Frame:
    """One frame: where it stands, how long it is, and how it is coded."""

    at: int
    length: int
    samples: int
    sampling: int
    is_mono: bool
    is_first_version: bool
    has_checksum: bool

    @property
    def side_info(self) -> int:
        return self.at + 4 + (2 if self.has_checksum else 0)

    @property
    def seconds(self) -> float:
        return self.samples / self.sampling


def measure(data: bytes) -> Measured:
    """How long the sound is; NotASound where there are no frames that follow one another."""
    start = tag_end(data)
    promised: float | None = None
    seconds, count = 0.0, 0
    for frame in frames(data, start):
        if not count and promised is None and (promised := _promised(data, frame)) is not None:
            # The frame that holds the promise is silent.
            continue
        seconds += frame.seconds
        count += 1
    if count < FEWEST_FRAMES:
        raise NotASound("There is no sound in this file, or too little of it to be played. Export it again and send that.")
    if promised is None or promised <= seconds:
        return Measured(promised or seconds)
    doubt = "" if seconds >= promised * BELIEVED else _doubt(promised, seconds)
    return Measured(promised, doubt)


def loudness(data: bytes) -> list[float]:
    """Of each frame; the one that holds a promise is silent and counts for nothing."""
    return [_loudness(data, frame) for number, frame in enumerate(frames(data, tag_end(data))) if number or _promised(data, frame) is None]


def frames(data: bytes, start: int) -> Iterator[Frame]:
    """Frames from there on; the first must be followed by another, so that no two chance bytes pass for sound."""
    at, last, given_back = start, len(data), start
    stray, is_in_step = 0, False
    while at + 4 <= last:
        frame = frame_at(data, at)
        if frame is None or (not is_in_step and at + frame.length + 4 <= last and frame_at(data, at + frame.length) is None):
            if data[at : at + 3] == b"TAG" or stray > MOST_STRAY_BYTES:
                return
            found = data.find(b"\xff", at + 1, at + 1 + MOST_STRAY_BYTES)
            if found < 0:
                return
            stray, at, is_in_step = stray + found - at, found, False
            continue
        if at + frame.length > last:
            return
        yield frame
        if at - given_back > PIECE_BYTES:
            given_back = at
            let_go(data)
        at, is_in_step = at + frame.length, True


def frame_at(data: bytes, at: int) -> Frame | None:
    """The frame whose header stands there; None where it is none of layer III."""
    if at + 4 > len(data) or data[at] != 0xFF or data[at + 1] & 0xE0 != 0xE0:
        return None
    version, layer = data[at + 1] >> 3 & 3, data[at + 1] >> 1 & 3
    rate, sampling, padding = data[at + 2] >> 4, data[at + 2] >> 2 & 3, data[at + 2] >> 1 & 1
    if version == 1 or layer != 1 or rate in (0, 15) or sampling == 3:
        return None
    is_first = version == 3
    hertz = _SAMPLINGS[version][sampling]
    bits = _RATES[1 if is_first else 2][rate] * 1000
    return Frame(
        at=at,
        length=(144 if is_first else 72) * bits // hertz + padding,
        samples=1152 if is_first else 576,
        sampling=hertz,
        is_mono=data[at + 3] >> 6 == 3,
        is_first_version=is_first,
        has_checksum=not data[at + 1] & 1,
    )


def tag_end(data: bytes) -> int:
    """Where the sound begins: behind the ID3 tags, of which careless programs write several."""
    at = 0
    while data[at : at + 3] == b"ID3" and at + 10 <= len(data):
        at += 10 + unsynchronised(data[at + 6 : at + 10]) + (10 if data[at + 5] & 0x10 else 0)
    return at


def unsynchronised(four: bytes) -> int:
    """A size of which each byte holds seven bits."""
    return four[0] << 21 | four[1] << 14 | four[2] << 7 | four[3]


def _promised(data: bytes, frame: Frame) -> float | None:
    """How long the header of a first frame says that all of it is; None where it is a frame like the others."""
    body = frame.side_info + ((17 if frame.is_mono else 32) if frame.is_first_version else (9 if frame.is_mono else 17))
    if data[body : body + 4] in (b"Xing", b"Info") and len(data) >= body + 12:
        flags, count = struct.unpack(">II", data[body + 4 : body + 12])
        if not flags & 1 or not count:
            return None
        lame = body + 8 + 4 * (flags & 1) + 4 * (flags >> 1 & 1) + 100 * (flags >> 2 & 1) + 4 * (flags >> 3 & 1)
        unheard = 0
        if data[lame : lame + 4] == b"LAME" and len(data) >= lame + 24:
            padding = int.from_bytes(data[lame + 21 : lame + 24], "big")
            unheard = (padding >> 12) + (padding & 0xFFF)
        return float(max(0, count * frame.samples - unheard)) / frame.sampling
    body = frame.at + 36
    if data[body : body + 4] == b"VBRI" and len(data) >= body + 18:
        return float(struct.unpack(">I", data[body + 14 : body + 18])[0]) * frame.seconds
    return None


def _loudness(data: bytes, frame: Frame) -> float:
    """The gain by which the frame's first grain is to be raised: no decoder is needed to read it, and it goes with loudness."""
    # What stands before the first grain: where its bits begin, private bits, and which factors it shares.
    skipped = (18 if frame.is_mono else 20) if frame.is_first_version else (9 if frame.is_mono else 10)
    window = int.from_bytes(data[frame.side_info : frame.side_info + 8], "big")
    bits = window >> (64 - skipped - 29)
    size, gain = bits >> 17 & 0xFFF, bits & 0xFF
    return 2.0 ** ((gain - 210) / 4) if size else 0.0


def _doubt(promised: float, seconds: float) -> str:
    return f"The file says that it lasts {promised:.0f} seconds, but only {seconds:.1f} of them are in it. It may have been cut off on its way."
