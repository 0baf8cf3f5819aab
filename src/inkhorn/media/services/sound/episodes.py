"""Everything that changes an episode of a show."""

from dataclasses import dataclass
from datetime import datetime

from inkhorn.core import audit
from inkhorn.core.access import Actor
from inkhorn.core.database import session
from inkhorn.core.errors import Invalid
from inkhorn.media.events import sound_placed
from inkhorn.media.models import Episode, EpisodeKind, Listeners, Show
from inkhorn.media.services.keeping import store_asset
from inkhorn.media.services.receiving import Incoming
from inkhorn.media.services.sound.settling import (
    LONGEST_TITLE,
    dated,
    keep_new,
    needed_title,
    release,
    settle_about,
    settle_slug,
    touch,
    withdraw,
)
from inkhorn.media.services.sound.showing import forget_shown
from inkhorn.media.services.sound.tracks import heard_in, said_by

HIGHEST_NUMBER = 100_000


@dataclass(frozen=True, kw_only=True)
class EpisodeChanges:
    """One save of an episode; what is None stays as it is."""

    title: str | None = None
    about: str | None = None
    slug: str | None = None
    kind: EpisodeKind | None = None
    # Numbers; 0 for none.
    season: int | None = None
    number: int | None = None
    is_explicit: bool | None = None
    audience: Listeners | None = None
    # From when on it may be heard, once it is published; in feeds and lists it stands by this.
    published_at: datetime | None = None


def add_episode(show: Show, incoming: Incoming, *, by: Actor, cover: Incoming | None = None) -> Episode:
    """Keep a sound and make a draft of an episode of it, named as its file says; FileRefused in words."""
    heard = heard_in(incoming)
    asset = store_asset(incoming, by=by)
    title = heard.title or incoming.filename.rpartition(".")[0] or incoming.filename
    episode = Episode(title=title[:LONGEST_TITLE], slug="", show=show, asset=asset, created_by_id=by.id, **said_by(heard))
    # Its address depends on the show's number.
    episode.show_id = show.id
    keep_new(episode)
    if show.cover_id is None and cover is not None:
        show.cover = store_asset(cover, by=by)
    touch(episode)
    touch(show)
    audit.record(by, "media.episode_added", episode)
    sound_placed.send(asset)
    return episode


def revise_episode(episode: Episode, changes: EpisodeChanges, *, by: Actor) -> None:
    """Save what was typed; Invalid names the field that cannot be kept."""
    if changes.title is not None:
        episode.title = needed_title(changes.title)
    if changes.about is not None:
        settle_about(episode, changes.about)
    if changes.slug is not None:
        settle_slug(episode, changes.slug)
    if changes.kind is not None:
        episode.kind = changes.kind
    if changes.season is not None:
        episode.season = _numbered(changes.season, "season")
    if changes.number is not None:
        episode.number = _numbered(changes.number, "number")
    if changes.is_explicit is not None:
        episode.is_explicit = changes.is_explicit
    if changes.audience is not None:
        episode.audience = changes.audience
    if changes.published_at is not None and changes.published_at != _minute(episode.published_at):
        episode.published_at = dated(changes.published_at)
    touch(episode)
    audit.record(by, "media.episode_revised", episode)


def publish_episode(episode: Episode, *, by: Actor, at: datetime | None = None) -> None:
    """Let listeners hear it from that moment on, from the one it has, or from now."""
    release(episode, at)
    audit.record(by, "media.episode_published", episode)


def unpublish_episode(episode: Episode, *, by: Actor) -> None:
    """Withdraw it; its address answers 404 until it is published again."""
    withdraw(episode)
    audit.record(by, "media.episode_unpublished", episode)


def remove_episode(episode: Episode, *, by: Actor) -> None:
    """Remove the episode for good; its file stays in the library."""
    audit.record(by, "media.episode_removed", episode)
    forget_shown(episode)
    session().delete(episode)
    session().flush()


def _minute(moment: datetime | None) -> datetime | None:
    """As forms show it: whoever saves what they were shown changes nothing."""
    return moment.replace(second=0, microsecond=0) if moment else None


def _numbered(number: int, name: str) -> int | None:
    if not 0 <= number <= HIGHEST_NUMBER:
        raise Invalid(f"A whole number from 1 to {HIGHEST_NUMBER}, or nothing.", field=name)
    return number or None
