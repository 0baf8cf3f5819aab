"""Uploaded files and what was made from them."""

import enum
import uuid
from datetime import datetime

from sqlalchemy import BigInteger, Enum, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inkhorn.core import clock
from inkhorn.core.database import Base


class Kind(enum.StrEnum):
    """What an upload is, by its content and never by its name."""

    IMAGE = "image"
    AUDIO = "audio"
    FILE = "file"


class Asset(Base):
    """One uploaded file; the same bytes are kept once."""

    __tablename__ = "asset"
    __table_args__ = (
        Index("ix_asset_created_at_id", "created_at", "id"),
        UniqueConstraint("origin", "origin_key"),
        # A number that the audit log speaks of is never given to another.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str] = mapped_column(String(32), unique=True, default=lambda: uuid.uuid4().hex)
    kind: Mapped[Kind] = mapped_column(
        Enum(Kind, native_enum=False, create_constraint=False, length=20, values_callable=lambda kinds: [kind.value for kind in kinds])
    )
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
    alt: Mapped[str] = mapped_column(String(500), default="")
    caption: Mapped[str] = mapped_column(Text, default="")
    # Where the eye should fall when cropped: thousandths of width and height.
    focal_x: Mapped[int] = mapped_column(default=500)
    focal_y: Mapped[int] = mapped_column(default=500)
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    rendered_at: Mapped[datetime | None]
    origin: Mapped[str | None] = mapped_column(String(200))
    origin_key: Mapped[str | None] = mapped_column(String(500))

    renditions: Mapped[list["Rendition"]] = relationship(
        back_populates="asset", cascade="all, delete-orphan", passive_deletes=True, order_by="Rendition.width"
    )

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
