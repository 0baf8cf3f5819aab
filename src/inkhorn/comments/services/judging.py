"""What becomes of a new comment: shown at once, held for a moderator, or called spam."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, func, select

from inkhorn.comments.models import Comment, State
from inkhorn.comments.policies import can_moderate_comments
from inkhorn.comments.queries import has_approved_comment
from inkhorn.comments.services.learning import email_of, features_of_comment, taught_about
from inkhorn.comments.settings import CommentSettings
from inkhorn.comments.spam import verdicts
from inkhorn.comments.spam.scoring import score
from inkhorn.comments.spam.verdicts import Rules, Submission
from inkhorn.core import clock, settings
from inkhorn.core.access import Actor
from inkhorn.core.database import session
from inkhorn.posts.policies import can_edit_post

# How far back it is looked for the same words and the same network place.
LATELY = timedelta(days=30)
MOST_COUNTED = 100
# "Thank you!" is said by many.
SHORTEST_REPEAT = 40


@dataclass(frozen=True)
class Verdict:
    """Approved, waiting or spam; why, in a word and in words for moderators, and how likely it is spam, from 0 to 1."""

    state: State
    cause: str | None = None
    reason: str = ""
    score: float | None = None


def judge(comment: Comment, *, by: Actor) -> Verdict:
    """Look at a comment that was written but not judged so far; nothing is changed by it."""
    if can_moderate_comments(by) or (by.id is not None and can_edit_post(by, comment.post)):
        return Verdict(State.APPROVED)
    told = verdicts.judge(_submission(comment), _rules(), score(features := features_of_comment(comment), taught_about(features)))
    return Verdict(State(told.outcome), told.cause or None, told.reason, round(told.likelihood, 4))


def _submission(comment: Comment) -> Submission:
    return Submission(
        text=comment.body,
        name=comment.name,
        email=email_of(comment),
        website=comment.website or "",
        is_first=not has_approved_comment(user_id=comment.user_id, guest_id=comment.guest_id),
        repeats=_repeats(comment) if len(comment.body) >= SHORTEST_REPEAT else 0,
        spam_from_there=_count(Comment.place_digest == comment.place_digest, Comment.state == State.SPAM) if comment.place_digest else 0,
    )


def _repeats(comment: Comment) -> int:
    """Others that say the same, wherever they stand."""
    return _count(Comment.text_digest == comment.text_digest, Comment.id != comment.id)


def _count(*wanted: ColumnElement[bool]) -> int:
    lately = Comment.created_at > clock.now() - LATELY
    return session().scalar(select(func.count()).select_from(select(Comment.id).where(lately, *wanted).limit(MOST_COUNTED).subquery())) or 0


def _rules() -> Rules:
    tuned = settings.read(CommentSettings)
    return Rules(
        holds_first=tuned.holds_first,
        links_to_hold=tuned.links_held,
        held_words=_lines(tuned.held_words),
        refused_words=_lines(tuned.refused_words),
    )


def _lines(words: str) -> list[str]:
    return [line.strip() for line in words.splitlines() if line.strip()]
