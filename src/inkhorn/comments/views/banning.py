"""Keeping people out, and the list of those who are."""

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.comments.models import BanKind, Comment, State
from inkhorn.comments.policies import can_moderate_comment, get_comment_for
from inkhorn.comments.services import banning, moderating
from inkhorn.comments.views.room import bp
from inkhorn.comments.views.sent import BanAddressForm, BanCommenterForm, ButtonForm
from inkhorn.core.access import holds, open_to
from inkhorn.core.database import transaction
from inkhorn.core.desk import show_desk_page
from inkhorn.core.errors import Invalid
from inkhorn.core.forms import FormRefused
from inkhorn.core.paging import page_of

PAGE_SIZE = 50


@bp.get("/desk/comments/<int:comment_id>/ban")
@open_to(holds("comments.moderate"))
def ask_whom_to_ban(comment_id: int) -> BaseResponse:
    return _ban_page(comment_id, BanCommenterForm(formdata=None, is_spam=True))


@bp.post("/desk/comments/<int:comment_id>/ban")
@open_to(holds("comments.moderate"))
def ban_commenter(comment_id: int) -> BaseResponse:
    form = BanCommenterForm()
    form.offer(_ways(get_comment_for(g.actor, comment_id, can=can_moderate_comment)))
    is_sound = form.validate()
    if form.csrf_token.errors:
        raise FormRefused(form)
    if not is_sound:
        return _ban_page(comment_id, form, 422)
    with transaction():
        comment = get_comment_for(g.actor, comment_id, can=can_moderate_comment)
        banning.ban_commenter(comment, [BanKind(form.by.data)], until=form.until(), reason=form.reason.data or "", by=g.actor)
        if form.is_spam.data and comment.state is not State.SPAM:
            moderating.call_spam(comment, by=g.actor)
    flash(_("Kept out. It is lifted in the list of bans."))
    return redirect(url_for("comments.list_comments"), code=303)


@bp.get("/desk/comments/bans/")
@open_to(holds("comments.moderate"))
def list_bans() -> BaseResponse:
    return _bans_page(BanAddressForm(formdata=None))


@bp.post("/desk/comments/bans/")
@open_to(holds("comments.moderate"))
def ban_address() -> BaseResponse:
    form, is_sound = BanAddressForm.sent()
    if is_sound:
        try:
            with transaction():
                ban = banning.ban_address(form.address.data or "", until=form.until(), reason=form.reason.data or "", by=g.actor)
        except Invalid as error:
            form.address.errors = [str(error)]
        else:
            flash(_("%(whom)s cannot comment now.", whom=str(ban)))
            return redirect(url_for("comments.list_bans"), code=303)
    return _bans_page(form, 422)


@bp.post("/desk/comments/bans/<int:ban_id>/lift")
@open_to(holds("comments.moderate"))
def lift_ban(ban_id: int) -> BaseResponse:
    ButtonForm.accepted()
    with transaction():
        ban = banning.ban_numbered(ban_id)
        banning.lift_ban(ban, by=g.actor)
    flash(_("Lifted: %(whom)s may comment again.", whom=str(ban)))
    return redirect(url_for("comments.list_bans"), code=303)


def _ban_page(comment_id: int, form: BanCommenterForm, status: int = 200) -> BaseResponse:
    comment = get_comment_for(g.actor, comment_id, can=can_moderate_comment)
    form.offer(ways := _ways(comment))
    if form.by.data not in ways:
        form.by.data = next(iter(ways), None)
    return show_desk_page("comments/ask_whom_to_ban.html", status, comment=comment, form=form, ways=ways)


def _bans_page(form: BanAddressForm, status: int = 200) -> BaseResponse:
    number = request.args.get("page", 1, type=int)
    found = page_of(banning.standing_bans(), number=number, size=PAGE_SIZE)
    return show_desk_page("comments/list_bans.html", status, found=found, form=form)


def _ways(comment: Comment) -> dict[str, str]:
    """By what the writer can be kept out, in words, the mildest first."""
    words = {
        BanKind.USER: _("the account %(what)s"),
        BanKind.EMAIL: _("the address %(what)s"),
        BanKind.PLACE: _("the network place that it came from, and whoever shares it"),
        BanKind.DOMAIN: _("%(what)s, whoever they are"),
    }
    ways = banning.ways_to_ban(comment)
    return {kind.value: told % {"what": ways[kind][1]} for kind, told in words.items() if kind in ways}
