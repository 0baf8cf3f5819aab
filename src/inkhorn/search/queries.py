"""What is found, and what the index has not caught up with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, and_, bindparam, false, func, literal, not_, or_, select
from sqlalchemy.orm import selectinload, undefer

from inkhorn.comments.models import Comment, CommentKind
from inkhorn.comments.queries import APPROVED
from inkhorn.core.database import UtcDateTime, session
from inkhorn.core.zones import zone
from inkhorn.posts.models import Byline, Post, Status, post_tag
from inkhorn.search.grammar import FOLDING, Question
from inkhorn.search.index import Matches, index
from inkhorn.search.models import SearchEntry

_post = Post.__table__.c
_entry = SearchEntry.__table__.c
BEFORE: ColumnElement[bool] = _post.published_at < bindparam("before_day", type_=UtcDateTime())
AFTER: ColumnElement[bool] = _post.published_at >= bindparam("after_day", type_=UtcDateTime())


@dataclass(frozen=True)
class Found:
    """Numbers of the posts of one page, the best first, and how many there are in all."""

    post_ids: Sequence[int]
    total: int


def found_posts(question: Question, rule: ColumnElement[bool], *, timezone: str, size: int, skipped: int = 0) -> Found:
    """One page of the posts that answer the question, of those alone that fulfil the rule of what may be read."""
    if not question.asks_something:
        return Found((), 0)
    hits = _matches(question)
    page = _page(hits.rows, rule, has_before=question.before is not None, has_after=question.after is not None)
    values = {**hits.values, **_days(question, timezone), "size": size, "skipped": skipped}
    found = session().connection().execute(page, values).all()
    return Found([row.id for row in found], found[0].total if found else 0)


# The rules are a few, and so are the rows of one of the databases: putting a statement together costs more than the search.
@lru_cache(maxsize=32)
def _page(hits: CTE, rule: ColumnElement[bool], *, has_before: bool, has_after: bool) -> Select[Any]:
    page = select(_post.id, func.count().over().label("total")).join_from(hits, Post.__table__, _post.id == hits.c.post_id)
    page = page.where(rule, _post.status != Status.TRASHED)
    if has_before:
        page = page.where(BEFORE)
    if has_after:
        page = page.where(AFTER)
    page = page.order_by(hits.c.score.desc(), _post.published_at.desc().nulls_last(), _post.id.desc())
    return page.limit(bindparam("size")).offset(bindparam("skipped"))


def holding(question: Question, *, timezone: str) -> ColumnElement[bool]:
    """The question as a condition on posts, for lists that have an order of their own."""
    if not question.terms and not question.asks_something:
        return false()
    hits = _matches(question)
    conditions: list[ColumnElement[bool]] = [Post.id.in_(select(hits.rows.c.post_id))]
    if question.before:
        conditions.append(BEFORE)
    if question.after:
        conditions.append(AFTER)
    return and_(*conditions).params({**hits.values, **_days(question, timezone)})


def _matches(question: Question) -> Matches:
    if question.wanted:
        return index().matches(question.wanted, question.unwanted)
    # Only days were asked for.
    held = [not_(index().holds(term)) for term in question.unwanted]
    return Matches(select(_entry.post_id, literal(0).label("score")).where(*held).cte("matches"), {})


def _days(question: Question, timezone: str) -> dict[str, datetime]:
    days = {"before_day": question.before, "after_day": question.after}
    return {name: _start(day, timezone) for name, day in days.items() if day}


def _start(day: date, timezone: str) -> datetime:
    return datetime.combine(day, time(), zone(timezone))


def numbers_behind(limit: int | None, *, after: int = 0) -> Select[int]:
    """Posts that the index lacks, or has as they were before their last revision; in the order they were begun, those above a number."""
    is_behind = or_(_entry.post_id.is_(None), _entry.revision != _post.revision, _entry.folding != FOLDING)
    joined = Post.__table__.outerjoin(SearchEntry.__table__, _entry.post_id == _post.id)
    return select(_post.id).select_from(joined).where(is_behind, _post.id > after).order_by(_post.id).limit(limit)


def numbers_naming(user_id: int, *, after: int) -> Select[int]:
    """Posts that name the person as an author, those above a number, in their order."""
    return select(Byline.post_id).where(Byline.user_id == user_id, Byline.post_id > after).order_by(Byline.post_id)


def numbers_tagged(tag_id: int, *, after: int) -> Select[int]:
    """Posts that carry the tag, in the same way."""
    return select(post_tag.c.post_id).where(post_tag.c.tag_id == tag_id, post_tag.c.post_id > after).order_by(post_tag.c.post_id)


def posts_with_words(numbers: Sequence[int]) -> Select[Post]:
    """The posts with all that is indexed of them."""
    loaded = (undefer(Post.html), selectinload(Post.tags), selectinload(Post.bylines).joinedload(Byline.user))
    return select(Post).options(*loaded).where(Post.id.in_(numbers)).order_by(Post.id)


def entries_of(numbers: Sequence[int]) -> Select[SearchEntry]:
    return select(SearchEntry).where(SearchEntry.post_id.in_(numbers))


def remarks_on(post_id: int) -> Select[str]:
    """The HTML of each comment under a post that readers see, the oldest first."""
    shown = (Comment.post_id == post_id, Comment.kind == CommentKind.COMMENT, APPROVED)
    return select(Comment.html).where(*shown).order_by(Comment.created_at, Comment.id)
