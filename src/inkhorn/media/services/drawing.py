"""Making the smaller and lighter versions of a picture that browsers choose from."""

import hashlib
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from inkhorn.core import clock
from inkhorn.core.database import session
from inkhorn.core.storage import storage
from inkhorn.media.content import SVG
from inkhorn.media.events import renditions_made
from inkhorn.media.images import studio
from inkhorn.media.models import Asset, Kind, Rendition
from inkhorn.media.services.receiving import workroom

DIGEST_LETTERS = 12


@dataclass(frozen=True)
class Drawing:
    """A smaller version whose file is kept and whose row is not yet written."""

    key: str
    content_type: str
    width: int
    height: int
    size_bytes: int


def make_renditions(asset: Asset) -> None:
    """Draw every smaller version and keep it, both in the caller's transaction; tasks do it in two steps."""
    keep_renditions(asset, draw_renditions(asset))


def draw_renditions(asset: Asset) -> list[Drawing]:
    """Draw and keep the files, best outside any transaction: this takes seconds."""
    if asset.kind is not Kind.IMAGE or asset.content_type == SVG.content_type or asset.is_animated:
        return []
    store, stem = storage(), asset.key.rpartition(".")[0]
    with tempfile.TemporaryDirectory(dir=workroom()) as name:
        source = Path(name, "original")
        with store.open(asset.key) as kept, source.open("wb") as copy:
            shutil.copyfileobj(kept, copy)
        drawings = []
        for drawn in studio.draw_smaller(source, Path(name)):
            stored = store.put(f"{stem}-{_name_of(Path(name, drawn.name))}", Path(name, drawn.name))
            drawings.append(Drawing(stored.key, drawn.content_type, drawn.width, drawn.height, stored.size_bytes))
    return drawings


def _name_of(drawn: Path) -> str:
    """Width and content: other bytes must have another address, since browsers keep what they got for good."""
    with drawn.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return f"{drawn.stem}-{digest[:DIGEST_LETTERS]}{drawn.suffix}"


def keep_renditions(asset: Asset, drawings: Sequence[Drawing]) -> None:
    """Put the drawn versions in the place of whatever versions there were; files that no row names any more are swept up later."""
    is_changed = {each.key for each in asset.renditions} != {each.key for each in drawings}
    asset.renditions.clear()
    # The old rows must go first, since the new ones may bear the same keys.
    session().flush()
    for each in drawings:
        asset.renditions.append(
            Rendition(
                key=each.key,
                content_type=each.content_type,
                width=each.width,
                height=each.height,
                size_bytes=each.size_bytes,
            )
        )
    asset.rendered_at = clock.now()
    session().flush()
    if drawings or is_changed:
        renditions_made.send(asset)
