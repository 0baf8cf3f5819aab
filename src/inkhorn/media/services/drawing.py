"""Making the smaller and lighter versions of a picture that browsers choose from."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from inkhorn.core import clock
from inkhorn.core.config import config
from inkhorn.core.database import session
from inkhorn.core.storage import FileMissing, storage
from inkhorn.media.content import SVG
from inkhorn.media.events import renditions_made
from inkhorn.media.images import studio
from inkhorn.media.models import Asset, Kind, Rendition
from inkhorn.media.services.marking import own_store
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
    store, stem = own_store(), asset.key.rpartition(".")[0]
    with _laid_out(asset) as source:
        drawings = []
        for drawn in studio.draw_smaller(source, source.parent, room=config().data):
            path = source.with_name(drawn.name)
            stored = store.put(f"{stem}-{_name_of(path)}", path, content_type=drawn.content_type)
            drawings.append(Drawing(stored.key, drawn.content_type, drawn.width, drawn.height, stored.size_bytes))
    return drawings


def unblurred(most: int) -> Sequence[int]:
    """The numbers of pictures that were kept before they were drawn in a few pixels."""
    return session().scalars(select(Asset.id).where(Asset.blur.is_(None)).order_by(Asset.id).limit(most)).all()


def draw_blur(asset: Asset) -> str:
    """The picture in a few pixels; nothing where its file is gone or cannot be read any more. Best outside any transaction."""
    try:
        with _laid_out(asset) as source:
            return studio.blur(source, room=config().data)
    except (FileMissing, studio.PictureRefused):
        return ""


def keep_blur(asset: Asset, blur: str) -> None:
    """Let what shows the picture bring that along, unless other bytes were put in its place meanwhile."""
    if asset.blur is None:
        asset.blur = blur
        session().flush()
        if blur:
            renditions_made.send(asset)


@contextmanager
def _laid_out(asset: Asset) -> Iterator[Path]:
    """A copy of the file in a folder of its own, where its versions can be drawn."""
    with tempfile.TemporaryDirectory(dir=workroom()) as name:
        source = Path(name, "original")
        with storage().open(asset.key) as kept, source.open("wb") as copy:
            shutil.copyfileobj(kept, copy)
        yield source


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
