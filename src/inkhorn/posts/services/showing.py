"""Which uploads a post shows, said to the room that keeps them, and where somebody may look at it."""

from collections.abc import Sequence

from sqlalchemy import select

from inkhorn.core.access import Actor
from inkhorn.core.database import session
from inkhorn.media.models import Asset, Reach, Usage
from inkhorn.media.queries import NAME_IN_PATH, Use
from inkhorn.media.services import usage
from inkhorn.posts.models import Audience, Post, Status
from inkhorn.posts.queries import posts_editable_by, visible_to

ROOM = "posts"
MOST_TOLD = 50
_REACHES = {Audience.PUBLIC: Reach.PUBLIC, Audience.MEMBERS: Reach.MEMBERS, Audience.PRIVATE: Reach.STAFF}


def reach_of(post: Post) -> Reach:
    """Whom the files of a post are handed to: a draft for everybody holds nothing back, since nobody knows the addresses in it yet."""
    if post.status in (Status.UNPUBLISHED, Status.TRASHED):
        # Known to whoever read it, and withdrawn from them.
        return Reach.STAFF
    if post.audience is Audience.PUBLIC and post.status is not Status.PUBLISHED:
        return Reach.NOBODY
    return _REACHES[post.audience]


def note_shown(post: Post, *, is_new: bool = False) -> None:
    """Note the uploads that the post names in its text or has as its cover."""
    named = NAME_IN_PATH.findall(f"{post.cover_url or ''} {post.body}")
    cover = [post.cover_id] if post.cover_id is not None else []
    usage.note_usages(ROOM, post.id, uuids=named, asset_ids=cover, reach=reach_of(post), is_new=is_new)


def note_reach(post: Post) -> None:
    """Note who may read the post now."""
    usage.set_reach(ROOM, post.id, reach_of(post))


def forget_shown(post_ids: Sequence[int]) -> None:
    """Nothing is shown any more by posts that go for good."""
    usage.forget_usages(ROOM, post_ids)


def uses_of(asset: Asset, actor: Actor) -> list[Use]:
    """Where the posts show an upload: with an address for whom they may be edited by, counted without a title for whom they may not be seen by."""
    shown = select(Usage.noun_id).where(Usage.asset_id == asset.id, Usage.room == ROOM)
    asked = select(Post.id, Post.title, Post.path, visible_to(actor), posts_editable_by(actor)).where(Post.id.in_(shown))
    found = []
    for number, title, path, is_visible, is_editable in session().execute(asked.order_by(Post.updated_at.desc()).limit(MOST_TOLD)):
        address = f"/desk/posts/{number}/edit" if is_editable else path if is_visible else None
        found.append(Use(ROOM, title if is_visible or is_editable else "", address))
    return found
