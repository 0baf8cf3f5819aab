"""People, their roles, and whom they follow."""

import enum
import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Enum, ForeignKey, Index, String, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inkhorn.core import clock
from inkhorn.core.database import Base, Timestamped
from inkhorn.core.leaving_out import leaving_out

# Its own passkeys and providers stay closed; with what they want it took 12 MB and a tenth of the start more (29 November 2026).
with leaving_out("webauthn", "authlib"):
    from flask_security.core import RoleMixin, UserMixin

# Long enough for a name made of an imported author's; people choose shorter ones.
LONGEST_USERNAME = 160


class AccountStatus(enum.StrEnum):
    """What an account can do at all; only services move it. Who was invited or has yet to confirm has no account so far."""

    ACTIVE = "active"
    UNCLAIMED = "unclaimed"  # came with an import; nobody has taken it over, nobody can sign in to it
    SUSPENDED = "suspended"  # may come back when an administrator says so
    CLOSING = "closing"  # closed by its owner, who can undo it until closes_at; then the row is gone


user_role = Table(
    "user_role",
    Base.metadata,
    Column("user_id", ForeignKey("user.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", ForeignKey("role.id", ondelete="CASCADE"), primary_key=True, index=True),
)


class Role(Base, RoleMixin):
    """A named set of permissions; the shipped ones are kept in step with the matrix, others are the site's own."""

    __tablename__ = "role"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    description: Mapped[str] = mapped_column(String(300), default="")
    permissions: Mapped[list[str]] = mapped_column(JSON, default=list)
    # Whether its people must have a second factor; None leaves that to the profile.
    demands_second_factor: Mapped[bool | None]

    def __str__(self) -> str:
        return self.name


class User(Base, Timestamped, UserMixin):
    """A person with an account, or an imported author who has none yet."""

    __tablename__ = "user"
    __table_args__ = (
        UniqueConstraint("origin", "origin_key"),
        Index("ix_user_name_id", "name", "id"),
        Index("ix_user_status_name", "status", "name", "id"),
        Index("ix_user_created_at_id", "created_at", "id"),
        # A number that the audit log speaks of is never given to another.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str | None] = mapped_column(String(254), unique=True)  # type: ignore[assignment]
    name: Mapped[str] = mapped_column(String(150))
    # The last part of /author/<username>/; signs in as well as the address does.
    username: Mapped[str] = mapped_column(String(LONGEST_USERNAME), unique=True)
    password: Mapped[str | None] = mapped_column(String(300))
    password_changed_at: Mapped[datetime | None]
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
    # Flask-Security's own names: active stops a sign-in, fs_uniquifier is how it calls the account. Sessions end by their rows.
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True, default=lambda: secrets.token_hex(16))
    confirmed_at: Mapped[datetime | None]
    terms_accepted_at: Mapped[datetime | None]
    # How passkeys name this person to an authenticator; made with the first one and never shown.
    passkey_handle: Mapped[str | None] = mapped_column(String(64), unique=True)
    # Asked to set up a second factor, the person said no.
    declines_second_factor: Mapped[bool] = mapped_column(default=False)
    bio: Mapped[str] = mapped_column(Text, default="")
    website: Mapped[str | None] = mapped_column(String(500))
    # Other places that are the same person's, as full addresses.
    links: Mapped[list[str]] = mapped_column(JSON, default=list)
    language: Mapped[str | None] = mapped_column(String(35))
    timezone: Mapped[str | None] = mapped_column(String(64))
    # Which letters are wanted, where that is not as settings.NOTICES says.
    notices: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    # The unguessable part of the address at which the person's feed of followed authors stands.
    following_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    # When an account that is being closed ends for good, and what then becomes of its posts.
    closes_at: Mapped[datetime | None] = mapped_column(index=True)
    heir_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    # Where an imported author came from, so that a second import finds the same person.
    origin: Mapped[str | None] = mapped_column(String(200))
    origin_key: Mapped[str | None] = mapped_column(String(300))

    roles: Mapped[list[Role]] = relationship(secondary=user_role, lazy="selectin")  # type: ignore[assignment]

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
    def role(self) -> Role | None:
        return self.roles[0] if self.roles else None

    @property
    def can_sign_in(self) -> bool:
        return self.active and self.status is AccountStatus.ACTIVE

    def holds(self, permission: str) -> bool:
        return self.can_sign_in and any(permission in role.permissions for role in self.roles)


class Follow(Base):
    """Somebody reads all that an author publishes."""

    __tablename__ = "follow"

    follower_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, index=True)
    followed_at: Mapped[datetime] = mapped_column(default=clock.now)


# Which state an account may go to from which; services refuse every other step.
LEGAL_STATUSES: dict[AccountStatus, frozenset[AccountStatus]] = {
    AccountStatus.ACTIVE: frozenset((AccountStatus.SUSPENDED, AccountStatus.CLOSING)),
    AccountStatus.UNCLAIMED: frozenset((AccountStatus.ACTIVE,)),
    AccountStatus.SUSPENDED: frozenset((AccountStatus.ACTIVE, AccountStatus.CLOSING)),
    AccountStatus.CLOSING: frozenset((AccountStatus.ACTIVE,)),
}
