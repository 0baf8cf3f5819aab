"""How loud each part of a sound is, as far as its bytes tell that without a decoder. Runs in the child process only."""

import mmap
from collections.abc import Callable, Sequence
from pathlib import Path

from inkhorn.media.audio import frames, grains, mpeg, waves
from inkhorn.media.audio.peaks import scaled

# Ogg says nothing of loudness before it is decoded, so there it is left open.
_LOUDNESS: dict[str, Callable[[bytes], Sequence[float]]] = {
    "audio/mpeg": mpeg.loudness,
    "audio/wav": waves.loudness,
    "audio/flac": frames.loudness,
    "audio/mp4": grains.loudness,
}


def draw(source: Path, content_type: str) -> list[int]:
    """Loudness from 0 to 100 in equal steps over the whole; empty where it cannot be told, and for silence."""
    tell = _LOUDNESS.get(content_type)
    if tell is None:
        return []
    with source.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        # A slice of the map is bytes, and only what is sliced is read.
        data: bytes = mapped  # type: ignore[assignment]
        return list(scaled(tell(data)))
