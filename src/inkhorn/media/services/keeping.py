"""Keeping uploads and what people say about them."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from inkhorn.core import audit, clock
from inkhorn.core.access import Actor
from inkhorn.core.database import after_commit, session
from inkhorn.core.errors import Invalid
from inkhorn.media.content import SVG, Content
from inkhorn.media.events import asset_stored
from inkhorn.media.models import Asset, AssetTag, Kind
from inkhorn.media.queries import asset_by_sha256
from inkhorn.media.services.receiving import LONGEST_FILENAME, Incoming, tidy_filename
from inkhorn.media.services.usage import settle_reach

LONGEST_ALT = 500
LONGEST_CAPTION = 5000
LONGEST_TAG, MOST_TAGS = 60, 30


def store_asset(
    file: Incoming,
    *,
    by: Actor,
    alt: str = "",
    caption: str = "",
    origin: str | None = None,
    origin_key: str | None = None,
) -> Asset:
    """Make an upload of a file that was looked into and stands in the store, or find the one of the same bytes."""
    known = asset_by_sha256(file.sha256)
    if known is not None and _is_held(known):
        # Whoever sends it again wants it.
        known.trashed_at = None
        return known
    _let_go_of_origin(origin, origin_key)
    asset = _described(file, by=by, alt=alt, caption=caption)
    asset.origin, asset.origin_key = origin, origin_key
    try:
        with session().begin_nested():
            session().add(asset)
    except IntegrityError:
        twin = asset_by_sha256(file.sha256)
        if twin is None:
            raise
        return twin
    after_commit(file.take)
    audit.record(by, "media.stored", asset, content_type=asset.content_type, size_bytes=asset.size_bytes)
    asset_stored.send(asset)
    return asset


def describe_asset(
    asset: Asset,
    *,
    by: Actor,
    filename: str | None = None,
    alt: str | None = None,
    caption: str | None = None,
    focus: tuple[int, int] | None = None,
    tags: Sequence[str] | None = None,
    is_for_members: bool | None = None,
) -> None:
    """Change what is said of an upload; focus is where the eye should fall, in thousandths of width and height. None leaves as it is."""
    _refuse_what_does_not_fit(filename, alt, caption)
    if filename is not None:
        asset.filename = tidy_filename(filename)
    if alt is not None:
        asset.alt = _plain(alt)
    if caption is not None:
        asset.caption = _plain(caption)
    if focus is not None:
        asset.focal_x, asset.focal_y = (max(0, min(1000, part)) for part in focus)
    if tags is not None:
        _set_tags(asset, tags)
    if is_for_members is not None and is_for_members is not asset.is_for_members:
        asset.is_for_members = is_for_members
        session().flush()
        settle_reach([asset.id])
    session().flush()
    audit.record(by, "media.described", asset)


def _refuse_what_does_not_fit(filename: str | None, alt: str | None, caption: str | None) -> None:
    if filename is not None and not tidy_filename(filename).strip():
        raise Invalid("Give the file a name.", field="filename")
    if filename is not None and len(filename) > LONGEST_FILENAME:
        raise Invalid(f"The name is longer than {LONGEST_FILENAME} characters. Shorten it.", field="filename")
    if alt is not None and len(alt) > LONGEST_ALT:
        raise Invalid(f"The description is longer than {LONGEST_ALT} characters. Shorten it.", field="alt")
    if caption is not None and len(caption) > LONGEST_CAPTION:
        raise Invalid(f"The caption is longer than {LONGEST_CAPTION} characters. Shorten it.", field="caption")


def _set_tags(asset: Asset, tags: Sequence[str]) -> None:
    wanted = list({name.casefold(): name for each in tags if (name := " ".join(_plain(each).split()))}.values())
    if len(wanted) > MOST_TAGS:
        raise Invalid(f"At most {MOST_TAGS} tags fit. Take some away.", field="tags")
    if any(len(name) > LONGEST_TAG for name in wanted):
        raise Invalid(f"A tag is longer than {LONGEST_TAG} characters. Shorten it.", field="tags")
    asset.tags = [each for each in asset.tags if each.name in wanted] + [
        AssetTag(name=name) for name in wanted if name not in {each.name for each in asset.tags}
    ]


def _described(incoming: Incoming, *, by: Actor, alt: str, caption: str) -> Asset:
    _cleaned, seen = incoming.cleaned()
    # The file before the row: a row whose file is missing would be a broken picture, a file without a row is swept up.
    kept = incoming.kept
    asset = Asset(
        uuid=incoming.uuid,
        kind=kind_of(incoming.content),
        filename=incoming.filename,
        key=kept.key,
        content_type=incoming.kept_as.content_type,
        size_bytes=kept.size_bytes,
        sha256=incoming.sha256,
        alt=_plain(alt)[:LONGEST_ALT],
        caption=_plain(caption)[:LONGEST_CAPTION],
        uploaded_by_id=by.id,
    )
    if seen is not None:
        asset.width, asset.height, asset.is_animated, asset.colour = seen.width, seen.height, seen.is_animated, seen.colour
        asset.blur = seen.blur
    if incoming.content is SVG:
        # Sharp at any size, so there is nothing to draw.
        asset.rendered_at = clock.now()
    return asset


def kind_of(content: Content) -> Kind:
    if content.is_picture:
        return Kind.IMAGE
    return Kind.AUDIO if content.is_sound else Kind.FILE


def _is_held(asset: Asset) -> bool:
    """Whether it is still there, and now stays until the end of the transaction."""
    held = select(Asset).where(Asset.id == asset.id).with_for_update(key_share=True)
    if session().scalar(held.execution_options(populate_existing=True)) is not None:
        return True
    session().expunge(asset)
    return False


def _let_go_of_origin(origin: str | None, origin_key: str | None) -> None:
    """A source that changed a file under the same name means the new bytes by it from now on."""
    if origin is not None and origin_key is not None:
        session().execute(update(Asset).where(Asset.origin == origin, Asset.origin_key == origin_key).values(origin=None, origin_key=None))


def _plain(text: str) -> str:
    return text.replace("\x00", "").strip()
