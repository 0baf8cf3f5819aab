"""Films, of which no more is looked into than whether their end is there."""

import mmap
from pathlib import Path
from typing import cast

from inkhorn.media.audio import boxes, streams


def check_film(source: Path, content_type: str) -> None:
    """NotASound in words where the file ends too early; only where its parts begin and end is read."""
    checks = {"video/mp4": boxes.check_whole, "video/ogg": streams.check_ogg}
    if check := checks.get(content_type):
        with source.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            check(cast("bytes", mapped))
