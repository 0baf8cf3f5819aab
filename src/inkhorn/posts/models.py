"""Posts and pages, their versions, tags, series and every address they ever had."""

import enum
import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Enum, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inkhorn.accounts.models import User
from inkhorn.core import clock
from inkhorn.core.database import Base, OffPages, Timestamped
from inkhorn.media.models import Asset

# Of any address of this site, the longest that is stored.
LONGEST_PATH = 400


class Status(enum.StrEnum):
    """Where a post stands; only services move it."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    UNPUBLISHED = "unpublished"
    TRASHED = "trashed"


class Audience(enum.StrEnum):
    """Who may read a post once it is published, besides its authors and editors."""

    PUBLIC = "public"
    # Whoever may read what is for members.
    MEMBERS = "members"
    # Nobody else.
    PRIVATE = "private"


class PostKind(enum.StrEnum):
    """A post stands in lists and feeds; a page stands alone."""

    POST = "post"
    PAGE = "page"


def _words(kinds: Any) -> list[str]:
    return [kind.value for kind in kinds]


post_tag = Table(
    "post_tag",
    Base.metadata,
    Column("post_id", ForeignKey("post.id", ondelete="CASCADE"), primary_key=True),
    Column("tag_id", ForeignKey("tag.id", ondelete="CASCADE"), primary_key=True),
    # The first tag is the one shown above the title.
    Column("position", Integer, default=0, nullable=False),
    Index("ix_post_tag_tag_id", "tag_id", "post_id"),
)


class Tag(Base):
    """A subject that posts share."""

    __tablename__ = "tag"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(150), index=True)
    slug: Mapped[str] = mapped_column(String(160), unique=True)
    description: Mapped[str] = mapped_column(String(500), default="")

    def __str__(self) -> str:
        return self.name


class Series(Base):
    """Posts that are read in an order of their own."""

    __tablename__ = "series"
    __table_args__ = (Index("ix_series_title_id", "title", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(255))
    slug: Mapped[str] = mapped_column(String(160), unique=True)
    description: Mapped[str] = mapped_column(String(500), default="")

    def __str__(self) -> str:
        return self.title


class Post(Base, Timestamped):
    """A post or page: its words as Markdown, and the HTML made of them when they were saved."""

    __tablename__ = "post"
    __table_args__ = (
        UniqueConstraint("origin", "origin_key"),
        # Lists of readers: newest first, by kind; of the desk: by state or all, last changed first.
        Index("ix_post_live", "kind", "status", "published_at", "id", "audience"),
        Index("ix_post_desk", "kind", "status", "updated_at", "id"),
        Index("ix_post_desk_all", "kind", "updated_at", "id"),
        Index("ix_post_desk_dated", "kind", "published_at", "id"),
        # The sitemap reads no more than this of a post to know which of its files changed.
        Index(
            "ix_post_sitemap",
            "kind",
            "status",
            "audience",
            "id",
            "updated_at",
            # Always empty here; without it SQLite would look into each post for it.
            "canonical_url",
            sqlite_where=text("canonical_url IS NULL"),
            postgresql_where=text("canonical_url IS NULL"),
        ),
        # Of programs, by title.
        Index("ix_post_titled", "kind", "status", "title", "id"),
        Index("ix_post_due", "status", "release_at"),
        # Holds all that tells a part's number, so that a long series is counted without its posts.
        Index("ix_post_series", "series_id", "kind", "status", "series_position", "published_at", "id", "audience"),
        Index("ix_post_stale", "pipeline", "id"),
        # All that is read of a post to know whether the search index has its last words.
        Index("ix_post_revision", "id", "revision"),
        Index("ix_post_featured", "is_featured", "kind", "status", "published_at"),
        # A number that the audit log speaks of is never given to another.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # The identity that feeds carry; it outlives every change of address.
    uuid: Mapped[str] = mapped_column(String(32), unique=True, default=lambda: uuid.uuid4().hex)
    kind: Mapped[PostKind] = mapped_column(
        Enum(PostKind, native_enum=False, create_constraint=False, length=10, values_callable=_words), default=PostKind.POST
    )
    status: Mapped[Status] = mapped_column(
        Enum(Status, native_enum=False, create_constraint=False, length=20, values_callable=_words), default=Status.DRAFT
    )
    audience: Mapped[Audience] = mapped_column(
        Enum(Audience, native_enum=False, create_constraint=False, length=20, values_callable=_words), default=Audience.PUBLIC
    )
    # What undo brings back from the trash.
    status_before_trash: Mapped[Status | None] = mapped_column(
        Enum(Status, native_enum=False, create_constraint=False, length=20, values_callable=_words)
    )
    # Grows by one with every save; a save against an older number is a conflict.
    revision: Mapped[int] = mapped_column(default=1)
    title: Mapped[str] = mapped_column(String(255), default="")
    slug: Mapped[str] = mapped_column(String(160), default="")
    # The address at which it stands now, "/like-this/"; None before it has one. Each it ever had is an Address.
    path: Mapped[str | None] = mapped_column(String(LONGEST_PATH), unique=True)
    language: Mapped[str | None] = mapped_column(String(35))

    body: Mapped[str] = mapped_column(Text, default="", deferred=True)
    html: Mapped[str] = mapped_column(Text, default="", deferred=True)
    # [{"id": anchor, "text": plain, "level": 2}, ...] of the headings in the text.
    contents: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, deferred=True)
    # Version of core.prose that made the HTML.
    pipeline: Mapped[int] = mapped_column(default=0)
    words: Mapped[int] = mapped_column(default=0)
    reading_minutes: Mapped[int] = mapped_column(default=0)
    excerpt: Mapped[str] = mapped_column(String(300), default="")
    automatic_excerpt: Mapped[str] = mapped_column(String(600), default="")

    cover_id: Mapped[int | None] = mapped_column(ForeignKey("asset.id", ondelete="SET NULL"), index=True)
    # A cover that stands on another host or among the static files; used where cover is None.
    cover_url: Mapped[str | None] = mapped_column(String(2000))
    cover_alt: Mapped[str] = mapped_column(String(500), default="")
    cover_caption: Mapped[str] = mapped_column(String(500), default="")
    is_featured: Mapped[bool] = mapped_column(default=False)
    # Whether readers may comment, as far as the settings let them; what was said before stays.
    takes_comments: Mapped[bool] = mapped_column(default=True)
    canonical_url: Mapped[str | None] = mapped_column(String(2000))
    meta_title: Mapped[str | None] = mapped_column(String(300))
    meta_description: Mapped[str | None] = mapped_column(String(500))

    # The promised hour of a scheduled post.
    release_at: Mapped[datetime | None]
    # The date readers see; set at the first release (or by the author) and kept through later ones.
    published_at: Mapped[datetime | None]
    trashed_at: Mapped[datetime | None]

    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id", ondelete="SET NULL"))
    series_position: Mapped[int | None]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)

    # Where an imported post came from, and the digest of what came, so that a second import changes nothing.
    origin: Mapped[str | None] = mapped_column(String(200))
    origin_key: Mapped[str | None] = mapped_column(String(500))
    origin_digest: Mapped[str | None] = mapped_column(String(64))

    bylines: Mapped[list["Byline"]] = relationship(
        back_populates="post", cascade="all, delete-orphan", passive_deletes=True, order_by="Byline.position"
    )
    tags: Mapped[list[Tag]] = relationship(secondary=post_tag, order_by=post_tag.c.position)
    series: Mapped[Series | None] = relationship()
    cover: Mapped[Asset | None] = relationship()

    def __str__(self) -> str:
        return self.title or "Untitled"

    @property
    def authors(self) -> list[User]:
        return [byline.user for byline in self.bylines]

    @property
    def is_live(self) -> bool:
        return self.status is Status.PUBLISHED

    @property
    def is_public(self) -> bool:
        return self.is_live and self.audience is Audience.PUBLIC

    @property
    def summary(self) -> str:
        return self.excerpt or self.automatic_excerpt

    @property
    def missing(self) -> list[str]:
        """What it still needs before readers may see it."""
        return [] if self.title.strip() or self.words else ["a title or some text"]


class Byline(Base):
    """One of a post's authors, in the order they are named."""

    __tablename__ = "byline"
    __table_args__ = (Index("ix_byline_user_id", "user_id", "post_id"),)

    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(default=0)

    post: Mapped[Post] = relationship(back_populates="bylines")
    user: Mapped[User] = relationship(lazy="joined")


class Revision(OffPages, Base):
    """The words of a post as they stood after one save."""

    __tablename__ = "revision"

    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(255))
    body: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime] = mapped_column(default=clock.now)
    saved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    # For the operator; colleagues are shown the name, since an address is not theirs to see.
    saved_by_label: Mapped[str] = mapped_column(String(320), default="")

    saved_by: Mapped[User | None] = relationship(lazy="joined")

    @property
    def writer(self) -> str:
        """Who saved it, as a colleague may know them; the house itself is called by its label."""
        return self.saved_by.name if self.saved_by else self.saved_by_label


class Address(Base):
    """A path of this site that was ever given out: it serves its post, leads somewhere, or says that what stood there is gone."""

    __tablename__ = "address"

    # Root-relative, percent-decoded, as written: "/2019/05/15/4-Years-Of-Rust.html".
    path: Mapped[str] = mapped_column(String(LONGEST_PATH), primary_key=True)
    post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id", ondelete="SET NULL"), index=True)
    # Where a redirect of our own or of an import leads; None for a post's address and for what is gone.
    target: Mapped[str | None] = mapped_column(String(2000))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    origin: Mapped[str | None] = mapped_column(String(200))

    post: Mapped[Post | None] = relationship()
