"""The songs of an album: added, renamed, moved and taken out."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

from inkhorn.core import audit
from inkhorn.core.access import Actor
from inkhorn.core.database import end_read
from inkhorn.core.errors import Conflict, NotFound, Unavailable
from inkhorn.core.storage import storage
from inkhorn.core.turns import aside
from inkhorn.media.audio.verdicts import Heard
from inkhorn.media.content import FileRefused
from inkhorn.media.events import sound_placed
from inkhorn.media.models import Album, Asset, Track
from inkhorn.media.services.keeping import store_asset
from inkhorn.media.services.receiving import Incoming, receive
from inkhorn.media.services.shelves import places
from inkhorn.media.services.sound.settling import tidy_line, touch

MOST_TRACKS = 200
UP, DOWN = -1, 1


def add_track(album: Album, incoming: Incoming, *, by: Actor, cover: Incoming | None = None) -> Track:
    """Keep a sound and make it the album's last song, named as its file says; FileRefused in words."""
    if len(album.tracks) >= MOST_TRACKS:
        raise Conflict(f"An album has {MOST_TRACKS} songs at most. Begin another one.")
    heard = heard_in(incoming)
    asset = store_asset(incoming, by=by)
    track = Track(
        asset=asset,
        position=max((each.position for each in album.tracks), default=0) + 1,
        title=heard.title,
        artist=heard.artist,
        **said_by(heard),
    )
    album.tracks.append(track)
    if not album.artist:
        album.artist = heard.artist
    if album.cover_id is None and cover is not None:
        album.cover = store_asset(cover, by=by)
    touch(album)
    audit.record(by, "media.album_revised", album, added=str(track))
    sound_placed.send(asset)
    return track


def revise_tracks(album: Album, names: Mapping[int, tuple[str, str]]) -> None:
    """Give songs other titles and artists, by their numbers; numbers that are none of the album's count for nothing."""
    for track in album.tracks:
        if track.id in names:
            title, artist = names[track.id]
            track.title, track.artist = tidy_line(title, f"title-{track.id}"), tidy_line(artist, f"artist-{track.id}")


def move_track(album: Album, track_id: int, step: int) -> None:
    """Let the song change places with the one before or after it; nothing happens at the ends."""
    order = list(album.tracks)
    at = order.index(_track(album, track_id))
    if 0 <= at + step < len(order):
        order[at], order[at + step] = order[at + step], order[at]
    for position, track in enumerate(order, 1):
        track.position = position
    album.tracks.sort(key=lambda track: track.position)


def order_tracks(album: Album, track_ids: Sequence[int]) -> None:
    """Put the songs into the order in which their numbers stand; what is not named comes after."""
    places = {number: place for place, number in enumerate(track_ids)}
    album.tracks.sort(key=lambda track: (places.get(track.id, len(places)), track.position))
    for position, track in enumerate(album.tracks, 1):
        track.position = position


def remove_track(album: Album, track_id: int) -> None:
    """Take a song out of the album; its file stays in the library."""
    album.tracks.remove(_track(album, track_id))


def heard_in(incoming: Incoming) -> Heard:
    """What a sent sound says of itself; FileRefused where it is none."""
    if not incoming.content.is_sound:
        raise FileRefused(f"“{incoming.filename}” is no sound. MP3, M4A, Ogg, FLAC and WAV are.")
    return incoming.heard()


def said_by(heard: Heard) -> dict[str, Any]:
    """What a song and an episode keep of it."""
    return {"seconds": heard.seconds, "chapters": heard.chapters, "doubt": heard.doubt[:300]}


@contextmanager
def again(asset: Asset) -> Iterator[Incoming]:
    """A sound that is kept already, as if it came anew: to be listened to, and found to be the same."""
    key, filename, size_bytes = asset.key, asset.filename, asset.size_bytes
    end_read()
    with storage().open(key) as kept, receive(kept, filename=filename, max_bytes=size_bytes, keeps=False) as incoming:
        yield incoming


@contextmanager
def fetched_again(asset: Asset) -> Iterator[Incoming]:
    """The same for somebody who waits for an answer: so many at once as there are places for; TooManyTogether beyond."""
    with places.place(), again(asset) as incoming:
        yield incoming


@contextmanager
def listened_to(received: AbstractContextManager[Incoming]) -> Iterator[tuple[Incoming, Incoming | None]]:
    """A sound with the picture that it brought along, before a transaction opens; what is fetched and looked into takes nobody's turn."""
    with ExitStack() as room:
        with aside():
            incoming = room.enter_context(received)
            cover = room.enter_context(cover_in(incoming))
        yield incoming, cover


@contextmanager
def cover_in(incoming: Incoming) -> Iterator[Incoming | None]:
    """The picture that a sound brought along, looked into before a transaction opens; None where it brought none that can be shown."""
    with ExitStack() as room:
        yield _picture_in(incoming, room)


def _picture_in(incoming: Incoming, room: ExitStack) -> Incoming | None:
    if not heard_in(incoming).has_cover:
        return None
    try:
        picture = room.enter_context(receive(incoming.cover, filename=f"{incoming.filename.rpartition('.')[0]} cover"))
    except (FileRefused, Unavailable):
        # A song without its picture is still a song.
        return None
    return picture if picture.content.is_picture else None


def _track(album: Album, track_id: int) -> Track:
    found = next((each for each in album.tracks if each.id == track_id), None)
    if found is None:
        raise NotFound("There is no such song in this album. Somebody may have taken it out meanwhile.")
    return found
