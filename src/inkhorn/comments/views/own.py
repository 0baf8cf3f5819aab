"""What people do with comments that stand: edit and remove their own, like and report those of others."""

from flask import g, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts.pages import Way
from inkhorn.accounts.views.room import fields_of, say_wrong, show_sheet, token_of_form
from inkhorn.comments.forms import ReportForm, WordsForm
from inkhorn.comments.models import Comment, State
from inkhorn.comments.pages.shapes import CommentPage
from inkhorn.comments.pages.writing import hint_of_words
from inkhorn.comments.policies import (
    can_edit_comment,
    can_like_comment,
    can_moderate_comment,
    can_report_comment,
    can_withdraw_comment,
    get_comment_for,
)
from inkhorn.comments.services import moderating, moving, reacting
from inkhorn.comments.views.room import answered_card, back_link, back_to, bp, refuse_foreign_token, say
from inkhorn.core import limits
from inkhorn.core.access import everyone, holds, open_to, signed_in
from inkhorn.core.database import transaction
from inkhorn.core.errors import InkhornError


@bp.get("/comments/<int:comment_id>/edit")
@open_to(signed_in)
def edit_comment(comment_id: int) -> BaseResponse:
    comment = get_comment_for(g.actor, comment_id, can=_can_change)
    return _edit_sheet(comment, WordsForm(body=comment.body))


@bp.post("/comments/<int:comment_id>/edit")
@open_to(signed_in)
def save_comment(comment_id: int) -> BaseResponse:
    refuse_foreign_token()
    form = WordsForm(request.form)
    comment = get_comment_for(g.actor, comment_id, can=can_edit_comment)
    if not form.validate():
        return _edit_sheet(comment, form, 422)
    try:
        with transaction():
            comment = get_comment_for(g.actor, comment_id, can=can_edit_comment)
            edit = moderating.rewrite if can_moderate_comment(g.actor, comment) else moving.edit_comment
            edit(comment, form.body.data or "", by=g.actor)
    except InkhornError as error:
        return say_wrong(lambda again, status, *, error="": _edit_sheet(comment, again, status, error=error), form, error)
    if comment.state is State.WAITING and not can_moderate_comment(g.actor, comment):
        lead = _("Your comment is saved. A person reads it before others see it.")
        return say(comment.post, _("Thank you"), lead, name="edited")
    return back_to(comment)


@bp.post("/comments/<int:comment_id>/withdraw")
@open_to(signed_in)
def withdraw_comment(comment_id: int) -> BaseResponse:
    refuse_foreign_token()
    with transaction():
        comment = get_comment_for(g.actor, comment_id, can=can_withdraw_comment)
        moving.withdraw_comment(comment, by=g.actor)
    return say(comment.post, _("Your comment is gone"), _("You have removed it."), name="withdrawn")


@bp.post("/comments/<int:comment_id>/like")
@open_to(signed_in)
def like_comment(comment_id: int) -> BaseResponse:
    return _react(comment_id, likes=True)


@bp.post("/comments/<int:comment_id>/unlike")
@open_to(signed_in)
def unlike_comment(comment_id: int) -> BaseResponse:
    return _react(comment_id, likes=False)


def _react(comment_id: int, *, likes: bool) -> BaseResponse:
    refuse_foreign_token()
    limits.spend(limits.COMMENT_REACTION, str(g.actor.id))
    with transaction():
        comment = get_comment_for(g.actor, comment_id, can=can_like_comment)
        reacting.like_comment(comment, by=g.actor, likes=likes)
    return back_to(comment)


@bp.get("/comments/<int:comment_id>/report")
@open_to(everyone)
def report_comment(comment_id: int) -> BaseResponse:
    return _report_sheet(get_comment_for(g.actor, comment_id, can=can_report_comment), ReportForm())


@bp.post("/comments/<int:comment_id>/report")
@open_to(everyone)
def send_report(comment_id: int) -> BaseResponse:
    refuse_foreign_token()
    form = ReportForm(request.form)
    comment = get_comment_for(g.actor, comment_id, can=can_report_comment)
    if not form.validate():
        return _report_sheet(comment, form, 422)
    limits.spend(limits.REPORT_PLACE, limits.place_of(request.remote_addr))
    with transaction():
        comment = get_comment_for(g.actor, comment_id, can=can_report_comment)
        reacting.report_comment(comment, by=g.actor, reason=form.reason.data or "")
    return say(comment.post, _("Thank you"), _("A moderator will look at it."), name="reported")


@bp.post("/comments/<int:comment_id>/pin")
@open_to(holds("comments.moderate"))
def pin_comment(comment_id: int) -> BaseResponse:
    return _pin(comment_id, is_pinned=True)


@bp.post("/comments/<int:comment_id>/unpin")
@open_to(holds("comments.moderate"))
def unpin_comment(comment_id: int) -> BaseResponse:
    return _pin(comment_id, is_pinned=False)


def _pin(comment_id: int, *, is_pinned: bool) -> BaseResponse:
    refuse_foreign_token()
    with transaction():
        comment = get_comment_for(g.actor, comment_id, can=can_moderate_comment)
        moving.pin_comment(comment, by=g.actor, is_pinned=is_pinned)
    return back_to(comment)


@bp.post("/comments/<int:comment_id>/trash")
@open_to(holds("comments.moderate"))
def trash_comment(comment_id: int) -> BaseResponse:
    refuse_foreign_token()
    with transaction():
        comment = get_comment_for(g.actor, comment_id, can=can_moderate_comment)
        moderating.trash(comment, by=g.actor)
    return say(comment.post, _("Removed"), _("The comment is in the trash, from where it can be brought back."), name="trashed")


def _can_change(actor: object, comment: Comment) -> bool:
    return can_edit_comment(g.actor, comment) or can_withdraw_comment(g.actor, comment)


def _edit_sheet(comment: Comment, form: WordsForm, status: int = 200, *, error: str = "") -> BaseResponse:
    may_edit, may_withdraw = can_edit_comment(g.actor, comment), can_withdraw_comment(g.actor, comment)
    withdraw = Way(
        label=_("Remove my comment"), address=url_for("comments.withdraw_comment", comment_id=comment.id), hidden=token_of_form()
    )
    return show_sheet(
        CommentPage,
        status=status,
        title=_("Edit your comment") if may_edit else _("Remove your comment"),
        name="edit_comment",
        error=error,
        answered=None if may_edit else answered_card(comment),
        form_action=url_for("comments.save_comment", comment_id=comment.id) if may_edit else "",
        hidden=token_of_form(),
        fields=fields_of(form, body={"kind": "area", "hint": hint_of_words(g.actor)}) if may_edit else (),
        preview=Markup(""),
        submit=_("Save"),
        ways=(withdraw,) if may_withdraw else (),
        links=(back_link(comment.post),),
    )


def _report_sheet(comment: Comment, form: ReportForm, status: int = 200) -> BaseResponse:
    return show_sheet(
        CommentPage,
        status=status,
        title=_("Report this comment"),
        name="report_comment",
        lead=_("A moderator looks at it. Whoever wrote it is not told."),
        answered=answered_card(comment),
        form_action=url_for("comments.send_report", comment_id=comment.id),
        hidden=token_of_form(),
        fields=fields_of(form, reason={}),
        submit=_("Report"),
        links=(back_link(comment.post),),
    )
