"""Jobs about comments: letters to whom they concern, and forgetting what nobody wants to keep."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from inkhorn.accounts.identity.actor import Person
from inkhorn.accounts.models import User
from inkhorn.accounts.queries import holders_of
from inkhorn.accounts.settings import is_wanted
from inkhorn.comments.models import Comment, State
from inkhorn.comments.queries import (
    CONFIRMATION_LIFE,
    comment_with_post,
    is_muted,
    numbers_above,
    removed_before,
    said_lately,
    unconfirmed_before,
)
from inkhorn.comments.services.learning import forget_rare
from inkhorn.comments.services.leaving import forget_guests
from inkhorn.comments.services.moving import purge_comment
from inkhorn.comments.services.muting import NEVER_WROTE, Kind, Leaving
from inkhorn.core import clock, links, tokens
from inkhorn.core.access import Actor, House, Visitor
from inkhorn.core.database import session, transaction
from inkhorn.core.jobs import is_stopping, job
from inkhorn.core.mail.composing import write_letter
from inkhorn.posts.policies import can_see_post

KEPT = timedelta(days=30)
# Of what came within the hour, in one thread or to the moderators; who is told of so many knows that there are more.
MOST_TOLD = 10
HOUR = timedelta(hours=1)
# Of what is forgotten in one transaction, since whoever writes waits for it.
BATCH = 500


@dataclass(frozen=True)
class _Recipient:
    """Somebody to write to, and with which rights they read."""

    who: str
    email: str
    name: str
    language: str | None
    actor: Actor


@job("comments.ask_to_confirm")
def ask_to_confirm(comment_id: int) -> None:
    """Send a guest the link that confirms the address."""
    with transaction():
        comment = comment_with_post(comment_id)
        if comment is None or comment.state is not State.UNCONFIRMED or comment.guest is None:
            return
        if is_muted(_writer(comment), NEVER_WROTE) or not can_see_post(Visitor(), comment.post):
            return
        leaving = Leaving(_writer(comment), "confirm", NEVER_WROTE)
        # Neither name nor words: both are a stranger's, and would be carried to whoever the stranger likes.
        write_letter(
            "comments/confirm",
            to=comment.guest.email,
            purpose=f"comments.confirm:{comment.id}",
            expires_at=comment.created_at + CONFIRMATION_LIFE,
            leave_address=links.absolute(f"/comments/leave/{leaving.token}"),
            post_title=str(comment.post),
            link=links.absolute(f"/comments/confirm/{tokens.sign('comments.confirm', comment.id)}"),
        )


@job("comments.tell_of_comment")
def tell_of_comment(comment_id: int) -> None:
    """Tell those whom it answers, and the authors of the post; nobody twice, and nobody who may not read it."""
    with transaction():
        comment = comment_with_post(comment_id)
        if comment is None or not comment.is_approved:
            return
        told = {_writer(comment)}
        for recipient in _answered(comment) if said_lately(comment, HOUR) <= MOST_TOLD else ():
            if recipient.who not in told and can_see_post(recipient.actor, comment.post):
                told.add(recipient.who)
                _write(comment, recipient, "reply")
        for recipient in _authors(comment):
            if recipient.who not in told and can_see_post(recipient.actor, comment.post):
                _write(comment, recipient, "on_post")


@job("comments.tell_moderators")
def tell_moderators(comment_id: int) -> None:
    """Tell moderators who may read its post that a comment waits; when many wait, no more."""
    with transaction():
        comment = comment_with_post(comment_id)
        if comment is None or comment.state is not State.WAITING or _held_lately() > MOST_TOLD:
            return
        for user in session().scalars(holders_of("comments.moderate")).all():
            recipient = _of_user(user)
            if user.email and is_wanted(user.notices, "comment_waiting") and can_see_post(recipient.actor, comment.post):
                _write(comment, recipient, "waiting")


@job("comments.forget_old_comments", every=timedelta(hours=6))
def forget_old_comments() -> None:
    """Remove for good what lay in the trash or among the spam for thirty days, what its guest never confirmed, and guests without comments."""
    now = clock.now()
    old = [*session().scalars(unconfirmed_before(now - CONFIRMATION_LIFE).with_only_columns(Comment.id))]
    old += session().scalars(removed_before(now - KEPT).with_only_columns(Comment.id))
    for number in old:
        if is_stopping():
            return
        with transaction():
            comment = comment_with_post(number)
            if comment is not None and _is_old(comment):
                purge_comment(comment, by=House())
    while not is_stopping():
        with transaction():
            if forget_guests(before=now - CONFIRMATION_LIFE, at_most=BATCH) < BATCH:
                return


@job("comments.forget_rare_features", every=timedelta(days=1))
def forget_rare_features() -> None:
    """Forget what the classifier met once and long ago, a batch at a time, so that nobody waits who writes."""
    while not is_stopping():
        with transaction():
            if forget_rare(at_most=BATCH) < BATCH:
                return


def _is_old(comment: Comment) -> bool:
    """Asked again under a lock: a moderator may have brought it back."""
    if comment.state is State.UNCONFIRMED:
        return comment.created_at < clock.now() - CONFIRMATION_LIFE
    is_removed = comment.state in (State.TRASHED, State.SPAM)
    return is_removed and comment.trashed_at is not None and comment.trashed_at < clock.now() - KEPT


def _held_lately() -> int:
    lately = (Comment.state == State.WAITING, Comment.created_at > clock.now() - HOUR)
    return session().scalar(select(func.count()).where(*lately)) or 0


def _writer(comment: Comment) -> str:
    return f"user:{comment.user_id}" if comment.user_id is not None else f"guest:{comment.guest_id}"


def _answered(comment: Comment) -> Iterator[_Recipient]:
    """Whose comments it hangs on, as far as they want to know."""
    numbers = {*numbers_above(comment), *([comment.parent_id] if comment.parent_id else [])}
    root_id = comment.root_id or comment.id
    above = session().scalars(select(Comment).where(Comment.id.in_(numbers)).order_by(Comment.id)).unique().all() if numbers else []
    for each in above:
        if not each.wants_replies or not each.is_approved or is_muted(_writer(each), root_id):
            continue
        if each.user is not None and each.user.email and each.user.can_sign_in and is_wanted(each.user.notices, "comment_reply"):
            yield _of_user(each.user)
        elif each.user is None and each.guest is not None and each.guest.confirmed_at is not None:
            yield _Recipient(_writer(each), each.guest.email, each.name, None, Visitor())


def _authors(comment: Comment) -> Iterator[_Recipient]:
    for user in comment.post.authors:
        if user.email and user.can_sign_in and is_wanted(user.notices, "comment_on_post"):
            yield _of_user(user)


def _of_user(user: User) -> _Recipient:
    return _Recipient(f"user:{user.id}", user.email or "", user.name, user.language, Person(user))


def _write(comment: Comment, to: _Recipient, kind: Kind) -> None:
    decide = tokens.sign("comments.decide", [comment.id, to.actor.id]) if kind == "waiting" else ""
    leaving = Leaving(to.who, kind, comment.root_id or comment.id)
    write_letter(
        f"comments/{kind}",
        to=to.email,
        name=to.name,
        language=to.language,
        purpose=f"comments.{kind}:{comment.id}:{to.who}",
        leave_address=links.absolute(f"/comments/leave/{leaving.token}"),
        writer=comment.name,
        words=comment.body,
        reason=comment.reason,
        post_title=str(comment.post),
        link=links.absolute(f"/comments/decide/{decide}" if decide else f"/comments/{comment.id}"),
    )
