"""The statements behind the public pages, built once: building one anew for each request costs more than drawing the page."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    FromClause,
    Integer,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    tuple_,
    union_all,
)

from inkhorn.accounts.models import Follow, User
from inkhorn.comments.models import Comment, CommentKind
from inkhorn.comments.queries import APPROVED
from inkhorn.core.database import UtcDateTime
from inkhorn.media.models import Asset, Avatar, Rendition
from inkhorn.posts.models import Address, Byline, Post, Series, Tag, post_tag
from inkhorn.posts.queries import FEW_LINKS, LIVE, PUBLIC, PUBLISHED, gathered, moment_of
from inkhorn.search.models import SearchEntry

AnySelect = Select[*tuple[Any, ...]]

post = Post.__table__.c
asset = Asset.__table__.c
series = Series.__table__.c
user = User.__table__.c
tag = Tag.__table__.c
byline = Byline.__table__.c
address = Address.__table__.c
rendition = Rendition.__table__.c
follow = Follow.__table__.c
avatar = Avatar.__table__.c
entry = SearchEntry.__table__.c
# The picture that stands for a person: a second look at the table that covers are in.
likeness = Asset.__table__.alias("likeness")

# Parts of a long series that a post's page shows on each side of its own, and how many make a series long.
PARTS_AROUND = 5
MANY_PARTS = 14

NEWEST_FIRST = (post.published_at.desc(), post.id.desc())
# The parts of a series.
IN_ORDER = (post.series_position.nulls_last(), post.published_at, post.id)
CARD = (
    post.id,
    post.title,
    post.path,
    post.language,
    post.excerpt,
    post.automatic_excerpt,
    post.words,
    post.reading_minutes,
    post.published_at,
    post.is_featured,
    post.audience,
    post.cover_url,
    post.cover_alt,
    post.cover_caption,
    series.title.label("series_title"),
    series.slug.label("series_slug"),
    asset.id.label("asset_id"),
    asset.key.label("asset_key"),
    asset.width.label("asset_width"),
    asset.height.label("asset_height"),
    asset.alt.label("asset_alt"),
    asset.caption.label("asset_caption"),
    asset.blur.label("asset_blur"),
    asset.focal_x.label("asset_focal_x"),
    asset.focal_y.label("asset_focal_y"),
)
TEXT = (
    post.uuid,
    post.kind,
    post.status,
    PUBLISHED.label("is_live"),
    PUBLIC.label("is_public"),
    # Under most posts nobody said anything, which is not asked for then.
    select(literal(1)).where(Comment.post_id == post.id).exists().label("is_talked_of"),
    post.html,
    post.contents,
    post.updated_at,
    post.canonical_url,
    post.meta_title,
    post.meta_description,
    post.series_id,
    post.takes_comments,
)


def _with_cover(start: FromClause) -> FromClause:
    joined = start.outerjoin(Series.__table__, series.id == post.series_id)
    return joined.outerjoin(Asset.__table__, asset.id == post.cover_id)


def _with_portrait(start: FromClause) -> FromClause:
    joined = start.outerjoin(Avatar.__table__, avatar.user_id == user.id)
    return joined.outerjoin(likeness, likeness.c.id == avatar.asset_id)


def _page_of(ids: AnySelect, total: ColumnElement[int], order: Sequence[ColumnElement[Any]] = ()) -> AnySelect:
    """The cards of a page whose numbers, in their order, are cut out first: what is turned past is never looked at."""
    page = ids.limit(bindparam("size")).offset(bindparam("skipped")).subquery()
    query = select(*CARD, total.label("total")).select_from(_with_cover(Post.__table__))
    return query.where(post.id.in_(select(page.c.id))).order_by(*(order or NEWEST_FIRST))


def _pages_along(links: FromClause, wanted: ColumnElement[bool]) -> dict[bool, AnySelect]:
    """The page of those posts that something is linked with; True for the shape that suits more than FEW_LINKS."""
    return {
        # Few are gathered one by one; of many, the newest are met soon by walking all posts from the newest on.
        False: _page_of(gathered(links, wanted), _count_of_few(links, wanted)),
        True: _page_of(select(post.id).where(LIVE, _is_linked(links, wanted)).order_by(*NEWEST_FIRST), _count_of_many(links, wanted)),
    }


def _is_linked(links: FromClause, wanted: ColumnElement[bool]) -> ColumnElement[bool]:
    return select(literal(1)).select_from(links).where(links.c.post_id == post.id, wanted).correlate_except(links).exists()


def _count_of_few(links: FromClause, wanted: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.count(moment_of(links))).select_from(links).where(wanted).scalar_subquery()


def _count_of_many(links: FromClause, wanted: ColumnElement[bool]) -> ColumnElement[int]:
    """All but those that readers may not see, which are the fewer."""
    linked = select(func.count()).select_from(links).where(wanted).scalar_subquery()
    hidden = select(func.count()).select_from(Post.__table__).where(not_(LIVE), _is_linked(links, wanted)).scalar_subquery()
    return linked - hidden


def _pages_of_followed() -> dict[bool, AnySelect]:
    """As _pages_along(), for many authors at once, who may have written some posts together; nobody needs to know how many in all."""
    theirs = OF_AUTHOR.c.user_id.in_(select(follow.author_id).where(follow.follower_id == WANTED))
    # Post by post the other way round: SQLite would put the list of authors together anew for each.
    is_followed = (
        select(literal(1)).where(follow.follower_id == WANTED, follow.author_id == OF_AUTHOR.c.user_id).correlate(OF_AUTHOR).exists()
    )
    walked = select(post.id).where(LIVE, _is_linked(OF_AUTHOR, is_followed)).order_by(*NEWEST_FIRST)
    return {False: _page_of(gathered(OF_AUTHOR, theirs, is_distinct=True), literal(0)), True: _page_of(walked, literal(0))}


def _followed() -> AnySelect:
    person = (
        user.name,
        user.username.label("slug"),
        literal("").label("bio"),
        null().label("website"),
        likeness.c.key.label("portrait_key"),
    )
    people = select(*person).select_from(_with_portrait(Follow.__table__.join(User.__table__, user.id == follow.author_id)))
    return people.where(follow.follower_id == WANTED).order_by(user.name, user.id)


def _front() -> AnySelect:
    newest = select(post.id).where(LIVE).order_by(*NEWEST_FIRST).limit(bindparam("size")).subquery()
    featured = select(post.id).where(LIVE, post.is_featured).order_by(*NEWEST_FIRST).limit(1).subquery()
    wanted = or_(post.id.in_(select(newest.c.id)), post.id.in_(select(featured.c.id)))
    total = select(func.count()).select_from(Post.__table__).where(LIVE).scalar_subquery()
    return select(*CARD, total.label("total")).select_from(_with_cover(Post.__table__)).where(wanted).order_by(*NEWEST_FIRST)


def _labels(*, whole_people: bool) -> CompoundSelect[*tuple[Any, ...]]:
    nothing = (literal("").label("bio"), null().label("website"), null().label("portrait_key"))
    people = (user.bio, user.website, likeness.c.key.label("portrait_key")) if whole_people else nothing
    named: FromClause = Byline.__table__.join(User.__table__, user.id == byline.user_id)
    authors = select(byline.post_id, literal(0).label("is_tag"), byline.position, user.name, user.username.label("slug"), *people)
    authors = authors.select_from(_with_portrait(named) if whole_people else named)
    tags = select(post_tag.c.post_id, literal(1).label("is_tag"), post_tag.c.position, tag.name, tag.slug, *nothing)
    tags = tags.select_from(post_tag.join(Tag.__table__, tag.id == post_tag.c.tag_id))
    ids: BindParameter[list[int]] = bindparam("ids", expanding=True)
    return union_all(authors.where(byline.post_id.in_(ids)), tags.where(post_tag.c.post_id.in_(ids)))


def _beside(side: str, part: ColumnElement[int], parts: ColumnElement[int]) -> AnySelect:
    return select(literal(side).label("side"), post.id, post.title, post.path, part.label("part"), parts.label("parts"))


def _companions(*, in_time: bool, in_series: bool) -> AnySelect:
    # The types are named because a bare parameter would be compared as text.
    moment = bindparam("moment", type_=UtcDateTime())
    number = bindparam("number", type_=Integer())
    # Compared as a pair, so that the index finds the place instead of being read from one end.
    place, here = tuple_(post.published_at, post.id), tuple_(moment, number)
    parts: list[AnySelect] = []
    if in_time:
        parts.append(_beside("newer", literal(0), literal(0)).where(LIVE, place > here).order_by(post.published_at, post.id).limit(1))
        parts.append(_beside("older", literal(0), literal(0)).where(LIVE, place < here).order_by(*NEWEST_FIRST).limit(1))
    if in_series:
        parts.append(_parts_around(number))
    together = union_all(*(select(part.subquery()) for part in parts)).subquery()
    return select(together).order_by(together.c.part)


def _parts_around(number: BindParameter[int]) -> AnySelect:
    """The parts beside one of a series, each with its place and the number of all; a short series whole."""
    of_series = and_(LIVE, post.series_id == bindparam("series_id", type_=Integer()))
    place = func.row_number().over(order_by=IN_ORDER)
    ranked = select(post.id, place.label("part"), func.count().over().label("parts")).where(of_series).cte("ranked")
    here = select(ranked.c.part).where(ranked.c.id == number).scalar_subquery()
    is_near = and_(ranked.c.part >= here - PARTS_AROUND, ranked.c.part <= here + PARTS_AROUND)
    near = or_(is_near, and_(ranked.c.parts <= MANY_PARTS, here.is_not(None)))
    return _beside("part", ranked.c.part, ranked.c.parts).join_from(ranked, Post.__table__, post.id == ranked.c.id).where(near)


def _has_many(links: FromClause, wanted: ColumnElement[bool]) -> ColumnElement[bool]:
    counted = select(literal(1)).select_from(links).where(wanted).limit(FEW_LINKS + 1).correlate_except(links).subquery()
    return select(func.count()).select_from(counted).scalar_subquery() > FEW_LINKS


def _tag_at() -> AnySelect:
    has_many = _has_many(OF_TAG, OF_TAG.c.tag_id == tag.id).label("has_many")
    return select(tag.id, tag.name, tag.slug, tag.description, has_many).where(tag.slug == bindparam("slug"))


def _author_at() -> AnySelect:
    theirs = OF_AUTHOR.c.user_id == user.id
    has_many = _has_many(OF_AUTHOR, theirs)
    walked = select(post.published_at).where(LIVE, _is_linked(OF_AUTHOR, theirs)).order_by(post.published_at).limit(1)
    gathered = select(func.min(moment_of(OF_AUTHOR))).select_from(OF_AUTHOR).where(theirs)
    first = case((has_many, walked.correlate(User.__table__).scalar_subquery()), else_=gathered.correlate(User.__table__).scalar_subquery())
    person = (user.id, user.name, user.username.label("slug"), user.bio, user.website, user.links, likeness.c.key.label("portrait_key"))
    found = select(*person, has_many.label("has_many"), first.label("first_at")).select_from(_with_portrait(User.__table__))
    return found.where(user.username == bindparam("slug"))


WANTED: BindParameter[int] = bindparam("wanted", type_=Integer())
OF_TAG = post_tag.alias("of_tag")
OF_AUTHOR = Byline.__table__.alias("of_author")
FRONT = _front()
PAGE = _page_of(
    select(post.id).where(LIVE).order_by(*NEWEST_FIRST), select(func.count()).select_from(Post.__table__).where(LIVE).scalar_subquery()
)
PAGES_OF_TAG = _pages_along(OF_TAG, OF_TAG.c.tag_id == WANTED)
PAGES_OF_AUTHOR = _pages_along(OF_AUTHOR, OF_AUTHOR.c.user_id == WANTED)
PAGES_OF_FOLLOWED = _pages_of_followed()
FOLLOWED = _followed()
OF_SERIES = and_(LIVE, post.series_id == WANTED)
PAGE_OF_SERIES = _page_of(
    select(post.id).where(OF_SERIES).order_by(*IN_ORDER),
    select(func.count()).select_from(Post.__table__).where(OF_SERIES).scalar_subquery(),
    IN_ORDER,
)
LABELS = _labels(whole_people=False)
LABELS_AND_LIVES = _labels(whole_people=True)
RENDITIONS = (
    select(rendition.asset_id, rendition.content_type, rendition.width, rendition.height, rendition.key)
    .where(rendition.asset_id.in_(bindparam("ids", expanding=True)))
    .order_by(rendition.width)
)
READING_AT = (
    select(address.path.label("asked"), address.target, address.post_id, *CARD, *TEXT)
    .select_from(_with_cover(Address.__table__.outerjoin(Post.__table__, post.id == address.post_id)))
    .where(address.path.in_(bindparam("paths", expanding=True)))
)
READING_OF = select(*CARD, *TEXT).select_from(_with_cover(Post.__table__)).where(post.id == bindparam("wanted"))
COMPANIONS = {
    (in_time, in_series): _companions(in_time=in_time, in_series=in_series)
    for in_time, in_series in ((True, False), (True, True), (False, True))
}
TAG_AT = _tag_at()
SERIES_AT = select(series.id, series.title, series.slug, series.description).where(series.slug == bindparam("slug"))
AUTHOR_AT = _author_at()
# Asked apart, each is one end of an index; together they would walk it.
FIRST_AND_LAST = select(*(select(end(post.published_at)).where(LIVE).scalar_subquery() for end in (func.min, func.max)))


@cache
def counts_of(spans: int) -> AnySelect:
    """How many posts fall between start_0 and end_0, start_1 and end_1, ...: each a range of an index."""
    counts = (
        select(func.count())
        .select_from(Post.__table__)
        .where(
            LIVE,
            post.published_at >= bindparam(f"start_{n}", type_=UtcDateTime()),
            post.published_at < bindparam(f"end_{n}", type_=UtcDateTime()),
        )
        for n in range(spans)
    )
    return select(*(count.scalar_subquery().label(f"count_{n}") for n, count in enumerate(counts)))


_TITLE = select(post.id, post.title, post.path, post.automatic_excerpt, post.excerpt, post.published_at, null().label("asset_id"))
TITLES = _TITLE.where(LIVE).order_by(*NEWEST_FIRST).limit(bindparam("size")).offset(bindparam("skipped"))
TITLES_OF = _TITLE.where(post.id.in_(bindparam("ids", expanding=True)))
# What was found, with the whole text that snippets are cut from.
FOUND = (
    select(post.id, post.title, post.path, post.language, post.excerpt, post.automatic_excerpt, post.published_at, post.audience)
    .add_columns(entry.text, null().label("asset_id"))
    .select_from(Post.__table__.outerjoin(SearchEntry.__table__, entry.post_id == post.id))
    .where(post.id.in_(bindparam("ids", expanding=True)))
)
# Words that readers may have meant: of the newest titles, of tags and authors that have something to read.
NAMES = union_all(
    select(select(post.title).where(LIVE).order_by(*NEWEST_FIRST).limit(bindparam("size")).subquery()),
    select(tag.name).where(select(literal(1)).where(OF_TAG.c.tag_id == tag.id, moment_of(OF_TAG).is_not(None)).exists()),
    select(user.name).where(select(literal(1)).where(OF_AUTHOR.c.user_id == user.id, moment_of(OF_AUTHOR).is_not(None)).exists()),
)
# What readers see under the posts that were found, the newest first; so many under each.
_remark = (
    select(Comment.post_id, Comment.name, Comment.html)
    .add_columns(
        func.row_number().over(partition_by=Comment.post_id, order_by=(Comment.created_at.desc(), Comment.id.desc())).label("place")
    )
    .where(Comment.post_id.in_(bindparam("ids", expanding=True)), Comment.kind == CommentKind.COMMENT, APPROVED)
    .subquery()
)
REMARKS = select(_remark).where(_remark.c.place <= bindparam("size")).order_by(_remark.c.post_id, _remark.c.place)
