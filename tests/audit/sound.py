"""What leaves an entry about albums, shows and episodes."""

from collections.abc import Callable
from typing import Any

from inkhorn.core.database import session, transaction
from inkhorn.media.models import Album, Episode, Show
from inkhorn.media.services.sound import albums, episodes, shows
from tests.audit.stage import Act, Deed, Stage
from tests.factories.shows import make_album, make_episode, make_show

Verb = Callable[..., Any]


def _begins(verb: Verb) -> Act:
    def act(stage: Stage) -> Deed:
        wren = stage.cast.wren

        def begin() -> None:
            with transaction():
                verb(title="Fog signals", by=wren)

        return begin

    return act


def _does(verb: Verb, kind: type[Any], make: Callable[[Stage], Any], *words: Any) -> Act:
    def act(stage: Stage) -> Deed:
        number = make(stage).id

        def do() -> None:
            with transaction():
                verb(session().get_one(kind, number), *words, by=stage.cast.wren)

        return do

    return act


def _album(stage: Stage, *, is_published: bool = False) -> Album:
    return make_album("Slack", by=stage.cast.wren, is_published=is_published)


def _show(stage: Stage, *, is_published: bool = False) -> Show:
    return make_show(by=stage.cast.wren, is_published=is_published)


def _episode(stage: Stage, *, is_published: bool = False) -> Episode:
    return make_episode(_show(stage), by=stage.cast.wren, is_published=is_published)


def _adds_episode(stage: Stage) -> Deed:
    show = _show(stage)
    return lambda: make_episode(show, by=stage.cast.wren, is_published=False, title="x") and None


ACTS: dict[str, Act] = {
    "media.album_begun": _begins(albums.begin_album),
    "media.album_revised": _does(albums.revise_album, Album, _album, albums.AlbumChanges(title="Bells")),
    "media.album_published": _does(albums.publish_album, Album, _album),
    "media.album_unpublished": _does(albums.unpublish_album, Album, lambda stage: _album(stage, is_published=True)),
    "media.album_removed": _does(albums.remove_album, Album, _album),
    "media.show_begun": _begins(shows.begin_show),
    "media.show_revised": _does(shows.revise_show, Show, _show, shows.ShowChanges(title="Bells")),
    "media.show_published": _does(shows.publish_show, Show, _show),
    "media.show_unpublished": _does(shows.unpublish_show, Show, lambda stage: _show(stage, is_published=True)),
    "media.show_removed": _does(shows.remove_show, Show, _show),
    "media.episode_added": _adds_episode,
    "media.episode_revised": _does(episodes.revise_episode, Episode, _episode, episodes.EpisodeChanges(title="Bells")),
    "media.episode_published": _does(episodes.publish_episode, Episode, _episode),
    "media.episode_unpublished": _does(episodes.unpublish_episode, Episode, lambda stage: _episode(stage, is_published=True)),
    "media.episode_removed": _does(episodes.remove_episode, Episode, _episode),
}
