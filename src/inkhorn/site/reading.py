"""Puts together the page of one post, or of one standalone page."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup

from inkhorn.core import settings
from inkhorn.core.days import full_date
from inkhorn.core.links import href
from inkhorn.core.settings import SiteSettings
from inkhorn.core.themes import Link, site_card
from inkhorn.posts.models import PostKind
from inkhorn.site import queries
from inkhorn.site.cards import author_link, foreign, person_of, picture_of, tag_link, visible_name
from inkhorn.site.meta import Article, article_meta
from inkhorn.site.pages import Heading, PostPage, SeriesBox, StandalonePage
from inkhorn.site.queries import AnyRow, Labels
from inkhorn.site.talking import thread_below
from inkhorn.site.words import iso, local_day, reading_time

LONG_TITLE = 90
FEWEST_CONTENTS = 3
MOST_CONTENTS = 200
# A large initial needs this much text beside it.
FEWEST_INITIAL_LETTERS = 160

_FIRST_PARAGRAPH = re.compile(r"\s*<p>([^<]+)")


def reading_page(row: AnyRow, *, edit_address: str | None = None, notice: str = "") -> PostPage | StandalonePage:
    """The page of a post's row; with a notice it is shown to its author only and search engines are kept away."""
    tuned = settings.read(SiteSettings)
    labels = queries.labels_of([row], whole_people=True)
    language, direction = foreign(row.language, tuned)
    shared: dict[str, Any] = {
        "site": site_card(tuned),
        "edit_address": edit_address,
        "title": row.title.strip(),
        "name": visible_name(row),
        "is_long": len(row.title) > LONG_TITLE,
        "standfirst": row.excerpt,
        "html": Markup(row.html),  # noqa: S704 - made and sanitised by core.prose when it was saved
        "has_initial": row.kind is PostKind.POST and has_initial(row.html),
        "has_code": 'class="highlight' in row.html,
        "cover": picture_of(row, labels),
        "contents": contents_of(row.contents),
        "language": language,
        "direction": direction,
        "notice": notice,
        "thread": thread_below(row),
        "address": href(row.path),
        "meta": article_meta(tuned, _article(row, labels, tuned), is_hidden=bool(notice)),
    }
    if row.kind is PostKind.PAGE:
        return StandalonePage(**shared)
    return PostPage(**shared, **_of_posts_only(row, labels, tuned))


def _of_posts_only(row: AnyRow, labels: Labels, tuned: SiteSettings) -> dict[str, Any]:
    tags = tuple(tag_link(tag) for tag in labels.tags.get(row.id, ()))
    beside = queries.companions(row)
    day = local_day(row.published_at, tuned.timezone) if row.published_at else None
    date = full_date(day, tuned.language) if day else _("Not published yet")
    return {
        "kicker": tags[0] if tags else None,
        "authors": tuple(person_of(author) for author in labels.authors.get(row.id, ())),
        "date": date,
        "datetime": iso(row.published_at),
        "reading": reading_time(row.reading_minutes, row.words),
        "tags": tags,
        "series": _series_box(row, [part for part in beside if part.side == "part"]),
        "older": _neighbour(beside, "older"),
        "newer": _neighbour(beside, "newer"),
    }


def _neighbour(beside: Sequence[AnyRow], side: str) -> Link | None:
    return next((Link(each.title.strip() or _("Untitled"), href(each.path)) for each in beside if each.side == side), None)


def _series_box(row: AnyRow, parts: Sequence[AnyRow]) -> SeriesBox | None:
    here = next((part for part in parts if part.id == row.id), None)
    if here is None:
        return None
    return SeriesBox(
        title=row.series_title,
        address=f"/series/{href(row.series_slug)}/",
        position=_("Part %(number)d of %(parts)d", number=here.part, parts=here.parts),
        first=parts[0].part,
        parts=tuple(Link(part.title.strip() or _("Untitled"), href(part.path), is_current=part.id == row.id) for part in parts),
    )


def _article(row: AnyRow, labels: Labels, tuned: SiteSettings) -> Article:
    cover = picture_of(row, labels)
    published = iso(row.published_at)
    return Article(
        name=visible_name(row),
        address=href(row.path),
        description=row.meta_description or row.excerpt or row.automatic_excerpt,
        canonical=row.canonical_url,
        title=row.meta_title,
        language=row.language or tuned.language,
        authors=[author_link(author) for author in labels.authors.get(row.id, ())],
        tags=[tag_link(tag) for tag in labels.tags.get(row.id, ())],
        image=cover.src if cover else "",
        image_alt=cover.alt if cover else "",
        published=published if row.is_live else "",
        modified=max(published, iso(row.updated_at)),
        words=row.words,
        is_page=row.kind is PostKind.PAGE,
    )


def has_initial(html: str) -> bool:
    """Whether the text begins with a paragraph long enough for a large initial, in a script that has capitals to set large."""
    found = _FIRST_PARAGRAPH.match(html)
    if found is None or len(found[1]) < FEWEST_INITIAL_LETTERS:
        return False
    letter = found[1][0]
    return letter.isalpha() and unicodedata.name(letter, "").startswith(("LATIN", "GREEK", "CYRILLIC"))


def contents_of(headings: Sequence[dict[str, Any]]) -> tuple[Heading, ...]:
    """The headings of the highest level in the text, if there are enough of them to need a list."""
    if not headings:
        return ()
    highest = min(heading["level"] for heading in headings)
    top = [heading for heading in headings if heading["level"] == highest]
    if len(top) < FEWEST_CONTENTS:
        return ()
    return tuple(Heading(heading["text"], f"#{heading['id']}") for heading in top[:MOST_CONTENTS])
