"""What a feed says, whatever its format: read in a handful of light queries, rows instead of objects."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, bindparam, case, select
from sqlalchemy.orm import lazyload

from inkhorn.accounts.models import User
from inkhorn.accounts.queries import user_by_following_key
from inkhorn.core import settings
from inkhorn.core.database import session
from inkhorn.core.links import href, site_root
from inkhorn.core.settings import SiteSettings
from inkhorn.feeds.texts import SIDE_NOTE, full_text, legal
from inkhorn.media.models import Asset
from inkhorn.posts.models import Byline, Post, Tag, post_tag
from inkhorn.posts.queries import follows_much, posts_by_author, posts_by_followed, posts_tagged, published_posts

# Grows when the documents change while the data do not.
_EDITION = 1
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Light = Select[*tuple[Any, ...]]


class Person(NamedTuple):
    name: str
    address: str


class Cover(NamedTuple):
    """A picture that stands on this site."""

    address: str
    content_type: str
    size_bytes: int
    width: int | None
    height: int | None


@dataclass(frozen=True)
class Item:
    """A post as feeds tell of it."""

    uuid: str
    address: str
    title: str
    summary: str
    language: str | None
    published_at: datetime
    updated_at: datetime
    authors: Sequence[Person]
    tags: Sequence[str]
    cover: Cover | None
    # A cover that stands elsewhere.
    picture: str | None
    html: str

    @property
    def urn(self) -> str:
        return f"urn:uuid:{UUID(self.uuid)}"


class Head(NamedTuple):
    """Whose feed it is."""

    title: str
    description: str
    path: str


@dataclass(frozen=True)
class Channel:
    """What a feed says of itself, without a format."""

    title: str
    description: str
    language: str
    site_name: str
    # The page whose feed it is, and the site's root without a slash.
    page: str
    root: str
    # None where it has no items.
    updated_at: datetime | None


@dataclass(frozen=True)
class Edition:
    """A feed as far as it must be read to know whether it changed."""

    head: Head
    site: SiteSettings
    root: str
    rows: Sequence[tuple[Any, ...]]
    people: Sequence[Sequence[tuple[Any, ...]]]
    tags: Sequence[tuple[str, ...]]

    @property
    def version(self) -> str:
        said = (_EDITION, self.channel(), self.rows, self.people, self.tags)
        return hashlib.sha256(repr(said).encode("utf-8", "replace")).hexdigest()[:32]

    @property
    def updated_at(self) -> datetime | None:
        rows = [_Row(*row) for row in self.rows]
        moments = [moment for row in rows for moment in (row.updated_at, row.published_at) if moment]
        return max([*moments, *(person[2] for people in self.people for person in people)], default=None)

    @property
    def keys(self) -> list[tuple[object, ...]]:
        """For each item all that it is made from."""
        return [(_EDITION, self.root, *said) for said in zip(self.rows, self.people, self.tags, strict=True)]

    def channel(self) -> Channel:
        return Channel(
            title=legal(self.head.title),
            description=legal(self.head.description or self.site.description or self.head.title),
            language=self.site.language,
            site_name=legal(self.site.title),
            page=self.root + self.head.path,
            root=self.root,
            updated_at=self.updated_at,
        )

    def items(self, places: Sequence[int]) -> list[Item]:
        """The items at those places, with their texts."""
        rows = [_Row(*self.rows[place]) for place in places]
        texts = _texts_of([row.id for row in rows])
        return [self._item(row, place, *texts.get(row.id, ("", None))) for row, place in zip(rows, places, strict=True)]

    def _item(self, row: "_Row", place: int, html: str, markdown: str | None) -> Item:
        address = self.root + href(row.path)
        cover = None
        if row.key:
            cover = Cover(f"{self.root}/media/{row.key}", row.content_type or "", row.size_bytes or 0, row.width, row.height)
        elsewhere = row.cover_url if cover is None else None
        return Item(
            uuid=row.uuid,
            address=address,
            title=legal(row.title),
            summary=legal(row.excerpt or row.automatic_excerpt),
            language=row.language,
            published_at=row.published_at or EPOCH,
            updated_at=row.updated_at,
            authors=[Person(legal(name), f"{self.root}/author/{slug}/") for name, slug, _changed_at in self.people[place]],
            tags=[legal(name) for name in self.tags[place]],
            cover=cover,
            picture=self.root + elsewhere if elsewhere and elsewhere.startswith("/") else elsewhere,
            html=full_text(html, markdown, address=address, language=row.language),
        )


class _Row(NamedTuple):
    """The columns of _light() in their order."""

    id: int
    uuid: str
    path: str | None
    title: str
    excerpt: str
    automatic_excerpt: str
    language: str | None
    published_at: datetime | None
    updated_at: datetime
    revision: int
    pipeline: int
    cover_url: str | None
    key: str | None
    content_type: str | None
    size_bytes: int | None
    width: int | None
    height: int | None


def site_edition(limit: int | None = None) -> Edition:
    site = settings.read(SiteSettings)
    return _edition(_site_posts(), site, Head(site.title, site.description, "/"), limit)


def tag_edition(tag: Tag, limit: int | None = None) -> Edition:
    site = settings.read(SiteSettings)
    return _edition(_light(posts_tagged(tag)), site, Head(f"{tag.name} · {site.title}", tag.description, f"/tag/{tag.slug}/"), limit)


def author_edition(slug: str, limit: int | None = None) -> Edition | None:
    """None where nobody of that name has published anything: whoever has not is no author to readers."""
    # Roles, which a person is loaded with elsewhere, are no business of a feed.
    user = session().scalars(select(User).where(User.username == slug).options(lazyload(User.roles))).one_or_none()
    if user is None:
        return None
    site = settings.read(SiteSettings)
    edition = _edition(_light(posts_by_author(user)), site, Head(f"{user.name} · {site.title}", "", f"/author/{user.username}/"), limit)
    return edition if edition.rows else None


def following_edition(key: str, name: str, limit: int | None = None) -> Edition | None:
    """What the authors publish whom somebody follows, under that name; None where no such address was given out, or whoever had it cannot sign in."""
    user = user_by_following_key(key)
    if user is None or not user.can_sign_in:
        return None
    site = settings.read(SiteSettings)
    posts = posts_by_followed(user.id, is_many=follows_much(user.id), most=limit or site.feed_items)
    # Feed readers tell feeds apart by this address, so each has its own; it gives the key away to nobody.
    mark = hashlib.sha256(f"following:{key}".encode()).hexdigest()[:12]
    return _edition(_light(posts), site, Head(f"{name} · {site.title}", "", f"/following/#{mark}"), limit)


def _edition(posts: Light, site: SiteSettings, head: Head, limit: int | None) -> Edition:
    rows = [tuple(row) for row in session().execute(posts, {"feed_limit": limit or site.feed_items})]
    numbers = [row[0] for row in rows]
    people: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    tags: dict[int, list[str]] = defaultdict(list)
    if numbers:
        for number, *person in session().execute(_people(), {"numbers": numbers}):
            people[number].append(tuple(person))
        for number, name in session().execute(_tags(), {"numbers": numbers}):
            tags[number].append(name)
    return Edition(
        head=head,
        site=site,
        root=site_root(),
        rows=rows,
        people=[tuple(people[number]) for number in numbers],
        tags=[tuple(tags[number]) for number in numbers],
    )


# Statements are built once: building them took as long as running them.
@cache
def _site_posts() -> Light:
    return _light(published_posts())


def _light(posts: Select[Post]) -> Light:
    cover = (Asset.key, Asset.content_type, Asset.size_bytes, Asset.width, Asset.height)
    light: Light = posts.outerjoin(Asset, Asset.id == Post.cover_id).with_only_columns(
        Post.id,
        Post.uuid,
        Post.path,
        Post.title,
        Post.excerpt,
        Post.automatic_excerpt,
        Post.language,
        Post.published_at,
        Post.updated_at,
        Post.revision,
        Post.pipeline,
        Post.cover_url,
        *cover,
    )
    return light.limit(bindparam("feed_limit"))


@cache
def _people() -> Select[int, str, str, datetime]:
    return (
        select(Byline.post_id, User.name, User.username.label("slug"), User.updated_at)
        .join(User, User.id == Byline.user_id)
        .where(Byline.post_id.in_(bindparam("numbers", expanding=True)))
        .order_by(Byline.post_id, Byline.position)
    )


@cache
def _tags() -> Select[int, str]:
    return (
        select(post_tag.c.post_id, Tag.name)
        .join(Tag, Tag.id == post_tag.c.tag_id)
        .where(post_tag.c.post_id.in_(bindparam("numbers", expanding=True)))
        .order_by(post_tag.c.post_id, post_tag.c.position)
    )


@cache
def _texts() -> Light:
    # The Markdown comes along only where it has to be rendered again.
    body = case((Post.html.contains(SIDE_NOTE), Post.body), else_=None)
    return select(Post.id, Post.html, body.label("body")).where(Post.id.in_(bindparam("numbers", expanding=True)))


def _texts_of(numbers: list[int]) -> dict[int, tuple[str, str | None]]:
    rows = session().execute(_texts(), {"numbers": numbers}) if numbers else ()
    return {number: (html, body) for number, html, body in rows}
