"""A comment's way between its states: approved, spam, trashed and back; pinned, or gone for good."""

from inkhorn.comments.events import (
    comment_approved,
    comment_edited,
    comment_held,
    comment_marked_spam,
    comment_pinned,
    comment_purged,
    comment_restored,
    comment_trashed,
    comment_withheld,
)
from inkhorn.comments.models import Comment, CommentKind, State
from inkhorn.comments.policies import can_moderate_comment
from inkhorn.comments.queries import has_any_below, numbers_above
from inkhorn.comments.services.digests import place_digest, text_digest
from inkhorn.comments.services.judging import judge
from inkhorn.comments.services.learning import Lesson, email_of, learn
from inkhorn.comments.services.posting import refuse_banned, tidy_body
from inkhorn.comments.services.reacting import settle_reports
from inkhorn.comments.services.threading import hide_in_thread, put_first, show_in_thread
from inkhorn.core import audit, clock, remarks
from inkhorn.core.access import Actor, House
from inkhorn.core.database import session
from inkhorn.core.errors import Conflict

PURGED = "This comment was removed for good, and only its place is kept."


class IllegalMove(Conflict):
    """The comment does not stand where this could be done with it."""

    def __init__(self, comment: Comment, wanted: str) -> None:
        super().__init__(f"A comment that is {comment.state.value} cannot be {wanted}. Somebody may have moved it meanwhile.")


def approve_comment(comment: Comment, *, by: Actor) -> None:
    """Show it to readers."""
    if comment.state is State.APPROVED:
        raise IllegalMove(comment, "approved")
    set_state(comment, State.APPROVED)
    is_first = comment.approved_at is None
    comment.approved_at = comment.approved_at or clock.now()
    comment.cause, comment.reason = None, ""
    show_in_thread(comment)
    audit.record(by, "comments.approved", comment)
    comment_approved.send(comment, is_first=is_first)


def mark_spam(comment: Comment, *, by: Actor) -> None:
    """Put it among the spam, where it is removed after thirty days."""
    if comment.state is State.SPAM:
        raise IllegalMove(comment, "marked as spam")
    _take_away(comment, State.SPAM)
    audit.record(by, "comments.marked_spam", comment)
    comment_marked_spam.send(comment)


def trash_comment(comment: Comment, *, by: Actor) -> None:
    """Put it aside for thirty days."""
    if comment.state is State.TRASHED:
        raise IllegalMove(comment, "trashed")
    _take_away(comment, State.TRASHED)
    audit.record(by, "comments.trashed", comment)
    comment_trashed.send(comment)


def withdraw_comment(comment: Comment, *, by: Actor) -> None:
    """Let whoever wrote it take it away."""
    comment.withdrawn_at = clock.now()
    trash_comment(comment, by=by)
    # There is nothing left for a moderator to look at.
    settle_reports(comment)


def restore_comment(comment: Comment, *, by: Actor) -> None:
    """Bring it back to where it stood before it was called spam or put in the trash."""
    if comment.state not in (State.TRASHED, State.SPAM):
        raise IllegalMove(comment, "restored")
    before = comment.state_before or State.WAITING
    set_state(comment, before)
    if before is State.APPROVED:
        show_in_thread(comment)
    session().flush()
    audit.record(by, "comments.restored", comment)
    comment_restored.send(comment)
    if before is State.APPROVED:
        comment_approved.send(comment, is_first=False)


