"""Reads of comments: what readers see of a thread, what moderators look through, and what is counted."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, exists, func, literal, or_, select, true
from sqlalchemy.orm import contains_eager, defer, joinedload
from sqlalchemy.orm.strategy_options import _AbstractLoad

from inkhorn.accounts.models import User
from inkhorn.comments.models import Ban, BanKind, Comment, CommentKind, Guest, Like, Mute, Report, State, ThreadChange
from inkhorn.core import clock, kept_counts
from inkhorn.core.access import Actor
from inkhorn.core.database import is_writing, session
from inkhorn.media.models import Asset, Avatar
from inkhorn.posts.models import Byline, Post
from inkhorn.posts.queries import PUBLIC, visible_to

# Sorts behind every place below one, in any order of letters.
BEHIND = "z"
PLACE_DIGITS = 10

# What readers see, as far as they see its post.
APPROVED: ColumnElement[bool] = Comment.state == State.APPROVED
# Of other sites that speak of a post, as many are named.
MOST_PINGS = 200
PINGS = (CommentKind.PINGBACK, CommentKind.TRACKBACK)
# How long a guest has to confirm.
CONFIRMATION_LIFE = timedelta(days=2)
# Of the reasons for which a comment was reported, as many are shown.
MOST_REASONS = 5


def with_writer() -> tuple[_AbstractLoad, ...]:
    """Loads who wrote it along with a comment, without the roles that nobody asks for."""
    return (joinedload(Comment.user).lazyload(User.roles),)


def thread_of(post_id: int) -> Select[Comment]:
    """What the thread under a post shows, in its order; whoever asks has seen to it that the post may be read."""
    shown = (Comment.post_id == post_id, Comment.kind == CommentKind.COMMENT, Comment.is_shown)
    return select(Comment).options(*with_writer(), defer(Comment.body)).where(*shown).order_by(Comment.place)


def changes_of(post_ids: Iterable[int]) -> Mapping[int, int]:
    """How often the threads under these posts have changed; a post is absent whose thread never did."""
    asked = select(ThreadChange.post_id, ThreadChange.number).where(ThreadChange.post_id.in_(list(post_ids)))
    return dict(session().execute(asked).tuples().all())


def counts_of(post_id: int) -> tuple[int, int]:
    """How many approved comments a post has, and how many pingbacks and trackbacks."""
    query = select(Comment.kind, func.count()).where(Comment.post_id == post_id, APPROVED).group_by(Comment.kind)
    found = dict(session().execute(query).tuples().all())
    return found.get(CommentKind.COMMENT, 0), sum(found.get(kind, 0) for kind in PINGS)


def approved_comments(post: ColumnElement[bool] = PUBLIC) -> Select[Comment]:
    """Approved comments on the posts that a rule lets through, public ones where none is said, newest first, each with its post."""
    return (
        select(Comment)
        .join(Comment.post)
        .options(contains_eager(Comment.post), *with_writer())
        .where(APPROVED, Comment.kind == CommentKind.COMMENT, post)
        .order_by(Comment.created_at.desc(), Comment.id.desc())
    )


def there_for(actor: Actor) -> ColumnElement[bool]:
    """Which comments are there for the actor under what they may read: the approved ones and their own that wait, all of them for moderators."""
    if actor.may("comments.moderate"):
        return true()
    own = and_(Comment.user_id == actor.id, Comment.state == State.WAITING)
    return or_(APPROVED, own) if actor.id is not None else APPROVED


def under_what_is_read_by(actor: Actor) -> ColumnElement[bool]:
    """Comments on posts that the actor may read: a moderator is told of no others."""
    if actor.may("posts.edit_any"):
        return true()
    return Comment.post_id.in_(select(Post.id).where(visible_to(actor)).correlate(None))


def queue(state: State, actor: Actor) -> Select[Comment]:
    """A moderator's list of what stands in a state, newest first, each with its post, writer and what it answers."""
    return (
        select(Comment)
        .options(
            *with_writer(),
            joinedload(Comment.guest),
            joinedload(Comment.post).load_only(Post.id, Post.title, Post.path, Post.status, Post.audience),
            joinedload(Comment.parent).load_only(Comment.id, Comment.name, Comment.body, Comment.state),
        )
        .where(Comment.state == state, under_what_is_read_by(actor))
        .order_by(Comment.created_at.desc(), Comment.id.desc())
    )


