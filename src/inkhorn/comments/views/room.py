"""The room's blueprint, and what its views share: tokens, sheets around a comment, and where one stands."""

from typing import Any

from flask import Blueprint, g, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts.pages import NoticePage
from inkhorn.accounts.views.room import show_sheet
from inkhorn.comments.models import Comment, CommentKind
from inkhorn.comments.pages.cards import bare_card
from inkhorn.comments.pages.shapes import CommentCard
from inkhorn.comments.pages.threads import ASKED, page_holding
from inkhorn.comments.queries import row_of, shown_before, waiting_count
from inkhorn.core.desk import count_beside
from inkhorn.core.errors import Invalid
from inkhorn.core.forms import is_own_token
from inkhorn.core.links import href
from inkhorn.core.themes import Link
from inkhorn.posts.models import Post

bp = Blueprint("comments", __name__, template_folder="../templates")
count_beside("comments", "comments.moderate", lambda: waiting_count(g.actor))


def refuse_foreign_token() -> None:
    """Invalid where somebody signed in sends a form that is not this session's own; a visitor's is guarded by where it comes from."""
    if g.actor.is_signed_in and not is_own_token(request.form.get("csrf_token")):
        raise Invalid(_("This form was open for too long or belongs to another sign-in. Send it once more."))


def address_of(comment: Comment) -> str:
    """Where readers see an approved comment: its page of the thread, at its anchor."""
    if comment.kind is not CommentKind.COMMENT:
        return f"{href(comment.post.path)}#comments"
    number = page_holding(shown_before(comment))
    return f"{href(comment.post.path)}{f'?{ASKED}={number}' if number > 1 else ''}#comment-{comment.id}"


def back_to(comment: Comment) -> BaseResponse:
    return redirect(address_of(comment), code=303)


def answered_card(comment: Comment | None) -> CommentCard | None:
    """A comment as a sheet about it shows it, without what one may do with it."""
    return bare_card(row_of(comment.id)) if comment is not None else None


def say(post: Post, title: str, lead: str, *, name: str, status: int = 200, **more: Any) -> BaseResponse:
    """A few words, and the way back to the post."""
    return show_sheet(NoticePage, status=status, title=title, name=name, lead=lead, links=(back_link(post),), **more)


def back_link(post: Post) -> Link:
    return Link(post.title or _("The post"), href(post.path), note=_("Back to"))
