"""Makes sounds for tests: whole MP3 and WAV files, as long and as loud as asked for."""

import io
import math
import struct
import wave
from pathlib import Path

from mutagen.id3 import CHAP, ID3, TIT2, TPE1, TRCK

# 128 kbit/s at 44.1 kHz in stereo: 417 bytes, 26 ms.
_HEAD = b"\xff\xfb\x90\x00"
_LENGTH = 417
FRAME_SECONDS = 1152 / 44_100


def mp3_bytes(seconds: float = 2.0, *, gains: tuple[int, ...] = (150,), title: str = "", **tags: object) -> bytes:
    """Frames of noise, or of nothing that a decoder would play; gains are gone round."""
    frames = []
    for number in range(max(3, round(seconds / FRAME_SECONDS))):
        # 20 bits before the first grain; 12 of size, 9 of values, 8 of gain; then the rest.
        bits = (100 << 17 | 10 << 8 | gains[number % len(gains)]) << (64 - 20 - 29)
        frames.append((_HEAD + bits.to_bytes(8, "big")).ljust(_LENGTH, b"\0"))
    return tag_bytes(title, **tags) + b"".join(frames)


def tag_bytes(title: str = "", *, artist: str = "", track: int = 0, chapters: tuple[tuple[float, str], ...] = ()) -> bytes:
    """An ID3 tag as another program writes it; nothing where there is nothing to say."""
    tag = ID3()
    if title:
        tag.add(TIT2(encoding=3, text=title))
    if artist:
        tag.add(TPE1(encoding=3, text=artist))
    if track:
        tag.add(TRCK(encoding=3, text=str(track)))
    for number, (at, words) in enumerate(chapters):
        inside = [TIT2(encoding=3, text=words)]
        tag.add(CHAP(element_id=f"c{number}", start_time=int(at * 1000), end_time=int(at * 1000) + 1, sub_frames=inside))
    if not tag:
        return b""
    out = io.BytesIO()
    tag.save(out, padding=lambda _info: 0)
    return out.getvalue()


def wav_bytes(seconds: float = 1.0, *, volume: float = 0.5, sampling: int = 8_000) -> bytes:
    """A tone that grows from nothing to its volume."""
    count = int(seconds * sampling)
    moments = [int(32_000 * volume * number / count * math.sin(number / 3)) for number in range(count)]
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sampling)
        file.writeframes(struct.pack(f"<{count}h", *moments))
    return out.getvalue()


def kept(content: bytes, folder: Path, name: str = "sound") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path
