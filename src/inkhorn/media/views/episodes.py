"""One episode at the desk."""

from flask import Response, flash, g, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.core.access import Forbidden, holds, open_to
from inkhorn.core.database import transaction
from inkhorn.core.desk import show_desk_page
from inkhorn.core.errors import InkhornError, Invalid
from inkhorn.core.forms import Form
from inkhorn.core.zones import BadLocalTime
from inkhorn.media.models import Episode
from inkhorn.media.services.sound import episodes
from inkhorn.media.sound_forms import EpisodeForm
from inkhorn.media.sound_policies import can_publish_sound, get_episode_for
from inkhorn.media.views.room import bp
from inkhorn.media.views.sending import refused_by


@bp.get("/desk/media/episodes/<int:episode_id>")
@open_to(holds("media.upload"))
def edit_episode(episode_id: int) -> Response:
    episode = get_episode_for(g.actor, episode_id)
    return _episode_page(episode, EpisodeForm.showing(episode))


@bp.post("/desk/media/episodes/<int:episode_id>/revise")
@open_to(holds("media.upload"))
def revise_episode(episode_id: int) -> BaseResponse:
    form, is_sound = EpisodeForm.sent()
    shown = get_episode_for(g.actor, episode_id)
    try:
        changes = _changes(form, is_sound)
        with transaction():
            episode = get_episode_for(g.actor, episode_id)
            episodes.revise_episode(episode, changes, by=g.actor)
            if form.then.data:
                if not can_publish_sound(g.actor, episode):
                    raise Forbidden
                (episodes.publish_episode if form.then.data == "publish" else episodes.unpublish_episode)(episode, by=g.actor)
    except InkhornError as error:
        return _episode_page(shown, refused_by(form, error), error)
    flash({"publish": _("Published."), "unpublish": _("Unpublished.")}.get(form.then.data or "", _("Saved.")))
    return _back_to(episode)


def _changes(form: EpisodeForm, is_sound: bool) -> episodes.EpisodeChanges:  # noqa: FBT001 - what sent() said of the form
    if not is_sound:
        raise Invalid(_("Something in the form needs mending."))
    try:
        return form.changes()
    except BadLocalTime as error:
        raise Invalid(str(error), field="published_at") from error


@bp.post("/desk/media/episodes/<int:episode_id>/publish")
@open_to(holds("media.upload"))
def publish_episode(episode_id: int) -> BaseResponse:
    Form.accepted()
    with transaction():
        episode = get_episode_for(g.actor, episode_id, can=can_publish_sound)
        episodes.publish_episode(episode, by=g.actor)
    flash(_("Published."))
    return _back_to(episode)


@bp.post("/desk/media/episodes/<int:episode_id>/unpublish")
@open_to(holds("media.upload"))
def unpublish_episode(episode_id: int) -> BaseResponse:
    Form.accepted()
    with transaction():
        episode = get_episode_for(g.actor, episode_id, can=can_publish_sound)
        episodes.unpublish_episode(episode, by=g.actor)
    flash(_("Unpublished."))
    return _back_to(episode)


@bp.post("/desk/media/episodes/<int:episode_id>/remove")
@open_to(holds("media.upload"))
def remove_episode(episode_id: int) -> BaseResponse:
    Form.accepted()
    with transaction():
        episode = get_episode_for(g.actor, episode_id, can=can_publish_sound)
        episodes.remove_episode(episode, by=g.actor)
    flash(_("“%(title)s” was removed. Its file is still in the library.", title=episode.title))
    return redirect(url_for("media.edit_show", show_id=episode.show_id), 303)


def _back_to(episode: Episode) -> BaseResponse:
    return redirect(url_for("media.edit_episode", episode_id=episode.id), 303)


def _episode_page(episode: Episode, form: EpisodeForm, error: InkhornError | None = None) -> Response:
    return show_desk_page(
        "media/edit_episode.html",
        error.status if error else 200,
        episode=episode,
        form=form,
        error=error,
        may_publish=can_publish_sound(g.actor, episode),
    )
