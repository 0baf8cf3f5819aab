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
from inkhorn.posts.models import LONGEST_PATH, Address, Byline, Post, PostKind, Revision, Status, post_tag
from inkhorn.posts.services.addresses import (
    LONGEST_SLUG,
    first_free,
    give_address,
    is_free,
    is_known_to_readers,
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
    wanted = _find_place(post, arrival)
    post.updated_at = _changed_at(arrival)
    session().add(post)
    session().flush()
    if not post.slug:
        # Neither source nor title gives an address; its number does.
        settle_path(post)
    _name_companions(post, arrival)
    refused = _lead_here(post, arrival)
    _keep_words(post, by)
    session().flush()
    post_imported.send(post)
    return Taken(post, refused_paths=refused, wanted_slug=wanted if wanted and wanted != post.slug else None)


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
    refused = _lead_here(post, arrival)
    _keep_words(post, by)
    session().flush()
    # Set last: every flush above has moved it to now.
    post.updated_at = _changed_at(arrival)
    session().flush()
    post_imported.send(post)
    return Taken(post, refused_paths=refused)


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
    post.published_at = None if arrival.status is Status.SCHEDULED else arrival.published_at or post.published_at
    if post.status in (Status.PUBLISHED, Status.UNPUBLISHED):
        post.published_at = post.published_at or clock.now()
    if arrival.status is Status.TRASHED:
        post.status_before_trash, post.trashed_at = Status.DRAFT, clock.now()


def _name_companions(post: Post, arrival: Arrival) -> None:
    people = list(dict.fromkeys(arrival.author_ids))
    if people:
        session().execute(insert(Byline), [{"post_id": post.id, "user_id": user_id, "position": n} for n, user_id in enumerate(people)])
    tags = list(dict.fromkeys(arrival.tag_ids))
    if tags:
        session().execute(insert(post_tag), [{"post_id": post.id, "tag_id": tag_id, "position": n} for n, tag_id in enumerate(tags)])


def _find_place(post: Post, arrival: Arrival) -> str | None:
    """Give the post a slug and a path that are free before it is written; the slug it should have had, if it follows the pattern."""
    wanted = _slug_out_of(arrival)
    if arrival.path and is_free(arrival.path, post):
        post.slug, post.path = wanted, arrival.path
        return None
    if wanted:
        post.slug, post.path = first_free(post, wanted)
    return wanted


def _slug_out_of(arrival: Arrival) -> str:
    for words in (arrival.slug, prose.slugify(arrival.title, max_length=LONGEST_SLUG)):
        try:
            return tidy_slug(words)
        except Invalid:
            continue
    return ""


def _lead_here(post: Post, arrival: Arrival) -> list[str]:
    """Let the post's own address and the old ones lead to it; those that belong to something else are given back."""
    own = [post.path] if post.path and is_known_to_readers(post) else []
    paths = [*own, *(path for path in arrival.old_paths if path != post.path)]
    held = {address.path for address in session().scalars(select(Address).where(Address.path.in_(paths)))}
    refused = []
    for path in dict.fromkeys(paths):
        if path not in held and len(path) <= LONGEST_PATH:
            session().add(Address(path=path, post_id=post.id, origin=arrival.origin))
        elif len(path) > LONGEST_PATH or not give_address(post, path, origin=arrival.origin):
            refused.append(path)
    return refused


def _keep_words(post: Post, by: Actor) -> None:
    session().add(
        Revision(post_id=post.id, number=post.revision, title=post.title, body=post.body, saved_by_id=by.id, saved_by_label=by.label[:320])
    )


def _changed_at(arrival: Arrival) -> datetime:
    return arrival.updated_at or arrival.published_at or clock.now()


def addresses_gone(origin: str) -> set[str]:
    """Paths of this source whose posts were removed here for good."""
    query = select(Address.path).where(Address.origin == origin, Address.post_id.is_(None), Address.target.is_(None))
    return set(session().scalars(query))
