"""Makes posts for tests, committed unless a transaction is open."""

from typing import Any

from inkhorn.core.access import Actor, House
from inkhorn.core.database import session, transaction
from inkhorn.posts.models import Post, PostKind, Status
from inkhorn.posts.services.publishing import publish_post, trash_post, unpublish_post
from inkhorn.posts.services.writing import PostChanges, draft_post, revise_post


def make_post(
    *,
    by: Actor | None = None,
    title: str = "The clock that is fed by the sea",
    body: str = "It does not tick.\n\nIt draws the sea.",
    status: Status = Status.DRAFT,
    kind: PostKind = PostKind.POST,
    at: Any = None,
    **changes: Any,
) -> Post:
    """A post in the state asked for, made by the verbs of the house; further keywords are PostChanges."""
    with transaction():
        actor = by or House()
        post = draft_post(by=actor, kind=kind, title=title, body=body)
        if changes:
            revise_post(post, PostChanges(**changes), by=actor, against=post.revision)
        move_to(post, status, by=actor, at=at)
        session().flush()
    return post


def move_to(post: Post, status: Status, *, by: Actor, at: Any = None) -> None:
    if status in (Status.PUBLISHED, Status.SCHEDULED, Status.UNPUBLISHED):
        publish_post(post, by=by, at=at)
    if status is Status.UNPUBLISHED:
        unpublish_post(post, by=by)
    if status is Status.TRASHED:
        publish_post(post, by=by, at=at)
        trash_post(post, by=by)
