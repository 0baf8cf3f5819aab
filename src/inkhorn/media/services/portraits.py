"""The picture that stands for a person: cut to a square, drawn in two sizes, and taken away without a trace."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, select

from inkhorn.accounts.models import User
from inkhorn.core import audit, clock
from inkhorn.core.access import Actor
from inkhorn.core.config import config
from inkhorn.core.database import after_commit, insert_into, session
from inkhorn.core.storage import storage
from inkhorn.media.content import SVG, FileRefused
from inkhorn.media.images import studio
from inkhorn.media.images.verdicts import Drawn
from inkhorn.media.models import PORTRAIT, Asset, Avatar, Kind, Rendition
from inkhorn.media.queries import small_key
from inkhorn.media.services.receiving import Incoming


@dataclass(frozen=True)
class Portrait:
    """The two squares as drawn, whose files stand in the store."""

    incoming: Incoming
    large: Drawn
    small: Drawn
    sha256: str
    key: str
    size_bytes: int
    small_size_bytes: int


def draw_portrait(incoming: Incoming, *, focus: tuple[int, int] = studio.MIDDLE) -> Portrait:
    """Cut the squares out of what was sent, best before a transaction opens; FileRefused in words. The rest of it is not kept."""
    if not incoming.content.is_picture or incoming.content is SVG:
        raise FileRefused("That is no photograph. Send a JPEG, PNG, WebP, AVIF or GIF picture.")
    cleaned, _seen = incoming.cleaned()
    try:
        large, small = studio.draw_portraits(cleaned, incoming.folder, focus, room=config().data)
    except studio.PictureRefused as refusal:
        raise FileRefused(str(refusal)) from refusal
    key = f"{clock.now():%Y/%m}/{incoming.uuid}.webp"
    paths = {name: incoming.folder / drawn.name for name, drawn in ((key, large), (small_key(key), small))}
    sizes = [incoming.keep_beside(name, path, large.content_type).size_bytes for name, path in paths.items()]
    # Each person's own, though two may have the same: what one of them takes away must not be the other's.
    digest = hashlib.sha256(incoming.uuid.encode() + paths[key].read_bytes()).hexdigest()
    return Portrait(incoming, large, small, digest, key, *sizes)


def set_avatar(user: User, portrait: Portrait, *, by: Actor) -> None:
    """Let the picture stand for the user; the one before is taken away."""
    asset = _kept(user, portrait)
    # Of two sent at the same moment the later one stays.
    chosen = insert_into(Avatar).values(user_id=user.id, asset_id=asset.id)
    session().execute(chosen.on_conflict_do_update(index_elements=[Avatar.user_id], set_={"asset_id": asset.id}))
    forget_portraits(user, but=asset.id)
    audit.record(by, "media.avatar_changed", user)


def remove_avatar(user: User, *, by: Actor) -> None:
    """Let initials stand for the user again; nothing happens where they do already."""
    if forget_portraits(user):
        audit.record(by, "media.avatar_changed", user)


def forget_portraits(user: User, *, but: int | None = None) -> int:
    """Take away the user's pictures, rows and files, or all but one; how many there were."""
    theirs: list[ColumnElement[bool]] = [Asset.uploaded_by_id == user.id, Asset.origin == PORTRAIT]
    if but is not None:
        theirs.append(Asset.id != but)
    keys = list(session().scalars(select(Asset.key).where(*theirs)))
    session().execute(delete(Asset).where(*theirs).execution_options(synchronize_session=False))
    after_commit(lambda: _take_away(keys))
    return len(keys)


def _kept(user: User, portrait: Portrait) -> Asset:
    large, small = portrait.large, portrait.small
    asset = Asset(
        uuid=portrait.incoming.uuid,
        kind=Kind.IMAGE,
        filename="portrait.webp",
        key=portrait.key,
        content_type=large.content_type,
        size_bytes=portrait.size_bytes,
        sha256=portrait.sha256,
        width=large.width,
        height=large.height,
        uploaded_by_id=user.id,
        rendered_at=clock.now(),
        origin=PORTRAIT,
    )
    smaller = Rendition(
        key=small_key(portrait.key),
        content_type=small.content_type,
        width=small.width,
        height=small.height,
        size_bytes=portrait.small_size_bytes,
    )
    asset.renditions.append(smaller)
    after_commit(portrait.incoming.take)
    session().add(asset)
    session().flush()
    return asset


def _take_away(keys: Sequence[str]) -> None:
    store = storage()
    for key in keys:
        store.delete(key)
        store.delete(small_key(key))
