"""Puts together the pages that list posts: home, tag, author, series, archive."""

from itertools import groupby

from flask_babel import gettext as _
from flask_babel import ngettext

from inkhorn.core import settings
from inkhorn.core.days import full_date
from inkhorn.core.errors import NotFound
from inkhorn.core.links import href
from inkhorn.core.paging import FARTHEST_PAGE
from inkhorn.core.settings import SiteSettings
from inkhorn.core.themes import Feed, Link, site_card
from inkhorn.site import queries
from inkhorn.site.cards import entries_of, entry_of, paging, paging_of, person_of, visible_name
from inkhorn.site.meta import list_meta
from inkhorn.site.pages import ArchivePage, AuthorPage, Day, FollowBox, HomePage, Month, SeriesPage, TagPage, Year
from inkhorn.site.queries import AnyRow
from inkhorn.site.words import iso, joined, local_day, month_name, post_count, start_of_year

# Lines of the archive on one page.
ARCHIVE_SIZE = 250
RSS = "application/rss+xml"


def home_page() -> HomePage:
    """The front page: the newest featured post, or the newest, leads."""
    tuned = settings.read(SiteSettings)
    found = queries.front_cards(tuned.posts_per_page)
    lead = next((row for row in found.rows if row.is_featured), found.rows[0] if found.rows else None)
    rest = [row for row in found.rows if row is not lead][: tuned.posts_per_page]
    turn = paging_of(found, "/")
    return HomePage(
        site=site_card(tuned),
        is_front=True,
        lead=entry_of(lead, found.labels, tuned) if lead else None,
        list_title=_("Earlier") if lead is not None and lead is found.rows[0] else _("Newest"),
        entries=tuple(entry_of(row, found.labels, tuned) for row in rest),
        paging=turn,
        meta=list_meta(tuned, name="", address="/", following=turn.older_address),
    )


def older_page(number: int) -> HomePage:
    """The posts behind the front page."""
    tuned = settings.read(SiteSettings)
    found = queries.cards(number, tuned.posts_per_page)
    turn = paging_of(found, "/")
    return HomePage(
        site=site_card(tuned),
        is_front=False,
        lead=None,
        list_title=_("Older posts"),
        entries=entries_of(found, tuned),
        paging=turn,
        meta=list_meta(tuned, name=turn.label, address=f"/page/{number}/", previous=turn.newer_address, following=turn.older_address),
    )


def tag_page(tag: AnyRow | None, number: int) -> TagPage:
    if tag is None:
        raise NotFound
    tuned = settings.read(SiteSettings)
    found = queries.cards_tagged(tag, number, tuned.posts_per_page)
    if not found.total:
        # Its posts are drafts, or gone; the tag alone is nobody's business.
        raise NotFound
    root = f"/tag/{href(tag.slug)}/"
    turn = paging_of(found, root)
    feed = Feed(f"{tag.name} | {tuned.title}", f"{root}feed.xml", RSS)
    return TagPage(
        site=site_card(tuned),
        name=tag.name,
        description=tag.description,
        count=post_count(found.total),
        feed=feed,
        entries=entries_of(found, tuned),
        paging=turn,
        meta=list_meta(
            tuned,
            name=tag.name,
            address=_numbered(root, number),
            description=tag.description,
            feeds=(feed,),
            previous=turn.newer_address,
            following=turn.older_address,
        ),
    )


def author_page(author: AnyRow | None, number: int, *, follow: FollowBox | None = None) -> AuthorPage:
    # Readers of this site who never wrote have no public page.
    if author is None or author.first_at is None:
        raise NotFound
    tuned = settings.read(SiteSettings)
    found = queries.cards_by(author, number, tuned.posts_per_page)
    root = f"/author/{href(author.slug)}/"
    turn = paging_of(found, root)
    feed = Feed(f"{author.name} | {tuned.title}", f"{root}feed.xml", RSS)
    count = post_count(found.total)
    if author.first_at and found.total > 1:
        year = local_day(author.first_at, tuned.timezone).year
        count = _("%(posts)s since %(year)d", posts=count, year=year)
    return AuthorPage(
        site=site_card(tuned),
        person=person_of(author, author.links),
        follow=follow,
        count=count,
        list_title=_("Posts by %(name)s", name=author.name),
        feed=feed,
        entries=entries_of(found, tuned),
        paging=turn,
        meta=list_meta(
            tuned,
            name=author.name,
            address=_numbered(root, number),
            description=author.bio,
            kind="profile",
            feeds=(feed,),
            previous=turn.newer_address,
            following=turn.older_address,
        ),
    )


