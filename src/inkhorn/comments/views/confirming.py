"""Where a guest's letter leads: the comment once more, and the button that confirms the address."""

from flask import g, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts.pages import NoticePage
from inkhorn.accounts.views.room import show_sheet
from inkhorn.comments.models import Comment, State
from inkhorn.comments.pages.shapes import CommentPage
from inkhorn.comments.queries import CONFIRMATION_LIFE, comment_with_post
from inkhorn.comments.services.posting import confirm_comment as confirm_it
from inkhorn.comments.views.room import back_to, bp, say
from inkhorn.core import tokens
from inkhorn.core.access import Visitor, everyone, open_to
from inkhorn.core.database import transaction
from inkhorn.core.errors import Gone, InkhornError
from inkhorn.posts.policies import can_see_post

PURPOSE = "comments.confirm"


@bp.get("/comments/confirm/<token>")
@open_to(everyone)
def show_confirmation(token: str) -> BaseResponse:
    comment = _comment_of(token)
    if comment.state is not State.UNCONFIRMED:
        return _told(comment)
    return show_sheet(
        CommentPage,
        title=_("Is this yours?"),
        name="confirm_comment",
        lead=_("One press, and your comment goes on to the site."),
        preview=Markup(comment.html),  # noqa: S704 - sanitised when it was saved
        form_action=url_for("comments.confirm_comment", token=token),
        submit=_("Yes, this is mine"),
    )


@bp.post("/comments/confirm/<token>")
@open_to(everyone)
def confirm_comment(token: str) -> BaseResponse:
    try:
        with transaction():
            comment = _comment_of(token)
            confirm_it(comment, by=g.actor)
    except Gone:
        raise
    except InkhornError as error:
        return show_sheet(NoticePage, status=error.status, title=_("No comments here"), name="closed", lead=str(error))
    return _told(comment)


def _told(comment: Comment) -> BaseResponse:
    if comment.state is State.APPROVED:
        return back_to(comment)
    words = _("Your address is confirmed. A person reads your comment now, and it appears after that.")
    return say(comment.post, _("Thank you"), words, name="confirmed")


def _comment_of(token: str) -> Comment:
    number = tokens.read(PURPOSE, token, max_age_seconds=int(CONFIRMATION_LIFE.total_seconds()))
    comment = comment_with_post(number) if isinstance(number, int) else None
    # What was taken away since has no word for whoever holds an old letter, and neither has a post that is not for everybody any more.
    if comment is None or comment.state in (State.TRASHED, State.PURGED) or not can_see_post(Visitor(), comment.post):
        raise Gone(_("That link has ended. Write your comment once more."))
    return comment
