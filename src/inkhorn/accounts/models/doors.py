"""The ways in: sessions and the browsers they run in, links and codes that work once, invitations, registrations."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Enum, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inkhorn.accounts.models.people import Role, User
from inkhorn.core import clock
from inkhorn.core.database import Base, OffPages


class Session(OffPages, Base):
    """One browser that is signed in; without its row the cookie is worth nothing."""

    __tablename__ = "session"

    id: Mapped[int] = mapped_column(primary_key=True)
    # SHA-256 of the random value in the cookie.
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    started_at: Mapped[datetime] = mapped_column(index=True)
    seen_at: Mapped[datetime] = mapped_column(index=True)
    # When the person last proved who they are; sensitive acts ask for a recent proof.
    fresh_at: Mapped[datetime]
    is_remembered: Mapped[bool] = mapped_column(default=False)
    # How it was opened: "password", "passkey", "link", "invitation", "setup", "oauth".
    way: Mapped[str] = mapped_column(String(20), default="password")
    # Whether a second factor, or a passkey that checked the person, was part of it.
    is_two_factor: Mapped[bool] = mapped_column(default=False)
    address: Mapped[str | None] = mapped_column(String(64))
    device: Mapped[str] = mapped_column(String(300), default="")
    device_id: Mapped[int | None] = mapped_column(ForeignKey("known_device.id", ondelete="SET NULL"), index=True)
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    user: Mapped[User] = relationship(lazy="joined")


class KnownDevice(OffPages, Base):
    """A browser in which somebody signed in before: strangers cannot lock it out, and a new one is told of by mail."""

    __tablename__ = "known_device"
    __table_args__ = (Index("ix_known_device_digest_user_id", "digest", "user_id", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    # SHA-256 of the random value in the browser's own cookie.
    digest: Mapped[str] = mapped_column(String(64))
    label: Mapped[str] = mapped_column(String(300), default="")
    address: Mapped[str | None] = mapped_column(String(64))
    first_at: Mapped[datetime] = mapped_column(default=clock.now)
    seen_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)


class SetupLink(OffPages, Base):
    """The one-time link that lets the first owner in; at most one row."""

    __tablename__ = "setup_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]


class Purpose(enum.StrEnum):
    """What a one-time token is good for, and nothing else."""

    CONFIRM = "confirm"  # a registration
    RESET = "reset"  # a forgotten password
    LINK = "link"  # signing in by mail
    NEW_EMAIL = "new_email"  # a change of address, asked of the new one
    OLD_EMAIL = "old_email"  # the same, asked of the old one
    PROOF = "proof"  # a fresh proof of somebody signed in
    SECOND = "second"  # a sign-in that waits for its second factor
    CHALLENGE = "challenge"  # a passkey's answer is awaited
    OAUTH = "oauth"  # a provider's answer is awaited
    REOPEN = "reopen"  # an account that is being closed


class OneTimeToken(OffPages, Base):
    """A link, a code or a ceremony that works once, for one purpose, until its hour."""

    __tablename__ = "one_time_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[Purpose] = mapped_column(
        Enum(Purpose, native_enum=False, create_constraint=False, length=20, values_callable=lambda kinds: [kind.value for kind in kinds])
    )
    # SHA-256 of the random value in the link or cookie.
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    # Of the six digits that may be typed instead, keyed by the site; good in the browser that asked.
    code_digest: Mapped[str | None] = mapped_column(String(64))
    browser_digest: Mapped[str | None] = mapped_column(String(64), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    email: Mapped[str | None] = mapped_column(String(254))
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(index=True)

    user: Mapped[User | None] = relationship()


class Registration(OffPages, Base):
    """Somebody who asked for an account and has yet to confirm the address; becomes a User then, or is forgotten."""

    __tablename__ = "registration"
    # Its number is a part of what its letters are known by: given twice, the second person would get none.
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), index=True)
    name: Mapped[str] = mapped_column(String(150))
    password: Mapped[str] = mapped_column(String(300))
    # The browser that asked; another one must know the password to confirm.
    browser_digest: Mapped[str] = mapped_column(String(64), index=True)
    terms_accepted_at: Mapped[datetime | None]
    language: Mapped[str | None] = mapped_column(String(35))
    timezone: Mapped[str | None] = mapped_column(String(64))
    wanted: Mapped[str | None] = mapped_column(String(2000))
    # How often the letter was asked for; part of its purpose, so that each asking sends one.
    letters: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)

    def __str__(self) -> str:
        return self.email


class Invitation(OffPages, Base):
    """Somebody is asked to join in a role; the link works once and for a week."""

    __tablename__ = "invitation"
    __table_args__ = (Index("ix_invitation_created_at_id", "created_at", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), index=True)
    # The address while the invitation is open, so that there is one for each; None once it was used or taken back.
    open_email: Mapped[str | None] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(150), default="")
    # None once a role of the site's own was removed; that somebody was invited, and by whom, stays known.
    role_id: Mapped[int | None] = mapped_column(ForeignKey("role.id", ondelete="SET NULL"), index=True)
    # None until the letter is written: each one carries a secret of its own.
    digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    message: Mapped[str] = mapped_column(Text, default="")
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    invited_by_label: Mapped[str] = mapped_column(String(320), default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    # How often the letter was asked for; part of its purpose, so that each asking sends one.
    letters: Mapped[int] = mapped_column(default=0)
    # The imported author whose account it becomes, with all that they wrote; None where an account is made.
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    accepted_at: Mapped[datetime | None]
    accepted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)

    role: Mapped[Role | None] = relationship(lazy="joined")

    def __str__(self) -> str:
        return self.email
