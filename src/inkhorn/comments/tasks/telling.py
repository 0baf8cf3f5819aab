"""Jobs that write letters: to a guest who has to confirm, to whoever is answered, to authors and to moderators."""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from inkhorn.accounts.queries import holders_of
from inkhorn.accounts.settings import is_wanted
from inkhorn.comments.models import Comment, Report, State
from inkhorn.comments.queries import CONFIRMATION_LIFE, comment_with_post, is_muted, reasons_for, said_lately
from inkhorn.comments.services.muting import NEVER_WROTE, Kind, Leaving
from inkhorn.comments.tasks.readers import Recipient, answered_by, as_recipient, authors_of, writer_of
from inkhorn.core import clock, links, tokens
from inkhorn.core.access import Visitor
from inkhorn.core.database import session, transaction
from inkhorn.core.jobs import job
from inkhorn.core.mail.composing import write_letter
from inkhorn.core.mail.letters import is_written
from inkhorn.posts.policies import can_see_post

# Of what came within the hour, in one thread or to the moderators; who is told of so many knows that there are more.
MOST_TOLD = 10
HOUR = timedelta(hours=1)
# Between two letters to one moderator about the reports of one comment.
REPORTS_APART = timedelta(hours=12)


@job("comments.ask_to_confirm")
def ask_to_confirm(comment_id: int) -> None:
    """Send a guest the link that confirms the address."""
    with transaction():
        comment = comment_with_post(comment_id)
        if comment is None or comment.state is not State.UNCONFIRMED or comment.guest is None:
            return
        if is_muted(writer_of(comment), NEVER_WROTE) or not can_see_post(Visitor(), comment.post):
            return
        leaving = Leaving(writer_of(comment), "confirm", NEVER_WROTE)
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
        told = {writer_of(comment)}
        for recipient in answered_by(comment) if said_lately(comment, HOUR) <= MOST_TOLD else ():
            if recipient.who not in told and can_see_post(recipient.actor, comment.post):
                told.add(recipient.who)
                _write(comment, recipient, "reply")
        for recipient in authors_of(comment):
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
            recipient = as_recipient(user)
            if user.email and is_wanted(user.notices, "comment_waiting") and can_see_post(recipient.actor, comment.post):
                _write(comment, recipient, "waiting")


@job("comments.tell_of_report")
def tell_of_report(comment_id: int) -> None:
    """Tell moderators who may read its post that readers reported a comment; of one comment not again for half a day."""
    with transaction():
        comment = comment_with_post(comment_id)
        if comment is None or not comment.is_approved or not comment.reports or _reported_lately() > MOST_TOLD:
            return
        for user in session().scalars(holders_of("comments.moderate")).all():
            recipient = as_recipient(user)
            is_for_them = user.email and is_wanted(user.notices, "comment_reported") and can_see_post(recipient.actor, comment.post)
            if is_for_them and recipient.who != writer_of(comment):
                _write_of_report(comment, recipient, clock.now())


def _held_lately() -> int:
    lately = (Comment.state == State.WAITING, Comment.created_at > clock.now() - HOUR)
    return session().scalar(select(func.count()).where(*lately)) or 0


def _reported_lately() -> int:
    lately = Report.created_at > clock.now() - HOUR
    return session().scalar(select(func.count(Report.comment_id.distinct())).where(lately)) or 0


def _write_of_report(comment: Comment, to: Recipient, now: datetime) -> None:
    span = int(now.timestamp() // REPORTS_APART.total_seconds())
    if is_written(_purpose(comment, to, "reported", span - 1)):
        return
    _write(comment, to, "reported", span)


def _purpose(comment: Comment, to: Recipient, kind: Kind, span: int | None = None) -> str:
    """What such a letter is for, which comments.tasks.doubting reads again before it leaves."""
    return f"comments.{kind}:{comment.id}:{to.who}" + (f":{span}" if span is not None else "")


def _write(comment: Comment, to: Recipient, kind: Kind, span: int | None = None) -> None:
    leaving = Leaving(to.who, kind, comment.root_id or comment.id)
    write_letter(
        f"comments/{kind}",
        to=to.email,
        name=to.name,
        language=to.language,
        purpose=_purpose(comment, to, kind, span),
        leave_address=links.absolute(f"/comments/leave/{leaving.token}"),
        writer=comment.name,
        words=comment.body,
        reason=comment.reason,
        reasons=reasons_for([comment]).get(comment.id, ()) if kind == "reported" else (),
        post_title=str(comment.post),
        link=links.absolute(_leads_to(comment, to, kind)),
    )


def _leads_to(comment: Comment, to: Recipient, kind: Kind) -> str:
    if kind == "waiting":
        return f"/comments/decide/{tokens.sign('comments.decide', [comment.id, to.actor.id])}"
    return "/desk/comments/?state=reported" if kind == "reported" else f"/comments/{comment.id}"
