"""Posts and pages as programs see them: their fields, what they are chosen and ordered by, and how a page of them is read in few queries."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Enum,
    Integer,
    Select,
    String,
    bindparam,
    literal_column,
    select,
    type_coerce,
    union_all,
)

from inkhorn.accounts.models import User
from inkhorn.api.answers import rows_of
from inkhorn.api.asking import Asked
from inkhorn.api.filters import by_flag, by_link, by_moment, by_number, by_text, by_word, moment
from inkhorn.api.shapes import (
    FLAG,
    MOMENT,
    TEXT,
    WHOLE,
    Resource,
    Shape,
    Sort,
    listed,
    maybe,
    plain,
    shown,
    teller,
    told_moment,
    told_value,
    words,
)
from inkhorn.api.shapes import moment as told
from inkhorn.core.access import Actor
from inkhorn.core.database import session
from inkhorn.core.errors import NotFound
from inkhorn.media.models import Asset
from inkhorn.posts.models import Audience, Byline, Post, PostKind, Series, Status, Tag, post_tag
from inkhorn.posts.queries import visible_to

post = Post.__table__.c
byline, user, tag, series, asset = (each.__table__.c for each in (Byline, User, Tag, Series, Asset))

# Read only where they are asked for.
LONG = ("body", "html", "contents")
# Told of what the actor may change, and of nothing else.
PRIVATE = ("body", "release_at", "created_at", "trashed_at")
# Never told of a post.
UNTOLD = ("kind", "pipeline", "takes_comments", "status_before_trash", "origin", "origin_key", "origin_digest")
# The words that the rule of what may be read asks for.
RULES = ("posts.edit_any", "posts.write", "members.read")
# Of these, the words without which there is no post that somebody may change.
CHANGING = ("posts.edit_any", "posts.write")
PERSON: Shape = {"type": "object", "properties": {"id": WHOLE, "name": TEXT, "username": TEXT}}
TAGGED: Shape = {"type": "object", "properties": {"id": WHOLE, "name": TEXT, "slug": TEXT}}
SERIES: Shape = {"type": "object", "properties": {"id": WHOLE, "title": TEXT, "slug": TEXT, "position": maybe(WHOLE)}}
COVER: Shape = {
    "type": "object",
    "properties": {"id": maybe(WHOLE), "path": TEXT, "width": maybe(WHOLE), "height": maybe(WHOLE), "alt": TEXT, "caption": TEXT},
}
HEADING: Shape = {"type": "object", "properties": {"id": TEXT, "text": TEXT, "level": WHOLE}}


@dataclass
class Beside:
    """What was gathered for all posts of an answer: authors and tags by the post's number."""

    authors: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    tags: dict[int, list[dict[str, Any]]] = field(default_factory=dict)


def _series(row: Any, _beside: Beside) -> Any:
    if row.series_id is None:
        return None
    return {"id": row.series_id, "title": row.series_title, "slug": row.series_slug, "position": row.series_position}


def _cover(row: Any, _beside: Beside) -> Any:
    if (row.cover_id is None or row.asset_key is None) and not row.cover_url:
        return None
    return {
        "id": row.cover_id,
        "path": f"/media/{row.asset_key}" if row.asset_key else row.cover_url,
        "width": row.asset_width,
        "height": row.asset_height,
        "alt": row.cover_alt or row.asset_alt or "",
        "caption": row.cover_caption or row.asset_caption or "",
    }


FIELDS = plain(
    id=WHOLE,
    uuid=shown(TEXT, "The identity that feeds carry; it outlives every change of address.", read="uuid"),
    status=shown(words(*Status), read=told_value("status")),
    audience=shown(words(*Audience), "Who may read it once it is published.", read=told_value("audience")),
    title=TEXT,
    slug=TEXT,
    path=shown(maybe(TEXT), "Where it stands on this site.", read="path"),
    language=maybe(TEXT),
    html=shown(TEXT, "The text as readers get it, sanitised.", read="html"),
    contents=shown(listed(HEADING), "Its headings.", read="contents"),
    excerpt=shown(TEXT, "As written by hand.", read="excerpt"),
    summary=shown(TEXT, "The excerpt, or one made of the text.", read=lambda row, _beside: row.excerpt or row.automatic_excerpt),
    words=WHOLE,
    reading_minutes=WHOLE,
    is_featured=FLAG,
    canonical_url=maybe(TEXT),
    meta_title=maybe(TEXT),
    meta_description=maybe(TEXT),
    published_at=shown(maybe(MOMENT), "The date readers see.", read=told_moment("published_at")),
    updated_at=shown(MOMENT, read=told_moment("updated_at")),
    body=shown(TEXT, "The text as it is written, in Markdown.", read="body", is_private=True),
    revision=shown(WHOLE, "Grows by one with every save.", read="revision", is_private=True),
    release_at=shown(maybe(MOMENT), "The promised hour of a scheduled post.", read=told_moment("release_at"), is_private=True),
    created_at=shown(MOMENT, read=told_moment("created_at"), is_private=True),
    trashed_at=shown(maybe(MOMENT), read=told_moment("trashed_at"), is_private=True),
)
RELATIONS = plain(
    authors=shown(listed(PERSON), read=lambda row, beside: beside.authors.get(row.id, [])),
    tags=shown(listed(TAGGED), read=lambda row, beside: beside.tags.get(row.id, [])),
    series=shown(maybe(SERIES), read=_series),
    cover=shown(maybe(COVER), read=_cover),
)


