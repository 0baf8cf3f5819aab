"""Shows and their episodes at the desk."""

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
from inkhorn.media.models import Show
from inkhorn.media.services.receiving import Incoming
from inkhorn.media.services.sound import episodes, shows
from inkhorn.media.sound_forms import BeginForm, ShowForm, TracksForm
from inkhorn.media.sound_policies import can_publish_sound, get_show_for
from inkhorn.media.views.room import bp
from inkhorn.media.views.sending import MOST_AT_ONCE, answer_sent, keep_each, kept_cover, refused_by, with_room_for_files

PAGE_SIZE = 50


@bp.post("/desk/media/shows/begin")
@open_to(holds("media.upload"))
def begin_show() -> BaseResponse:
    form = BeginForm.accepted()
    with transaction():
        show = shows.begin_show(title=form.title.data or "", by=g.actor)
    return _back_to(show)


@bp.get("/desk/media/shows/<int:show_id>")
@open_to(holds("media.upload"))
def edit_show(show_id: int) -> Response:
    show = get_show_for(g.actor, show_id)
    return _show_page(show, ShowForm.showing(show))


@bp.post("/desk/media/shows/<int:show_id>/revise")
@open_to(holds("media.upload"))
def revise_show(show_id: int) -> BaseResponse:
    with_room_for_files(1)
    form, is_sound = ShowForm.sent()
    shown = get_show_for(g.actor, show_id)
    try:
        if not is_sound:
            raise Invalid(_("Something in the form needs mending."))
        cover_id = kept_cover(form)
        with transaction():
            show = get_show_for(g.actor, show_id)
            shows.revise_show(show, form.changes(cover_id), by=g.actor)
            if form.then.data:
                if not can_publish_sound(g.actor, show):
                    raise Forbidden
                (shows.publish_show if form.then.data == "publish" else shows.unpublish_show)(show, by=g.actor)
    except InkhornError as error:
        return _show_page(shown, refused_by(form, error), error)
    flash({"publish": _("Published."), "unpublish": _("Unpublished.")}.get(form.then.data or "", _("Saved.")))
    return _back_to(show)


@bp.post("/desk/media/shows/<int:show_id>/episodes")
@open_to(holds("media.upload"))
def upload_episodes(show_id: int) -> BaseResponse:
    with_room_for_files(MOST_AT_ONCE)
    form = TracksForm.accepted()
    get_show_for(g.actor, show_id)

    def keep(incoming: Incoming, cover: Incoming | None) -> str:
        show = get_show_for(g.actor, show_id)
        known = sounds.episode_of(show, incoming.sha256) if form.once.data else None
        return str(known or episodes.add_episode(show, incoming, cover=cover, by=g.actor))

    return answer_sent(keep_each(form, keep), url_for("media.edit_show", show_id=show_id))


@bp.post("/desk/media/shows/<int:show_id>/publish")
@open_to(holds("media.upload"))
def publish_show(show_id: int) -> BaseResponse:
    Form.accepted()
    with transaction():
        show = get_show_for(g.actor, show_id, can=can_publish_sound)
        shows.publish_show(show, by=g.actor)
    flash(_("Published."))
    return _back_to(show)


@bp.post("/desk/media/shows/<int:show_id>/unpublish")
@open_to(holds("media.upload"))
def unpublish_show(show_id: int) -> BaseResponse:
    Form.accepted()
    with transaction():
        show = get_show_for(g.actor, show_id, can=can_publish_sound)
        shows.unpublish_show(show, by=g.actor)
    flash(_("Unpublished."))
    return _back_to(show)


@bp.post("/desk/media/shows/<int:show_id>/remove")
@open_to(holds("media.upload"))
def remove_show(show_id: int) -> BaseResponse:
    Form.accepted()
    with transaction():
        show = get_show_for(g.actor, show_id, can=can_publish_sound)
        shows.remove_show(show, by=g.actor)
    flash(_("“%(title)s” was removed. Its files are still in the library.", title=show.title))
    return redirect(url_for("media.list_albums"), 303)


def _back_to(show: Show) -> BaseResponse:
    return redirect(url_for("media.edit_show", show_id=show.id), 303)


def _show_page(show: Show, form: ShowForm, error: InkhornError | None = None) -> Response:
    number = request.args.get("page", 1, type=int)
    return show_desk_page(
        "media/edit_show.html",
        error.status if error else 200,
        show=show,
        form=form,
        error=error,
        found=page_of(sounds.desk_episodes(show), number=number, size=PAGE_SIZE, counted=True),
        limits=config(),
        recent=sounds.recent_sounds(),
        may_publish=can_publish_sound(g.actor, show),
    )
