"""Makes comments for tests, committed unless a transaction is open."""

from typing import Any
from unittest import mock

from inkhorn.comments.models import Ban, Comment, State
from inkhorn.comments.services import moving
from inkhorn.comments.services.banning import ban_address
from inkhorn.comments.services.posting import NewComment, confirm_comment, post_comment
from inkhorn.core import limits
from inkhorn.core.access import Actor, House, Visitor
from inkhorn.core.database import session, transaction
from inkhorn.posts.models import Post, Status
from tests.factories.posts import make_post

WIDE = limits.Limit("comment.factory", "1000000 per minute")
_numbers = iter(range(1, 10**9))


def make_open_post(**more: Any) -> Post:
    """A published post, which takes comments."""
    return make_post(status=Status.PUBLISHED, **more)


def make_comment(
    post: Post, *, by: Actor | None = None, to: Comment | None = None, state: State = State.APPROVED, body: str = "", **more: Any
) -> Comment:
    """A comment in the state asked for, made by the verbs of the house; without by= a guest writes it, who is new."""
    number = next(_numbers)
    if by is None:
        by, more = Visitor(address="192.0.2.7"), {"name": f"Guest {number}", "email": f"guest{number}@example.org", **more}
    wanted = NewComment(body=body or f"Comment {number}.", parent_id=to.id if to else None, key=str(number), **more)
    # How fast people write is not what these are about.
    with mock.patch.multiple(limits, COMMENT_PERSON=WIDE, COMMENT_PLACE=WIDE, COMMENT_LETTER=WIDE), transaction():
        comment = post_comment(session().merge(post), wanted, by=by)
        if state is not State.UNCONFIRMED and comment.state is State.UNCONFIRMED:
            confirm_comment(comment, by=by)
        move_to(comment, state)
    return comment


def move_to(comment: Comment, state: State) -> None:
    if comment.state is state:
        return
    moves = {State.APPROVED: moving.approve_comment, State.SPAM: moving.mark_spam, State.TRASHED: moving.trash_comment}
    moves[state](comment, by=House())


def make_ban(address: str = "casino.test") -> Ban:
    """Somebody, or everybody at a host, kept out for good."""
    with transaction():
        return ban_address(address, until=None, reason="", by=House())
