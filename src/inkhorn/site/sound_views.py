"""The public addresses of albums, shows and episodes."""

from collections.abc import Callable

from flask import g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.core.access import everyone, open_to
from inkhorn.core.errors import NotFound
from inkhorn.core.themes import Page, render_page
from inkhorn.media import sounds
from inkhorn.media.models import Album, Episode, Show
from inkhorn.media.sound_policies import can_edit_sound, can_hear_sound, is_out_for
from inkhorn.site.answers import private, shown
from inkhorn.site.listening import album_page, episode_page, show_page
from inkhorn.site.views import bp, led_on, members_only, show_post


@bp.get("/album/<slug>/")
@open_to(everyone)
def show_album(slug: str) -> BaseResponse:
    album = sounds.album_at(slug)
    if album is None:
        return _elsewhere()
    edit = url_for("media.edit_album", album_id=album.id)
    return _answered(album, lambda notice: album_page(album, notice=notice, edit_address=_for_editors(album, edit)))


@bp.get("/show/<slug>/")
@bp.get("/show/<slug>/page/<int:number>/")
@open_to(everyone)
def show_show(slug: str, number: int = 1) -> BaseResponse:
    show = sounds.show_at(slug)
    if show is None:
        return _elsewhere()
    if number == 1 and request.path != show.path:
        return redirect(show.path, code=301)
    edit = url_for("media.edit_show", show_id=show.id)
    is_member = g.actor.may("members.read")
    return _answered(
        show, lambda notice: show_page(show, number, is_member=is_member, notice=notice, edit_address=_for_editors(show, edit))
    )


@bp.get("/show/<slug>/<episode_slug>/")
@open_to(everyone)
def show_episode(slug: str, episode_slug: str) -> BaseResponse:
    show = sounds.show_at(slug)
    episode = sounds.episode_at(show, episode_slug) if show else None
    if show is None or episode is None:
        return _elsewhere()
    edit = url_for("media.edit_episode", episode_id=episode.id)
    return _answered(episode, lambda notice: episode_page(episode, show, notice=notice, edit_address=_for_editors(episode, edit)))


def _answered(sound: Album | Show | Episode, draw: Callable[[str], Page]) -> BaseResponse:
    """The page for whoever may hear it, and with a notice for whoever edits it."""
    if can_hear_sound(g.actor, sound):
        return shown(draw(""))
    if can_edit_sound(g.actor, sound):
        return private(render_page(draw(_("Listeners cannot hear this: it is not published."))))
    if is_out_for(sound, is_member=True):
        raise members_only()
    raise NotFound


def _for_editors(sound: Album | Show | Episode, address: str) -> str | None:
    return address if can_edit_sound(g.actor, sound) else None


def _elsewhere() -> BaseResponse:
    """Where what once stood here stands now; else whatever an old site had at this address."""
    moved = sounds.moved_to(request.path)
    return led_on(moved) if moved else show_post(request.path)
