"""Reads of albums, shows and episodes, and the one rule of who may hear them."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, joinedload, selectinload
from sqlalchemy.orm.strategy_options import _AbstractLoad

from inkhorn.core import clock, prose
from inkhorn.core.access import Actor
from inkhorn.core.database import session
from inkhorn.media.models import Album, Asset, Episode, Kind, Listeners, Show, SoundAddress, State, Track
from inkhorn.media.models.sound import LONGEST_SLUG

Released = type[Album] | type[Show] | type[Episode]
LONGEST_ASKED = 400
_BLOCK_ENDS = re.compile(r"</(?:p|li|h[1-6]|pre|dt|dd|tr|blockquote)>")


def is_open(kind: Released, *, is_member: bool = False) -> ColumnElement[bool]:
    """The one rule of which albums, shows and episodes may be heard by anybody, or by members; whatever narrows it later is written here."""
    audiences = (Listeners.PUBLIC, Listeners.MEMBERS) if is_member else (Listeners.PUBLIC,)
    is_out = and_(kind.state == State.PUBLISHED, kind.published_at <= clock.now(), kind.audience.in_(audiences))
    if kind is Episode:
        # What belongs to a show is heard by nobody who may not see the show.
        return and_(is_out, select(Show.id).where(Show.id == Episode.show_id, is_open(Show, is_member=is_member)).exists())
    return is_out


def audible_to(actor: Actor, kind: Released) -> ColumnElement[bool]:
    return is_open(kind, is_member=actor.may("members.read"))


def about_in_html(sound: Album | Show | Episode) -> str:
    """What it says of itself as safe HTML: of Markdown, or of plain words from before it was that."""
    if sound.about_html is None:
        return "".join(f"<p>{escape(part)}</p>" for part in map(str.strip, sound.about.split("\n\n")) if part)
    return sound.about_html if sound.about_pipeline == prose.PIPELINE else prose.render(sound.about).html


def about_in_words(sound: Album | Show | Episode) -> tuple[str, ...]:
    """The same as paragraphs of plain words."""
    blocks = _BLOCK_ENDS.split(about_in_html(sound))
    return tuple(words for words in map(prose.plain_text, blocks) if words)


def with_tracks() -> tuple[_AbstractLoad, ...]:
    """Loads what an album's page shows, in three queries however many songs it has."""
    return (
        selectinload(Album.tracks).joinedload(Track.asset),
        joinedload(Album.cover).selectinload(Asset.renditions),
    )


def with_cover(kind: type[Album] | type[Show]) -> tuple[_AbstractLoad, ...]:
    return (joinedload(kind.cover).selectinload(Asset.renditions),)


def album_at(slug: str) -> Album | None:
    if not _may_be(slug):
        return None
    return session().scalars(select(Album).where(Album.slug == slug).options(*with_tracks())).unique().one_or_none()


def show_at(slug: str) -> Show | None:
    if not _may_be(slug):
        return None
    return session().scalars(select(Show).where(Show.slug == slug).options(*with_cover(Show))).unique().one_or_none()


def episode_at(show: Show, slug: str) -> Episode | None:
    if not _may_be(slug):
        return None
    return session().scalars(select(Episode).where(Episode.show_id == show.id, Episode.slug == slug)).one_or_none()


def track_of(album: Album, sha256: str) -> Track | None:
    """The song of the album that is the file with that checksum."""
    return next((track for track in album.tracks if track.asset.sha256 == sha256), None)


def episode_of(show: Show, sha256: str) -> Episode | None:
    """The show's newest episode that is the file with that checksum."""
    found = select(Episode).join(Episode.asset).where(Episode.show_id == show.id, Asset.sha256 == sha256)
    return session().scalar(found.order_by(Episode.id.desc()).limit(1))


def _may_be(slug: str) -> bool:
    """Whether anything could stand there; PostgreSQL takes no NUL even in a question."""
    return len(slug) <= LONGEST_SLUG and "\0" not in slug


