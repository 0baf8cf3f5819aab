"""Where the end of a letter leads: no more of them, by one click of a mail program (RFC 8058) or by a button."""

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts.pages import Hidden, NoticePage, Way
from inkhorn.accounts.views.room import show_sheet
from inkhorn.comments.services.muting import Leaving, leaving_of
from inkhorn.comments.services.muting import mute_letters as mute
from inkhorn.comments.views.room import bp
from inkhorn.core.access import everyone, open_to
from inkhorn.core.database import transaction
from inkhorn.core.errors import Gone


@bp.get("/comments/leave/<token>")
@open_to(everyone)
def show_leaving(token: str) -> BaseResponse:
    """Looked at by whoever follows the link, mail scanners among them, so it changes nothing."""
    leaving = _leaving(token)
    address = url_for("comments.mute_letters", token=token)
    labels = {
        "reply": _("No more about this conversation"),
        "on_post": _("No more about comments on what I wrote"),
        "waiting": _("No more about comments that wait"),
        "reported": _("No more about comments that are reported"),
        "confirm": _("I never wrote here: ask me no more"),
    }
    ways = [Way(label=labels[leaving.kind], address=address)]
    if leaving.kind == "reply":
        ways.append(Way(label=_("No more about any answer"), address=address, hidden=(Hidden(name="whole", value="y"),)))
    lead = _("One press, and no more of these letters are sent to you.")
    return show_sheet(NoticePage, title=_("Fewer letters"), name="leave", lead=lead, ways=tuple(ways))


@bp.post("/comments/leave/<token>")
@open_to(everyone)
def mute_letters(token: str) -> BaseResponse:
    leaving = _leaving(token)
    with transaction():
        mute(leaving, whole=bool(request.form.get("whole")))
    return show_sheet(NoticePage, title=_("Done"), name="left", lead=_("No more of these letters are sent to you."))


def _leaving(token: str) -> Leaving:
    leaving = leaving_of(token)
    if leaving is None:
        raise Gone(_("That link has ended. Your account’s profile says which letters you get."))
    return leaving
