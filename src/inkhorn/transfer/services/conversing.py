"""Carries the comments of a manuscript over: who wrote them is looked up, and what is here already stays as it is."""

from collections.abc import Iterable

from sqlalchemy import select

from inkhorn.accounts.models import User
from inkhorn.comments.models import LONGEST_BODY, LONGEST_EMAIL, LONGEST_NAME, CommentKind, State
from inkhorn.comments.services.importing import ArrivedComment, batched, keys_here, take_in_comments
from inkhorn.core.database import session
from inkhorn.posts.models import Post
from inkhorn.transfer.manuscript import ForeignComment, Manuscript, Problem
from inkhorn.transfer.services.fitting import LONGEST_AUTHOR_KEY, LONGEST_KEY, one_line, short_key, writable
from inkhorn.transfer.services.journey import Journey

LONGEST_WEBSITE = 2000


def carry_comments(journey: Journey, manuscript: Manuscript, post_id: int | None) -> None:
    """Take in the comments that are not here yet, or only count them in a dry run; nobody is written to."""
    arrived = [_arrived(journey, manuscript, comment) for comment in manuscript.comments]
    here = keys_here(journey.source, [comment.key for comment in arrived])
    for comment in arrived:
        noun = "comments" if comment.kind is CommentKind.COMMENT else "pings"
        journey.report.count(noun, "unchanged" if comment.key in here else "new")
    if journey.options.is_dry_run or post_id is None or here.issuperset(comment.key for comment in arrived):
        return
    people = _people(comment.email for comment in arrived)
    known = [comment.written_by(people.get(comment.email)) for comment in arrived]
    take_in_comments(session().get_one(Post, post_id), known, origin=journey.source)


def _arrived(journey: Journey, manuscript: Manuscript, comment: ForeignComment) -> ArrivedComment:
    body = writable(comment.text)
    if len(body) > LONGEST_BODY:
        why = f"A comment was cut at {LONGEST_BODY:,} characters."
        journey.report.note(Problem("changed", f"{manuscript.key}, comment {comment.key[:40]}", "comment-too-long", why))
        body = body[: LONGEST_BODY - 1].rstrip() + "…"
    is_usable = "@" in comment.email and len(comment.email) <= LONGEST_EMAIL and comment.email.isprintable()
    author_key = short_key(comment.author_key, LONGEST_AUTHOR_KEY) if comment.author_key else ""
    return ArrivedComment(
        key=short_key(writable(comment.key), LONGEST_KEY),
        parent_key=short_key(writable(comment.parent_key), LONGEST_KEY) if comment.parent_key else None,
        kind=CommentKind(comment.kind),
        state=State(comment.state),
        name=one_line(comment.name)[:LONGEST_NAME],
        email=comment.email if is_usable else "",
        website=comment.website if comment.website and len(comment.website) <= LONGEST_WEBSITE and comment.website.isprintable() else None,
        user_id=journey.authors.get(author_key) or None,
        body=body,
        written_at=comment.written_at or manuscript.published_at,
    )


def _people(emails: Iterable[str]) -> dict[str, int]:
    """The number of each account that one of these addresses belongs to."""
    wanted = sorted({email for email in emails if email})
    found: dict[str, int] = {}
    for chunk in batched(wanted):
        found |= {email or "": number for email, number in session().execute(select(User.email, User.id).where(User.email.in_(chunk)))}
    return found
