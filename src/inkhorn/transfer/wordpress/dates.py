"""The moments that a WordPress item carries: GMT where it says so, else what can be made of the rest."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from inkhorn.transfer.wordpress.entries import Entry


def moment(text: str) -> datetime | None:
    """A database time as UTC; None for zero dates and nonsense."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    # The years before printing are wrong clocks, and zero dates come as -0001.
    return found.replace(tzinfo=UTC) if found.tzinfo is None and found.year > 1 else found.astimezone(UTC) if found.year > 1 else None


def feed_moment(text: str) -> datetime | None:
    """A feed's date as UTC; None for nonsense and for the year -0001, which would be read as 2000."""
    if "-0001 " in text:
        return None
    try:
        found = parsedate_to_datetime(text.strip())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if found.year <= 1:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def published_at(entry: Entry) -> tuple[datetime | None, bool]:
    """When the item was or will be published, and whether its zone had to be guessed."""
    certain = moment(entry.get("wp:post_date_gmt")) or feed_moment(entry.get("pubDate"))
    if certain:
        return certain, False
    local = moment(entry.get("wp:post_date"))
    return local, local is not None


def updated_at(entry: Entry) -> datetime | None:
    return moment(entry.get("wp:post_modified_gmt")) or moment(entry.get("wp:post_modified"))
