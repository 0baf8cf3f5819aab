"""Songs of an album and new episodes of a show, made of sounds that are in the library."""

from collections.abc import Callable
from typing import Any

from flask import Response, g

from inkhorn.api.answers import once
from inkhorn.api.asking import asked_nothing
from inkhorn.api.resources import sound_bodies as bodies
from inkhorn.api.resources.sound import ALBUM, EPISODE
from inkhorn.api.room import one
from inkhorn.api.v1.sound import ALBUMS, EPISODES, SHOWS
from inkhorn.api.v1.surface import bp
from inkhorn.core.access import holds, open_to
from inkhorn.core.errors import NotFound
from inkhorn.media.models import Album, Track
from inkhorn.media.services.receiving import Incoming
from inkhorn.media.services.sound import albums, tracks
from inkhorn.media.services.sound.episodes import add_episode
from inkhorn.media.services.sound.tracks import fetched_again, listened_to
from inkhorn.media.sound_policies import get_album_for, get_show_for


@bp.operation("POST", "/albums/<int:number>/tracks", "add_track")
@open_to(holds("media.upload"))
@bp.answers(one(ALBUM), tag="albums", writes=True)
@bp.takes(bodies.TrackBody)
def add_track(body: dict[str, Any], number: int) -> Response:
    """The album's last song from now on."""
    get_album_for(g.actor, number)

    def work(incoming: Incoming, cover: Incoming | None) -> Response:
        def act(album: Album) -> None:
            track = tracks.add_track(album, incoming, by=g.actor, cover=cover)
            _call(album, track, body)

        return ALBUMS.changed(number, act)

    return _heard(body["asset_id"], work)


@bp.operation("PATCH", "/albums/<int:number>/tracks/<int:track_id>", "change_track")
@open_to(holds("media.upload"))
@bp.answers(one(ALBUM), tag="albums", writes=True)
@bp.takes(bodies.TrackChanges)
def change_track(body: dict[str, Any], number: int, track_id: int) -> Response:
    return ALBUMS.changed(number, lambda album: _call(album, _track(album, track_id), body))


@bp.operation("DELETE", "/albums/<int:number>/tracks/<int:track_id>", "remove_track")
@open_to(holds("media.upload"))
@bp.answers(one(ALBUM), tag="albums", writes=True)
def remove_track(number: int, track_id: int) -> Response:
    """Its file stays in the library."""

    def act(album: Album) -> None:
        tracks.remove_track(album, track_id)
        _noted(album)

    return ALBUMS.changed(number, act)


@bp.operation("PUT", "/albums/<int:number>/order", "order_tracks")
@open_to(holds("media.upload"))
@bp.answers(one(ALBUM), tag="albums", writes=True)
@bp.takes(bodies.OrderBody)
def order_tracks(body: dict[str, Any], number: int) -> Response:
    def act(album: Album) -> None:
        for track_id in body["tracks"]:
            _track(album, track_id)
        tracks.order_tracks(album, body["tracks"])
        _noted(album)

    return ALBUMS.changed(number, act)


@bp.operation("POST", "/shows/<int:number>/episodes", "add_episode")
@open_to(holds("media.upload"))
@bp.answers(one(EPISODE), 201, tag="episodes", writes=True)
@bp.takes(bodies.EpisodeBody)
def make_episode(body: dict[str, Any], number: int) -> Response:
    get_show_for(g.actor, number)
    said = {name: value for name, value in body.items() if name != "asset_id"}

    def work(incoming: Incoming, cover: Incoming | None) -> Response:
        asked_nothing()

        def make() -> Response:
            episode = add_episode(SHOWS.door(g.actor, number), incoming, by=g.actor, cover=cover)
            if said:
                EPISODES.say(episode, said)
            return EPISODES.told(episode, 201)

        return once(make)

    return _heard(body["asset_id"], work)


def _heard(asset_id: int, work: Callable[[Incoming, Incoming | None], Response]) -> Response:
    """Listen to a sound of the library before a transaction opens."""
    with listened_to(fetched_again(bodies.sound_of(g.actor, asset_id))) as (incoming, cover):
        return work(incoming, cover)


def _track(album: Album, track_id: int) -> Track:
    found = next((each for each in album.tracks if each.id == track_id), None)
    if found is None:
        raise NotFound("There is no such song in this album.")
    return found


def _call(album: Album, track: Track, body: dict[str, Any]) -> None:
    _noted(album)
    tracks.revise_tracks(album, {track.id: (body.get("title", track.title), body.get("artist", track.artist))})


def _noted(album: Album) -> None:
    """Something hanging on the album changed: it has another version now, and the log says so."""
    albums.revise_album(album, albums.AlbumChanges(), by=g.actor)