def narrowed(
    query: Select[Comment],
    *,
    words: Iterable[str] = (),
    post_id: int | None = None,
    causes: Sequence[str] = (),
    are_pings: bool | None = None,
    is_reported: bool = False,
) -> Select[Comment]:
    """What is left of a list: each word stands in the text, in the name or in the guest's address; the rest is left out where nothing is said of it."""
    for word in words:
        of_guest = select(Guest.id).where(Guest.id == Comment.guest_id, Guest.email.icontains(word, autoescape=True)).exists()
        query = query.where(or_(Comment.name.icontains(word, autoescape=True), Comment.body.icontains(word, autoescape=True), of_guest))
    if post_id:
        query = query.where(Comment.post_id == post_id)
    if causes:
        query = query.where(Comment.cause.in_(causes))
    if are_pings is not None:
        query = query.where(Comment.kind.in_(PINGS) if are_pings else Comment.kind == CommentKind.COMMENT)
    return query.where(Comment.reports > 0) if is_reported else query


def posts_talked_of(state: State, actor: Actor, *, most: int) -> Select[int, str]:
    """Number and title of at most so many posts that have comments in a state, by title."""
    # Nearly every post has approved ones; of the other states there are few, from which SQLite would not begin by itself.
    there: ColumnElement[bool] = Post.id.in_(select(Comment.post_id).where(Comment.state == state))
    if state is State.APPROVED:
        there = select(Comment.id).where(Comment.post_id == Post.id, Comment.state == state).exists()
    return select(Post.id, Post.title).where(there, visible_to(actor)).order_by(Post.title, Post.id).limit(most)


def state_counts(actor: Actor) -> Mapping[State, int]:
    """How many comments that a moderator may read stand in each state; absent states are 0."""

    def count_states() -> Mapping[State, int]:
        counts = dict.fromkeys(State, 0)
        counted = select(Comment.state, func.count()).where(under_what_is_read_by(actor)).group_by(Comment.state)
        for state, count in session().execute(counted):
            counts[state] = count
        return counts

    return _once(state_counts, actor, count_states)


def waiting_count(actor: Actor) -> int:
    """How many wait for this moderator."""
    waiting = select(func.count()).where(Comment.state == State.WAITING, under_what_is_read_by(actor))
    return _once(waiting_count, actor, lambda: session().scalar(waiting) or 0)


def reported_count(actor: Actor) -> int:
    """How many that readers see were reported and not looked at."""
    reported = select(func.count()).where(APPROVED, Comment.reports > 0, under_what_is_read_by(actor))
    return _once(reported_count, actor, lambda: session().scalar(reported) or 0)


def _once(what: Hashable, actor: Actor, count: Callable[[], kept_counts.Counted]) -> kept_counts.Counted:
    """Counted once for each change, for those who read everything: to look through a hundred thousand takes three times the page."""
    return kept_counts.once(what, count) if actor.may("posts.edit_any") else count()


def reasons_for(comments: Iterable[Comment]) -> Mapping[int, Sequence[str]]:
    """What was said by those who reported these and was not looked at, the latest first; a few of each."""
    reported = [comment.id for comment in comments if comment.reports]
    if not reported:
        return {}
    since = func.row_number().over(partition_by=Report.comment_id, order_by=Report.id.desc()).label("since")
    open_ones = (Report.comment_id.in_(reported), Report.settled_at.is_(None), Report.reason != "")
    ranked = select(Report.comment_id, Report.reason, since).where(*open_ones).subquery()
    found = select(ranked.c.comment_id, ranked.c.reason).where(ranked.c.since <= MOST_REASONS).order_by(ranked.c.comment_id, ranked.c.since)
    told: dict[int, list[str]] = {}
    for number, reason in session().execute(found):
        told.setdefault(number, []).append(reason)
    return told


def comments_by(user_id: int) -> Select[Comment]:
    """All that somebody wrote, whatever became of it, the oldest first."""
    return select(Comment).options(joinedload(Comment.post)).where(Comment.user_id == user_id).order_by(Comment.id)


