"""What moderators decide, one comment at a time: each decision teaches the classifier, settles reports, and can be taken back."""

from collections.abc import Callable
from datetime import timedelta

from inkhorn.comments.models import Ban, BanKind, Comment, State
from inkhorn.comments.services import moving
from inkhorn.comments.services.banning import ban_commenter, ban_on, lift_ban, ways_to_ban
from inkhorn.comments.services.learning import learn
from inkhorn.comments.services.posting import NewComment, post_comment
from inkhorn.comments.services.reacting import settle_reports
from inkhorn.core import clock
from inkhorn.core.access import Actor
from inkhorn.core.database import session
from inkhorn.core.errors import Conflict

Decision = Callable[..., None]
# By one press in the queue; the page for it offers other spans.
KEPT_OUT = timedelta(days=30)


def approve(comment: Comment, *, by: Actor) -> None:
    """Show it to readers, and know its like; one that is shown already and was reported stays."""
    if comment.is_approved and comment.reports:
        settle_reports(comment)
        learn(comment, "ham")
        return
    moving.approve_comment(comment, by=by)
    settle_reports(comment)
    learn(comment, "ham")


def call_spam(comment: Comment, *, by: Actor) -> None:
    """Put it among the spam, and know its like."""
    moving.mark_spam(comment, by=by)
    settle_reports(comment)
    learn(comment, "spam")


def trash(comment: Comment, *, by: Actor) -> None:
    """Put it aside; what is rude is no spam, so nothing is learnt from it."""
    moving.trash_comment(comment, by=by)
    settle_reports(comment)
    learn(comment, None)


def restore(comment: Comment, *, by: Actor) -> None:
    """Bring it back to where it stood, and know it as what it is there."""
    moving.restore_comment(comment, by=by)
    learn(comment, "ham" if comment.is_approved else "spam" if comment.state is State.SPAM else None)


def hold_comment(comment: Comment, *, by: Actor) -> None:
    """Put it back among those that wait."""
    if comment.state is State.WAITING:
        raise moving.IllegalMove(comment, "put back in the queue")
    moving.withhold(comment, by=by)
    learn(comment, None)


def keep_out(comment: Comment, *, by: Actor) -> Ban | None:
    """Call it spam, and keep out the account or address that wrote it, else the place it came from, for thirty days; the ban, where none stood."""
    ways = ways_to_ban(comment)
    kinds = [kind for kind in (BanKind.USER, BanKind.EMAIL, BanKind.PLACE) if kind in ways][:1]
    # One that was made by hand may last longer, and is not to be lifted by an undo of this.
    stands = bool(kinds) and ban_on(kinds[0], ways[kinds[0]][0]) is not None
    made = (
        [] if stands else ban_commenter(comment, kinds, until=clock.now() + KEPT_OUT, reason=f"Comment {comment.id} was called spam", by=by)
    )
    if comment.state is not State.SPAM:
        call_spam(comment, by=by)
    return made[0] if made else None


def let_back(comment: Comment, state: State, *, since: State, ban_id: int, by: Actor) -> None:
    """Undo of keep_out(): the comment where it stood, and the ban lifted unless somebody did that meanwhile."""
    ban = session().get(Ban, ban_id)
    if ban is not None:
        lift_ban(ban, by=by)
    put_back(comment, state, since=since, by=by)


def put_back(comment: Comment, state: State, *, since: State, by: Actor) -> None:
    """Undo: bring the comment to the state it had before it came to the one since; Conflict where somebody moved it on meanwhile."""
    if comment.state is state:
        return
    if comment.state is not since:
        raise Conflict("Somebody has moved this comment on meanwhile, so that it stays where it is.")
    if comment.state in (State.SPAM, State.TRASHED) and comment.state_before is state:
        restore(comment, by=by)
        return
    UNDOING[state](comment, by=by)


def rewrite(comment: Comment, body: str, *, by: Actor) -> None:
    """Put its words right; a moderator who did has looked at it. Writers who edit their own settle nothing that others report."""
    moving.edit_comment(comment, body, by=by)
    settle_reports(comment)


def answer_comment(comment: Comment, body: str, *, by: Actor) -> Comment:
    """Answer from the queue; what waits is approved by it."""
    if comment.state is State.WAITING:
        approve(comment, by=by)
    elif comment.reports:
        settle_reports(comment)
    return post_comment(comment.post, NewComment(body=body, parent_id=comment.id), by=by)


UNDOING: dict[State, Decision] = {
    State.WAITING: hold_comment,
    State.APPROVED: approve,
    State.SPAM: call_spam,
    State.TRASHED: trash,
}
