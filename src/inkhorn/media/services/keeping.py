"""Keeping uploads and what people say about them."""

from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from inkhorn.core import audit, clock
from inkhorn.core.access import Actor
from inkhorn.core.database import session
from inkhorn.core.errors import Invalid
from inkhorn.core.storage import storage
from inkhorn.media.content import SVG, Content
from inkhorn.media.events import asset_stored
from inkhorn.media.models import Asset, Kind
from inkhorn.media.services.receiving import Incoming, receive

LONGEST_ALT = 500
LONGEST_CAPTION = 5000


def store_asset(
    file: BinaryIO | Path | Incoming,
    *,
    filename: str = "",
    by: Actor,
    alt: str = "",
    caption: str = "",
    origin: str | None = None,
    origin_key: str | None = None,
) -> Asset:
    """Keep a file, or find it if the same bytes were kept before; FileRefused in words. An Incoming was already looked into."""
    if not isinstance(file, Incoming):
        name = filename or (file.name if isinstance(file, Path) else "")
        with receive(file, filename=name) as incoming:
            return store_asset(incoming, by=by, alt=alt, caption=caption, origin=origin, origin_key=origin_key)
    known = _same_bytes(file.sha256)
    if known is not None:
        _mend(known, file)
        return known
    _let_go_of_origin(origin, origin_key)
    asset = _described(file, by=by, alt=alt, caption=caption)
    asset.origin, asset.origin_key = origin, origin_key
    # The file before the row: a row whose file is missing would be a broken picture, a file without a row is swept up.
    asset.size_bytes = storage().put(asset.key, file.cleaned()[0]).size_bytes
    try:
        with session().begin_nested():
            session().add(asset)
    except IntegrityError:
        twin = _same_bytes(file.sha256)
        if twin is None:
            raise
        storage().delete(asset.key)
        return twin
    audit.record(by, "media.stored", asset, content_type=asset.content_type, size_bytes=asset.size_bytes)
    asset_stored.send(asset)
    return asset


def describe_asset(
    asset: Asset,
    *,
    by: Actor,
    alt: str | None = None,
    caption: str | None = None,
    focus: tuple[int, int] | None = None,
) -> None:
    """Change what is said of an upload; focus is where the eye should fall, in thousandths of width and height."""
    if alt is not None:
        if len(alt) > LONGEST_ALT:
            raise Invalid(f"The description is longer than {LONGEST_ALT} characters. Shorten it.", field="alt")
        asset.alt = _plain(alt)
    if caption is not None:
        if len(caption) > LONGEST_CAPTION:
            raise Invalid(f"The caption is longer than {LONGEST_CAPTION} characters. Shorten it.", field="caption")
        asset.caption = _plain(caption)
    if focus is not None:
        asset.focal_x, asset.focal_y = (max(0, min(1000, part)) for part in focus)
    session().flush()
    audit.record(by, "media.described", asset)


def _described(incoming: Incoming, *, by: Actor, alt: str, caption: str) -> Asset:
    _cleaned, seen = incoming.cleaned()
    identity = uuid4().hex
    asset = Asset(
        uuid=identity,
        kind=_kind_of(incoming.content),
        filename=incoming.filename,
        key=f"{clock.now():%Y/%m}/{identity}.{incoming.content.extension}",
        content_type=incoming.content.content_type,
        sha256=incoming.sha256,
        alt=_plain(alt)[:LONGEST_ALT],
        caption=_plain(caption)[:LONGEST_CAPTION],
        uploaded_by_id=by.id,
    )
    if seen is not None:
        asset.width, asset.height, asset.is_animated, asset.colour = seen.width, seen.height, seen.is_animated, seen.colour
    if incoming.content is SVG:
        # Sharp at any size, so there is nothing to draw.
        asset.rendered_at = clock.now()
    return asset


def _kind_of(content: Content) -> Kind:
    if content.is_picture:
        return Kind.IMAGE
    return Kind.AUDIO if content.is_sound else Kind.FILE


def _same_bytes(sha256: str) -> Asset | None:
    return session().scalar(select(Asset).where(Asset.sha256 == sha256))


def _mend(asset: Asset, incoming: Incoming) -> None:
    if storage().stat(asset.key) is None:
        # Lost from the disk, and here it is again.
        storage().put(asset.key, incoming.cleaned()[0])


def _let_go_of_origin(origin: str | None, origin_key: str | None) -> None:
    """A source that changed a file under the same name means the new bytes by it from now on."""
    if origin is not None and origin_key is not None:
        session().execute(update(Asset).where(Asset.origin == origin, Asset.origin_key == origin_key).values(origin=None, origin_key=None))


def _plain(text: str) -> str:
    return text.replace("\x00", "").strip()
