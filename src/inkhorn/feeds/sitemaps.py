"""The addresses of the site for search engines: an index, and files of at most 5,000 addresses."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import Select, func, select

from inkhorn.accounts.models import User
from inkhorn.core.database import session
from inkhorn.core.links import href, site_root
from inkhorn.posts.models import Byline, Post, PostKind, Series, Tag, post_tag
from inkhorn.posts.queries import LIVE, PUBLIC

PER_FILE = 5_000
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"

# Each row: path, the moment of its last change, a number that orders it for ever.
Section = Select[*tuple[Any, ...]]


def _posts_of(kind: PostKind) -> Section:
    # What says that it belongs elsewhere is listed there.
    live = (Post.kind == kind, PUBLIC, Post.canonical_url.is_(None))
    return select(Post.path.label("path"), Post.updated_at.label("changed_at"), Post.id.label("number")).where(*live)


def _tags() -> Section:
    return (
        select(("/tag/" + Tag.slug + "/").label("path"), func.max(Post.updated_at).label("changed_at"), Tag.id.label("number"))
        .join(post_tag, post_tag.c.tag_id == Tag.id)
        .join(Post, Post.id == post_tag.c.post_id)
        .where(LIVE)
        .group_by(Tag.id, Tag.slug)
    )


def _authors() -> Section:
    return (
        select(("/author/" + User.slug + "/").label("path"), func.max(Post.updated_at).label("changed_at"), User.id.label("number"))
        .join(Byline, Byline.user_id == User.id)
        .join(Post, Post.id == Byline.post_id)
        .where(LIVE)
        .group_by(User.id, User.slug)
    )


def _series() -> Section:
    return (
        select(("/series/" + Series.slug + "/").label("path"), func.max(Post.updated_at).label("changed_at"), Series.id.label("number"))
        .join(Post, Post.series_id == Series.id)
        .where(LIVE)
        .group_by(Series.id, Series.slug)
    )


SECTIONS: dict[str, Callable[[], Section]] = {
    "posts": lambda: _posts_of(PostKind.POST),
    "pages": lambda: _posts_of(PostKind.PAGE),
    "tags": _tags,
    "authors": _authors,
    "series": _series,
}


def sitemap_index() -> str:
    """The files that exist, each with the moment at which something in it last changed."""
    root = site_root()
    places = [(f"{root}/sitemap-{name}-{number}.xml", changed_at) for name in SECTIONS for number, changed_at in _files_of(name)]
    return _document("sitemapindex", "sitemap", places)


def sitemap_file(name: str, number: int) -> str | None:
    """The addresses of one file; None where there is no such file."""
    root = site_root()
    rows = SECTIONS[name]().subquery()
    query = select(rows.c.path, rows.c.changed_at).order_by(rows.c.number).offset((number - 1) * PER_FILE).limit(PER_FILE)
    places: list[tuple[str, datetime | None]] = [(root + href(path), changed_at) for path, changed_at in session().execute(query)]
    if name == "pages" and number == 1:
        places.insert(0, (f"{root}/", None))
    return _document("urlset", "url", places) if places else None


def _files_of(name: str) -> Iterator[tuple[int, datetime | None]]:
    rows = SECTIONS[name]().subquery()
    place = func.row_number().over(order_by=rows.c.number) - 1
    ranked = select(rows.c.changed_at, (place // PER_FILE).label("file")).subquery()
    query = select(ranked.c.file, func.max(ranked.c.changed_at)).group_by(ranked.c.file).order_by(ranked.c.file)
    found = [(int(file) + 1, changed_at) for file, changed_at in session().execute(query)]
    # The home page stands among the pages, so their first file is always there.
    yield from found or ([(1, None)] if name == "pages" else [])


def _document(name: str, part: str, places: Iterable[tuple[str, datetime | None]]) -> str:
    lines = [f'<?xml version="1.0" encoding="UTF-8"?>\n<{name} xmlns="{_NAMESPACE}">']
    lines += [f"<{part}><loc>{_address(place)}</loc>{_moment(changed_at)}</{part}>" for place, changed_at in places]
    return "\n".join([*lines, f"</{name}>\n"])


def _moment(changed_at: datetime | None) -> str:
    return f"<lastmod>{changed_at.astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%SZ')}</lastmod>" if changed_at else ""


def _address(address: str) -> str:
    return quote(address, safe="%/:?#[]@!$&'()*+,;=~").replace("&", "&amp;").replace("'", "&apos;")
