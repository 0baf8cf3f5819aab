"""What readers think of a comment: that they like it, or that a moderator should look at it."""

from sqlalchemy import delete, update

from inkhorn.comments.events import comment_liked, comment_reported
from inkhorn.comments.models import LONGEST_REASON, Comment, Like, Report
from inkhorn.comments.services.digests import place_digest
from inkhorn.core import audit, clock
from inkhorn.core.access import Actor
from inkhorn.core.database import insert_into, session
from inkhorn.core.errors import Invalid


def like_comment(comment: Comment, *, by: Actor, likes: bool = True) -> None:
    """Count that somebody likes it, once, or that they do no more."""
    if likes:
        made = insert_into(Like).values(comment_id=comment.id, user_id=by.id, liked_at=clock.now())
        changed = session().execute(made.on_conflict_do_nothing().returning(Like.comment_id)).scalar()
    else:
        gone = delete(Like).where(Like.comment_id == comment.id, Like.user_id == by.id)
        changed = session().execute(gone.returning(Like.comment_id)).scalar()
    if changed is None:
        return
    session().execute(update(Comment).where(Comment.id == comment.id).values(likes=Comment.likes + (1 if likes else -1)))
    session().refresh(comment, ["likes"])
    comment_liked.send(comment)


def report_comment(comment: Comment, *, by: Actor, reason: str = "") -> None:
    """Ask a moderator to look at it; once for each person."""
    words = " ".join(reason.split())
    if len(words) > LONGEST_REASON:
        raise Invalid(f"At most {LONGEST_REASON} characters.", field="reason")
    who = f"user:{by.id}" if by.id is not None else f"place:{place_digest(by.address) or ''}"
    made = insert_into(Report).values(comment_id=comment.id, who=who, reason=words, created_at=clock.now())
    if session().execute(made.on_conflict_do_nothing().returning(Report.id)).scalar() is None:
        return
    session().execute(update(Comment).where(Comment.id == comment.id).values(reports=Comment.reports + 1))
    session().refresh(comment, ["reports"])
    audit.record(by, "comments.reported", comment, reason=words)
    comment_reported.send(comment)


def settle_reports(comment: Comment) -> None:
    """A moderator has looked at it."""
    session().execute(update(Report).where(Report.comment_id == comment.id, Report.settled_at.is_(None)).values(settled_at=clock.now()))
    comment.reports = 0
    session().flush()