def _tagged(slugs: Sequence[str]) -> ColumnElement[bool]:
    linked = select(post_tag.c.post_id).join(Tag.__table__, tag.id == post_tag.c.tag_id)
    return linked.where(tag.slug.in_(slugs), post_tag.c.post_id == post.id).exists()


def _written(usernames: Sequence[str]) -> ColumnElement[bool]:
    linked = select(byline.post_id).join(User.__table__, user.id == byline.user_id)
    return linked.where(user.username.in_(usernames), byline.post_id == post.id).exists()


def _in_series(slugs: Sequence[str]) -> ColumnElement[bool]:
    return post.series_id.in_(select(series.id).where(series.slug.in_(slugs)))


FILTERS = {
    "id": by_number(post.id),
    "status": by_word(post.status, *Status, about="Without it everything but the trash."),
    "audience": by_word(post.audience, *Audience),
    "title": by_text(post.title),
    "slug": by_text(post.slug),
    "tag": by_link(_tagged, about="The last part of a tag's address."),
    "author": by_link(_written, about="A username."),
    "series": by_link(_in_series, about="The last part of a series' address."),
    "is_featured": by_flag(post.is_featured),
    "published_at": by_moment(post.published_at),
    "updated_at": by_moment(post.updated_at),
}
SORTS = {
    "id": Sort(column=post.id, read=int, write=int),
    "published_at": Sort(column=post.published_at, read=moment, write=told, is_nullable=True),
    "updated_at": Sort(column=post.updated_at, read=moment, write=told),
    "title": Sort(column=post.title, read=str, write=str),
}
POST = Resource(
    name="Post",
    about="A post or a page.",
    key=post.id,
    fields=FIELDS,
    relations=RELATIONS,
    filters=FILTERS,
    sorts=SORTS,
    usual_sort="-published_at",
)


@dataclass(frozen=True)
class Somebody:
    """Whoever holds these words: stands for the actor in a statement that is built once for all who do."""

    words: frozenset[str]
    id: Any = bindparam("actor_id", type_=Integer())
    label: str = ""
    address: None = None
    device: None = None
    is_signed_in: bool = True

    def may(self, permission: str) -> bool:
        return permission in self.words


@dataclass(frozen=True)
class Page:
    """All that the statement of a page without filters depends on."""

    long: frozenset[str]
    kind: PostKind
    words: frozenset[str]
    is_in_trash: bool
    order: tuple[str, str]


# Of the few shapes that there are, each is built once: building one anew costs more than the database does.
_pages: dict[Page, Select[Any]] = {}


@cache
def _rows(long: frozenset[str], *, is_private_told: bool) -> Select[Any]:
    """The columns of posts with series and cover; the long ones where they are asked for, what is private where it may be told."""
    left_out = {*UNTOLD, *(set(LONG) - long), *(() if is_private_told else PRIVATE)}
    # Words as they are kept: to make enums of them only to tell them as words again would cost more than to read them.
    columns = [
        type_coerce(column, String()).label(column.name) if isinstance(column.type, Enum) else column
        for column in post
        if column.name not in left_out
    ]
    beside = [
        *(series.title.label("series_title"), series.slug.label("series_slug"), asset.key.label("asset_key")),
        *(asset.width.label("asset_width"), asset.height.label("asset_height")),
        *(asset.alt.label("asset_alt"), asset.caption.label("asset_caption")),
    ]
    joined = Post.__table__.outerjoin(Series.__table__, series.id == post.series_id).outerjoin(Asset.__table__, asset.id == post.cover_id)
    return select(*columns, *beside).select_from(joined)


def _page(asked: Asked, actor: Actor, kind: PostKind, *, is_in_trash: bool) -> Select[Any]:
    words = _words_of(actor)
    page = Page(frozenset(LONG).intersection(asked.names), kind, words, is_in_trash, asked.shape)
    if page not in _pages:
        is_private_told = not words.isdisjoint(CHANGING)
        query = _rows(page.long, is_private_told=is_private_told).where(post.kind == kind, visible_to(Somebody(words)))
        _pages[page] = asked.ordered(query if is_in_trash else query.where(post.status != Status.TRASHED))
    return _pages[page]


