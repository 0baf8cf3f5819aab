"""The statements behind the public pages, built once: building one anew for each request costs more than drawing the page."""

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
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
    union_all,
)

from inkhorn.accounts.models import User
from inkhorn.core.database import UtcDateTime
from inkhorn.media.models import Asset, Rendition
from inkhorn.posts.models import Address, Byline, Post, Series, Tag, post_tag
from inkhorn.posts.queries import LIVE, PUBLIC

AnySelect = Select[*tuple[Any, ...]]

post = Post.__table__.c
asset = Asset.__table__.c
series = Series.__table__.c
user = User.__table__.c
tag = Tag.__table__.c
byline = Byline.__table__.c
address = Address.__table__.c
rendition = Rendition.__table__.c

NEWEST_FIRST = (post.published_at.desc(), post.id.desc())
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
)
TEXT = (
    post.uuid,
    post.kind,
    post.status,
    PUBLIC.label("is_public"),
    post.html,
    post.contents,
    post.updated_at,
    post.canonical_url,
    post.meta_title,
    post.meta_description,
    post.series_id,
)


def _with_cover(start: FromClause) -> FromClause:
    joined = start.outerjoin(Series.__table__, series.id == post.series_id)
    return joined.outerjoin(Asset.__table__, asset.id == post.cover_id)


def _page_of(start: FromClause, condition: ColumnElement[bool], total: ScalarSelect[int]) -> AnySelect:
    query = select(*CARD, total.label("total")).select_from(_with_cover(start)).where(condition)
    return query.order_by(*NEWEST_FIRST).limit(bindparam("size")).offset(bindparam("skipped"))


def _count_of(rows: FromClause, condition: ColumnElement[bool], post_id: ColumnElement[int]) -> ScalarSelect[int]:
    # Asked post by post from the short side: a join would be begun from every published post.
    is_live = select(literal(1)).where(post.id == post_id, LIVE).correlate(rows).exists()
    return select(func.count()).select_from(rows).where(condition, is_live).scalar_subquery()


def _front() -> AnySelect:
    newest = select(post.id).where(LIVE).order_by(*NEWEST_FIRST).limit(bindparam("size")).subquery()
    featured = select(post.id).where(LIVE, post.is_featured).order_by(*NEWEST_FIRST).limit(1).subquery()
    wanted = or_(post.id.in_(select(newest.c.id)), post.id.in_(select(featured.c.id)))
    total = select(func.count()).select_from(Post.__table__).where(LIVE).scalar_subquery()
    return select(*CARD, total.label("total")).select_from(_with_cover(Post.__table__)).where(wanted).order_by(*NEWEST_FIRST)


def _labels(*, whole_people: bool) -> CompoundSelect[*tuple[Any, ...]]:
    nothing = (literal("").label("bio"), null().label("website"))
    people = (user.bio, user.website) if whole_people else nothing
    authors = select(byline.post_id, literal(0).label("is_tag"), byline.position, user.name, user.slug, *people)
    authors = authors.select_from(Byline.__table__.join(User.__table__, user.id == byline.user_id))
    tags = select(post_tag.c.post_id, literal(1).label("is_tag"), post_tag.c.position, tag.name, tag.slug, *nothing)
    tags = tags.select_from(post_tag.join(Tag.__table__, tag.id == post_tag.c.tag_id))
    ids: BindParameter[list[int]] = bindparam("ids", expanding=True)
    return union_all(authors.where(byline.post_id.in_(ids)), tags.where(post_tag.c.post_id.in_(ids)))


def _beside(side: str) -> AnySelect:
    return select(literal(side).label("side"), post.id, post.title, post.path, post.published_at, post.series_position)


def _companions(*, in_time: bool, in_series: bool) -> AnySelect:
    # The types are named because a bare parameter would be compared as text.
    moment = bindparam("moment", type_=UtcDateTime())
    number = bindparam("number", type_=Integer())
    # Compared as a pair, so that the index finds the place instead of being read from one end.
    place, here = tuple_(post.published_at, post.id), tuple_(moment, number)
    parts: list[AnySelect] = []
    if in_time:
        parts.append(_beside("newer").where(LIVE, place > here).order_by(post.published_at, post.id).limit(1))
        parts.append(_beside("older").where(LIVE, place < here).order_by(*NEWEST_FIRST).limit(1))
    if in_series:
        parts.append(_beside("part").where(LIVE, post.series_id == bindparam("series_id", type_=Integer())))
    together = union_all(*(select(part.subquery()) for part in parts)).subquery()
    return select(together).order_by(together.c.series_position.nulls_last(), together.c.published_at, together.c.id)


def _author_at() -> AnySelect:
    written = Post.__table__.join(Byline.__table__, byline.post_id == post.id)
    first = select(func.min(post.published_at)).select_from(written).where(LIVE, byline.user_id == user.id).scalar_subquery()
    return select(user.id, user.name, user.slug, user.bio, user.website, first.label("first_at")).where(user.slug == bindparam("slug"))


FRONT = _front()
PAGE = _page_of(Post.__table__, LIVE, select(func.count()).select_from(Post.__table__).where(LIVE).scalar_subquery())
WANTED: BindParameter[int] = bindparam("wanted", type_=Integer())
OF_TAG = post_tag.alias("of_tag")
OF_AUTHOR = Byline.__table__.alias("of_author")
PAGE_OF_TAG = _page_of(
    Post.__table__.join(post_tag, post_tag.c.post_id == post.id),
    and_(LIVE, post_tag.c.tag_id == WANTED),
    _count_of(OF_TAG, OF_TAG.c.tag_id == WANTED, OF_TAG.c.post_id),
)
PAGE_OF_AUTHOR = _page_of(
    Post.__table__.join(Byline.__table__, byline.post_id == post.id),
    and_(LIVE, byline.user_id == WANTED),
    _count_of(OF_AUTHOR, OF_AUTHOR.c.user_id == WANTED, OF_AUTHOR.c.post_id),
)
PARTS = (
    select(*CARD)
    .select_from(_with_cover(Post.__table__))
    .where(LIVE, post.series_id == bindparam("wanted"))
    .order_by(post.series_position.nulls_last(), post.published_at, post.id)
    .limit(bindparam("size"))
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
TAG_AT = select(tag.id, tag.name, tag.slug, tag.description).where(tag.slug == bindparam("slug"))
SERIES_AT = select(series.id, series.title, series.slug, series.description).where(series.slug == bindparam("slug"))
AUTHOR_AT = _author_at()
FIRST_AND_LAST = select(func.min(post.published_at), func.max(post.published_at)).where(LIVE)
TITLES = (
    select(post.id, post.title, post.path, post.automatic_excerpt, post.excerpt, post.published_at, null().label("asset_id"))
    .where(LIVE)
    .order_by(*NEWEST_FIRST)
    .limit(bindparam("size"))
    .offset(bindparam("skipped"))
)