def comment_sent_with(once: str) -> Comment | None:
    """What was made of the form that carried this key."""
    return session().scalars(select(Comment).where(Comment.once == once)).one_or_none()


def has_approved_below(comment: Comment) -> bool:
    """Whether approved comments hang on it."""
    below = (Comment.place > comment.place, Comment.place < comment.place + BEHIND)
    thread = (Comment.post_id == comment.post_id, Comment.kind == comment.kind, Comment.is_shown)
    return bool(session().scalar(select(exists().where(*thread, *below, APPROVED))))


def has_any_below(comment: Comment) -> bool:
    """Whether others hang on it, wherever they stand."""
    below = (Comment.place > comment.place, Comment.place < comment.place + BEHIND)
    return bool(session().scalar(select(exists().where(Comment.post_id == comment.post_id, Comment.kind == comment.kind, *below))))


def numbers_above(comment: Comment) -> list[int]:
    """Numbers of the comments on which it hangs, the nearest first."""
    step = 2 * PLACE_DIGITS
    path = comment.place[1:]
    return [int(path[at - PLACE_DIGITS : at]) for at in range(len(path) - step, 0, -step)]


def shown_before(comment: Comment) -> int:
    """How many the thread shows before it, to tell on which page it stands."""
    thread = (Comment.post_id == comment.post_id, Comment.kind == CommentKind.COMMENT, Comment.is_shown)
    return session().scalar(select(func.count()).where(*thread, Comment.place < comment.place)) or 0


def liked_by(user_id: int, comment_ids: Iterable[int]) -> set[int]:
    """Which of these somebody likes."""
    return set(session().scalars(select(Like.comment_id).where(Like.user_id == user_id, Like.comment_id.in_(list(comment_ids)))))


def has_approved_comment(*, user_id: int | None = None, guest_id: int | None = None) -> bool:
    """Whether readers have seen something by this person or guest."""
    whose = Comment.user_id == user_id if user_id is not None else Comment.guest_id == guest_id
    return bool(session().scalar(select(exists().where(whose, APPROVED))))


def guest_by_email(email: str) -> Guest | None:
    return session().scalars(select(Guest).where(Guest.email == email)).one_or_none()


def standing_ban(*, user_id: int | None, email: str | None, place_digest: str | None) -> Ban | None:
    """A ban on the person, the address, its host or the network place that has not ended."""
    wanted = [(BanKind.USER, str(user_id) if user_id is not None else None), (BanKind.PLACE, place_digest), (BanKind.EMAIL, email)]
    # Whoever keeps out a host keeps out the hosts under it.
    host = (email or "").rpartition("@")[2].split(".")
    wanted += [(BanKind.DOMAIN, ".".join(host[start:])) for start in range(max(0, len(host) - 1))]
    asked = [and_(Ban.kind == kind, Ban.value == value) for kind, value in wanted if value]
    if not asked:
        return None
    return session().scalars(select(Ban).where(or_(*asked), or_(Ban.until.is_(None), Ban.until > clock.now())).limit(1)).first()


def is_muted(who: str, root_id: int) -> bool:
    """Whether they want no more letters about the thread, or (NEVER_WROTE) about comments in their name."""
    return bool(session().scalar(select(exists().where(Mute.who == who, Mute.root_id.in_((0, root_id))))))


def said_lately(comment: Comment, span: timedelta) -> int:
    """How many answers in its thread came out within such a time before it, itself among them."""
    moment = comment.approved_at or clock.now()
    thread = (Comment.root_id == (comment.root_id or comment.id), APPROVED, Comment.approved_at.between(moment - span, moment))
    return session().scalar(select(func.count()).where(*thread)) or 0


def unconfirmed_before(moment: datetime) -> Select[Comment]:
    """What its guests never confirmed."""
    return select(Comment).where(Comment.state == State.UNCONFIRMED, Comment.created_at < moment).order_by(Comment.id)


def removed_before(moment: datetime) -> Select[Comment]:
    """What has lain in the trash or among the spam since then."""
    gone = Comment.state.in_((State.TRASHED, State.SPAM))
    return select(Comment).where(gone, Comment.trashed_at < moment).order_by(Comment.id)


