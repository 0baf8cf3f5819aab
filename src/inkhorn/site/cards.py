"""Rows made into what themes see: entries, pictures, people, links."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import urlsplit

from flask_babel import gettext as _

from inkhorn.core.links import href
from inkhorn.core.settings import SiteSettings
from inkhorn.core.themes import Link, direction_of
from inkhorn.media.queries import blur_address, portrait_at, tenths
from inkhorn.posts.models import Audience
from inkhorn.site.pages import Entry, Paging, Person, Picture, Source
from inkhorn.site.queries import AnyRow, Cards, Labels
from inkhorn.site.words import iso, local_day, reading_time, short_date

LONGEST_NAME = 80
PORTRAIT_HUES = 6
# Of an address as a link shows it.
LONGEST_LABEL = 60


def name_of(row: AnyRow) -> str:
    """The title, or the first words of a post that has none."""
    title: str = row.title.strip()
    if title:
        return title
    words = " ".join((row.excerpt or row.automatic_excerpt).split())
    return words if len(words) <= LONGEST_NAME else words[:LONGEST_NAME].rsplit(" ", 1)[0] + "…"


def visible_name(row: AnyRow) -> str:
    return name_of(row) or _("Untitled")


def author_link(row: AnyRow) -> Link:
    return _link("author", row.name, row.slug)


def tag_link(row: AnyRow) -> Link:
    return _link("tag", row.name, row.slug)


# The same few authors and tags stand on every list.
@lru_cache(maxsize=4096)
def _link(kind: str, name: str, slug: str) -> Link:
    return Link(name, f"/{kind}/{href(slug)}/")


def entries_of(found: Cards, tuned: SiteSettings) -> tuple[Entry, ...]:
    return tuple(entry_of(row, found.labels, tuned) for row in found.rows)


def entry_of(row: AnyRow, labels: Labels, tuned: SiteSettings) -> Entry:
    tags = labels.tags.get(row.id)
    if row.series_slug:
        kicker: Link | None = Link(row.series_title, f"/series/{href(row.series_slug)}/")
    else:
        kicker = tag_link(tags[0]) if tags else None
    language, direction = foreign(row.language, tuned)
    has_title = bool(row.title.strip())
    return Entry(
        title=visible_name(row),
        address=href(row.path),
        # A note without a title shows its first words above already.
        summary=row.excerpt or (row.automatic_excerpt if has_title or len(row.automatic_excerpt) > LONGEST_NAME else ""),
        when=short_date(local_day(row.published_at, tuned.timezone), tuned.language),
        datetime=iso(row.published_at),
        reading=reading_time(row.reading_minutes, row.words),
        authors=tuple(author_link(author) for author in labels.authors.get(row.id, ())),
        is_for_members=row.audience is Audience.MEMBERS,
        kicker=kicker,
        cover=picture_of(row, labels),
        language=language,
        direction=direction,
    )


def foreign(language: str | None, tuned: SiteSettings) -> tuple[str | None, str | None]:
    """Language and direction of a text, where they are not the site's own."""
    if not language or language == tuned.language:
        return None, None
    direction = direction_of(language)
    return language, direction if direction != direction_of(tuned.language) else None


def picture_of(row: AnyRow, labels: Labels) -> Picture | None:
    """The cover: an upload with its versions, or a plain address; None where there is none that may be shown."""
    if row.asset_id is not None:
        return Picture(
            src=f"/media/{row.asset_key}",
            width=row.asset_width,
            height=row.asset_height,
            alt=row.cover_alt or row.asset_alt,
            caption=row.cover_caption or row.asset_caption,
            sources=_sources(labels.renditions.get(row.asset_id, ())),
            blur=blur_address(row.asset_blur),
            across=tenths(row.asset_focal_x),
            down=tenths(row.asset_focal_y),
        )
    if row.cover_url and re.match(r"https?://|/(?![/\\])", row.cover_url):
        return Picture(src=row.cover_url, alt=row.cover_alt, caption=row.cover_caption)
    return None


def _sources(renditions: Sequence[AnyRow]) -> tuple[Source, ...]:
    by_type: dict[str, list[str]] = {}
    for each in renditions:
        by_type.setdefault(each.content_type, []).append(f"/media/{each.key} {each.width}w")
    # The lightest kinds first: a browser takes the first that it knows.
    ranks = {"image/avif": 0, "image/webp": 1}
    return tuple(Source(kind, ", ".join(by_type[kind])) for kind in sorted(by_type, key=lambda kind: ranks.get(kind, 2)))


def person_of(row: AnyRow, links: Sequence[str] = ()) -> Person:
    website = row.website if row.website and _is_web(row.website) else None
    return Person(
        name=row.name,
        address=f"/author/{href(row.slug)}/",
        initials=initials_of(row.name),
        hue=sum(row.slug.encode()) % PORTRAIT_HUES,
        portrait=portrait_at(row.portrait_key) if row.portrait_key else None,
        portrait_small=portrait_at(row.portrait_key, is_small=True) if row.portrait_key else None,
        bio=row.bio,
        website=website,
        website_label=_without_scheme(website) if website else "",
        links=tuple(Link(_without_scheme(link), link) for link in links if _is_web(link)),
    )


def _is_web(address: str) -> bool:
    return re.match(r"https?://[^\s]+$", address) is not None


def initials_of(name: str) -> str:
    """First letters of the first and the last name; one letter where two would join or crowd."""
    letters = [word[0] for word in name.split() if word[0].isalpha()]
    if not letters:
        return "?"
    is_spaced = all(unicodedata.name(letter, "").startswith(("LATIN", "GREEK", "CYRILLIC")) for letter in letters)
    return "".join(letters[:1] + letters[1:][-1:]).upper() if is_spaced else letters[0]


def _without_scheme(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return address[:LONGEST_LABEL]
    shown = (parts.netloc + parts.path).removeprefix("www.").rstrip("/")
    return shown if len(shown) <= LONGEST_LABEL else f"{shown[: LONGEST_LABEL - 1]}…"


def paging_of(found: Cards, root: str) -> Paging:
    """Where the list under the root ("/", "/tag/tides/") can be turned."""
    return paging(found.number, found.pages, root)


def paging(number: int, pages: int, root: str) -> Paging:
    newer = None if number <= 1 else root if number == 2 else f"{root}page/{number - 1}/"
    return Paging(
        label=_("Page %(number)d of %(pages)d", number=number, pages=pages),
        newer_address=newer,
        older_address=f"{root}page/{number + 1}/" if number < pages else None,
    )
