"""The room's blueprint, its first page, and what its lists are addressed by."""

from datetime import UTC, date, datetime, time, timedelta

from flask import Blueprint, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts.identity.freshness import fresh as fresh
from inkhorn.core import settings
from inkhorn.core.access import open_to, signed_in
from inkhorn.core.errors import Invalid, NotFound
from inkhorn.core.zones import zone

# Where a list begins anew, and what would mean something else to whoever builds an address.
KEPT_BACK = ("page", "before", "after", "endpoint")

bp = Blueprint("admin", __name__, url_prefix="/admin", template_folder="../templates")

LONGEST_SEARCH = 200
LONGEST_NUMBER = 10
# The places of the room that somebody may be led to, with what they ask for; the first that is open comes first.
PLACES = (
    ("/admin/settings/site", "settings.change"),
    ("/admin/people", "people.see"),
    ("/admin/mail", "mail.see"),
    ("/admin/jobs", "jobs.see"),
    ("/admin/keys", "keys.manage"),
    ("/admin/audit", "audit.see"),
    ("/admin/records/users", "records.see"),
)


@bp.get("/")
@open_to(signed_in)
def show_room() -> BaseResponse:
    for address, word in PLACES:
        if g.actor.may(word):
            return redirect(address, code=303)
    raise NotFound


def list_address(**changes: object) -> str:
    """This list with some of its filters changed; its pages begin anew unless they are what changes."""
    kept = {name: value for name, value in request.args.items() if name not in KEPT_BACK and not name.startswith("_")}
    wanted = {name: value for name, value in (kept | (request.view_args or {}) | changes).items() if value not in (None, "")}
    return url_for(request.endpoint or "admin.show_room", **wanted)


def asked_words(name: str = "search") -> str:
    """What was typed into a search box, without what no database can hold."""
    return request.values.get(name, "").replace("\x00", "").strip()[:LONGEST_SEARCH]


def asked_number(name: str) -> int | None:
    """A row's number from the address; None where none was given, Invalid for what is no number of a row."""
    told = request.values.get(name, "")
    if not told:
        return None
    # A long one is refused unread: reading it costs time, and no database holds it.
    number = int(told) if told.isascii() and told.isdigit() and len(told) <= LONGEST_NUMBER else 0
    if not 0 < number < 2**31:
        raise Invalid(_("“%(told)s” is no number of a row.", told=told[:20]), field=name)
    return number


def asked_page() -> int:
    """The page of the list; NotFound for what cannot be one."""
    told = request.args.get("page", "1")
    if not told.isascii() or not told.isdigit():
        raise NotFound
    return int(told[:9])


def asked_day(name: str, *, after: bool = False) -> datetime | None:
    """Midnight before (or after) a day, on the site's own clock; None where none was given."""
    told = request.values.get(name, "")
    if not told:
        return None
    try:
        day = date.fromisoformat(told) + timedelta(days=1 if after else 0)
        return datetime.combine(day, time(0), tzinfo=zone(settings.read(settings.SiteSettings).timezone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid(_("“%(told)s” is no day. Write it like 2026-03-02.", told=told[:20]), field=name) from error
