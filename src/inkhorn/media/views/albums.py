"""Albums and shows at the desk: the list of both, and an album with its songs."""

from flask import Response, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.core.access import Forbidden, holds, open_to
from inkhorn.core.config import config
from inkhorn.core.database import transaction
from inkhorn.core.desk import show_desk_page
from inkhorn.core.errors import InkhornError, Invalid
from inkhorn.core.forms import Form
from inkhorn.core.paging import page_of
from inkhorn.media import sounds
from inkhorn.media.models import Album
from inkhorn.media.services.receiving import Incoming
from inkhorn.media.services.sound import albums, tracks
from inkhorn.media.sound_forms import AlbumForm, BeginForm, TracksForm
from inkhorn.media.sound_policies import can_publish_sound, get_album_for
from inkhorn.media.views.room import bp
from inkhorn.media.views.sending import answer_sent, keep_each, kept_cover, refused_by, with_room_for_files

PAGE_SIZE = 25
STEPS = {"up": tracks.UP, "down": tracks.DOWN}


@bp.get("/desk/media/albums")
@open_to(holds("media.upload"))
def list_albums() -> Response:
    number = request.args.get("page", 1, type=int)
    found = page_of(sounds.desk_albums(g.actor), number=number, size=PAGE_SIZE)
    shows = page_of(sounds.desk_shows(g.actor), number=1, size=100).items
    counts = sounds.episode_counts([show.id for show in shows])
    return show_desk_page("media/list_albums.html", found=found, shows=shows, counts=counts)


@bp.post("/desk/media/albums/begin")
@open_to(holds("media.upload"))
def begin_album() -> BaseResponse:
    form = BeginForm.accepted()
    with transaction():
        album = albums.begin_album(title=form.title.data or "", by=g.actor)
    return _back_to(album)


@bp.get("/desk/media/albums/<int:album_id>")
@open_to(holds("media.upload"))
def edit_album(album_id: int) -> Response:
    album = get_album_for(g.actor, album_id)
    return _album_page(album, AlbumForm.showing(album))


@bp.post("/desk/media/albums/<int:album_id>/revise")
@open_to(holds("media.upload"))
def revise_album(album_id: int) -> BaseResponse:
    with_room_for_files(1)
    form, is_sound = AlbumForm.sent()
    shown = get_album_for(g.actor, album_id)
    try:
        if not is_sound:
            raise Invalid(_("Something in the form needs mending."))
        cover_id = kept_cover(form)
        with transaction():
            album = get_album_for(g.actor, album_id)
            _save(album, form, cover_id)
    except InkhornError as error:
        return _album_page(shown, refused_by(form, error), error)
    flash(_said(form.then.data))
    return _back_to(album)


def _save(album: Album, form: AlbumForm, cover_id: int | None) -> None:
    """What was typed, the songs' names and order, and then whatever button was pressed."""
    typed = request.form
    tracks.revise_tracks(
        album, {t.id: (typed[f"title-{t.id}"], typed.get(f"artist-{t.id}", "")) for t in album.tracks if f"title-{t.id}" in typed}
    )
    if order := typed.getlist("order", type=int):
        tracks.order_tracks(album, order)
    number, _colon, step = typed.get("move", "").partition(":")
    if number.isdecimal() and step in STEPS:
        tracks.move_track(album, int(number), STEPS[step])
    if typed.get("remove", "").isdecimal():
        tracks.remove_track(album, int(typed["remove"]))
    albums.revise_album(album, form.changes(cover_id), by=g.actor)
    if form.then.data:
        if not can_publish_sound(g.actor, album):
            raise Forbidden
        (albums.publish_album if form.then.data == "publish" else albums.unpublish_album)(album, by=g.actor)


@bp.post("/desk/media/albums/<int:album_id>/tracks")
@open_to(holds("media.upload"))
def upload_tracks(album_id: int) -> BaseResponse:
    with_room_for_files(tracks.MOST_TRACKS)
    form = TracksForm.accepted()
    get_album_for(g.actor, album_id)

    def keep(incoming: Incoming, cover: Incoming | None) -> str:
        album = get_album_for(g.actor, album_id)
        known = sounds.track_of(album, incoming.sha256) if form.once.data else None
        return str(known or tracks.add_track(album, incoming, cover=cover, by=g.actor))

    return answer_sent(keep_each(form, keep), url_for("media.edit_album", album_id=album_id))


@bp.post("/desk/media/albums/<int:album_id>/publish")
@open_to(holds("media.upload"))
def publish_album(album_id: int) -> BaseResponse:
    Form.accepted()
    with transaction():
        album = get_album_for(g.actor, album_id, can=can_publish_sound)
        albums.publish_album(album, by=g.actor)
    flash(_said("publish"))
    return _back_to(album)


@bp.post("/desk/media/albums/<int:album_id>/unpublish")
@open_to(holds("media.upload"))
def unpublish_album(album_id: int) -> BaseResponse:
    Form.accepted()
    with transaction():
        album = get_album_for(g.actor, album_id, can=can_publish_sound)
        albums.unpublish_album(album, by=g.actor)
    flash(_said("unpublish"))
    return _back_to(album)


@bp.post("/desk/media/albums/<int:album_id>/remove")
@open_to(holds("media.upload"))
def remove_album(album_id: int) -> BaseResponse:
    Form.accepted()
    with transaction():
        album = get_album_for(g.actor, album_id, can=can_publish_sound)
        albums.remove_album(album, by=g.actor)
    flash(_("“%(title)s” was removed. Its files are still in the library.", title=album.title))
    return redirect(url_for("media.list_albums"), 303)


def _said(then: str | None) -> str:
    words = {
        "publish": _("Published. Everybody who may hear it can."),
        "unpublish": _("Unpublished. Its address answers “not found”."),
    }
    return str(words.get(then or "", _("Saved.")))


def _back_to(album: Album) -> BaseResponse:
    return redirect(url_for("media.edit_album", album_id=album.id), 303)


def _album_page(album: Album, form: AlbumForm, error: InkhornError | None = None) -> Response:
    return show_desk_page(
        "media/edit_album.html",
        error.status if error else 200,
        album=album,
        form=form,
        error=error,
        limits=config(),
        recent=sounds.recent_sounds(),
        may_publish=can_publish_sound(g.actor, album),
    )
