"""People, their roles and their sessions."""

import enum
import secrets
from datetime import datetime
from typing import Any

from flask_security.core import RoleMixin, UserMixin
from sqlalchemy import JSON, Column, Enum, ForeignKey, Index, String, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inkhorn.core.database import Base, Timestamped


class AccountStatus(enum.StrEnum):
    """What an account can do at all; only services move it."""

    ACTIVE = "active"
    UNCLAIMED = "unclaimed"  # came with an import; nobody has taken it over, nobody can sign in to it
    SUSPENDED = "suspended"
    CLOSED = "closed"


user_role = Table(
    "user_role",
    Base.metadata,
    Column("user_id", ForeignKey("user.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", ForeignKey("role.id", ondelete="CASCADE"), primary_key=True, index=True),
)


class Role(Base, RoleMixin):
    """A named set of permissions; the six shipped ones are kept in step with policies.ROLES."""

    __tablename__ = "role"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    description: Mapped[str] = mapped_column(String(300), default="")
    permissions: Mapped[list[str]] = mapped_column(JSON, default=list)

    def __str__(self) -> str:
        return self.name


class User(Base, Timestamped, UserMixin):
    """A person with an account, or an imported author who has none yet."""

    __tablename__ = "user"
    __table_args__ = (
        UniqueConstraint("origin", "origin_key"),
        Index("ix_user_name_id", "name", "id"),
        # A number that the audit log speaks of is never given to another.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str | None] = mapped_column(String(254), unique=True)  # type: ignore[assignment]
    name: Mapped[str] = mapped_column(String(150))
    # The last part of /author/<slug>/.
    slug: Mapped[str] = mapped_column(String(160), unique=True)
    password: Mapped[str | None] = mapped_column(String(300))
    status: Mapped[AccountStatus] = mapped_column(
        Enum(
            AccountStatus,
            native_enum=False,
            create_constraint=False,
            length=20,
            values_callable=lambda kinds: [kind.value for kind in kinds],
        ),
        default=AccountStatus.ACTIVE,
    )
    # Flask-Security's own names: active stops a sign-in, fs_uniquifier changes when every session must end.
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True, default=lambda: secrets.token_hex(16))
    confirmed_at: Mapped[datetime | None]
    bio: Mapped[str] = mapped_column(Text, default="")
    website: Mapped[str | None] = mapped_column(String(500))
    language: Mapped[str | None] = mapped_column(String(35))
    timezone: Mapped[str | None] = mapped_column(String(64))
    # Where an imported author came from, so that a second import finds the same person.
    origin: Mapped[str | None] = mapped_column(String(200))
    origin_key: Mapped[str | None] = mapped_column(String(300))

    roles: Mapped[list[Role]] = relationship(secondary=user_role, lazy="selectin")  # type: ignore[assignment]
    sessions: Mapped[list["Session"]] = relationship(back_populates="user", cascade="all, delete-orphan", passive_deletes=True)

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        return self.email or self.name

    @property
    def initials(self) -> str:
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()

    @property
    def can_sign_in(self) -> bool:
        return self.active and self.status is AccountStatus.ACTIVE

    def holds(self, permission: str) -> bool:
        return self.can_sign_in and any(permission in role.permissions for role in self.roles)


class Session(Base):
    """One browser that is signed in; without its row the cookie is worth nothing."""

    __tablename__ = "session"

    id: Mapped[int] = mapped_column(primary_key=True)
    # SHA-256 of the random value in the cookie.
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)
    # When the password was last given; sensitive acts ask for a recent one.
    fresh_at: Mapped[datetime]
    is_remembered: Mapped[bool] = mapped_column(default=False)
    address: Mapped[str | None] = mapped_column(String(64))
    device: Mapped[str] = mapped_column(String(300), default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    user: Mapped[User] = relationship(back_populates="sessions", lazy="joined")


class SetupLink(Base):
    """The one-time link that lets the first owner in; at most one row."""

    __tablename__ = "setup_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]


class FailedSignIn(Base):
    """How often somebody at one address tried a wrong password for one account."""

    __tablename__ = "failed_sign_in"

    email: Mapped[str] = mapped_column(String(254), primary_key=True)
    address: Mapped[str] = mapped_column(String(64), primary_key=True)
    tries: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime] = mapped_column(index=True)