@cache
def _one(long: frozenset[str], kind: PostKind, words: frozenset[str]) -> Select[Any]:
    asked = bindparam("post_id", type_=Integer())
    return _rows(long, is_private_told=True).where(post.id == asked, post.kind == kind, visible_to(Somebody(words)))


def _words_of(actor: Actor) -> frozenset[str]:
    return frozenset(word for word in RULES if actor.may(word))


def list_posts(actor: Actor, kind: PostKind, asked: Asked, *, is_in_trash: bool) -> tuple[list[dict[str, Any]], str | None]:
    """The page that was asked for, by two statements, and the cursor of the next."""
    query = _page(asked, actor, kind, is_in_trash=is_in_trash)
    # A number that stands in no row, where somebody has none and the rule does not ask for it.
    rows, cursor = rows_of(asked, query, is_ordered=True, actor_id=actor.id or 0)
    return told_rows(actor, rows, asked.names), cursor


def read_posts(actor: Actor, post_ids: Sequence[int], names: Sequence[str]) -> list[dict[str, Any]]:
    """These posts in this order, as far as the actor may see them."""
    if not post_ids:
        return []
    found = _rows(frozenset(LONG).intersection(names), is_private_told=True).where(post.id.in_(post_ids), visible_to(actor))
    by_id = {row.id: row for row in session().execute(found)}
    return told_rows(actor, [by_id[each] for each in post_ids if each in by_id], names)


def read_post(actor: Actor, kind: PostKind, post_id: int, names: Sequence[str]) -> tuple[dict[str, Any], str]:
    """One post as it is told to whoever may see it, and its version."""
    row = None
    if 0 < post_id < 2**31:
        query = _one(frozenset(LONG).intersection(names), kind, _words_of(actor))
        row = session().connection().execute(query, {"post_id": post_id, "actor_id": actor.id or 0}).one_or_none()
    if row is None:
        raise NotFound(f"There is no such {kind.value}, or it is not yours to see.")
    return told_rows(actor, [row], names)[0], version_of_post(row)


def tell_post(actor: Actor, written: Post, names: Sequence[str]) -> tuple[dict[str, Any], str]:
    """The same of a post that the actor has just begun in the open transaction: what is in the hand is not read again."""
    if written.series_id is not None or written.cover_id is not None or written.cover_url:
        return read_post(actor, written.kind, written.id, names)
    return told_rows(actor, [written], names)[0], version_of_post(written)


def version_of_post(row: Any) -> str:
    """Changes with every save and every move."""
    return f"{row.revision}-{int(row.updated_at.timestamp() * 1_000_000):x}"


def told_rows(actor: Actor, rows: Sequence[Any], names: Sequence[str]) -> list[dict[str, Any]]:
    """Posts as they are told to the actor, whatever they carry gathered by one statement for all."""
    ids = [row.id for row in rows]
    is_editor, is_author = actor.may("posts.edit_any"), actor.may("posts.write")
    wanted = set(LINKED).intersection(names)
    if is_author and not is_editor:
        wanted.add("authors")
    beside = _gathered(frozenset(wanted), ids) if ids and wanted else Beside()
    others = teller(POST, names, may_change=False)
    own = teller(POST, names) if is_editor or is_author else others
    return [(own if is_editor or (is_author and _wrote(actor, row, beside)) else others)(row, beside) for row in rows]


def _wrote(actor: Actor, row: Any, beside: Beside) -> bool:
    return actor.id is not None and (
        row.created_by_id == actor.id or any(each["id"] == actor.id for each in beside.authors.get(row.id, []))
    )


def _gathered(wanted: frozenset[str], ids: Sequence[int]) -> Beside:
    beside = Beside()
    for is_tag, post_id, _position, number, name, key in session().connection().execute(_linked(wanted), {"ids": ids}).all():
        if is_tag:
            beside.tags.setdefault(post_id, []).append({"id": number, "name": name, "slug": key})
        else:
            beside.authors.setdefault(post_id, []).append({"id": number, "name": name, "username": key})
    return beside


@cache
def _linked(wanted: frozenset[str]) -> CompoundSelect[Any]:
    """The authors and tags of some posts, by one statement, in the order in which each post names them."""
    return union_all(*(LINKED[name] for name in sorted(wanted))).order_by("position")


_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
LINKED = {
    "authors": select(literal_column("0"), byline.post_id, byline.position, user.id, user.name, user.username)
    .select_from(Byline.__table__.join(User.__table__, user.id == byline.user_id))
    .where(byline.post_id.in_(_IDS)),
    "tags": select(literal_column("1"), post_tag.c.post_id, post_tag.c.position, tag.id, tag.name, tag.slug)
    .select_from(post_tag.join(Tag.__table__, tag.id == post_tag.c.tag_id))
    .where(post_tag.c.post_id.in_(_IDS)),
}
