"""Everything that changes a show, but for its episodes."""

import re
from dataclasses import dataclass

from inkhorn.core import audit
from inkhorn.core.access import Actor
from inkhorn.core.database import session
from inkhorn.core.errors import Invalid
from inkhorn.media.models import Asset, Listeners, Show
from inkhorn.media.services.sound.settling import keep_new, needed_title, release, settle_about, settle_slug, tidy_line, touch, withdraw
from inkhorn.media.services.sound.showing import forget_shown

# The main ones that podcast directories know.
CATEGORIES = (
    "Arts",
    "Business",
    "Comedy",
    "Education",
    "Fiction",
    "Government",
    "Health & Fitness",
    "History",
    "Kids & Family",
    "Leisure",
    "Music",
    "News",
    "Religion & Spirituality",
    "Science",
    "Society & Culture",
    "Sports",
    "TV & Film",
    "Technology",
    "True Crime",
)
_ADDRESS = re.compile(r"[^@\s<>\"]+@[^@\s<>\"]+\.[^@\s<>\"]+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, kw_only=True)
class ShowChanges:
    """One save of a show; what is None stays as it is."""

    title: str | None = None
    author: str | None = None
    about: str | None = None
    slug: str | None = None
    language: str | None = None
    category: str | None = None
    owner_email: str | None = None
    is_explicit: bool | None = None
    audience: Listeners | None = None
    # The number of a picture, 0 for none.
    cover_id: int | None = None


def begin_show(*, title: str, by: Actor) -> Show:
    """A draft of a show without episodes."""
    show = Show(title=needed_title(title), slug="", created_by_id=by.id)
    keep_new(show)
    audit.record(by, "media.show_begun", show)
    return show


def revise_show(show: Show, changes: ShowChanges, *, by: Actor) -> None:
    """Save what was typed; Invalid names the field that cannot be kept."""
    if changes.title is not None:
        show.title = needed_title(changes.title)
    if changes.author is not None:
        show.author = tidy_line(changes.author, "author")
    if changes.about is not None:
        settle_about(show, changes.about)
    if changes.slug is not None:
        settle_slug(show, changes.slug)
    _describe(show, changes)
    if changes.audience is not None:
        show.audience = changes.audience
    if changes.cover_id is not None:
        show.cover = session().get(Asset, changes.cover_id) if changes.cover_id else None
    touch(show)
    audit.record(by, "media.show_revised", show)


def publish_show(show: Show, *, by: Actor) -> None:
    """Let listeners see it and its feed."""
    release(show)
    audit.record(by, "media.show_published", show)


def unpublish_show(show: Show, *, by: Actor) -> None:
    """Withdraw it, its episodes and its feed; the addresses answer 404 until it is published again."""
    withdraw(show)
    audit.record(by, "media.show_unpublished", show)


def remove_show(show: Show, *, by: Actor) -> None:
    """Remove the show and its episodes for good; their files stay in the library."""
    audit.record(by, "media.show_removed", show)
    forget_shown(show)
    session().delete(show)
    session().flush()


def _describe(show: Show, changes: ShowChanges) -> None:
    """What directories ask."""
    if changes.language is not None:
        if changes.language and (len(changes.language) > 35 or not _LANGUAGE.fullmatch(changes.language)):
            raise Invalid("A language is written like en, de or pt-BR.", field="language")
        show.language = changes.language or None
    if changes.category is not None:
        if changes.category and changes.category not in CATEGORIES:
            raise Invalid("Choose one of the listed categories.", field="category")
        show.category = changes.category
    if changes.owner_email is not None:
        if changes.owner_email and (len(changes.owner_email) > 254 or not _ADDRESS.fullmatch(changes.owner_email)):
            raise Invalid("This is no e-mail address.", field="owner_email")
        show.owner_email = changes.owner_email
    if changes.is_explicit is not None:
        show.is_explicit = changes.is_explicit
