"""Reads of posts, for readers and for the desk."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import defer, joinedload, selectinload, undefer
from sqlalchemy.orm.strategy_options import _AbstractLoad

from inkhorn.accounts.models import User
from inkhorn.core.access import Actor
from inkhorn.core.database import session
from inkhorn.media.models import Asset
from inkhorn.posts.models import Byline, Post, PostKind, Revision, Series, Status, Tag, post_tag

Sort = Literal["changed", "published", "title"]


_post = Post.__table__.c
# The one rule of what anybody may read, and of what stands in lists and feeds; whatever narrows it later is written here.
PUBLIC: ColumnElement[bool] = _post.status == Status.PUBLISHED
LIVE: ColumnElement[bool] = and_(_post.kind == PostKind.POST, PUBLIC)


def with_card() -> tuple[_AbstractLoad, ...]:
    """Loads what a list shows of a post: authors, tags, cover and its renditions, in four queries for any number of posts."""
    return (
        selectinload(Post.bylines).joinedload(Byline.user).lazyload(User.roles),
        selectinload(Post.tags),
        joinedload(Post.series),
        joinedload(Post.cover).selectinload(Asset.renditions),
    )


def with_text() -> tuple[_AbstractLoad, ...]:
    """Loads the HTML and its contents along with the post."""
    return undefer(Post.html), undefer(Post.contents)


def with_source() -> tuple[_AbstractLoad, ...]:
    """Loads the Markdown along with the post, for the editor."""
    return (undefer(Post.body),)


def published_posts() -> Select[Post]:
    """What anybody may read, newest first."""
    return select(Post).where(LIVE).order_by(Post.published_at.desc(), Post.id.desc())


def posts_visible_to(actor: Actor) -> Select[Post]:
    """Every post and page that the actor may read, in no order."""
    return select(Post).where(visible_to(actor))


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The rule of posts_visible_to as a condition for other queries."""
    if actor.may("posts.edit_any"):
        return true()
    return or_(PUBLIC, _written_by(actor)) if actor.may("posts.write") else PUBLIC


def posts_editable_by(actor: Actor) -> ColumnElement[bool]:
    if actor.may("posts.edit_any"):
        return true()
    return _written_by(actor) if actor.may("posts.write") else false()


def _written_by(actor: Actor) -> ColumnElement[bool]:
    by_line = select(Byline.post_id).where(Byline.user_id == actor.id, Byline.post_id == Post.id).exists()
    return or_(Post.created_by_id == actor.id, by_line)


def desk_posts(
    actor: Actor,
    *,
    kind: PostKind = PostKind.POST,
    status: Status | None = None,
    search: str = "",
    author_id: int | None = None,
    tag_id: int | None = None,
    sort: Sort = "changed",
) -> Select[Post]:
    """The desk's list; without a state it holds everything but the trash."""
    query = select(Post).where(Post.kind == kind, posts_editable_by(actor))
    query = query.where(Post.status == status) if status else query.where(Post.status != Status.TRASHED)
    for word in search.split()[:8]:
        query = query.where(or_(Post.title.icontains(word, autoescape=True), Post.body.icontains(word, autoescape=True)))
    if author_id:
        query = query.where(select(Byline.post_id).where(Byline.user_id == author_id, Byline.post_id == Post.id).exists())
    if tag_id:
        query = query.where(select(post_tag.c.post_id).where(post_tag.c.tag_id == tag_id, post_tag.c.post_id == Post.id).exists())
    orders: dict[Sort, tuple[Any, ...]] = {
        "changed": (Post.updated_at.desc(), Post.id.desc()),
        "published": (Post.published_at.desc().nulls_last(), Post.id.desc()),
        "title": (func.lower(Post.title), Post.id),
    }
    return query.order_by(*orders[sort])


def status_counts(actor: Actor, kind: PostKind = PostKind.POST) -> dict[Status, int]:
    """How many posts of each state the actor may edit; absent states are 0."""
    query = select(Post.status, func.count()).where(Post.kind == kind, posts_editable_by(actor)).group_by(Post.status)
    counts = dict.fromkeys(Status, 0)
    for status, count in session().execute(query):
        counts[status] = count
    return counts


def posts_due(now: datetime) -> Select[Post]:
    """Scheduled posts whose hour has come, oldest promise first."""
    return select(Post).where(Post.status == Status.SCHEDULED, Post.release_at <= now).order_by(Post.release_at, Post.id)


def posts_stale(pipeline: int) -> Select[Post]:
    """Posts whose HTML an older pipeline made."""
    return select(Post).where(Post.pipeline < pipeline).order_by(Post.pipeline, Post.id)


def posts_showing(path: str) -> Select[Post]:
    """Posts whose text names a picture; a scan of the texts, for jobs only."""
    return select(Post).where(Post.body.contains(path, autoescape=True)).order_by(Post.id)


def post_with_source(number: int) -> Select[Post]:
    """One post with its Markdown, for rendering."""
    return select(Post).options(*with_source()).where(Post.id == number)


def trash_older_than(moment: datetime) -> Select[Post]:
    return select(Post).where(Post.status == Status.TRASHED, Post.trashed_at < moment).order_by(Post.id)


def revisions_of(post: Post) -> Select[Revision]:
    """The kept versions, the latest first; each one's text is read when it is asked for, since a hundred may be listed."""
    return select(Revision).options(defer(Revision.body)).where(Revision.post_id == post.id).order_by(Revision.number.desc())


def tag_by_slug(slug: str) -> Tag | None:
    return session().scalars(select(Tag).where(Tag.slug == slug)).one_or_none()


def all_tags() -> Select[Tag]:
    return select(Tag).order_by(func.lower(Tag.name), Tag.id)


def all_series() -> Select[Series]:
    return select(Series).order_by(func.lower(Series.title), Series.id)


def posts_tagged(tag: Tag) -> Select[Post]:
    return published_posts().join(post_tag, and_(post_tag.c.post_id == Post.id, post_tag.c.tag_id == tag.id))


def posts_by_author(user: User) -> Select[Post]:
    return published_posts().join(Byline, and_(Byline.post_id == Post.id, Byline.user_id == user.id))
