"""Programs that somebody signed in: a chain of refresh tokens, each good once, which ends as soon as one is shown twice."""

import re
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, update

from inkhorn.accounts.events import refresh_reused
from inkhorn.accounts.models import RefreshFamily, RefreshToken, User
from inkhorn.accounts.policies import is_staff
from inkhorn.accounts.queries import digest, refresh_token
from inkhorn.accounts.services.sessions import (
    LONGEST_DEVICE,
    MEMBER_IDLE,
    STAFF_ABSOLUTE,
    STAFF_IDLE,
    InTheirName,
    Visit,
    note_device,
)
from inkhorn.core import audit, clock
from inkhorn.core.access import Actor
from inkhorn.core.database import session
from inkhorn.core.errors import NotFound

PREFIX = "ink_rt_"
SHAPE = re.compile(r"ink_rt_[A-Za-z0-9_-]{43}", re.ASCII)
# Staff's programs are asked for the password as often as their browsers are; others' at least so often (ASVS 10.4.8).
MEMBER_ABSOLUTE = timedelta(days=90)


@dataclass(frozen=True)
class SignedIn:
    """A program that is in, and the token that keeps it so; its text is kept nowhere else."""

    family: RefreshFamily
    refresh: str


@dataclass(frozen=True)
class Refused:
    """No token that is still good; was_used where it once was, and the whole chain has been ended for that."""

    was_used: bool = False


def begin_family(user: User, visit: Visit, *, is_two_factor: bool) -> SignedIn:
    """Let a program in for somebody who has proved who they are."""
    now = clock.now()
    family = RefreshFamily(
        handle=secrets.token_hex(16),
        user=user,
        started_at=now,
        seen_at=now,
        is_two_factor=is_two_factor,
        address=visit.address,
        device=visit.device[:LONGEST_DEVICE],
    )
    session().add(family)
    session().flush()
    note_device(user, visit)
    audit.record(InTheirName(user, visit), "accounts.program_signed_in", user, two_factor=is_two_factor)
    return SignedIn(family, _add_token(family))


def refresh(text: str, visit: Visit) -> SignedIn | Refused:
    """Give the next token for one that is good; the caller commits either way, since a refusal may end the chain."""
    found = _held(text)
    if found is None:
        return Refused()
    family, now = found.family, clock.now()
    taken = update(RefreshToken).where(RefreshToken.digest == found.digest, RefreshToken.used_at.is_(None)).values(used_at=now)
    # Of several who show it at once one is first; whether the others are copies nobody can tell, so the chain ends.
    if session().execute(taken).rowcount != 1:  # type: ignore[attr-defined]
        audit.record(visit.stranger(), "accounts.refresh_reused", family.user, program=family.device)
        refresh_reused.send(family.user)
        _end(family)
        return Refused(was_used=True)
    if not is_live(family):
        _end(family)
        return Refused()
    seen = update(RefreshFamily).where(RefreshFamily.id == family.id).values(seen_at=now, address=visit.address)
    if session().execute(seen).rowcount != 1:  # type: ignore[attr-defined]
        return Refused()
    return SignedIn(family, _add_token(family))


def is_live(family: RefreshFamily) -> bool:
    """Whether the chain is within its idle and absolute limits and its person may still sign in."""
    now, works_here = clock.now(), is_staff(family.user)
    idle, absolute = (STAFF_IDLE, STAFF_ABSOLUTE) if works_here else (MEMBER_IDLE, MEMBER_ABSOLUTE)
    return now - family.seen_at < idle and now - family.started_at < absolute and family.user.can_sign_in


def sign_out(text: str, visit: Visit) -> None:
    """End the chain of the token, used or not; what is none is passed over in silence (RFC 7009)."""
    found = _held(text)
    if found is not None:
        audit.record(InTheirName(found.family.user, visit), "accounts.program_signed_out", found.family.user)
        _end(found.family)


def end_own_program(user: User, family_id: int, *, by: Actor) -> None:
    """Sign one of the user's programs out; NotFound where it is not theirs, or out already."""
    gone = delete(RefreshFamily).where(RefreshFamily.id == family_id, RefreshFamily.user_id == user.id)
    if not 0 < family_id < 2**31 or session().execute(gone).rowcount != 1:  # type: ignore[attr-defined]
        raise NotFound("That program is signed out already.")
    audit.record(by, "accounts.program_signed_out", user)


def forget_old_families() -> None:
    """Remove the chains that no token can go on with."""
    session().execute(delete(RefreshFamily).where(RefreshFamily.seen_at < clock.now() - MEMBER_IDLE))


def _held(text: str) -> RefreshToken | None:
    return refresh_token(text) if SHAPE.fullmatch(text) else None


def _add_token(family: RefreshFamily) -> str:
    text = f"{PREFIX}{secrets.token_urlsafe(32)}"
    session().add(RefreshToken(digest=digest(text), family_id=family.id))
    session().flush()
    return text


def _end(family: RefreshFamily) -> None:
    session().execute(delete(RefreshFamily).where(RefreshFamily.id == family.id).execution_options(synchronize_session=False))
    session().expunge(family)
