"""What somebody may do with a post, and the one door through which an edge gets one."""

from collections.abc import Callable
from typing import Any

from inkhorn.core.access import Actor, Forbidden
from inkhorn.core.database import is_writing, session
from inkhorn.core.errors import NotFound
from inkhorn.posts.models import Post
from inkhorn.posts.queries import with_card, with_source, with_text

LARGEST_ID = 2**31 - 1

Question = Callable[[Actor, Post], bool]


def can_see_post(actor: Actor, post: Post) -> bool:
    return post.is_live or can_edit_post(actor, post)


def can_edit_post(actor: Actor, post: Post) -> bool:
    return actor.may("posts.edit_any") or (actor.may("posts.write") and _wrote(actor, post))


def can_publish_post(actor: Actor, post: Post) -> bool:
    return actor.may("posts.publish") and can_edit_post(actor, post)


def can_trash_post(actor: Actor, post: Post) -> bool:
    return can_publish_post(actor, post) if post.is_live else can_edit_post(actor, post)


def can_purge_post(actor: Actor, post: Post) -> bool:
    return actor.may("posts.purge_any") and can_edit_post(actor, post)


def get_post_for(actor: Actor, post_id: int, *, can: Question) -> Post:
    """The post, with card, text and source loaded; NotFound for strangers, Forbidden for those who may at least see it at the desk."""
    post = None
    if 0 < post_id <= LARGEST_ID:
        # Inside a transaction the row is held, so that of two moves at once the second sees what the first did.
        held: dict[str, Any] = {"with_for_update": {"of": Post}, "populate_existing": True} if is_writing() else {}
        post = session().get(Post, post_id, options=(*with_card(), *with_text(), *with_source()), **held)
    if post is None or not (can(actor, post) or can_edit_post(actor, post)):
        raise NotFound("There is no such post, or it is not yours to see.")
    if not can(actor, post):
        raise Forbidden("You may edit this post, but not do that with it. Ask an editor.")
    return post


def _wrote(actor: Actor, post: Post) -> bool:
    return actor.id is not None and (post.created_by_id == actor.id or any(line.user_id == actor.id for line in post.bylines))
