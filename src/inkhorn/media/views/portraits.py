"""The picture that stands for oneself: sent, and taken away."""

from flask import flash, g, jsonify, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts.policies import get_user_for
from inkhorn.accounts.views.own.account import profile_page
from inkhorn.core import guard, limits
from inkhorn.core.access import open_to, signed_in
from inkhorn.core.database import transaction
from inkhorn.core.errors import Unavailable
from inkhorn.core.forms import Form, FormRefused
from inkhorn.media import services
from inkhorn.media.forms import FOCUSES, AvatarForm
from inkhorn.media.queries import portrait_of
from inkhorn.media.views.room import FORM_ROOM_BYTES, bp, wants_json

# More than any camera makes of a face.
MOST_PORTRAIT_BYTES = 20 * 1024 * 1024
# Anybody with an account may send one, and opening it costs a processor's time by its pixels.
MOST_PORTRAIT_PIXELS = 25_000_000


@bp.post("/account/picture")
@open_to(signed_in)
def set_avatar() -> BaseResponse:
    request.max_content_length = MOST_PORTRAIT_BYTES + FORM_ROOM_BYTES
    try:
        form = AvatarForm.accepted()
        limits.spend(limits.PORTRAIT, str(g.actor.id))
        _take_in(form)
    except RequestEntityTooLarge:
        return _portrait_refused(_("The picture is larger than 20 MB. Make it smaller and send it again."), 413)
    except (services.FileRefused, Unavailable, limits.TooMany) as refusal:
        answer = _portrait_refused(str(refusal), refusal.status)
        if isinstance(refusal, limits.TooMany):
            answer.headers["Retry-After"] = str(refusal.retry_after_seconds)
        return answer
    except FormRefused as refusal:
        # A forged or stale form is answered as everywhere; whoever forgot the picture is told beside the button.
        if "csrf_token" in refusal.form.errors:
            raise
        return _portrait_refused(str(refusal), refusal.status)
    return _portrait_settled(_("Your picture was changed."))


def _take_in(form: AvatarForm) -> None:
    sent, name = form.file.data, form.file.data.filename or ""
    bytes_, pixels = MOST_PORTRAIT_BYTES, MOST_PORTRAIT_PIXELS
    with services.receive(sent.stream, filename=name, max_bytes=bytes_, most_pixels=pixels, keeps=False) as incoming:
        portrait = services.draw_portrait(incoming, focus=FOCUSES[form.focus.data])
        with transaction():
            services.set_avatar(get_user_for(g.actor, g.actor.id), portrait, by=g.actor)


@bp.post("/account/picture/remove")
@open_to(signed_in)
def remove_avatar() -> BaseResponse:
    Form.accepted()
    with transaction():
        services.remove_avatar(get_user_for(g.actor, g.actor.id), by=g.actor)
    return _portrait_settled(_("Your picture was removed. Your initials stand in for it."))


def _portrait_settled(sentence: str) -> BaseResponse:
    if wants_json():
        return jsonify({"portrait": portrait_of(g.actor.id, is_small=False), "told": sentence})
    flash(sentence)
    return redirect(url_for("accounts.show_account"), 303)


def _portrait_refused(sentence: str, status: int) -> BaseResponse:
    if wants_json():
        return guard.answer(status, sentence, field="file")
    return profile_page(status=status, picture_error=sentence)
