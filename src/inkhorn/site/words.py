"""Dates, counts and reading times in words, as the site's language has them."""

from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_skeleton, get_month_names
from flask_babel import gettext as _
from flask_babel import ngettext

from inkhorn.core import clock
from inkhorn.core.days import full_date, locale_of


@lru_cache(maxsize=64)
def zone_of(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def local_day(moment: datetime, timezone: str) -> date:
    try:
        return moment.astimezone(zone_of(timezone)).date()
    except OverflowError:
        # The first hours of the year 1, west of Greenwich.
        return moment.date()


def start_of_year(year: int, timezone: str) -> datetime:
    """The year's first moment in the zone; of the year 1, the first that there is."""
    if year <= 1:
        return datetime.min.replace(tzinfo=UTC)
    return datetime(year, 1, 1, tzinfo=zone_of(timezone)).astimezone(UTC)


def iso(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if moment else ""


def short_date(day: date, language: str) -> str:
    """The date for a list: this year's without the year."""
    return full_date(day, language) if day.year != clock.now().year else _day_and_month(day, language)


@lru_cache(maxsize=4096)
def _day_and_month(day: date, language: str) -> str:
    try:
        return str(format_skeleton("MMMMd", day, locale=locale_of(language)))
    except KeyError:
        return full_date(day, language)


@lru_cache(maxsize=256)
def month_name(month: int, language: str) -> str:
    name: str = get_month_names("wide", context="stand-alone", locale=locale_of(language))[month]
    return name[:1].upper() + name[1:]


# Half of what is read in a minute.
FEW_WORDS = 120


def reading_time(minutes: int, words: int) -> str:
    return _minutes(0 if words < FEW_WORDS and minutes <= 1 else minutes)


@lru_cache(maxsize=1024)
def _minutes(minutes: int) -> str:
    if minutes < 1:
        return str(_("Under a minute"))
    hours, rest = divmod(minutes, 60)
    if not hours:
        return str(ngettext("%(num)d minute", "%(num)d minutes", minutes))
    long = str(ngettext("%(num)d hour", "%(num)d hours", hours))
    return f"{long} {ngettext('%(num)d minute', '%(num)d minutes', rest)!s}" if rest else long


def post_count(count: int) -> str:
    return str(ngettext("%(num)d post", "%(num)d posts", count))


def joined(names: list[str]) -> str:
    """Names as a sentence has them: "Ada, Emil and Wren"."""
    if len(names) < 2:
        return "".join(names)
    return str(_("%(most)s and %(last)s", most=", ".join(names[:-1]), last=names[-1]))
