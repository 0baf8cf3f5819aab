"""One comment of the queue at a time: decided, answered in place, put right."""

from flask import flash, g, redirect, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.comments.models import State
from inkhorn.comments.policies import can_moderate_comment, get_comment_for
from inkhorn.comments.services import moderating
from inkhorn.comments.views.moves import MOVES, back, decide, tell
from inkhorn.comments.views.room import bp
from inkhorn.comments.views.sent import ButtonForm, ModeratorsWordsForm
from inkhorn.core.access import holds, open_to
from inkhorn.core.database import transaction
from inkhorn.core.desk import show_desk_page
from inkhorn.core.errors import Invalid

TOLD = {
    "approve": _l("Approved: the comment by %(name)s."),
    "spam": _l("Called spam: the comment by %(name)s. Others like it will be known."),
    "trash": _l("In the trash for thirty days: the comment by %(name)s."),
    "restore": _l("Brought back: the comment by %(name)s."),
    "purge": _l("Removed for good: the comment by %(name)s."),
    "pin": _l("Pinned: the comment by %(name)s stands first under its post."),
    "unpin": _l("Unpinned: the comment by %(name)s stands in its place."),
}


@bp.post("/desk/comments/<int:comment_id>/<any(approve, spam, trash, restore, purge, pin, unpin):move>")
@open_to(holds("comments.moderate"))
def move_comment(comment_id: int, move: str) -> BaseResponse:
    ButtonForm.accepted()
    was = decide(comment_id, MOVES[move].verb)
    tell(str(TOLD[move]) % {"name": was.comment.name or _("somebody")}, [was] if MOVES[move].has_undo else [])
    return back()


@bp.post("/desk/comments/<int:comment_id>/answer")
@open_to(holds("comments.moderate"))
def answer_from_queue(comment_id: int) -> BaseResponse:
    form = ModeratorsWordsForm.accepted()
    with transaction():
        comment = get_comment_for(g.actor, comment_id, can=can_moderate_comment)
        is_approved_by_it = comment.state is State.WAITING
        moderating.answer_comment(comment, form.body.data or "", by=g.actor)
    flash(_("Approved and answered.") if is_approved_by_it else _("Answered."))
    return back()


@bp.get("/desk/comments/<int:comment_id>/edit")
@open_to(holds("comments.moderate"))
def revise_comment(comment_id: int) -> BaseResponse:
    comment = get_comment_for(g.actor, comment_id, can=can_moderate_comment)
    return show_desk_page("comments/revise_comment.html", comment=comment, form=ModeratorsWordsForm(formdata=None, obj=comment))


@bp.post("/desk/comments/<int:comment_id>/edit")
@open_to(holds("comments.moderate"))
def rewrite_comment(comment_id: int) -> BaseResponse:
    form, is_sound = ModeratorsWordsForm.sent()
    comment = get_comment_for(g.actor, comment_id, can=can_moderate_comment)
    if not is_sound:
        return show_desk_page("comments/revise_comment.html", 422, comment=comment, form=form)
    try:
        with transaction():
            comment = get_comment_for(g.actor, comment_id, can=can_moderate_comment)
            moderating.rewrite(comment, form.body.data or "", by=g.actor)
    except Invalid as error:
        form.body.errors = [str(error)]
        comment = get_comment_for(g.actor, comment_id, can=can_moderate_comment)
        return show_desk_page("comments/revise_comment.html", 422, comment=comment, form=form)
    flash(_("Saved."))
    return redirect(url_for("comments.list_comments", state=comment.state.value), code=303)
