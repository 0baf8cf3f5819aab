"""Who gets letters about comments, and with which rights they read."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select

from inkhorn.accounts.identity.actor import Person
from inkhorn.accounts.models import User
from inkhorn.accounts.settings import is_wanted
from inkhorn.comments.models import Comment
from inkhorn.comments.queries import is_muted, numbers_above
from inkhorn.core.access import Actor, Visitor
from inkhorn.core.database import session


@dataclass(frozen=True)
class Recipient:
    """Somebody to write to, and with which rights they read."""

    who: str
    email: str
    name: str
    language: str | None
    actor: Actor


def writer_of(comment: Comment) -> str:
    return f"user:{comment.user_id}" if comment.user_id is not None else f"guest:{comment.guest_id}"


def answered_by(comment: Comment) -> Iterator[Recipient]:
    """Whose comments it hangs on, as far as they want to know."""
    numbers = {*numbers_above(comment), *([comment.parent_id] if comment.parent_id else [])}
    root_id = comment.root_id or comment.id
    above = session().scalars(select(Comment).where(Comment.id.in_(numbers)).order_by(Comment.id)).unique().all() if numbers else []
    for each in above:
        if not each.wants_replies or not each.is_approved or is_muted(writer_of(each), root_id):
            continue
        if each.user is not None and each.user.email and each.user.can_sign_in and is_wanted(each.user.notices, "comment_reply"):
            yield as_recipient(each.user)
        elif each.user is None and each.guest is not None and each.guest.confirmed_at is not None:
            yield Recipient(writer_of(each), each.guest.email, each.name, None, Visitor())


def authors_of(comment: Comment) -> Iterator[Recipient]:
    for user in comment.post.authors:
        if user.email and user.can_sign_in and is_wanted(user.notices, "comment_on_post"):
            yield as_recipient(user)


def as_recipient(user: User) -> Recipient:
    return Recipient(f"user:{user.id}", user.email or "", user.name, user.language, Person(user))
