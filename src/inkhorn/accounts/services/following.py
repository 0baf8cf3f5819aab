"""Whose posts somebody reads: authors followed and left, and the address of the feed of them all."""

import secrets

from sqlalchemy import delete, func, select

from inkhorn.accounts.events import author_followed, author_sought, is_answered
from inkhorn.accounts.models import Follow, User
from inkhorn.core import audit, clock
from inkhorn.core.access import Actor
from inkhorn.core.database import insert_into, session
from inkhorn.core.errors import Conflict, Invalid, NotFound

MOST_FOLLOWED = 1_000


class NotAnAuthor(NotFound):
    """Readers know nobody of that name."""

    def __init__(self) -> None:
        super().__init__("There is no such author here.")


def follow_author(follower: User, author: User, *, by: Actor) -> None:
    """Follow an author; whoever does so already goes on doing so. NotAnAuthor for somebody who has published nothing."""
    if not is_answered(author_sought, author):
        raise NotAnAuthor
    if follower.id == author.id:
        raise Invalid("What you write yourself you need not follow.", field="username")
    if (session().scalar(select(func.count()).select_from(Follow).where(Follow.follower_id == follower.id)) or 0) >= MOST_FOLLOWED:
        raise Conflict(f"You follow {MOST_FOLLOWED:,} authors already; leave some of them first.")
    made = insert_into(Follow).values(follower_id=follower.id, author_id=author.id, followed_at=clock.now())
    is_new = session().execute(made.on_conflict_do_nothing().returning(Follow.author_id)).scalar() is not None
    if is_new:
        author_followed.send(follower, author=author)


def unfollow_author(follower: User, author: User, *, by: Actor) -> None:
    """Follow an author no longer, whether readers still know them or not; NotAnAuthor for somebody who never was one to this person."""
    left = session().execute(delete(Follow).where(Follow.follower_id == follower.id, Follow.author_id == author.id))
    if not left.rowcount and not is_answered(author_sought, author):  # type: ignore[attr-defined]
        raise NotAnAuthor


def renew_following_key(user: User, *, by: Actor) -> str:
    """Give the feed of followed authors an address, or another one: the old one leads nowhere from now on."""
    user.following_key = secrets.token_urlsafe(32)
    session().flush()
    audit.record(by, "accounts.profile_changed", user, keys=["following_key"])
    return user.following_key
