"""What somebody may do with comments, and the one door through which an edge gets one."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from inkhorn.comments.models import Comment, CommentKind, State
from inkhorn.comments.queries import comment_with_post
from inkhorn.comments.settings import CommentSettings
from inkhorn.core import clock, settings
from inkhorn.core.access import Actor, Forbidden
from inkhorn.core.database import session
from inkhorn.core.errors import NotFound
from inkhorn.posts.models import Post, Status
from inkhorn.posts.policies import can_see_post

LARGEST_ID = 2**31 - 1

Question = Callable[[Actor, Comment], bool]


class Talkable(Protocol):
    """A post, or a row of one, as far as it says whether it takes comments."""

    @property
    def is_live(self) -> bool: ...
    @property
    def takes_comments(self) -> bool: ...
    @property
    def published_at(self) -> datetime | None: ...


def closes_at(post: Talkable) -> datetime | None:
    """When a post stops taking comments by itself; None for one that never does."""
    days = settings.read(CommentSettings).close_after_days
    return post.published_at + timedelta(days=days) if days and post.published_at else None


def takes_comments(post: Talkable) -> bool:
    """Whether comments may be written under the post at all, by whoever may."""
    if not post.is_live or not post.takes_comments or settings.read(CommentSettings).writers == "off":
        return False
    ends = closes_at(post)
    return ends is None or clock.now() < ends


def can_comment_on(actor: Actor, post: Post) -> bool:
    """People with an account, and guests where the settings let them, under what they may read while it takes comments."""
    return can_see_post(actor, post) and can_write_under(actor, post)


def can_write_under(actor: Actor, post: Talkable) -> bool:
    """The same of what the actor is reading."""
    if not takes_comments(post):
        return False
    return actor.may("comments.write") if actor.is_signed_in else settings.read(CommentSettings).writers == "guests"


def can_moderate_comments(actor: Actor) -> bool:
    return actor.may("comments.moderate")


def can_moderate_comment(actor: Actor, comment: Comment) -> bool:
    """Moderators, of posts that they may read; roles are made by hand, so that they may not be all."""
    return can_moderate_comments(actor) and can_see_post(actor, comment.post)


def can_see_comment(actor: Actor, comment: Comment) -> bool:
    """What is approved, under what may be read; what waits, by whoever wrote it; everything there, by moderators."""
    if can_moderate_comment(actor, comment):
        return True
    is_there = comment.is_approved or (comment.state is State.WAITING and _wrote(actor, comment))
    return is_there and can_see_post(actor, comment.post)


def can_answer_comment(actor: Actor, comment: Comment) -> bool:
    return comment.is_approved and comment.kind is CommentKind.COMMENT and can_comment_on(actor, comment.post)


def can_edit_comment(actor: Actor, comment: Comment) -> bool:
    """Moderators always; whoever wrote it for as long as the settings say."""
    if can_moderate_comment(actor, comment):
        return True
    ends = comment.created_at + timedelta(minutes=settings.read(CommentSettings).edit_minutes)
    return can_withdraw_comment(actor, comment) and clock.now() < ends


def can_withdraw_comment(actor: Actor, comment: Comment) -> bool:
    """Whoever wrote it takes it away whenever they like, while it stands or waits."""
    return _wrote(actor, comment) and can_see_comment(actor, comment) and comment.state in (State.APPROVED, State.WAITING)


def can_like_comment(actor: Actor, comment: Comment) -> bool:
    """People with an account, and not for their own."""
    return actor.may("comments.write") and not _wrote(actor, comment) and comment.is_approved and can_see_comment(actor, comment)


def can_report_comment(actor: Actor, comment: Comment) -> bool:
    return comment.is_approved and not _wrote(actor, comment) and can_see_comment(actor, comment)


def get_comment_for(actor: Actor, comment_id: int, *, can: Question = can_see_comment) -> Comment:
    """The comment with its post; Forbidden for its writer and for moderators, who know of it, NotFound for everybody else who may not do this."""
    comment = comment_with_post(comment_id) if 0 < comment_id <= LARGEST_ID else None
    knows = comment is not None and (_wrote(actor, comment) or can_moderate_comment(actor, comment))
    if comment is None or not (knows or can(actor, comment)):
        raise NotFound("There is no such comment, or it is not yours to see.")
    if not can(actor, comment):
        raise Forbidden("You may read this comment, but not do that with it, or not any more.")
    return comment


def get_post_to_comment_for(actor: Actor, post_id: int) -> Post:
    """The post, for whoever may read it; not held, since many may comment at once."""
    post = session().get(Post, post_id) if 0 < post_id <= LARGEST_ID else None
    if post is None or post.status is Status.TRASHED or not can_see_post(actor, post):
        raise NotFound("There is no such post, or it is not yours to see.")
    return post


def _wrote(actor: Actor, comment: Comment) -> bool:
    return actor.id is not None and comment.user_id == actor.id
