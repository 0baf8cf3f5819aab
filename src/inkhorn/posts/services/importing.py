"""Takes in posts that were written elsewhere, and brings them up to date when their source has changed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, insert, select

from inkhorn.core import clock, prose
from inkhorn.core.access import Actor
from inkhorn.core.database import session
from inkhorn.core.errors import Invalid
from inkhorn.posts.events import post_imported
from inkhorn.posts.models import Address, Byline, Post, PostKind, Revision, Series, Status, post_tag
from inkhorn.posts.services.addresses import (
    LONGEST_PATH,
    LONGEST_SLUG,
    RESERVED,
    give_address,
    is_known_to_readers,
    keep_address,
    settle_path,
    tidy_slug,
)
from inkhorn.posts.services.rendering import render_post


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """A post as its source has it, in our terms; every text fits its column."""

    origin: str
    key: str
    # Digest of all that came.
    digest: str
    kind: PostKind
    status: Status
    title: str
    body: str
    slug: str = ""
    # The address it is to stand at if it is free; "" for what the permalink pattern gives.
    path: str = ""
    excerpt: str = ""
    language: str | None = None
    published_at: datetime | None = None
    updated_at: datetime | None = None
    author_ids: Sequence[int] = ()
    tag_ids: Sequence[int] = ()
    series_id: int | None = None
    is_featured: bool = False
    cover_id: int | None = None
    cover_url: str | None = None
    cover_alt: str = ""
    cover_caption: str = ""
    canonical_url: str | None = None
    meta_title: str | None = None
    meta_description: str | None = None
    # Percent-decoded; each leads to the post for ever.
    old_paths: Sequence[str] = ()


@dataclass
class Taken:
    """What became of an arrival, with what did not come out as it was asked for."""

    post: Post
    # Old addresses that belong to something else here.
    refused_paths: list[str] = field(default_factory=list)
    # The slug it would have had, were it free.
    wanted_slug: str | None = None


@dataclass(frozen=True)
class Known:
    """A post of an earlier run: what it came as, and whether somebody has changed it here since."""

    post_id: int
    digest: str
    is_edited: bool
    status: Status


def known_posts(origin: str) -> dict[str, Known]:
    """Every post of the source that is here already, by its key there."""
    rows = session().execute(select(Post.origin_key, Post.id, Post.origin_digest, Post.revision, Post.status).where(Post.origin == origin))
    return {key or "": _known(post_id, mark or "", revision, status) for key, post_id, mark, revision, status in rows}


def _known(post_id: int, mark: str, revision: int, status: Status) -> Known:
    digest, _, imported = mark.partition(":")
    return Known(post_id, digest, is_edited=imported != str(revision), status=status)


def take_in_post(arrival: Arrival, *, by: Actor) -> Taken:
    """Make a post of what arrived, in the state it had; nothing is announced as published."""
    post = Post(kind=arrival.kind, origin=arrival.origin, origin_key=arrival.key, created_by_id=by.id, revision=1)
    _write(post, arrival)
    _put_in_state(post, arrival)
    session().add(post)
    session().flush()
    _name_companions(post, arrival)
    taken = _settle(post, arrival)
    _finish(post, arrival, by)
    return taken


def bring_up_to_date(post: Post, arrival: Arrival, *, by: Actor) -> Taken:
    """Save what the source has now as the post's next revision; its own address stays."""
    post.revision += 1
    _write(post, arrival)
    # What readers can see is never taken from them by an import.
    if post.status in (Status.DRAFT, Status.SCHEDULED):
        _put_in_state(post, arrival)
    elif arrival.published_at is not None and arrival.published_at <= clock.now():
        post.published_at = arrival.published_at
    session().execute(delete(Byline).where(Byline.post_id == post.id))
    session().execute(delete(post_tag).where(post_tag.c.post_id == post.id))
    session().flush()
    session().expire(post, ["bylines", "tags"])
    _name_companions(post, arrival)
    taken = Taken(post, refused_paths=_lead_here(post, arrival))
    if is_known_to_readers(post):
        keep_address(post)
    _finish(post, arrival, by)
    return taken


