"""The addresses of the site for search engines: an index, and files that each hold a range of 5,000 numbers."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import ColumnElement, Select, cast, func, literal, literal_column, null, select, union_all

from inkhorn.accounts.models import User
from inkhorn.core.database import UtcDateTime, session
from inkhorn.core.links import href, site_root
from inkhorn.media.models import Album, Episode, Show
from inkhorn.media.sounds import is_open
from inkhorn.posts.models import Byline, Post, PostKind, Series, Tag, post_tag
from inkhorn.posts.queries import LIVE, PUBLIC

# A file holds the addresses whose numbers fall into its range, fewer where some are not public: nobody has to count them.
PER_FILE = 5_000
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"

# Each row: number, path, the moment of its last change.
Section = Select[*tuple[Any, ...]]


def _posts_of(kind: PostKind) -> Section:
    # What says that it belongs elsewhere is listed there.
    live = (Post.kind == kind, PUBLIC, Post.canonical_url.is_(None))
    return select(Post.id.label("number"), Post.path.label("path"), Post.updated_at.label("changed_at")).where(*live)


# Lists change with their posts, and those say when; to find the latest of each would mean to read them all.
def _lists_of(number: Any, path: ColumnElement[str], has_posts: ColumnElement[bool]) -> Section:
    return select(number.label("number"), path.label("path"), cast(null(), UtcDateTime).label("changed_at")).where(has_posts)


def _tags() -> Section:
    is_live = select(Post.id).where(Post.id == post_tag.c.post_id, LIVE).exists()
    tagged = select(post_tag.c.post_id).where(post_tag.c.tag_id == Tag.id, is_live)
    return _lists_of(Tag.id, "/tag/" + Tag.slug + "/", tagged.exists())


def _authors() -> Section:
    is_live = select(Post.id).where(Post.id == Byline.post_id, LIVE).exists()
    written = select(Byline.post_id).where(Byline.user_id == User.id, is_live)
    return _lists_of(User.id, "/author/" + User.username + "/", written.exists())


def _series() -> Section:
    return _lists_of(Series.id, "/series/" + Series.slug + "/", select(Post.id).where(Post.series_id == Series.id, LIVE).exists())


def _albums() -> Section:
    return _sounds_at(Album, "/album/" + Album.slug + "/")


def _shows() -> Section:
    return _sounds_at(Show, "/show/" + Show.slug + "/")


def _episodes() -> Section:
    of_show = select(Show.slug).where(Show.id == Episode.show_id).scalar_subquery()
    return _sounds_at(Episode, "/show/" + of_show + "/" + Episode.slug + "/")


def _sounds_at(kind: Any, path: ColumnElement[str]) -> Section:
    return select(kind.id.label("number"), path.label("path"), kind.updated_at.label("changed_at")).where(is_open(kind))


SECTIONS: dict[str, Callable[[], Section]] = {
    "posts": lambda: _posts_of(PostKind.POST),
    "pages": lambda: _posts_of(PostKind.PAGE),
    "tags": _tags,
    "authors": _authors,
    "series": _series,
    "albums": _albums,
    "shows": _shows,
    "episodes": _episodes,
}


def sitemap_index() -> str:
    """The files that exist, each with the moment at which something in it last changed."""
    root = site_root()
    files = {(section, int(number)): changed_at for section, number, changed_at in session().execute(_files())}
    # The home page stands among the pages, so their first file is always there.
    files.setdefault(("pages", 1), None)
    order = list(SECTIONS)
    places = [
        (f"{root}/sitemap-{name}-{number}.xml", files[name, number])
        for name, number in sorted(files, key=lambda f: (order.index(f[0]), f[1]))
    ]
    return _document("sitemapindex", "sitemap", places)


def sitemap_file(name: str, number: int) -> str | None:
    """The addresses of one file; None where there is no such file."""
    root = site_root()
    rows = SECTIONS[name]()
    which = rows.selected_columns.number
    query = rows.where(which > (number - 1) * PER_FILE, which <= number * PER_FILE).order_by(which)
    places: list[tuple[str, datetime | None]] = [(root + href(path), changed_at) for _number, path, changed_at in session().execute(query)]
    if name == "pages" and number == 1:
        places.insert(0, (f"{root}/", None))
    return _document("urlset", "url", places) if places else None


def _files() -> Section:
    """Every file of every section that has something in it, by one query that reads indexes only."""
    parts = []
    for name, section in SECTIONS.items():
        rows = section()
        columns = rows.selected_columns
        file = ((columns.number - 1) // PER_FILE + 1).label("file")
        found = rows.with_only_columns(literal(name).label("section"), file, func.max(columns.changed_at).label("changed_at"))
        # By its name: with parameters in it PostgreSQL would take the same words for another expression.
        parts.append(found.group_by(literal_column("file")))
    together = union_all(*parts).subquery()
    return select(together.c.section, together.c.file, together.c.changed_at)


def _document(name: str, part: str, places: Iterable[tuple[str, datetime | None]]) -> str:
    lines = [f'<?xml version="1.0" encoding="UTF-8"?>\n<{name} xmlns="{_NAMESPACE}">']
    lines += [f"<{part}><loc>{_address(place)}</loc>{_moment(changed_at)}</{part}>" for place, changed_at in places]
    return "\n".join([*lines, f"</{name}>\n"])


def _moment(changed_at: datetime | None) -> str:
    return f"<lastmod>{changed_at.astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%SZ')}</lastmod>" if changed_at else ""


def _address(address: str) -> str:
    return quote(address, safe="%/:?#[]@!$&'()*+,;=~").replace("&", "&amp;").replace("'", "&apos;")
