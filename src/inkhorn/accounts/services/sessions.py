"""Sessions: one row for each browser that is signed in."""

import secrets
from datetime import timedelta

from sqlalchemy import delete, update

from inkhorn.accounts.models import Session, User
from inkhorn.accounts.policies import STAFF
from inkhorn.accounts.queries import digest
from inkhorn.core import clock
from inkhorn.core.database import session

STAFF_IDLE, STAFF_ABSOLUTE = timedelta(hours=12), timedelta(days=7)
MEMBER_IDLE = timedelta(days=30)
# How old "last seen" may be before a request writes it anew.
SEEN_EVERY = timedelta(minutes=5)


def open_session(user: User, *, address: str | None, device: str, is_remembered: bool = False) -> str:
    """Begin a session; the token for the cookie, which is kept nowhere else."""
    token, now = secrets.token_urlsafe(32), clock.now()
    session().add(
        Session(
            token_digest=digest(token),
            user=user,
            started_at=now,
            seen_at=now,
            fresh_at=now,
            is_remembered=is_remembered,
            address=address,
            device=device[:300],
        )
    )
    session().flush()
    return token


def end_session(session_id: int) -> None:
    """Sign one browser out; one that is out already stays out."""
    session().execute(delete(Session).where(Session.id == session_id))


def end_all_sessions(user: User) -> None:
    """Sign the user out of every browser."""
    session().execute(delete(Session).where(Session.user_id == user.id))
    session().flush()


def forget_old_sessions() -> int:
    """Remove the rows that no cookie can use any more; how many there were."""
    before = clock.now() - MEMBER_IDLE
    return session().execute(delete(Session).where(Session.seen_at < before)).rowcount  # type: ignore[attr-defined, no-any-return]


def see_again(opened: Session) -> None:
    """Note that the session is in use; one that was ended meanwhile stays ended."""
    session().execute(update(Session).where(Session.id == opened.id).values(seen_at=clock.now()))


def is_live(opened: Session) -> bool:
    """Whether the session is within its idle and absolute limits and its user may still sign in."""
    now = clock.now()
    is_staff = any(role.name in STAFF for role in opened.user.roles)
    idle = STAFF_IDLE if is_staff else MEMBER_IDLE
    within = now - opened.seen_at < idle and not (is_staff and now - opened.started_at >= STAFF_ABSOLUTE)
    return within and opened.user.can_sign_in


def needs_seeing(opened: Session) -> bool:
    return clock.now() - opened.seen_at >= SEEN_EVERY