def series_page(series: AnyRow | None, number: int) -> SeriesPage:
    if series is None:
        raise NotFound
    tuned = settings.read(SiteSettings)
    found = queries.cards_in_series(series, number, tuned.posts_per_page)
    if not found.total:
        raise NotFound
    root = f"/series/{href(series.slug)}/"
    turn = paging_of(found, root)
    return SeriesPage(
        site=site_card(tuned),
        title=series.title,
        description=series.description,
        count=ngettext("%(num)d part", "%(num)d parts", found.total),
        first=(number - 1) * found.size + 1,
        entries=entries_of(found, tuned),
        paging=turn,
        meta=list_meta(
            tuned,
            name=series.title,
            address=_numbered(root, number),
            description=series.description,
            previous=turn.newer_address,
            following=turn.older_address,
        ),
    )


def archive_page(number: int) -> ArchivePage:
    """Every post by year and month; the years' links lead to the page on which each begins."""
    tuned = settings.read(SiteSettings)
    per_year = _posts_per_year(tuned)
    total = sum(per_year.values())
    pages = max(1, -(-total // ARCHIVE_SIZE))
    if not 1 <= number <= min(pages, FARTHEST_PAGE):
        raise NotFound("There is no such page in the archive.")
    jumps, passed = [], 0
    for year, count in per_year.items():
        page = passed // ARCHIVE_SIZE + 1
        jumps.append(Link(str(year), f"{'' if page == number else _archive(page)}#y{year}"))
        passed += count
    turn = paging(number, pages, "/archive/")
    return ArchivePage(
        site=site_card(tuned),
        line=ngettext("%(num)d post since %(year)d.", "%(num)d posts since %(year)d.", total, year=min(per_year)) if total else "",
        jumps=tuple(jumps) if len(jumps) > 1 else (),
        years=_years(number, per_year, tuned),
        paging=turn,
        meta=list_meta(tuned, name=_("Archive"), address=_archive(number), previous=turn.newer_address, following=turn.older_address),
    )


def _years(number: int, per_year: dict[int, int], tuned: SiteSettings) -> tuple[Year, ...]:
    rows, authors = queries.archive_rows(number, ARCHIVE_SIZE)
    lines = [(local_day(row.published_at, tuned.timezone), row) for row in rows]
    years = []
    for year, in_year in groupby(lines, key=lambda line: line[0].year):
        months = []
        for month, in_month in groupby(in_year, key=lambda line: line[0].month):
            days = tuple(
                Day(
                    number=day.day,
                    datetime=iso(row.published_at),
                    title=visible_name(row),
                    address=href(row.path),
                    authors=joined([author.name for author in authors.get(row.id, ())]),
                )
                for day, row in in_month
            )
            months.append(Month(month_name(month, tuned.language), days))
        years.append(Year(year, post_count(per_year[year]), tuple(months)))
    return tuple(years)


def _posts_per_year(tuned: SiteSettings) -> dict[int, int]:
    """Years in the site's own time zone that have posts, latest first, and how many."""
    bounds = queries.first_and_last()
    if bounds is None:
        return {}
    first, last = (local_day(moment, tuned.timezone).year for moment in bounds)
    years = range(last, first - 1, -1)
    starts = [start_of_year(year, tuned.timezone) for year in (last + 1, *years)]
    counts = queries.posts_between(list(zip(starts[1:], starts[:-1], strict=True)))
    return {year: count for year, count in zip(years, counts, strict=True) if count}


def _archive(number: int) -> str:
    return _numbered("/archive/", number)


def _numbered(root: str, number: int) -> str:
    return root if number == 1 else f"{root}page/{number}/"


def suggestions() -> tuple[Link, ...]:
    """Something else to read, for whoever found nothing."""
    tuned = settings.read(SiteSettings)
    return tuple(
        Link(visible_name(row), href(row.path), note=full_date(local_day(row.published_at, tuned.timezone), tuned.language))
        for row in queries.newest(3)
    )
