"""What becomes of somebody's posts when the account ends: handed to an heir, or removed; and where their old addresses lead."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import delete, exists, func, literal, select, update

from inkhorn.accounts.models import User
from inkhorn.accounts.services.sessions import InTheirName
from inkhorn.core import audit, clock
from inkhorn.core.access import House
from inkhorn.core.database import UtcDateTime, insert_into, session
from inkhorn.posts.events import post_purged, post_unpublished, posts_handed_over
from inkhorn.posts.models import Address, Byline, Post, Revision, Status
from inkhorn.posts.queries import written_by
from inkhorn.posts.services.showing import forget_shown

# Databases bound how many values one statement may carry.
BATCH = 500
# What readers may have met; see addresses.is_known_to_readers().
KNOWN = (Status.PUBLISHED, Status.UNPUBLISHED, Status.TRASHED)
NAMED = Byline.__table__.alias("named")


def hand_over_posts(user: User, heir: User) -> int:
    """Make the heir the author of all that the user wrote; how many posts that were."""
    number = session().scalar(select(func.count()).select_from(Post).where(written_by(user))) or 0
    both = select(NAMED.c.post_id).where(NAMED.c.user_id == heir.id)
    _run(update(Byline).where(Byline.user_id == user.id, Byline.post_id.not_in(both)).values(user_id=heir.id))
    # Where both were named the heir is named already.
    _run(delete(Byline).where(Byline.user_id == user.id))
    _run(update(Post).where(Post.created_by_id == user.id).values(created_by_id=heir.id, updated_at=Post.updated_at))
    _forget_in_revisions(user)
    if number:
        audit.record(InTheirName(heir), "posts.handed_over", user, posts=number)
        posts_handed_over.send(user, heir=heir)
    return number


def remove_posts(user: User) -> int:
    """Remove what the user alone wrote, whatever its state; what was written with others stays theirs. How many posts went."""
    others = exists().where(Byline.post_id == Post.id, Byline.user_id != user.id)
    alone = list(session().scalars(select(Post.id).where(written_by(user), ~others).order_by(Post.id)))
    for numbers in _batches(alone):
        _purge(numbers)
    _run(delete(Byline).where(Byline.user_id == user.id))
    _forget_in_revisions(user)
    return len(alone)


def lead_author(before: str, after: str | None) -> None:
    """Let the page of an author who has another username, or an heir, lead on for ever; without either it says that it is gone."""
    path, target = author_path(before), author_path(after) if after else None
    # The new address is a page again, if it ever was an old one.
    _run(delete(Address).where(Address.path == target, Address.post_id.is_(None)))
    # Whatever led here before leads straight to where the page is now.
    _run(update(Address).where(Address.target == path).values(target=target))
    row = insert_into(Address).values(path=path, target=target, created_at=clock.now())
    session().execute(row.on_conflict_do_update(index_elements=[Address.path], set_={"target": target, "post_id": None}))


def author_path(username: str) -> str:
    return f"/author/{username}/"


def _purge(numbers: Sequence[int]) -> None:
    """As purge_post() does for one, so that many are gone within the moment that a transaction may take."""
    posts = session().scalars(select(Post).where(Post.id.in_(numbers)).order_by(Post.id)).all()
    known = select(Post.path, literal(clock.now(), UtcDateTime())).where(
        Post.id.in_(numbers), Post.path.is_not(None), Post.published_at.is_not(None), Post.status.in_(KNOWN)
    )
    kept = insert_into(Address).from_select(["path", "created_at"], known)
    session().execute(kept.on_conflict_do_nothing())
    _run(update(Address).where(Address.post_id.in_(numbers)).values(post_id=None))
    forget_shown(numbers)
    for post in posts:
        if post.is_live:
            post_unpublished.send(post)
        audit.record(House(), "posts.purged", post, uuid=post.uuid)
        post_purged.send(post)
    session().flush()
    for post in posts:
        session().expunge(post)
    _run(delete(Post).where(Post.id.in_(numbers)))


def _forget_in_revisions(user: User) -> None:
    _run(update(Revision).where(Revision.saved_by_id == user.id).values(saved_by_label=""))


def _batches(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), BATCH):
        yield numbers[start : start + BATCH]


def _run(statement: Any) -> None:
    session().execute(statement.execution_options(synchronize_session=False))
