"""Makes albums and shows for tests, committed, by the verbs of the house."""

import io
from typing import Any

from inkhorn.core.access import Actor, House
from inkhorn.core.database import session, transaction
from inkhorn.media.models import Album, Episode, Show
from inkhorn.media.services.receiving import receive
from inkhorn.media.services.sound.albums import AlbumChanges, begin_album, publish_album, revise_album
from inkhorn.media.services.sound.episodes import EpisodeChanges, add_episode, publish_episode, revise_episode
from inkhorn.media.services.sound.shows import ShowChanges, begin_show, publish_show, revise_show
from inkhorn.media.services.sound.tracks import add_track, cover_in
from tests.factories.sound import mp3_bytes


def make_album(
    *songs: str, by: Actor | None = None, title: str = "Fog signals", is_published: bool = True, sound: bytes | None = None, **changes: Any
) -> Album:
    """An album of songs with these titles, each of its own length."""
    actor = by or House()
    with transaction():
        album = begin_album(title=title, by=actor)
        revise_album(album, AlbumChanges(**changes), by=actor)
    for number, name in enumerate(songs):
        content = sound or mp3_bytes(1 + number / 10, title=name, artist="Pell")
        with receive(io.BytesIO(content), filename=f"{name}.mp3") as incoming, cover_in(incoming) as cover, transaction():
            add_track(session().get_one(Album, album.id), incoming, by=actor, cover=cover)
    if is_published:
        with transaction():
            publish_album(session().get_one(Album, album.id), by=actor)
    return session().get_one(Album, album.id)


def make_show(*, by: Actor | None = None, title: str = "The quiet frequencies", is_published: bool = True, **changes: Any) -> Show:
    with transaction():
        show = begin_show(title=title, by=by or House())
        revise_show(show, ShowChanges(**changes), by=by or House())
        if is_published:
            publish_show(show, by=by or House())
    return show


def make_episode(
    show: Show,
    *,
    by: Actor | None = None,
    title: str = "At slack water",
    is_published: bool = True,
    at: Any = None,
    sound: bytes | None = None,
    **changes: Any,
) -> Episode:
    """An episode of its own sound."""
    actor = by or House()
    content = sound or mp3_bytes(1 + len(title) / 10, title=title)
    with receive(io.BytesIO(content), filename=f"{title}.mp3") as incoming, transaction():
        episode = add_episode(session().get_one(Show, show.id), incoming, by=actor)
        revise_episode(episode, EpisodeChanges(**changes), by=actor)
        if is_published:
            publish_episode(episode, by=actor, at=at)
    return episode