# What a thread is drawn with: plain rows of just the columns it shows, by a statement that is built once.
_comment, _user = Comment.__table__.c, User.__table__.c


def _thread_statement(*, of_member: bool = False, one: bool = False) -> Select[*tuple[Any, ...]]:
    in_thread = and_(_comment.post_id == bindparam("post_id"), _comment.kind == CommentKind.COMMENT)
    # Whoever waits for a moderator sees their own words meanwhile.
    own = and_(_comment.state == State.WAITING, _comment.user_id == bindparam("member_id", type_=Integer()))
    shown = and_(in_thread, or_(_comment.is_shown, own) if of_member else _comment.is_shown)
    approved = select(func.count()).where(in_thread, _comment.state == State.APPROVED).scalar_subquery()
    by_author = select(literal(1)).where(Byline.post_id == _comment.post_id, Byline.user_id == _comment.user_id).exists()
    columns = (
        *(_comment.id, _comment.depth, _comment.state, _comment.is_pinned, _comment.user_id, _comment.name, _comment.html, _comment.likes),
        *(_comment.created_at, _comment.edited_at, _comment.withdrawn_at, _user.name.label("user_name"), _user.username.label("slug")),
        Asset.key.label("portrait_key"),
        by_author.label("is_author"),
        approved.label("total"),
        select(func.count()).where(shown).scalar_subquery().label("shown"),
    )
    start = Comment.__table__.outerjoin(User.__table__, _user.id == _comment.user_id).outerjoin(Avatar, Avatar.user_id == _comment.user_id)
    every = select(*columns).select_from(start.outerjoin(Asset, Asset.id == Avatar.asset_id))
    if one:
        return every.with_only_columns(*columns[:-2]).where(_comment.id == bindparam("comment_id"))
    return every.where(shown).order_by(_comment.place).limit(bindparam("size")).offset(bindparam("skipped"))


_THREADS = {of_member: _thread_statement(of_member=of_member) for of_member in (False, True)}
_ONE = _thread_statement(one=True)
_PINGS = (
    select(_comment.id, _comment.name, _comment.website, _comment.created_at)
    .where(_comment.post_id == bindparam("post_id"), _comment.kind.in_(PINGS), _comment.is_shown)
    .order_by(_comment.created_at, _comment.id)
    .limit(MOST_PINGS)
)


def thread_rows(post_id: int, *, size: int, skipped: int, member_id: int | None) -> Sequence[Any]:
    """One page of the thread in its order, each row with how many are approved and how many the thread shows in all."""
    values = {"post_id": post_id, "size": size, "skipped": skipped} | ({"member_id": member_id} if member_id is not None else {})
    return session().connection().execute(_THREADS[member_id is not None], values).all()


def row_of(comment_id: int) -> Any:
    """The same columns of one comment, whatever its state; for whoever may see it."""
    return session().connection().execute(_ONE, {"comment_id": comment_id}).one()


def comment_with_post(comment_id: int) -> Comment | None:
    """A comment with its post; inside a transaction it is held for its verb, so that of two moves at once the second sees what the first did."""
    held: dict[str, Any] = {}
    if is_writing():
        hold_thread_of(comment_id)
        held = {"with_for_update": {"of": Comment, "key_share": True}, "populate_existing": True}
    return session().get(Comment, comment_id, options=(joinedload(Comment.post),), **held)


def hold_thread_of(comment_id: int, *, is_read: bool = False) -> None:
    """Hold the comment that begins its thread, before anything else of it is: moves change several of a thread, in whatever order.

    By those who answer it is held as read, which they all may at once.
    """
    root_id = session().scalar(select(Comment.root_id).where(Comment.id == comment_id))
    if root_id is not None:
        held = select(Comment.id).where(Comment.id == root_id)
        session().execute(held.with_for_update(read=True) if is_read else held.with_for_update(key_share=True))


def ping_rows(post_id: int) -> Sequence[Any]:
    """The other sites that speak of a post."""
    return session().connection().execute(_PINGS, {"post_id": post_id}).all()


def seen_by(actor: Actor) -> ColumnElement[bool]:
    """The rule of can_see_comment() for a statement about comments and their posts."""
    return and_(there_for(actor), visible_to(actor))
