"""A post's way to its readers and back: publish, schedule, release, unpublish, trash, restore, purge."""

from datetime import datetime

from sqlalchemy import update

from inkhorn.core import audit, clock
from inkhorn.core.access import Actor
from inkhorn.core.database import session
from inkhorn.core.errors import Conflict, Invalid
from inkhorn.posts.events import post_published, post_purged, post_restored, post_scheduled, post_trashed, post_unpublished
from inkhorn.posts.models import Address, Post, PostKind, Status
from inkhorn.posts.services.addresses import is_known_to_readers, keep_address, settle_first_path
from inkhorn.posts.services.showing import forget_shown, note_reach
from inkhorn.posts.services.writing import PostChanges, begin_post, keep_new_post

LAST_YEAR = 9000


class PostNotReady(Invalid):
    """Something is missing that readers would miss."""

    status = 422

    def __init__(self, missing: list[str]) -> None:
        super().__init__(f"Before it can be published this post needs {', '.join(missing)}.", field="title")


class IllegalMove(Conflict):
    """The post does not stand where this could be done with it."""

    def __init__(self, post: Post, wanted: str) -> None:
        super().__init__(f"A post that is {post.status.value} cannot be {wanted}. Somebody may have moved it meanwhile.")


def publish_post(post: Post, *, by: Actor, at: datetime | None = None) -> None:
    """Promise a post to its readers, now or at the given hour; PostNotReady if something is missing."""
    _refuse_unless(post, Status.DRAFT, Status.SCHEDULED, Status.UNPUBLISHED, wanted="published")
    if post.missing:
        raise PostNotReady(post.missing)
    if at is not None and at.year > LAST_YEAR:
        raise Invalid("That date is too far away to be kept.", field="release_at")
    now = clock.now()
    post.status, post.release_at = Status.SCHEDULED, at or now
    if post.release_at <= now:
        audit.record(by, "posts.published", post)
        release_post(post)
    else:
        settle_first_path(post)
        session().flush()
        audit.record(by, "posts.scheduled", post, release_at=post.release_at.isoformat())
        post_scheduled.send(post)


def publish_new_post(changes: PostChanges, *, by: Actor, kind: PostKind = PostKind.POST) -> Post:
    """Write a post and put it before its readers, as draft_post() and publish_post() would, in one version and one row written once."""
    post = begin_post(changes, by=by, kind=kind)
    if post.missing:
        raise PostNotReady(post.missing)
    post.status, post.published_at = Status.PUBLISHED, clock.now()
    # With its address goes the one that readers know.
    keep_new_post(post, changes, by=by)
    audit.record(by, "posts.published", post)
    post_published.send(post, is_first=True)
    return post


def release_post(post: Post) -> None:
    """Put a promised post before its readers; the second half of publish_post, also called when the hour comes."""
    _refuse_unless(post, Status.SCHEDULED, wanted="released")
    post.status = Status.PUBLISHED
    # The permalink and the feeds carry this date, so a second publication must not move it.
    is_first = post.published_at is None
    post.published_at = post.published_at or post.release_at or clock.now()
    post.release_at, post.updated_at = None, clock.now()
    # What the move changes of the row is written once, when the path is settled.
    with session().no_autoflush:
        settle_first_path(post)
    keep_address(post)
    note_reach(post)
    post_published.send(post, is_first=is_first)


def unschedule_post(post: Post, *, by: Actor) -> None:
    """Take the promise back: a draft again, or unpublished if it once was public."""
    _refuse_unless(post, Status.SCHEDULED, wanted="unscheduled")
    post.status = Status.UNPUBLISHED if post.published_at else Status.DRAFT
    post.release_at = None
    _touch(post)
    audit.record(by, "posts.unscheduled", post)


def unpublish_post(post: Post, *, by: Actor) -> None:
    """Withdraw a post from its readers; its address answers 404 until it is published again."""
    _refuse_unless(post, Status.PUBLISHED, wanted="unpublished")
    post.status = Status.UNPUBLISHED
    _touch(post)
    audit.record(by, "posts.unpublished", post)
    post_unpublished.send(post)


def trash_post(post: Post, *, by: Actor) -> None:
    """Put a post aside for thirty days; its addresses answer 410 meanwhile."""
    if post.status is Status.TRASHED:
        raise IllegalMove(post, "trashed")
    was_live = post.is_live
    post.status_before_trash, post.status, post.trashed_at = post.status, Status.TRASHED, clock.now()
    _touch(post)
    audit.record(by, "posts.trashed", post)
    if was_live:
        post_unpublished.send(post)
    post_trashed.send(post)


def restore_post(post: Post, *, by: Actor) -> None:
    """Bring a post back to the state it was trashed in; one whose hour passed meanwhile comes back as a draft."""
    _refuse_unless(post, Status.TRASHED, wanted="restored")
    before = post.status_before_trash or Status.DRAFT
    if before is Status.SCHEDULED and (post.release_at is None or post.release_at <= clock.now()):
        before, post.release_at = Status.DRAFT, None
    post.status, post.status_before_trash, post.trashed_at = before, None, None
    _touch(post)
    audit.record(by, "posts.restored", post)
    post_restored.send(post)
    if before is Status.PUBLISHED:
        post_published.send(post, is_first=False)


def purge_post(post: Post, *, by: Actor) -> None:
    """Remove a trashed post for good; each address that readers knew says from now on that it is gone."""
    _refuse_unless(post, Status.TRASHED, wanted="removed for good")
    if is_known_to_readers(post):
        keep_address(post)
    session().flush()
    session().execute(update(Address).where(Address.post_id == post.id).values(post_id=None))
    audit.record(by, "posts.purged", post, uuid=post.uuid)
    forget_shown([post.id])
    post_purged.send(post)
    session().delete(post)
    session().flush()


def _refuse_unless(post: Post, *allowed: Status, wanted: str) -> None:
    if post.status not in allowed:
        raise IllegalMove(post, wanted)


def _touch(post: Post) -> None:
    post.updated_at = clock.now()
    session().flush()
    note_reach(post)