def moved_to(path: str) -> str | None:
    """Where what once stood at the path stands now; None for a path that nothing ever had."""
    held = session().get(SoundAddress, path) if len(path) <= LONGEST_ASKED and "\0" not in path else None
    if held is None:
        return None
    kinds: tuple[tuple[Any, int | None], ...] = ((Album, held.album_id), (Show, held.show_id), (Episode, held.episode_id))
    now = next((session().get(kind, number) for kind, number in kinds if number is not None), None)
    return now.path if now is not None else None


def open_episodes(show: Show, *, is_member: bool) -> Select[Episode]:
    """The episodes of a show that may be heard, the newest first."""
    query = select(Episode).where(Episode.show_id == show.id, is_open(Episode, is_member=is_member))
    return query.order_by(Episode.published_at.desc(), Episode.id.desc())


def sounds_due(kind: Released, now: datetime) -> Select[Any]:
    """Those of the last day whose hour came after they were last changed: no page has been drawn anew for them yet."""
    is_new = and_(kind.published_at > now - timedelta(days=1), kind.published_at > kind.updated_at)
    return select(kind).where(kind.state == State.PUBLISHED, kind.published_at <= now, is_new)


def recent_sounds(most: int = 100) -> Sequence[Asset]:
    """The sounds that came into the library last, for whoever chooses among them."""
    there = select(Asset).where(Asset.kind == Kind.AUDIO, Asset.trashed_at.is_(None))
    return session().scalars(there.order_by(Asset.created_at.desc(), Asset.id.desc()).limit(most)).all()


def desk_albums(actor: Actor) -> Select[Album]:
    """What the actor may edit, last changed first."""
    return select(Album).where(_own(actor, Album.created_by_id)).options(*with_tracks()).order_by(Album.updated_at.desc(), Album.id.desc())


def desk_shows(actor: Actor) -> Select[Show]:
    return select(Show).where(_own(actor, Show.created_by_id)).options(*with_cover(Show)).order_by(Show.updated_at.desc(), Show.id.desc())


def desk_episodes(show: Show) -> Select[Episode]:
    """Every episode of a show whatever its state: what is not out yet first."""
    return select(Episode).where(Episode.show_id == show.id).order_by(Episode.published_at.desc().nulls_first(), Episode.id.desc())


def episode_counts(show_ids: list[int]) -> dict[int, int]:
    """How many episodes each show has, whatever their state; one query."""
    query = select(Episode.show_id, func.count()).where(Episode.show_id.in_(show_ids)).group_by(Episode.show_id)
    return dict(session().execute(query).tuples().all())


def _own(actor: Actor, maker: InstrumentedAttribute[int | None]) -> ColumnElement[bool]:
    if actor.may("sound.edit_any"):
        return true()
    # None would be read as IS NULL, and what has no maker would be theirs.
    return false() if actor.id is None else maker == actor.id


def albums_visible_to(actor: Actor) -> Select[Album]:
    """What the actor may hear, or change."""
    return select(Album).options(*with_tracks()).where(_heard_or_own(actor, Album, desk_albums(actor)))


def shows_visible_to(actor: Actor) -> Select[Show]:
    return select(Show).where(_heard_or_own(actor, Show, desk_shows(actor)))


def episodes_visible_to(actor: Actor) -> Select[Episode]:
    own = desk_shows(actor).with_only_columns(Show.id).options().order_by(None)
    is_own = Episode.show_id.in_(select(own.subquery().c.id)) if actor.may("media.upload") else None
    heard = audible_to(actor, Episode)
    wanted = heard if is_own is None else or_(heard, is_own)
    return select(Episode).options(joinedload(Episode.asset).lazyload(Asset.renditions), joinedload(Episode.show)).where(wanted)


def _heard_or_own(actor: Actor, kind: Any, own: Select[Any]) -> ColumnElement[bool]:
    """What may be heard, and what the actor may change."""
    heard = audible_to(actor, kind)
    if not actor.may("media.upload"):
        return heard
    mine = own.with_only_columns(kind.id).order_by(None).subquery()
    return or_(heard, kind.id.in_(select(mine.c.id)))
