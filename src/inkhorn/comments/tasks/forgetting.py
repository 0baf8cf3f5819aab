"""Jobs that forget: spam, trash, what was never confirmed, and what the classifier met once and long ago."""

from datetime import timedelta

from inkhorn.comments.models import Comment, State
from inkhorn.comments.queries import CONFIRMATION_LIFE, comment_with_post, removed_before, unconfirmed_before
from inkhorn.comments.services.learning import forget_rare
from inkhorn.comments.services.leaving import forget_guests
from inkhorn.comments.services.moving import purge_comment
from inkhorn.core import clock
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.core.jobs import is_stopping, job

KEPT = timedelta(days=30)
# Of what is forgotten in one transaction, since whoever writes waits for it.
BATCH = 500


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
