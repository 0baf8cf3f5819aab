"""Albums, shows and episodes: heard by whoever may, begun, changed, released and removed by those whose they are; songs are in songs.py."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, g
from sqlalchemy import Select

from inkhorn.api.answers import answer_nothing, once, refuse_blind, refuse_stale
from inkhorn.api.asking import asked_nothing
from inkhorn.api.bodies import Body
from inkhorn.api.lists import only_object, show_page, show_row, told_row, version_of_row
from inkhorn.api.parameters import parameters_of, parameters_of_one
from inkhorn.api.resources import sound_bodies as bodies
from inkhorn.api.resources.sound import ALBUM, EPISODE, SHOW
from inkhorn.api.room import Surface, many, one
from inkhorn.api.shapes import Resource
from inkhorn.api.v1.surface import bp
from inkhorn.core.access import Actor, everyone, holds, open_to
from inkhorn.media import sounds
from inkhorn.media.services.sound import albums, episodes, shows
from inkhorn.media.sound_policies import can_edit_sound, can_publish_sound, get_album_for, get_episode_for, get_show_for


@dataclass(frozen=True)
class Sounding:
    """One kind of sound, with its verbs."""

    name: str
    resource: Resource
    heard_by: Callable[[Actor], Select[Any]]
    door: Callable[..., Any]
    changes: type[Body]
    written: type[Any]
    revise: Callable[..., None]
    moves: dict[str, Callable[..., None]]
    remove: Callable[..., None]

    @property
    def plural(self) -> str:
        return f"{self.name}s"

    def path(self, number: int) -> str:
        return f"/api/v1/{self.plural}/{number}"

    def told(self, sound: Any, status: int = 200) -> Response:
        return told_row(self.resource, sound, self.path(sound.id), status)

    def held(self, number: int, can: Any = can_edit_sound) -> Any:
        """The sound, for whoever may do that and knows it as it is."""
        refuse_blind()
        sound = self.door(g.actor, number, can=can)
        refuse_stale(version_of_row(self.resource, sound))
        return sound

    def changed(self, number: int, act: Callable[[Any], Any], can: Any = can_edit_sound) -> Response:
        """Do something with it, and tell what has become of it."""
        asked_nothing()

        def work() -> Response:
            sound = self.held(number, can)
            act(sound)
            return self.told(sound)

        return once(work)

    def say(self, sound: Any, body: dict[str, Any]) -> None:
        """Save what a body says."""
        told = bodies.settled(body)
        if told.get("cover_id"):
            bodies.picture_of(g.actor, told["cover_id"])
        self.revise(sound, self.written(**told), by=g.actor)


ALBUMS = Sounding(
    *("album", ALBUM, sounds.albums_visible_to, get_album_for, bodies.AlbumChanges, albums.AlbumChanges, albums.revise_album),
    {"publish": albums.publish_album, "unpublish": albums.unpublish_album},
    albums.remove_album,
)
SHOWS = Sounding(
    *("show", SHOW, sounds.shows_visible_to, get_show_for, bodies.ShowChanges, shows.ShowChanges, shows.revise_show),
    {"publish": shows.publish_show, "unpublish": shows.unpublish_show},
    shows.remove_show,
)
EPISODES = Sounding(
    *(
        "episode",
        EPISODE,
        sounds.episodes_visible_to,
        get_episode_for,
        bodies.EpisodeChanges,
        episodes.EpisodeChanges,
        episodes.revise_episode,
    ),
    {"publish": episodes.publish_episode, "unpublish": episodes.unpublish_episode},
    episodes.remove_episode,
)


def add_reads(bp: Surface, of: Sounding) -> None:
    """List and get one kind of sound."""

    @bp.operation("GET", f"/{of.plural}", f"list_{of.plural}")
    @open_to(everyone)
    @bp.answers(many(of.resource), parameters=parameters_of(of.resource), tag=of.plural)
    def show_list() -> Response:
        return show_page(of.resource, of.heard_by(g.actor), as_objects=True)

    @bp.operation("GET", f"/{of.plural}/<int:number>", f"get_{of.name}")
    @open_to(everyone)
    @bp.answers(one(of.resource), parameters=parameters_of_one(of.resource), tag=of.plural)
    def show_one(number: int) -> Response:
        found = of.heard_by(g.actor).where(of.resource.key == min(number, 2**31 - 1))
        return show_row(of.resource, only_object(found, of.name), of.path(number))


def add_begin(bp: Surface, of: Sounding, body: type[Body], begin: Callable[..., Any]) -> None:
    """Begin an album or a show; an episode is begun with its sound."""

    @bp.operation("POST", f"/{of.plural}", f"begin_{of.name}")
    @open_to(holds("media.upload"))
    @bp.answers(one(of.resource), 201, tag=of.plural, writes=True)
    @bp.takes(body)
    def make(body: dict[str, Any]) -> Response:
        asked_nothing()

        def work() -> Response:
            sound = begin(title=body["title"], by=g.actor)
            of.say(sound, body)
            return of.told(sound, 201)

        return once(work)


def add_writes(bp: Surface, of: Sounding) -> None:
    """Change, release, withdraw and remove one kind of sound."""

    @bp.operation("PATCH", f"/{of.plural}/<int:number>", f"change_{of.name}")
    @open_to(holds("media.upload"))
    @bp.answers(one(of.resource), tag=of.plural, writes=True)
    @bp.takes(of.changes)
    def change(body: dict[str, Any], number: int) -> Response:
        return of.changed(number, lambda sound: of.say(sound, body))

    @bp.operation("DELETE", f"/{of.plural}/<int:number>", f"remove_{of.name}")
    @open_to(holds("media.upload"))
    @bp.answers(None, 204, tag=of.plural, writes=True)
    def remove(number: int) -> Response:
        asked_nothing()

        def work() -> Response:
            of.remove(of.held(number, can_publish_sound), by=g.actor)
            return answer_nothing()

        return once(work)


def add_move(bp: Surface, of: Sounding, name: str, act: Callable[..., None]) -> None:
    """Put it before its listeners, or withdraw it from them."""

    @bp.operation("POST", f"/{of.plural}/<int:number>/{name}", f"{name}_{of.name}")
    @open_to(holds("media.upload"))
    @bp.answers(one(of.resource), tag=of.plural, writes=True)
    def move(number: int) -> Response:
        return of.changed(number, lambda sound: act(sound, by=g.actor), can_publish_sound)


for _of in (ALBUMS, SHOWS, EPISODES):
    add_reads(bp, _of)
    add_writes(bp, _of)
    for _name, _act in _of.moves.items():
        add_move(bp, _of, _name, _act)
add_begin(bp, ALBUMS, bodies.AlbumBody, albums.begin_album)
add_begin(bp, SHOWS, bodies.ShowBody, shows.begin_show)
