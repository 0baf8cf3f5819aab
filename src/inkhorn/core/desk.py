"""What every page of the desk is drawn with."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import Response, g, render_template
from flask_babel import format_timedelta

from inkhorn.core import clock, settings
from inkhorn.core.links import href
from inkhorn.core.zones import zone

# What stands as a number beside a place in the rail: the permission that lets somebody see it, and what counts it by one query.
_counted: dict[str, tuple[str, Callable[[], int]]] = {}


def count_beside(place: str, permission: str, count: Callable[[], int]) -> None:
    """Have a number drawn beside a place of the desk, on the pages of those who hold the permission."""
    _counted[place] = (permission, count)


def waiting_places() -> dict[str, int]:
    """The number beside each place that the actor may see."""
    return {place: count() for place, (permission, count) in _counted.items() if g.actor.may(permission)}


def desk_words() -> dict[str, Any]:
    """The names that the desk's shared templates know."""
    return {
        "site": settings.read(settings.SiteSettings),
        "now": clock.now(),
        "local_time": local_time,
        "href": href,
        "ago": ago,
        "waiting": waiting_places(),
    }


def show_desk_page(template: str, status: int = 200, **values: Any) -> Response:
    """A page of the desk; kept nowhere, since it is one person's own."""
    response = Response(render_template(template, **(desk_words() | values)), status=status, content_type="text/html; charset=utf-8")
    response.headers["Cache-Control"] = "private, no-store"
    return response


def local_time(moment: datetime | None, timezone: str | None = None) -> datetime | None:
    """The moment on the site's own clock, or on that of the named zone."""
    return moment.astimezone(zone(timezone or settings.read(settings.SiteSettings).timezone)) if moment else None


def ago(moment: datetime, now: datetime) -> str:
    """How long since, in the reader's language: "3 hours ago"; "" for what is more than a day away or still to come."""
    passed = now - moment
    return format_timedelta(-passed, add_direction=True) if timedelta(0) <= passed < timedelta(days=1) else ""
