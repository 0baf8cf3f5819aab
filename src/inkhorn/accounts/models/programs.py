"""What programs sign in by: keys made at the desk, and the chains of refresh tokens that a password and a second factor begin."""

import enum
from datetime import datetime

from sqlalchemy import JSON, Enum, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inkhorn.accounts.models.people import User
from inkhorn.core import clock
from inkhorn.core.database import Base, OffPages


class KeyKind(enum.StrEnum):
    """Whom a key speaks for."""

    PERSONAL = "personal"  # the person who made it
    INTEGRATION = "integration"  # itself: it outlives whoever made it


class ApiKey(OffPages, Base):
    """A key that a program shows; without its row it is worth nothing."""

    __tablename__ = "api_key"
    __table_args__ = (
        Index("ix_api_key_kind_id", "kind", "id"),
        # A number that the audit log speaks of is never given to another.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[KeyKind] = mapped_column(
        Enum(KeyKind, native_enum=False, create_constraint=False, length=20, values_callable=lambda kinds: [kind.value for kind in kinds])
    )
    name: Mapped[str] = mapped_column(String(100))
    # The part after the prefix that may be shown: by it the row is found, and people tell their keys apart.
    lookup: Mapped[str] = mapped_column(String(8), unique=True)
    # SHA-256 of the whole key; of 256 random bits a slow hash would hide nothing better.
    digest: Mapped[str] = mapped_column(String(64))
    # Whose it is; None for an integration's.
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    made_by_label: Mapped[str] = mapped_column(String(320), default="")
    # The words it was given; what it may is what of these its person may at that moment.
    permissions: Mapped[list[str]] = mapped_column(JSON, default=list)
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    # None for an integration's that never ends.
    expires_at: Mapped[datetime | None] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
    used_from: Mapped[str | None] = mapped_column(String(64))

    user: Mapped[User | None] = relationship(foreign_keys=[user_id])

    def __str__(self) -> str:
        return f"{self.name} ({self.shown})"

    @property
    def shown(self) -> str:
        """The beginning of the key, by which it is recognised and which opens nothing."""
        return f"{PREFIXES[self.kind]}{self.lookup}"


# A key that lies about is known for one by how it begins.
PREFIXES: dict[KeyKind, str] = {KeyKind.PERSONAL: "ink_pk_", KeyKind.INTEGRATION: "ink_ik_"}


class RefreshFamily(OffPages, Base):
    """One program that somebody signed in: its access tokens name this row, and are worth nothing without it."""

    __tablename__ = "refresh_family"

    id: Mapped[int] = mapped_column(primary_key=True)
    # What access tokens call it by; a number that is given anew must not revive an old token.
    handle: Mapped[str] = mapped_column(String(32), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    started_at: Mapped[datetime]
    # When it was last refreshed.
    seen_at: Mapped[datetime] = mapped_column(index=True)
    is_two_factor: Mapped[bool] = mapped_column(default=False)
    address: Mapped[str | None] = mapped_column(String(64))
    device: Mapped[str] = mapped_column(String(300), default="")

    user: Mapped[User] = relationship(lazy="joined")


class RefreshToken(OffPages, Base):
    """One link of the chain: good once, and remembered, so that a copy gives itself away."""

    __tablename__ = "refresh_token"

    # SHA-256 of the token.
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    family_id: Mapped[int] = mapped_column(ForeignKey("refresh_family.id", ondelete="CASCADE"), index=True)
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    used_at: Mapped[datetime | None]

    family: Mapped[RefreshFamily] = relationship(lazy="joined")
