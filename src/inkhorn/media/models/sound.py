"""Songs in albums, episodes in shows, and every address that one of them ever had."""

import enum
import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Enum, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inkhorn.core import clock
from inkhorn.core.database import Base, Timestamped
from inkhorn.media.models.uploads import Asset

LONGEST_SLUG = 160
# Of an address of an album, a show or an episode.
LONGEST_SOUND_PATH = 400


class State(enum.StrEnum):
    """Where an album, a show or an episode stands; only services move it."""

    DRAFT = "draft"
    PUBLISHED = "published"
    UNPUBLISHED = "unpublished"


class Listeners(enum.StrEnum):
    """Who may hear it once it is published, besides those who may edit it."""

    PUBLIC = "public"
    MEMBERS = "members"


class EpisodeKind(enum.StrEnum):
    """What podcast programs tell apart."""

    FULL = "full"
    TRAILER = "trailer"
    BONUS = "bonus"


def _words(kinds: Any) -> list[str]:
    return [kind.value for kind in kinds]


def _enum(kind: type[enum.StrEnum]) -> Enum:
    return Enum(kind, native_enum=False, create_constraint=False, length=20, values_callable=_words)


class _Released(Timestamped):
    """What albums, shows and episodes share."""

    # The identity that feeds carry; it outlives every change of address.
    uuid: Mapped[str] = mapped_column(String(32), unique=True, default=lambda: uuid.uuid4().hex)
    title: Mapped[str] = mapped_column(String(255))
    # Markdown, and what the pipeline of that number made of it; no HTML for plain words from before it was Markdown.
    about: Mapped[str] = mapped_column(Text, default="")
    about_html: Mapped[str | None] = mapped_column(Text)
    about_pipeline: Mapped[int | None]
    state: Mapped[State] = mapped_column(_enum(State), default=State.DRAFT)
    audience: Mapped[Listeners] = mapped_column(_enum(Listeners), default=Listeners.PUBLIC)
    # Set at the first release and kept through later ones.
    published_at: Mapped[datetime | None]

    @property
    def is_published(self) -> bool:
        return self.state is State.PUBLISHED

    def __str__(self) -> str:
        return self.title


class Album(Base, _Released):
    """Songs that belong together, in an order of their own."""

    __tablename__ = "album"
    __table_args__ = (
        Index("ix_album_desk", "updated_at", "id"),
        Index("ix_album_live", "state", "audience", "id", "updated_at"),
        Index("ix_album_dated", "state", "published_at", "id"),
        # A number that the audit log speaks of is never given to another.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(LONGEST_SLUG), unique=True)
    artist: Mapped[str] = mapped_column(String(255), default="")
    released_on: Mapped[date | None]
    cover_id: Mapped[int | None] = mapped_column(ForeignKey("asset.id", ondelete="SET NULL"), index=True)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)

    cover: Mapped[Asset | None] = relationship(foreign_keys=[cover_id])
    tracks: Mapped[list["Track"]] = relationship(
        back_populates="album", cascade="all, delete-orphan", passive_deletes=True, order_by="Track.position, Track.id"
    )

    @property
    def path(self) -> str:
        return f"/album/{self.slug}/"

    @property
    def seconds(self) -> float:
        return sum(track.seconds for track in self.tracks)


class _Sounding:
    """What a song and an episode know of their file."""

    seconds: Mapped[float]
    # [{"at": seconds, "title": words}, ...]
    chapters: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    # Loudness from 0 to 100 in equal steps, drawn by the runner; empty until then, and where it cannot be told without decoding.
    peaks: Mapped[list[int]] = mapped_column(JSON, default=list)
    # What made one doubt the file when it came, as a sentence; empty for a sound one.
    doubt: Mapped[str] = mapped_column(String(300), default="")


class Track(Base, _Sounding):
    """One song of an album."""

    __tablename__ = "track"
    __table_args__ = (Index("ix_track_album_id", "album_id", "position", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    album_id: Mapped[int] = mapped_column(ForeignKey("album.id", ondelete="CASCADE"))
    asset_id: Mapped[int] = mapped_column(ForeignKey("asset.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    # Empty where the file has none and nobody gave it one: then it is called by its place.
    title: Mapped[str] = mapped_column(String(255), default="")
    artist: Mapped[str] = mapped_column(String(255), default="")

    album: Mapped[Album] = relationship(back_populates="tracks")
    asset: Mapped[Asset] = relationship()

    def __str__(self) -> str:
        return self.title or self.asset.filename


class Show(Base, _Released):
    """A podcast: episodes, the newest first."""

    __tablename__ = "show"
    __table_args__ = (
        Index("ix_show_desk", "updated_at", "id"),
        Index("ix_show_live", "state", "audience", "id", "updated_at"),
        Index("ix_show_dated", "state", "published_at", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(LONGEST_SLUG), unique=True)
    author: Mapped[str] = mapped_column(String(255), default="")
    language: Mapped[str | None] = mapped_column(String(35))
    # One of those that directories know; empty for none.
    category: Mapped[str] = mapped_column(String(100), default="")
    is_explicit: Mapped[bool] = mapped_column(default=False)
    # Where directories write to; shown in the feed, as they demand.
    owner_email: Mapped[str] = mapped_column(String(254), default="")
    cover_id: Mapped[int | None] = mapped_column(ForeignKey("asset.id", ondelete="SET NULL"), index=True)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)

    cover: Mapped[Asset | None] = relationship(foreign_keys=[cover_id])

    @property
    def path(self) -> str:
        return f"/show/{self.slug}/"


class Episode(Base, _Released, _Sounding):
    """One episode of a show."""

    __tablename__ = "episode"
    __table_args__ = (
        UniqueConstraint("show_id", "slug"),
        Index("ix_episode_live", "show_id", "state", "published_at", "id", "audience"),
        Index("ix_episode_dated", "state", "published_at", "id"),
        Index("ix_episode_desk", "show_id", "updated_at", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    show_id: Mapped[int] = mapped_column(ForeignKey("show.id", ondelete="CASCADE"))
    asset_id: Mapped[int] = mapped_column(ForeignKey("asset.id", ondelete="CASCADE"), index=True)
    slug: Mapped[str] = mapped_column(String(LONGEST_SLUG))
    kind: Mapped[EpisodeKind] = mapped_column(_enum(EpisodeKind), default=EpisodeKind.FULL)
    season: Mapped[int | None]
    number: Mapped[int | None]
    is_explicit: Mapped[bool] = mapped_column(default=False)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)

    show: Mapped[Show] = relationship(lazy="joined", innerjoin=True)
    asset: Mapped[Asset] = relationship(lazy="joined", innerjoin=True, foreign_keys=[asset_id])

    @property
    def path(self) -> str:
        return f"{self.show.path}{self.slug}/"


class SoundAddress(Base):
    """A path at which an album, a show or an episode once stood; it leads to where that stands now."""

    __tablename__ = "sound_address"

    path: Mapped[str] = mapped_column(String(LONGEST_SOUND_PATH), primary_key=True)
    album_id: Mapped[int | None] = mapped_column(ForeignKey("album.id", ondelete="CASCADE"), index=True)
    show_id: Mapped[int | None] = mapped_column(ForeignKey("show.id", ondelete="CASCADE"), index=True)
    episode_id: Mapped[int | None] = mapped_column(ForeignKey("episode.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
