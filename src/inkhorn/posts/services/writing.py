"""Drafting and revising the words of a post and what surrounds them."""

import enum
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import insert, update

from inkhorn.core import audit, clock, prose
from inkhorn.core.access import Actor
from inkhorn.core.database import session
from inkhorn.core.errors import Conflict, Invalid, NotFound
from inkhorn.media.models import Asset
from inkhorn.posts.events import post_drafted, post_revised
from inkhorn.posts.models import Audience, Byline, Post, PostKind, Revision, Status
from inkhorn.posts.services.addresses import is_known_to_readers, settle_path
from inkhorn.posts.services.companions import link_tags, order_tags, set_authors, set_series, set_tags, tags_for, tidy
from inkhorn.posts.services.rendering import render_post


class Unset(enum.Enum):
    """Marks a field of PostChanges that is to stay as it is."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET
Keep = Literal[Unset.UNSET]


@dataclass(frozen=True, kw_only=True)
class PostChanges:
    """What one save changes; a field left UNSET stays as it is."""

    title: str | Keep = UNSET
    body: str | Keep = UNSET
    # "" lets the address follow the title again.
    slug: str | Keep = UNSET
    excerpt: str | Keep = UNSET
    kind: PostKind | Keep = UNSET
    audience: Audience | Keep = UNSET
    language: str | None | Keep = UNSET
    # Names in order; those not known yet are made.
    tags: list[str] | Keep = UNSET
    author_ids: list[int] | Keep = UNSET
    # Title of the series, made if not known; "" for none.
    series: str | Keep = UNSET
    cover_id: int | None | Keep = UNSET
    cover_url: str | None | Keep = UNSET
    cover_alt: str | Keep = UNSET
    cover_caption: str | Keep = UNSET
    is_featured: bool | Keep = UNSET
    takes_comments: bool | Keep = UNSET
    canonical_url: str | None | Keep = UNSET
    meta_title: str | None | Keep = UNSET
    meta_description: str | None | Keep = UNSET
    published_at: datetime | Keep = UNSET


PLAIN_FIELDS = (
    "audience",
    "excerpt",
    "language",
    "cover_url",
    "cover_alt",
    "cover_caption",
    "is_featured",
    "takes_comments",
    "canonical_url",
    "meta_title",
    "meta_description",
)
LIMITS = {"title": 255, "excerpt": 300, "language": 35, "cover_url": 2000, "cover_alt": 500, "cover_caption": 500} | {
    "canonical_url": 2000,
    "meta_title": 300,
    "meta_description": 500,
}


class RevisionConflict(Conflict):
    """Somebody saved this post since it was opened here; both texts are kept: post has theirs, changes has ours."""

    def __init__(self, post: Post, changes: PostChanges) -> None:
        super().__init__("This post was saved by somebody else since you opened it. Both texts are kept; choose what stays.")
        self.post = post
        self.changes = changes


def draft_post(*, by: Actor, kind: PostKind = PostKind.POST, title: str = "", body: str = "", changes: PostChanges | None = None) -> Post:
    """Begin a post, with all that is known of it already; its author is whoever begins it."""
    first = changes or PostChanges(title=title, body=body)
    post = begin_post(first, by=by, kind=kind)
    keep_new_post(post, first, by=by)
    return post


def begin_post(first: PostChanges, *, by: Actor, kind: PostKind) -> Post:
    """A post with its words, authors and series, of which no row is written yet: keep_new_post() does that, once, with all of it in place."""
    _refuse_what_does_not_fit(first)
    # Pages such as About are seldom for talk.
    post = Post(kind=kind, title="", body="", created_by_id=by.id, bylines=[], tags=[], takes_comments=kind is PostKind.POST)
    if by.id is not None:
        post.bylines = [Byline(user_id=by.id, position=0)]
    _set_words(post, first)
    _set_companions(post, first)
    render_post(post)
    return post


def keep_new_post(post: Post, first: PostChanges, *, by: Actor) -> None:
    """Give a begun post its address and its tags, write it down, and say so."""
    # Tags before the address, as with every save, so that two who make the same never wait for one another in a circle.
    tags = tags_for(post, first.tags) if first.tags is not UNSET else []
    settle_path(post, wanted=first.slug if first.slug is not UNSET and first.slug.strip() else None)
    link_tags(post, tags)
    _keep_revision(post, by)
    audit.record(by, "posts.drafted", post)
    post_drafted.send(post)


def revise_post(post: Post, changes: PostChanges, *, by: Actor, against: int) -> None:
    """Save changes made against a revision number; RevisionConflict if the post has moved on, Invalid if a field cannot be kept."""
    _refuse_what_does_not_fit(changes)
    _take_next_revision(post, changes, against)
    kind_before = post.kind
    if changes.kind is not UNSET:
        post.kind = changes.kind
    _set_words(post, changes)
    _set_companions(post, changes)
    if changes.tags is not UNSET:
        set_tags(post, changes.tags)
        order_tags(post)
    _set_dates(post, changes)
    _set_path(post, changes, kind_before=kind_before)
    render_post(post)
    _keep_revision(post, by)
    post.updated_at = clock.now()
    session().flush()
    audit.record(by, "posts.revised", post, revision=post.revision)
    post_revised.send(post)


def restore_revision(post: Post, number: int, *, by: Actor) -> None:
    """Bring the words of an earlier version back as a new one; NotFound where that version was not kept."""
    kept = session().get(Revision, (post.id, number)) if 0 < number < 2**31 else None
    if kept is None:
        raise NotFound("That version was not kept.")
    revise_post(post, PostChanges(title=kept.title, body=kept.body), by=by, against=post.revision)


def _refuse_what_does_not_fit(changes: PostChanges) -> None:
    for name, most in LIMITS.items():
        value = getattr(changes, name)
        if isinstance(value, str) and len(value) > most:
            raise Invalid(f"{name.replace('_', ' ').capitalize()} is too long: {len(value):,} characters, at most {most} fit.", field=name)
    if isinstance(changes.body, str) and len(changes.body) > prose.MAX_CHARACTERS:
        raise Invalid(f"The text is too long: {len(changes.body):,} characters, at most {prose.MAX_CHARACTERS:,} fit.", field="body")
    for name in ("cover_url", "canonical_url"):
        value = getattr(changes, name)
        # A cover may stand on this site; where a post stood first is always a whole address.
        allowed = ("https://", "http://", "/") if name == "cover_url" else ("https://", "http://")
        if isinstance(value, str) and value and not value.startswith(allowed):
            raise Invalid("Enter an address like https://example.org/picture.jpg.", field=name)


def _take_next_revision(post: Post, changes: PostChanges, against: int) -> None:
    # One conditional update, so that of two saves at once exactly one wins on any database.
    taken = session().execute(
        update(Post)
        .where(Post.id == post.id, Post.revision == against)
        .values(revision=Post.revision + 1)
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        session().refresh(post)
        raise RevisionConflict(post, changes)
    session().refresh(post, ["revision", "status", "slug", "path", "published_at", "release_at"])


def _set_words(post: Post, changes: PostChanges) -> None:
    if changes.title is not UNSET:
        post.title = tidy(changes.title)
    if changes.body is not UNSET:
        post.body = changes.body.replace("\x00", "").replace("\r\n", "\n")
    for name in PLAIN_FIELDS:
        if (value := getattr(changes, name)) is not UNSET:
            setattr(post, name, value)


def _set_companions(post: Post, changes: PostChanges) -> None:
    if changes.author_ids is not UNSET:
        set_authors(post, changes.author_ids)
    if changes.series is not UNSET:
        set_series(post, changes.series)
    if changes.cover_id is not UNSET:
        if changes.cover_id is not None and session().get(Asset, changes.cover_id) is None:
            raise Invalid("That picture is no longer in the library. Choose another one.", field="cover_id")
        post.cover_id = changes.cover_id


def _set_dates(post: Post, changes: PostChanges) -> None:
    if changes.published_at is UNSET:
        return
    if post.status is Status.SCHEDULED:
        post.release_at = changes.published_at
    elif post.published_at is not None:
        if changes.published_at > clock.now():
            raise Invalid("A published post cannot have a date to come. Unpublish it first, then schedule it.", field="published_at")
        post.published_at = changes.published_at


def _set_path(post: Post, changes: PostChanges, *, kind_before: PostKind) -> None:
    if changes.slug is not UNSET and changes.slug.strip() and changes.slug.strip() != post.slug:
        settle_path(post, wanted=changes.slug)
        return
    follows_title = changes.slug == "" or (changes.title is not UNSET and _has_automatic_slug(post))
    if follows_title and not is_known_to_readers(post):
        post.slug = ""
        settle_path(post)
    # A path that came with an import is kept: only a change of kind or the want of a path moves it.
    elif post.path is None or changes.kind not in (UNSET, kind_before):
        settle_path(post)


def _has_automatic_slug(post: Post) -> bool:
    """Whether the slug was made before there was a title to make it from."""
    return post.slug == f"{post.kind.value}-{post.id}"


def _keep_revision(post: Post, by: Actor) -> None:
    words = {"post_id": post.id, "number": post.revision, "title": post.title, "body": post.body}
    session().connection().execute(_KEPT, words | {"saved_by_id": by.id, "saved_by_label": by.label[:320]})


_KEPT = insert(Revision)
