"""Moments and names as threads show them."""

from datetime import UTC, datetime, timedelta

from babel.dates import format_timedelta
from flask_babel import gettext as _

from inkhorn.core.days import full_date, locale_of
from inkhorn.core.settings import SiteSettings
from inkhorn.core.zones import zone

# Up to here it is told how long ago something was, from here on the day.
LATELY = timedelta(days=28)


def when_of(moment: datetime, tuned: SiteSettings, now: datetime) -> str:
    """How long ago, in the site's language, or the day."""
    passed = now - moment
    if timedelta(0) <= passed < timedelta(minutes=1):
        # No seconds, or a page that is kept would be another at each of them.
        return str(_("just now"))
    if timedelta(0) <= passed < LATELY:
        return format_timedelta(-passed, add_direction=True, locale=locale_of(tuned.language))
    return day_of(moment, tuned)


def day_of(moment: datetime, tuned: SiteSettings) -> str:
    try:
        return full_date(moment.astimezone(zone(tuned.timezone)).date(), tuned.language)
    except OverflowError:
        return full_date(moment.date(), tuned.language)


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def initials_of(name: str) -> str:
    letters = [word[0] for word in name.split() if word[0].isalpha()]
    return "".join(letters[:1] + letters[1:][-1:]).upper() or "?"
