"""Takes in comments that were written on another site, with their threads, states and dates; nobody is written to."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from sqlalchemy import Select, select

from inkhorn.comments.events import comment_imported
from inkhorn.comments.models import Comment, CommentKind, GoneComment, Guest, State
from inkhorn.comments.services.digests import text_digest
from inkhorn.comments.services.threading import put_in_place, show_in_thread
from inkhorn.core import clock, remarks
from inkhorn.core.database import insert_into, session
from inkhorn.posts.models import Post

CHUNK = 500


@dataclass(frozen=True, kw_only=True)
class ArrivedComment:
    """A comment as its source has it, in our terms; every text fits its column."""

    key: str
    parent_key: str | None = None
    kind: CommentKind = CommentKind.COMMENT
    state: State = State.APPROVED
    name: str = ""
    # In lower case; "" where none is known.
    email: str = ""
    website: str | None = None
    user_id: int | None = None
    body: str = ""
    written_at: datetime | None = None

    def written_by(self, user_id: int | None) -> Self:
        """The same, by the account of that number where there is one."""
        return replace(self, user_id=user_id) if user_id is not None else self


def keys_here(origin: str, keys: Sequence[str]) -> set[str]:
    """Which of these comments of the source are here already, or were and have been removed for good."""
    gone = {key for some in batched(keys) for key in session().scalars(_gone(origin, some))}
    return set(_numbers(origin, keys)) | gone


def remember_gone(comment: Comment) -> None:
    """Keep an imported comment that is removed for good from coming back with the next import."""
    if comment.origin is not None and comment.origin_key is not None:
        made = insert_into(GoneComment).values(origin=comment.origin, origin_key=comment.origin_key)
        session().execute(made.on_conflict_do_nothing())


def take_in_comments(post: Post, arrived: Sequence[ArrivedComment], *, origin: str) -> list[Comment]:
    """Make comments of those that are not here yet; each stands after the one it answers."""
    numbers = _numbers(origin, [comment.key for comment in arrived])
    here = keys_here(origin, [comment.key for comment in arrived])
    fresh = [comment for comment in arrived if comment.key not in here]
    guests = _guests(comment.email for comment in fresh if comment.user_id is None)
    made: dict[str, Comment] = {}
    for each in fresh:
        parent = _parent(each, post, made, numbers)
        made[each.key] = comment = _comment_of(each, post, parent, guests)
        comment.origin, comment.origin_key = origin, each.key
        session().add(comment)
        session().flush()
        put_in_place(comment)
        if comment.is_approved:
            show_in_thread(comment)
    session().flush()
    for comment in made.values():
        comment_imported.send(comment)
    return list(made.values())


def _comment_of(each: ArrivedComment, post: Post, parent: Comment | None, guests: dict[str, int]) -> Comment:
    body = remarks.tidy_remark(each.body)
    is_removed = each.state in (State.SPAM, State.TRASHED)
    written = each.written_at or post.published_at or clock.now()
    return Comment(
        post=post,
        kind=each.kind,
        state=each.state,
        parent=parent,
        user_id=each.user_id,
        guest_id=guests.get(each.email) if each.user_id is None else None,
        name=each.name,
        website=each.website if each.website and re.match(r"https?://", each.website) else None,
        body=body,
        html=remarks.render_remark(body).html,
        text_digest=text_digest(body),
        created_at=written,
        approved_at=written if each.state is State.APPROVED else None,
        trashed_at=clock.now() if is_removed else None,
        cause="imported" if each.state is State.WAITING else None,
        reason="It waited where it was imported from" if each.state is State.WAITING else "",
    )


def _parent(each: ArrivedComment, post: Post, made: dict[str, Comment], numbers: dict[str, int]) -> Comment | None:
    """What it answers, if that stands under the same post and is a word of the same kind."""
    if each.parent_key is None:
        return None
    number = numbers.get(each.parent_key)
    parent = made.get(each.parent_key) or (session().get(Comment, number) if number else None)
    return parent if parent is not None and parent.post_id == post.id and parent.kind is each.kind else None


def _numbers(origin: str, keys: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for some in batched(keys):
        asked = select(Comment.origin_key, Comment.id).where(Comment.origin == origin, Comment.origin_key.in_(some))
        found |= {key or "": number for key, number in session().execute(asked)}
    return found


def _gone(origin: str, keys: Sequence[str]) -> Select[str]:
    return select(GoneComment.origin_key).where(GoneComment.origin == origin, GoneComment.origin_key.in_(keys))


def _guests(emails: Iterable[str]) -> dict[str, int]:
    """The number of a guest for each address; one that nobody has confirmed is no more than that."""
    wanted = sorted({email for email in emails if email})
    found: dict[str, int] = {}
    for chunk in batched(wanted):
        made = insert_into(Guest).values([{"email": email, "created_at": clock.now()} for email in chunk])
        session().execute(made.on_conflict_do_nothing(index_elements=[Guest.email]))
        found |= dict(session().execute(select(Guest.email, Guest.id).where(Guest.email.in_(chunk))).tuples().all())
    return found


def batched(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """A few at a time, since databases bound how many a query may carry."""
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]