def _write(post: Post, arrival: Arrival) -> None:
    post.title, post.body, post.excerpt, post.language = arrival.title, arrival.body, arrival.excerpt, arrival.language
    post.is_featured, post.series_id = arrival.is_featured, arrival.series_id
    post.cover_id, post.cover_url = arrival.cover_id, arrival.cover_url
    post.cover_alt, post.cover_caption = arrival.cover_alt, arrival.cover_caption
    post.canonical_url, post.meta_title, post.meta_description = arrival.canonical_url, arrival.meta_title, arrival.meta_description
    post.origin_digest = f"{arrival.digest[:48]}:{post.revision}"
    render_post(post)


def _put_in_state(post: Post, arrival: Arrival) -> None:
    post.status = arrival.status
    post.release_at = arrival.published_at if arrival.status is Status.SCHEDULED else None
    # A draft keeps the date that its author set, for when it is published.
    post.published_at = None if arrival.status is Status.SCHEDULED else arrival.published_at
    if arrival.status is Status.TRASHED:
        post.status_before_trash, post.trashed_at = Status.DRAFT, clock.now()


def _name_companions(post: Post, arrival: Arrival) -> None:
    people = list(dict.fromkeys(arrival.author_ids))
    if people:
        session().execute(insert(Byline), [{"post_id": post.id, "user_id": user_id, "position": n} for n, user_id in enumerate(people)])
    tags = list(dict.fromkeys(arrival.tag_ids))
    if tags:
        session().execute(insert(post_tag), [{"post_id": post.id, "tag_id": tag_id, "position": n} for n, tag_id in enumerate(tags)])


def _settle(post: Post, arrival: Arrival) -> Taken:
    if arrival.path and _stands_free(arrival.path, post):
        post.slug, post.path = _slug_out_of(arrival), arrival.path
        session().flush()
        if is_known_to_readers(post):
            keep_address(post)
        return Taken(post, refused_paths=_lead_here(post, arrival))
    wanted = post.slug = _slug_out_of(arrival)
    settle_path(post)
    came_out = post.slug
    return Taken(post, refused_paths=_lead_here(post, arrival), wanted_slug=wanted if wanted and came_out != wanted else None)


def _slug_out_of(arrival: Arrival) -> str:
    for words in (arrival.slug, prose.slugify(arrival.title, max_length=LONGEST_SLUG)):
        try:
            return tidy_slug(words)
        except Invalid:
            continue
    return ""


def _stands_free(path: str, post: Post) -> bool:
    if len(path) > LONGEST_PATH or path.strip("/").partition("/")[0] in RESERVED:
        return False
    if session().scalar(select(Post.id).where(Post.path == path, Post.id != post.id)) is not None:
        return False
    held = session().get(Address, path)
    return held is None or held.post_id == post.id


def _lead_here(post: Post, arrival: Arrival) -> list[str]:
    return [path for path in arrival.old_paths if path != post.path and not _lead_one_here(post, path, arrival.origin)]


def _lead_one_here(post: Post, path: str, origin: str) -> bool:
    return len(path) <= LONGEST_PATH and give_address(post, path, origin=origin)


def _finish(post: Post, arrival: Arrival, by: Actor) -> None:
    session().add(
        Revision(post_id=post.id, number=post.revision, title=post.title, body=post.body, saved_by_id=by.id, saved_by_label=by.label[:320])
    )
    # Set last: every flush above would have moved it to now.
    post.updated_at = arrival.updated_at or arrival.published_at or clock.now()
    session().flush()
    post_imported.send(post)


def series_titled(title: str) -> int:
    """Number of the series of that title, made if there is none; its posts stand in the order of their dates."""
    title = " ".join(title.split())[:255]
    slug = prose.slugify(title) or "series"
    found = session().scalar(select(Series.id).where(Series.slug == slug))
    if found is None:
        series = Series(title=title, slug=slug)
        session().add(series)
        session().flush()
        found = series.id
    return found


def addresses_gone(origin: str) -> set[str]:
    """Paths of this source whose posts were removed here for good."""
    query = select(Address.path).where(Address.origin == origin, Address.post_id.is_(None), Address.target.is_(None))
    return set(session().scalars(query))