def edit_comment(comment: Comment, body: str, *, by: Actor) -> None:
    """Change its words; those of anybody but a moderator are judged like new ones, and wait where they would have."""
    if comment.state is State.PURGED:
        raise Conflict(PURGED)
    words, is_moderator = tidy_body(body), can_moderate_comment(by, comment)
    if not is_moderator:
        refuse_banned(user_id=comment.user_id, email=email_of(comment), place=place_digest(by.address))
    if words == comment.body:
        return
    lesson: Lesson | None = None
    if is_moderator and comment.learnt_as is not None:
        lesson = "spam" if comment.learnt_as == "spam" else "ham"
    # What was learnt of the words that were is forgotten while they are known.
    learn(comment, None)
    comment.body = words
    comment.html, comment.text_digest = remarks.render_remark(words).html, text_digest(words)
    comment.edited_at = clock.now()
    session().flush()
    learn(comment, lesson)
    audit.record(by, "comments.edited", comment)
    comment_edited.send(comment)
    if not is_moderator:
        _judge_again(comment, by)


def withhold(comment: Comment, *, by: Actor) -> None:
    """Put it among those that wait, where readers see it no more."""
    if comment.is_pinned:
        put_first(comment, is_pinned=False)
    set_state(comment, State.WAITING)
    hide_in_thread(comment)
    session().flush()
    audit.record(by, "comments.held", comment)
    comment_withheld.send(comment)


def pin_comment(comment: Comment, *, by: Actor, is_pinned: bool = True) -> None:
    """Let its thread stand before the others, or among them again."""
    if comment.depth != 1 or comment.kind is not CommentKind.COMMENT or (is_pinned and not comment.is_approved):
        raise Conflict("Only an approved comment that begins a thread can be pinned.")
    if comment.is_pinned == is_pinned:
        return
    put_first(comment, is_pinned=is_pinned)
    audit.record(by, "comments.pinned" if is_pinned else "comments.unpinned", comment)
    comment_pinned.send(comment)


def purge_comment(comment: Comment, *, by: Actor) -> None:
    """Remove it for good; where others hang on it, only that something stood there remains, until the last of them is gone."""
    if comment.state not in (State.TRASHED, State.SPAM, State.UNCONFIRMED):
        raise IllegalMove(comment, "removed for good")
    audit.record(by, "comments.purged", comment)
    comment_purged.send(comment)
    if has_any_below(comment):
        forget_writer(comment, name="")
        comment.body, comment.html, comment.text_digest = "", "", None
        comment.cause, comment.reason = None, ""
        set_state(comment, State.PURGED)
        session().flush()
        return
    above = numbers_above(comment)
    session().delete(comment)
    session().flush()
    for number in above:
        empty = session().get(Comment, number, with_for_update=True, populate_existing=True)
        if empty is None or empty.state is not State.PURGED or has_any_below(empty):
            return
        session().delete(empty)
        session().flush()


def forget_writer(comment: Comment, *, name: str) -> None:
    """Keep no more of who wrote it than a name."""
    comment.user_id, comment.guest_id, comment.place_digest, comment.website = None, None, None, None
    comment.name, comment.wants_replies = name, False


def set_state(comment: Comment, state: State) -> None:
    """The one step that all moves share; Conflict where it would bring back what its writer took away, or what is there no more."""
    if comment.state is State.PURGED:
        raise Conflict(PURGED)
    if comment.withdrawn_at is not None and state in (State.WAITING, State.APPROVED):
        raise Conflict("Whoever wrote this comment took it away, so nobody brings it back.")
    comment.state_before, comment.state = comment.state, state
    # However it came there: thirty days later it is removed for good.
    comment.trashed_at = clock.now() if state in (State.SPAM, State.TRASHED) else None
    session().flush()


def _judge_again(comment: Comment, by: Actor) -> None:
    """Hold what would have been held as a new comment; no edit shows one that waits."""
    verdict = judge(comment, by=by)
    if verdict.state is State.APPROVED:
        return
    comment.cause, comment.reason, comment.score = verdict.cause, verdict.reason, verdict.score
    if comment.state is State.APPROVED:
        withhold(comment, by=House())
        comment_held.send(comment)
    session().flush()


def _take_away(comment: Comment, state: State) -> None:
    if comment.is_pinned:
        put_first(comment, is_pinned=False)
    set_state(comment, state)
    hide_in_thread(comment)
