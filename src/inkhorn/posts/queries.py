"""Reads of posts, for readers and for the desk."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    BindParameter,
    Boolean,
    ColumnElement,
    FromClause,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    false,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.orm import defer, joinedload, selectinload, undefer
from sqlalchemy.orm.strategy_options import _AbstractLoad

from inkhorn.accounts.models import Follow, User
from inkhorn.accounts.queries import writers
from inkhorn.core import kept_counts
from inkhorn.core.access import Actor
from inkhorn.core.database import session
from inkhorn.media.models import Asset, Usage
from inkhorn.posts.events import posts_sought
from inkhorn.posts.models import LONGEST_PATH, Address, Audience, Byline, Post, PostKind, Revision, Series, Status, Tag, post_tag

Sort = Literal["changed", "published", "title"]

# Up to so many posts of an author, of a tag or of all whom somebody follows are gathered one by one.
FEW_LINKS = 2_000

_post = Post.__table__.c
# The one rule of what may be read, and of what stands in lists and feeds; whatever narrows it later is written here.
PUBLISHED: ColumnElement[bool] = _post.status == Status.PUBLISHED
# What anybody may read.
PUBLIC: ColumnElement[bool] = and_(PUBLISHED, _post.audience == Audience.PUBLIC)
# What a member may read.
FOR_MEMBERS: ColumnElement[bool] = and_(PUBLISHED, _post.audience.in_((Audience.PUBLIC, Audience.MEMBERS)))
# Given with a statement that was built beforehand, where it is read for a member; without it the reader is none.
IS_MEMBER: BindParameter[bool] = bindparam("is_member", value=False, type_=Boolean())
LIVE: ColumnElement[bool] = and_(
    _post.kind == PostKind.POST,
    PUBLISHED,
    or_(_post.audience == Audience.PUBLIC, and_(_post.audience == Audience.MEMBERS, IS_MEMBER)),
)


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
    readable = FOR_MEMBERS if actor.may("members.read") else PUBLIC
    return or_(readable, _written_by(actor)) if actor.may("posts.write") else readable


def posts_editable_by(actor: Actor) -> ColumnElement[bool]:
    if actor.may("posts.edit_any"):
        return true()
    return _written_by(actor) if actor.may("posts.write") else false()


def _written_by(actor: Actor) -> ColumnElement[bool]:
    if actor.id is None:
        # Else it would be read as IS NULL, and what nobody is known to have written would be theirs.
        return false()
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
    if search.strip():
        # The title as well, which is found in any part and before the index has it.
        in_title = and_(*(Post.title.icontains(word, autoescape=True) for word in search.split()[:8]))
        query = query.where(or_(in_title, *(condition for _listener, condition in posts_sought.send(search))))
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
    whose = "anybody's" if actor.may("posts.edit_any") else actor.id if actor.may("posts.write") else "nobody's"
    return dict(kept_counts.once((status_counts, kind, whose), lambda: _count_states(actor, kind)))


def _count_states(actor: Actor, kind: PostKind) -> dict[Status, int]:
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


def posts_showing(asset_id: int) -> Select[Post]:
    """Posts that are known to show an upload."""
    shown = select(Usage.noun_id).where(Usage.asset_id == asset_id, Usage.room == "posts")
    return select(Post).where(Post.id.in_(shown)).order_by(Post.id)


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


def moment_of(links: FromClause) -> ScalarSelect[datetime | None]:
    """When the linked post appeared, if readers may see it; asked link by link, since a join would be begun from all posts."""
    return select(_post.published_at).where(_post.id == links.c.post_id, LIVE).correlate(links).scalar_subquery()


def gathered(links: FromClause, wanted: ColumnElement[bool], *, is_distinct: bool = False) -> Select[int]:
    """Numbers of the posts that something is linked with, newest first, link by link: for what has few."""
    linked = select(links.c.post_id.label("id"), moment_of(links).label("moment")).where(wanted)
    rows = (linked.distinct() if is_distinct else linked).subquery()
    return select(rows.c.id).where(rows.c.moment.is_not(None)).order_by(rows.c.moment.desc(), rows.c.id.desc())


def posts_by_followed(follower_id: int, *, is_many: bool, most: int) -> Select[Post]:
    """The newest that the authors publish whom somebody follows; many are met soon by walking from the newest on, few are gathered."""
    if is_many:
        followed = select(Follow.author_id).where(Follow.follower_id == follower_id, Follow.author_id == Byline.user_id).exists()
        return published_posts().where(select(Byline.post_id).where(Byline.post_id == Post.id, followed).exists())
    links = Byline.__table__.alias("of_followed")
    theirs = links.c.user_id.in_(select(Follow.author_id).where(Follow.follower_id == follower_id))
    newest = gathered(links, theirs, is_distinct=True).limit(most).subquery()
    # Without the rule once more, which would tempt SQLite to walk all that is published.
    return select(Post).where(Post.id.in_(select(newest.c.id))).order_by(Post.published_at.desc(), Post.id.desc())


def follows_much(follower_id: int) -> bool:
    """Whether those whom somebody follows have more than FEW_LINKS posts between them."""
    theirs = select(Byline.post_id).where(Byline.user_id.in_(select(Follow.author_id).where(Follow.follower_id == follower_id)))
    return (session().scalar(select(func.count()).select_from(theirs.limit(FEW_LINKS + 1).subquery())) or 0) > FEW_LINKS


def is_author(user: User) -> bool:
    """Whether readers know the person as an author."""
    return session().scalar(posts_by_author(user).with_only_columns(Post.id).order_by(None).limit(1)) is not None


def posts_written_by(user: User) -> Select[Post]:
    """All that names the person as an author, and what they began and nobody is named for; whatever its state, in the order it was begun."""
    return select(Post).where(written_by(user)).order_by(Post.id)


def written_by(user: User) -> ColumnElement[bool]:
    named = select(Byline.post_id).where(Byline.post_id == Post.id, Byline.user_id == user.id).exists()
    nobody = ~select(Byline.post_id).where(Byline.post_id == Post.id).exists()
    # Whoever began a post that others are named for did not write it.
    return or_(named, and_(Post.created_by_id == user.id, nobody))


def address_at(path: str) -> Address | None:
    """What is known of a path that was given out."""
    return session().get(Address, path) if len(path) <= LONGEST_PATH and "\0" not in path else None


def tag_seen_by(actor: Actor) -> ColumnElement[bool]:
    """Tags of what the actor may read; all of them for whoever writes, who is offered them in the editor."""
    post, line = Post.__table__.c, post_tag.c
    carried = select(line.post_id).where(line.tag_id == Tag.id, line.post_id == post.id, post.status == Status.PUBLISHED, visible_to(actor))
    return true() if actor.may("posts.write") else carried.correlate(Tag.__table__).exists()


def series_seen_by(actor: Actor) -> ColumnElement[bool]:
    """Series of what the actor may read; all of them for whoever writes."""
    post = Post.__table__.c
    carried = select(post.id).where(post.series_id == Series.id, post.status == Status.PUBLISHED, visible_to(actor))
    return true() if actor.may("posts.write") else carried.correlate(Series.__table__).exists()


def author_seen_by(actor: Actor) -> ColumnElement[bool]:
    """Whoever wrote something that the actor may read; for those who write, whoever can be named as an author."""
    # Under a name of its own, since the rule of what may be read looks at bylines too.
    line, post = Byline.__table__.alias("line").c, Post.__table__.c
    wrote = select(line.post_id).where(line.user_id == User.id, post.id == line.post_id, post.status == Status.PUBLISHED, visible_to(actor))
    carried: ColumnElement[bool] = wrote.correlate(User.__table__).exists()
    named = writers().whereclause if actor.may("posts.write") else None
    return carried if named is None else or_(carried, named)
