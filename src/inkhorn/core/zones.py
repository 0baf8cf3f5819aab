"""Time zones by name, and what wall clocks in them mean."""

from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from inkhorn.core.errors import Invalid


@lru_cache(maxsize=1)
def zone_names() -> tuple[str, ...]:
    """The names people choose from, in order."""
    return (*sorted(name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/"))), "UTC")


def known_zone(name: str | None) -> str:
    """The name if it is a zone, else UTC."""
    return name if name and (name in zone_names() or name in available_timezones()) else "UTC"


def zone(name: str) -> ZoneInfo:
    return ZoneInfo(known_zone(name))


class BadLocalTime(Invalid):
    """The clocks skip that minute in that zone."""


def moment_at(day: date, hour: time, name: str) -> datetime:
    """A wall-clock minute of a zone as UTC; BadLocalTime where the clocks skip it, the first of two where they repeat it."""
    there = datetime.combine(day, hour, tzinfo=zone(name))
    try:
        moment = there.astimezone(UTC)
        exists = moment.astimezone(there.tzinfo).replace(tzinfo=None) == there.replace(tzinfo=None)
    except OverflowError as error:
        raise BadLocalTime("That date is too far away to be kept.", field="release_at") from error
    if not exists:
        raise BadLocalTime(f"The clocks of {name} skip {hour:%H:%M} on that day. Choose a time an hour later.", field="release_at")
    return moment
