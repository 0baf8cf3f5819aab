"""What somebody may do with a post, and the one door through which an edge gets one."""

from collections.abc import Callable
from typing import Any, TypeVar

from inkhorn.core.access import Actor, Forbidden
from inkhorn.core.database import is_writing, session
from inkhorn.core.errors import NotFound
from inkhorn.posts.models import Audience, Post, Series, Tag
from inkhorn.posts.queries import with_card, with_source, with_text

LARGEST_ID = 2**31 - 1

Label = TypeVar("Label", Tag, Series)
Question = Callable[[Actor, Post], bool]


def can_see_post(actor: Actor, post: Post) -> bool:
    is_readable = post.is_public or (post.is_live and post.audience is Audience.MEMBERS and actor.may("members.read"))
    return is_readable or can_edit_post(actor, post)


def can_edit_post(actor: Actor, post: Post) -> bool:
    return actor.may("posts.edit_any") or (actor.may("posts.write") and _wrote(actor, post))


def can_publish_post(actor: Actor, post: Post) -> bool:
    return actor.may("posts.publish") and can_edit_post(actor, post)


def can_publish_own_posts(actor: Actor) -> bool:
    """Of what the actor is about to begin; nobody's key has no posts of its own."""
    is_writer = actor.may("posts.edit_any") or (actor.may("posts.write") and actor.id is not None)
    return is_writer and actor.may("posts.publish")


def can_trash_post(actor: Actor, post: Post) -> bool:
    return can_publish_post(actor, post) if post.is_live else can_edit_post(actor, post)


def can_purge_post(actor: Actor, post: Post) -> bool:
    return actor.may("posts.purge_any") and can_edit_post(actor, post)


def can_change_labels(actor: Actor) -> bool:
    """Whoever edits everyone's posts looks after what they are sorted by."""
    return actor.may("posts.edit_any")


def get_label_for(actor: Actor, kind: type[Label], label_id: int) -> Label:
    """The tag or series, held while it is changed; NotFound where there is none, Forbidden for whoever may not change any."""
    label = session().get(kind, label_id, with_for_update=is_writing() or None) if 0 < label_id <= LARGEST_ID else None
    if label is None:
        raise NotFound("There is no such tag or series.")
    if not can_change_labels(actor):
        raise Forbidden("Tags and series are changed by editors.")
    return label


def get_post_for(actor: Actor, post_id: int, *, can: Question, is_shown: bool = True) -> Post:
    """The post; NotFound for strangers, Forbidden for those who may at least see it at the desk.

    Card, text and source are loaded, or the source alone where nothing of it is to be drawn.
    """
    post = None
    if 0 < post_id <= LARGEST_ID:
        # Inside a transaction the row is held, so that of two moves at once the second sees what the first did.
        loaded = (*with_card(), *with_text(), *with_source()) if is_shown else with_source()
        held: dict[str, Any] = {"with_for_update": {"of": Post}, "populate_existing": True} if is_writing() else {}
        post = session().get(Post, post_id, options=loaded, **held)
    if post is None or not (can(actor, post) or can_edit_post(actor, post)):
        raise NotFound("There is no such post, or it is not yours to see.")
    if not can(actor, post):
        raise Forbidden("You may edit this post, but not do that with it. Ask an editor.")
    return post


def _wrote(actor: Actor, post: Post) -> bool:
    return actor.id is not None and (post.created_by_id == actor.id or any(line.user_id == actor.id for line in post.bylines))
