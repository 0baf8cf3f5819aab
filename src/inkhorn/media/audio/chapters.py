"""Chapters as ID3 tags and Vorbis comments hold them."""

import re
import struct
from collections.abc import Iterator, Mapping, Sequence

from inkhorn.media.audio.mpeg import unsynchronised

MOST_FRAMES = 5_000
_ENCODINGS = {0: "latin-1", 1: "utf-16", 2: "utf-16-be", 3: "utf-8"}
_MOMENT = re.compile(r"(\d{1,4}):(\d{1,2}):(\d{1,2}(?:\.\d{1,9})?)")
_NUMBERED = re.compile(r"chapter(\d{1,4})$")


def of_id3(data: bytes) -> list[tuple[float, str]]:
    """The CHAP frames of the tag at the head of a file."""
    if data[:3] != b"ID3" or len(data) < 10 or data[3] not in (3, 4):
        return []
    end = min(len(data), 10 + unsynchronised(data[6:10]))
    at = 10
    if data[5] & 0x40 and end > 14:
        at += unsynchronised(data[10:14]) if data[3] == 4 else 4 + struct.unpack(">I", data[10:14])[0]
    found = (_chapter(body, data[3]) for name, body in _frames(data[at:end], data[3]) if name == b"CHAP")
    return [each for each in found if each is not None]


def of_vorbis(comments: Mapping[str, Sequence[str]]) -> list[tuple[float, str]]:
    """CHAPTER001=00:00:00.000 beside CHAPTER001NAME=words."""
    by_name = {name.lower(): values[0] for name, values in comments.items() if values}
    made = []
    for name, value in by_name.items():
        if (numbered := _NUMBERED.match(name)) and (moment := _MOMENT.match(value)):
            seconds = int(moment[1]) * 3600 + int(moment[2]) * 60 + float(moment[3])
            made.append((seconds, by_name.get(f"chapter{numbered[1]}name", "")))
    return made


def _frames(data: bytes, version: int) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    for _ in range(MOST_FRAMES):
        if at + 10 > len(data) or not data[at]:
            return
        size = unsynchronised(data[at + 4 : at + 8]) if version == 4 else struct.unpack(">I", data[at + 4 : at + 8])[0]
        yield data[at : at + 4], data[at + 10 : at + 10 + size]
        at += 10 + size


def _chapter(body: bytes, version: int) -> tuple[float, str] | None:
    name_end = body.find(b"\0")
    if name_end < 0 or len(body) < name_end + 17:
        return None
    begins = struct.unpack(">I", body[name_end + 1 : name_end + 5])[0]
    inner = dict(_frames(body[name_end + 17 :], version))
    title = inner.get(b"TIT2", b"\x03")
    words = title[1:].decode(_ENCODINGS.get(title[0] if title else 3, "utf-8"), "replace")
    return begins / 1000, words
