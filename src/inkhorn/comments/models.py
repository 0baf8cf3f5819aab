"""Comments and who wrote them; what people think of them; who may not write any."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import Enum, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from inkhorn.accounts.models import User
from inkhorn.core import clock
from inkhorn.core.database import Base, OffPages
from inkhorn.posts.models import Post

LONGEST_BODY = 10_000
LONGEST_NAME = 150
LONGEST_EMAIL = 254
LONGEST_REASON = 300
# Of what the classifier counts: a word, a pair of them, a host.
LONGEST_FEATURE = 120
# Replies hang on what they answer down to here; further ones stand beside each other.
DEEPEST = 4
# What stands in a place before the path of the thread: those that are pinned come first.
PINNED, UNPINNED = "0", "1"


class State(enum.StrEnum):
    """Where a comment stands; only services move it."""

    # Nobody but its guest knows of it, until the address is confirmed.
    UNCONFIRMED = "unconfirmed"
    WAITING = "waiting"
    APPROVED = "approved"
    SPAM = "spam"
    TRASHED = "trashed"
    # Removed for good, and nothing kept of it but the place on which others hang.
    PURGED = "purged"


class CommentKind(enum.StrEnum):
    """What people wrote here; or the word of another site that it links to us, which is shown apart."""

    COMMENT = "comment"
    PINGBACK = "pingback"
    TRACKBACK = "trackback"


class BanKind(enum.StrEnum):
    """What is kept out: an e-mail address, all addresses of a host, an account, or a network place by its digest."""

    EMAIL = "email"
    DOMAIN = "domain"
    USER = "user"
    PLACE = "place"


def _words(kinds: Any) -> list[str]:
    return [kind.value for kind in kinds]


class Guest(Base):
    """Somebody without an account who comments; the address is kept apart from the comments, and shown to nobody but moderators."""

    __tablename__ = "comment_guest"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(LONGEST_EMAIL), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    # When a comment was first confirmed by a letter to this address.
    confirmed_at: Mapped[datetime | None]

    def __str__(self) -> str:
        return self.email


class Comment(Base):
    """One comment: its words as Markdown, and the HTML made of them when they were saved."""

    __tablename__ = "comment"
    __table_args__ = (
        UniqueConstraint("origin", "origin_key"),
        # The thread under a post in its order; what was said about a post, counted by state.
        Index("ix_comment_thread", "post_id", "kind", "is_shown", "place"),
        Index("ix_comment_post_state", "post_id", "state", "kind"),
        # The moderators' lists, and the feed of all comments.
        Index("ix_comment_queue", "state", "created_at", "id"),
        Index("ix_comment_user", "user_id", "state", "created_at"),
        Index("ix_comment_guest", "guest_id", "state", "created_at"),
        Index("ix_comment_place_digest", "place_digest", "created_at"),
        Index("ix_comment_text_digest", "text_digest", "created_at"),
        # A number that the audit log speaks of is never given to another.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"))
    kind: Mapped[CommentKind] = mapped_column(
        Enum(CommentKind, native_enum=False, create_constraint=False, length=20, values_callable=_words), default=CommentKind.COMMENT
    )
    state: Mapped[State] = mapped_column(Enum(State, native_enum=False, create_constraint=False, length=20, values_callable=_words))
    # What undo brings back from the trash and from spam.
    state_before: Mapped[State | None] = mapped_column(
        Enum(State, native_enum=False, create_constraint=False, length=20, values_callable=_words)
    )

    # What it answers, and the comment that began the thread; None for one that begins a thread.
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="SET NULL"), index=True)
    root_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="SET NULL"), index=True)
    # From 1 to DEEPEST.
    depth: Mapped[int] = mapped_column(default=1)
    # Its path in the thread, moment and number of each above it and of itself, by which a page of the thread is read in order.
    place: Mapped[str] = mapped_column(String(100), default="")
    # Whether the thread shows it: as it is where it is approved, else as one that was taken away, because approved ones hang on it.
    is_shown: Mapped[bool] = mapped_column(default=False)
    is_pinned: Mapped[bool] = mapped_column(default=False)

    # Who wrote it: somebody with an account, or a guest. The name stays when the account is gone.
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    guest_id: Mapped[int | None] = mapped_column(ForeignKey("comment_guest.id", ondelete="SET NULL"))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME), default="")
    # Where the other site's page stands that sent a pingback, or the own site that came with an import.
    website: Mapped[str | None] = mapped_column(String(2000))
    # Keyed digest of the network place it came from, for counting and banning; the address itself is not kept.
    place_digest: Mapped[str | None] = mapped_column(String(64))
    # Whether whoever wrote it wants to be told of replies.
    wants_replies: Mapped[bool] = mapped_column(default=False)

    body: Mapped[str] = mapped_column(Text, default="")
    html: Mapped[str] = mapped_column(Text, default="")
    # The same words sent again have the same digest.
    text_digest: Mapped[str | None] = mapped_column(String(64))
    # The form it was sent with, so that a form sent twice is one comment.
    once: Mapped[str | None] = mapped_column(String(64), unique=True)

    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    edited_at: Mapped[datetime | None]
    # When the guest confirmed the address.
    confirmed_at: Mapped[datetime | None]
    # When readers first saw it.
    approved_at: Mapped[datetime | None]
    trashed_at: Mapped[datetime | None]
    # When whoever wrote it took it away.
    withdrawn_at: Mapped[datetime | None]

    # Why it waits or is spam: the word by which the queue is filtered, the same in words for moderators, and how likely it is spam, from 0 to 1.
    cause: Mapped[str | None] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON), default="")
    score: Mapped[float | None]
    # "spam" or "ham": as what the classifier has learnt it, so that it can unlearn it.
    learnt_as: Mapped[str | None] = mapped_column(String(4))
    likes: Mapped[int] = mapped_column(default=0)
    # Reports that no moderator has looked at.
    reports: Mapped[int] = mapped_column(default=0)

    # Where an imported comment came from, so that a second import changes nothing.
    origin: Mapped[str | None] = mapped_column(String(200))
    origin_key: Mapped[str | None] = mapped_column(String(500))

    post: Mapped[Post] = relationship()
    user: Mapped[User | None] = relationship()
    guest: Mapped[Guest | None] = relationship()
    parent: Mapped["Comment | None"] = relationship(remote_side="Comment.id", foreign_keys="Comment.parent_id")

    def __str__(self) -> str:
        # Without its words, which shall be gone when it is removed for good: the audit log forgets nothing.
        return f"the comment by {self.name}" if self.name else "a comment"

    @property
    def is_approved(self) -> bool:
        return self.state is State.APPROVED


class ThreadChange(Base):
    """How often what readers see of the thread under a post has changed, for those who listen to it."""

    __tablename__ = "comment_thread_change"

    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(default=1)


class Like(Base):
    """Somebody with an account likes a comment."""

    __tablename__ = "comment_like"

    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, index=True)
    liked_at: Mapped[datetime] = mapped_column(default=clock.now)


class Report(OffPages, Base):
    """Somebody thinks that a moderator should look at a comment; once each."""

    __tablename__ = "comment_report"
    __table_args__ = (UniqueConstraint("comment_id", "who"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"))
    # "user:" and a number, or "place:" and a digest.
    who: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON), default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    # When a moderator looked at it.
    settled_at: Mapped[datetime | None]


class Ban(OffPages, Base):
    """Who may not comment, and until when."""

    __tablename__ = "comment_ban"
    __table_args__ = (UniqueConstraint("kind", "value"), Index("ix_comment_ban_until", "until", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[BanKind] = mapped_column(Enum(BanKind, native_enum=False, create_constraint=False, length=20, values_callable=_words))
    # The address, host, number of the account or digest of the place.
    value: Mapped[str] = mapped_column(String(LONGEST_EMAIL))
    # What moderators see of it.
    label: Mapped[str] = mapped_column(String(320), default="")
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON), default="")
    # None is for good.
    until: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by_label: Mapped[str] = mapped_column(String(320), default="")

    def __str__(self) -> str:
        return self.label or self.value


class Mute(OffPages, Base):
    """Somebody wants no more letters about a thread, or about any."""

    __tablename__ = "comment_mute"
    __table_args__ = (UniqueConstraint("who", "root_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    # "user:" and a number, or "guest:" and a number.
    who: Mapped[str] = mapped_column(String(80))
    # Number of the comment that began the thread; 0 for every thread; -1 to be asked no more whether one is theirs.
    root_id: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class GoneComment(OffPages, Base):
    """An imported comment that was removed here for good, so that another import does not bring it back."""

    __tablename__ = "comment_gone"

    origin: Mapped[str] = mapped_column(String(200), primary_key=True)
    origin_key: Mapped[str] = mapped_column(String(500), primary_key=True)


class Feature(OffPages, Base):
    """In how many comments that moderators called spam, or no spam, something occurred; the empty one counts the comments themselves."""

    __tablename__ = "comment_feature"
    __table_args__ = (Index("ix_comment_feature_seen_at", "seen_at"),)

    feature: Mapped[str] = mapped_column(String(LONGEST_FEATURE), primary_key=True)
    spam: Mapped[int] = mapped_column(default=0)
    ham: Mapped[int] = mapped_column(default=0)
    # When it was last learnt.
    seen_at: Mapped[datetime] = mapped_column(default=clock.now)
