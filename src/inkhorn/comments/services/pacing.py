"""How fast people may write."""

from datetime import timedelta

from sqlalchemy import ColumnElement, select

from inkhorn.comments.models import Comment, State
from inkhorn.comments.policies import can_moderate_comments
from inkhorn.core import limits
from inkhorn.core.access import Actor
from inkhorn.core.database import hold_name, session


def refuse_flood(comment: Comment, by: Actor) -> None:
    """TooMany for whoever writes faster than people do, or from one place; moderators may.

    Counted in the table and not in the store of tries: that asks for a second connection, and all who write at once would wait for one.
    """
    if can_moderate_comments(by):
        return
    if comment.user_id is None:
        # Many at once from one place are counted one after another.
        hold_name(f"comments.place:{comment.place_digest}")
        _refuse_many(limits.COMMENT_PLACE, comment, Comment.place_digest == comment.place_digest)
        # However many write from wherever in one name: the mailbox gets no more letters than these.
        _refuse_many(limits.COMMENT_LETTER, comment, Comment.guest_id == comment.guest_id)
        _refuse_many(limits.COMMENT_LETTER_ALL, comment, Comment.state == State.UNCONFIRMED)
    _refuse_many(limits.COMMENT_PERSON, comment, _by_the_same(comment))


def _refuse_many(limit: limits.Limit, comment: Comment, same: ColumnElement[bool]) -> None:
    for window in limit.windows:
        span = timedelta(seconds=window.get_expiry())
        others = (same, Comment.id != comment.id, Comment.created_at > comment.created_at - span)
        earlier = select(Comment.created_at).where(*others).order_by(Comment.created_at.desc()).offset(window.amount - 1).limit(1)
        if (moment := session().scalar(earlier)) is not None:
            raise limits.TooMany(moment + span - comment.created_at)


def _by_the_same(comment: Comment) -> ColumnElement[bool]:
    return Comment.user_id == comment.user_id if comment.user_id is not None else Comment.guest_id == comment.guest_id
