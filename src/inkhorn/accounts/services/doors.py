"""Signing in and out, and how often a wrong password may be tried."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select

from inkhorn.accounts import passwords
from inkhorn.accounts.events import signed_in, signed_out
from inkhorn.accounts.models import FailedSignIn, Session, User
from inkhorn.accounts.queries import user_by_email
from inkhorn.accounts.services.sessions import end_session, open_session
from inkhorn.core import audit, clock
from inkhorn.core.access import Actor, Visitor
from inkhorn.core.database import session
from inkhorn.core.errors import InkhornError

FREE_TRIES = 5
WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
FORGOTTEN_AFTER = timedelta(hours=24)


class WrongPassword(InkhornError):
    """The address or the password is wrong; which of them is not said."""

    status = 422

    def __init__(self, tries_left: int) -> None:
        left = f" {tries_left} more tries before a short wait." if 0 < tries_left < FREE_TRIES - 1 else ""
        super().__init__(f"That e-mail address and password do not belong together.{left}")


class TooManyTries(InkhornError):
    """Somebody tried too often; the account itself is not locked from other places."""

    status = 429

    def __init__(self, wait: timedelta) -> None:
        minutes = max(1, -(-int(wait.total_seconds()) // 60))
        super().__init__(f"Too many tries. Wait {minutes} minute{'s' if minutes > 1 else ''} and try again.")


def sign_in(*, email: str, password: str, address: str | None, device: str, is_remembered: bool) -> tuple[User, str]:
    """The user and the token of a new session; WrongPassword or TooManyTries, equally slow for known and unknown addresses."""
    tried = email.strip().lower()[:254]
    failed = _failed(tried, address)
    refuse_while_waiting(failed)
    user = user_by_email(tried)
    is_right = passwords.is_right(password[: passwords.MOST + 1], user.password if user else None)
    if user is None or not is_right or not user.active:
        raise WrongPassword(_note_failure(tried, address, failed))
    if failed is not None:
        session().delete(failed)
    if user.password and passwords.is_outdated(user.password):
        user.password = passwords.hash_password(password)
    token = open_session(user, address=address, device=device, is_remembered=is_remembered)
    audit.record(_as_actor(user, address), "accounts.signed_in", user)
    signed_in.send(user)
    return user, token


def sign_out(session_id: int, *, by: Actor) -> None:
    """End this session, so that a copy of its cookie is worth nothing; one that is gone already stays gone."""
    opened = session().get(Session, session_id, populate_existing=True)
    if opened is None:
        return
    audit.record(by, "accounts.signed_out", opened.user)
    signed_out.send(opened.user)
    end_session(opened)


def refuse_while_waiting(failed: FailedSignIn | None) -> None:
    if failed is None or failed.tries < FREE_TRIES:
        return
    wait = failed.last_at + WAITS[min(failed.tries - FREE_TRIES, len(WAITS) - 1)] - clock.now()
    if wait > timedelta(0):
        raise TooManyTries(wait)


def forget_old_failures() -> None:
    session().execute(delete(FailedSignIn).where(FailedSignIn.last_at < clock.now() - FORGOTTEN_AFTER))


def _failed(email: str, address: str | None) -> FailedSignIn | None:
    # Locked, so that tries at the same moment are counted one after the other.
    query = select(FailedSignIn).where(FailedSignIn.email == email, FailedSignIn.address == (address or "")).with_for_update()
    return session().scalars(query).one_or_none()


def _note_failure(email: str, address: str | None, failed: FailedSignIn | None) -> int:
    if failed is None:
        failed = FailedSignIn(email=email, address=address or "", tries=0, last_at=clock.now())
        session().add(failed)
    failed.tries, failed.last_at = failed.tries + 1, clock.now()
    audit.record(Visitor(address=address), "accounts.sign_in_refused", None, email=email)
    session().flush()
    return FREE_TRIES - failed.tries


def _as_actor(user: User, address: str | None) -> Actor:
    return SignedInUser(id=user.id, label=user.label, address=address)


@dataclass(frozen=True)
class SignedInUser:
    """The user at the moment of signing in, for the audit log."""

    id: int
    label: str
    address: str | None
    is_signed_in: bool = True

    def may(self, permission: str) -> bool:
        return False
