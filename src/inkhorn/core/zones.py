"""Time zones by name."""

from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones


@lru_cache(maxsize=1)
def zone_names() -> tuple[str, ...]:
    """The names people choose from, in order."""
    return (*sorted(name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/"))), "UTC")


def known_zone(name: str | None) -> str:
    """The name if it is a zone, else UTC."""
    return name if name and (name in zone_names() or name in available_timezones()) else "UTC"


def zone(name: str) -> ZoneInfo:
    return ZoneInfo(known_zone(name))
