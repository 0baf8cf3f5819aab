"""Everything that changes an album, but for its songs."""

from dataclasses import dataclass
from datetime import date

from inkhorn.core import audit
from inkhorn.core.access import Actor
from inkhorn.core.database import session
from inkhorn.media.models import Album, Asset, Listeners
from inkhorn.media.services.sound.settling import (
    SoundNotReady,
    keep_new,
    needed_title,
    release,
    settle_about,
    settle_slug,
    tidy_line,
    touch,
    withdraw,
)
from inkhorn.media.services.sound.showing import forget_shown


@dataclass(frozen=True, kw_only=True)
class AlbumChanges:
    """One save of an album; what is None stays as it is."""

    title: str | None = None
    artist: str | None = None
    about: str | None = None
    slug: str | None = None
    # A date, "" for none.
    released_on: date | str | None = None
    audience: Listeners | None = None
    # The number of a picture, 0 for none.
    cover_id: int | None = None


def begin_album(*, title: str, by: Actor) -> Album:
    """A draft of an album without songs."""
    album = Album(title=needed_title(title), slug="", created_by_id=by.id)
    keep_new(album)
    audit.record(by, "media.album_begun", album)
    return album


def revise_album(album: Album, changes: AlbumChanges, *, by: Actor) -> None:
    """Save what was typed; Invalid names the field that cannot be kept."""
    if changes.title is not None:
        album.title = needed_title(changes.title)
    if changes.artist is not None:
        album.artist = tidy_line(changes.artist, "artist")
    if changes.about is not None:
        settle_about(album, changes.about)
    if changes.slug is not None:
        settle_slug(album, changes.slug)
    if changes.released_on is not None:
        album.released_on = changes.released_on if isinstance(changes.released_on, date) else None
    if changes.audience is not None:
        album.audience = changes.audience
    if changes.cover_id is not None:
        album.cover = session().get(Asset, changes.cover_id) if changes.cover_id else None
    touch(album)
    audit.record(by, "media.album_revised", album)


def publish_album(album: Album, *, by: Actor) -> None:
    """Let listeners hear it; SoundNotReady while it has no song."""
    if not album.tracks:
        raise SoundNotReady("Add a song first: an album without one has nothing to play.", field="file")
    release(album)
    audit.record(by, "media.album_published", album)


def unpublish_album(album: Album, *, by: Actor) -> None:
    """Withdraw it from its listeners; its address answers 404 until it is published again."""
    withdraw(album)
    audit.record(by, "media.album_unpublished", album)


def remove_album(album: Album, *, by: Actor) -> None:
    """Remove the album for good; its files stay in the library."""
    audit.record(by, "media.album_removed", album, tracks=len(album.tracks))
    forget_shown(album)
    session().delete(album)
    session().flush()
