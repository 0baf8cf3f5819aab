"""Makes pictures and uploads for tests; uploads are committed unless a transaction is open."""

import io
import wave
from pathlib import Path
from typing import Any

from PIL import Image

from inkhorn.core.access import Actor, House
from inkhorn.core.database import session, transaction
from inkhorn.media.images import studio
from inkhorn.media.models import Asset
from inkhorn.media.services import make_renditions, receive, store_asset

CORPUS = Path(__file__).parents[3] / "shared" / "corpora" / "media"


def picture_bytes(width: int = 800, height: int = 500, form: str = "JPEG", mode: str = "RGB", **options: Any) -> bytes:
    """A picture with something on it: a slope of colour, so that every format has work to do."""
    across = Image.linear_gradient("L").resize((width, height))
    down = across.transpose(Image.Transpose.FLIP_LEFT_RIGHT).rotate(90).resize((width, height))
    bands = {"RGB": (across, down, across), "RGBA": (across, down, across, down), "CMYK": (across, down, across, down), "L": (across,)}[
        mode
    ]
    out = io.BytesIO()
    Image.merge(mode, bands).save(out, form, **options)
    return out.getvalue()


def noise_bytes(content: bytes, width: int, height: int) -> bytes:
    """A picture unlike any other, of three bytes for each point."""
    out = io.BytesIO()
    Image.frombytes("RGB", (width, height), content).save(out, "JPEG", quality=95)
    return out.getvalue()


def wave_bytes(seconds: float = 1.0, tone: int = 1) -> bytes:
    """A sound that can be played: a saw of whatever steepness."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes((place * tone) % 256 for place in range(int(seconds * 16_000) // 2 * 2)))
    return out.getvalue()


def store(content: bytes, *, filename: str, by: Actor, **said: Any) -> Asset:
    """Take in a file and make an upload of it, in the caller's transaction."""
    with receive(io.BytesIO(content), filename=filename, wait=studio.JOBS_WAIT_SECONDS) as incoming:
        asset = store_asset(incoming, by=by, **said)
        # The caller commits later than this block ends.
        incoming.take()
        return asset


def make_asset(
    content: bytes | None = None, *, filename: str = "harbour.jpg", by: Actor | None = None, drawn: bool = False, **said: Any
) -> Asset:
    """A kept upload; drawn=True makes its smaller versions at once."""

    def make() -> Asset:
        asset = store(picture_bytes() if content is None else content, filename=filename, by=by or House(), **said)
        if drawn:
            make_renditions(asset)
        return asset

    if session().info.get("in_transaction_block"):
        return make()
    with transaction():
        return make()
