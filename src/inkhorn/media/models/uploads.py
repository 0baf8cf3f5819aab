"""Uploaded files and what was made from them."""

import enum
import uuid
from datetime import datetime
from typing import ClassVar

from sqlalchemy import BigInteger, Enum, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inkhorn.core import clock
from inkhorn.core.database import Base, OffPages

# The origin of a picture that stands for a person: one of no library, each for its own person.
PORTRAIT = "portrait"


class Kind(enum.StrEnum):
    """What an upload is, by its content and never by its name."""

    IMAGE = "image"
    AUDIO = "audio"
    FILE = "file"


class Reach(enum.StrEnum):
    """Whom a file is handed to: what shows it says so, unless somebody marked it for members."""

    PUBLIC = "public"
    MEMBERS = "members"
    STAFF = "staff"
    # Shown by something that nobody reads yet: whoever knows the address gets it.
    NOBODY = "nobody"


def _words(kind: type[enum.StrEnum]) -> Enum:
    return Enum(
        kind, native_enum=False, create_constraint=False, length=20, values_callable=lambda members: [each.value for each in members]
    )


class Asset(Base):
    """One uploaded file; the same bytes are kept once."""

    __tablename__ = "asset"
    __table_args__ = (
        Index("ix_asset_created_at_id", "created_at", "id"),
        Index("ix_asset_kind_created_at", "kind", "created_at", "id"),
        Index("ix_asset_size_bytes_id", "size_bytes", "id"),
        Index("ix_asset_filename_id", "filename", "id"),
        Index("ix_asset_trashed_at", "trashed_at"),
        Index("ix_asset_unblurred", "id", sqlite_where=text("blur IS NULL"), postgresql_where=text("blur IS NULL")),
        UniqueConstraint("origin", "origin_key"),
        # A number that the audit log speaks of is never given to another.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(String(32), unique=True, default=lambda: uuid.uuid4().hex)
    kind: Mapped[Kind] = mapped_column(_words(Kind))
    # The name people gave it; the storage key below is made by us.
    filename: Mapped[str] = mapped_column(String(255))
    key: Mapped[str] = mapped_column(String(200), unique=True)
    content_type: Mapped[str] = mapped_column(String(100))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    width: Mapped[int | None]
    height: Mapped[int | None]
    is_animated: Mapped[bool] = mapped_column(default=False)
    # The picture's mean colour as #rrggbb, shown until it has loaded.
    colour: Mapped[str | None] = mapped_column(String(7))
    # The picture in a few pixels, as the Base64 of a WebP, shown until it has come; empty where there is none,
    # nothing where nobody has looked yet.
    blur: Mapped[str | None] = mapped_column(String(1000), default="")
    alt: Mapped[str] = mapped_column(String(500), default="")
    caption: Mapped[str] = mapped_column(Text, default="")
    # Where the eye should fall when cropped: thousandths of width and height.
    focal_x: Mapped[int] = mapped_column(default=500)
    focal_y: Mapped[int] = mapped_column(default=500)
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    rendered_at: Mapped[datetime | None]
    # Whom it is handed to, kept in step with what shows it by services/usage.py.
    reach: Mapped[Reach] = mapped_column(_words(Reach), default=Reach.PUBLIC)
    # Somebody said so, whatever shows it.
    is_for_members: Mapped[bool] = mapped_column(default=False)
    trashed_at: Mapped[datetime | None]
    origin: Mapped[str | None] = mapped_column(String(200))
    origin_key: Mapped[str | None] = mapped_column(String(500))

    renditions: Mapped[list["Rendition"]] = relationship(
        back_populates="asset", cascade="all, delete-orphan", passive_deletes=True, order_by="Rendition.width"
    )

    tags: Mapped[list["AssetTag"]] = relationship(cascade="all, delete-orphan", passive_deletes=True, order_by="AssetTag.name")

    def __str__(self) -> str:
        return self.filename

    @property
    def path(self) -> str:
        """Root-relative address under which readers get it, and how Markdown names it."""
        return f"/media/{self.key}"


class Rendition(Base):
    """A smaller or lighter version of a picture, made by the runner."""

    __tablename__ = "rendition"
    __table_args__ = (UniqueConstraint("asset_id", "content_type", "width"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    asset_id: Mapped[int] = mapped_column(ForeignKey("asset.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(200), unique=True)
    content_type: Mapped[str] = mapped_column(String(100))
    width: Mapped[int]
    height: Mapped[int]
    size_bytes: Mapped[int] = mapped_column(BigInteger)

    asset: Mapped[Asset] = relationship(back_populates="renditions")

    @property
    def path(self) -> str:
        return f"/media/{self.key}"


class Avatar(Base):
    """The picture a person chose for themselves."""

    __tablename__ = "avatar"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    asset_id: Mapped[int] = mapped_column(ForeignKey("asset.id", ondelete="CASCADE"), index=True)

    asset: Mapped[Asset] = relationship(lazy="joined")


class AssetTag(Base):
    """A word by which people find an upload again."""

    __tablename__ = "asset_tag"

    asset_id: Mapped[int] = mapped_column(ForeignKey("asset.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), primary_key=True, index=True)


class FormerName(Base):
    """Under which an upload was kept before it was replaced; its old addresses lead on."""

    __tablename__ = "asset_former_name"

    uuid: Mapped[str] = mapped_column(String(32), primary_key=True)
    asset_id: Mapped[int] = mapped_column(ForeignKey("asset.id", ondelete="CASCADE"), index=True)


class Usage(OffPages, Base):
    """Something that shows an upload; noted by the room that it belongs to, which alone knows what it is."""

    __tablename__ = "asset_usage"
    __table_args__ = (Index("ix_asset_usage_noun", "room", "noun_id"),)

    asset_id: Mapped[int] = mapped_column(ForeignKey("asset.id", ondelete="CASCADE"), primary_key=True)
    room: Mapped[str] = mapped_column(String(40), primary_key=True)
    noun_id: Mapped[int] = mapped_column(primary_key=True)
    reach: Mapped[Reach] = mapped_column(_words(Reach))


class Upload(OffPages, Base):
    """A file on its way in parts; what has come of it lies in one file in the data folder, or in a bucket part by part."""

    __tablename__ = "upload"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(String(32), unique=True, default=lambda: uuid.uuid4().hex)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    filename: Mapped[str] = mapped_column(String(255))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    # As whoever sends it reckoned it, to be compared at the end.
    sha256: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
    # What it has become, for as long as somebody may ask who did not hear the answer.
    asset_id: Mapped[int | None] = mapped_column(ForeignKey("asset.id", ondelete="CASCADE"), index=True)
    # While a machine puts its parts together, for which nobody else need do the same; in the past where that machine died.
    finishing_until: Mapped[datetime | None]
    finisher: Mapped[str | None] = mapped_column(String(32))


class UploadPart(OffPages, Base):
    """What has come of a file into a bucket: only parts that have a row count, and at each place only one can."""

    __tablename__ = "upload_part"

    upload_id: Mapped[int] = mapped_column(ForeignKey("upload.id", ondelete="CASCADE"), primary_key=True)
    # Where in the file it begins.
    offset_bytes: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    key: Mapped[str] = mapped_column(String(200))


class StoreMark(OffPages, Base):
    """Which store of files belongs to this database: it bears the same mark."""

    __tablename__ = "store_mark"

    # There is one.
    ONLY: ClassVar[int] = 1

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    site: Mapped[str] = mapped_column(String(32))
    # Grows with every sweep here and there: a database that was copied or put back falls behind its store.
    sweeps: Mapped[int] = mapped_column(default=0)
