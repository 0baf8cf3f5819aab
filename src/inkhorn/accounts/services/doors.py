"""Signing in and out, and how often a wrong password may be tried."""

import ipaddress
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from inkhorn.accounts import passwords
from inkhorn.accounts.events import signed_in, signed_out
from inkhorn.accounts.models import FailedSignIn, Session, User
from inkhorn.accounts.queries import credentials, email_key
from inkhorn.accounts.services.people import EMAIL
from inkhorn.accounts.services.sessions import end_session, open_session
from inkhorn.core import audit, clock
from inkhorn.core.access import Actor, Visitor
from inkhorn.core.database import session
from inkhorn.core.errors import InkhornError

FREE_TRIES = 5
WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
FORGOTTEN_AFTER = timedelta(hours=24)
# For all accounts together, known or invented; whoever is signed in there stays so.
TRIES_FROM_ONE_PLACE, HOUR = 100, timedelta(hours=1)
# Addresses are counted in small letters, so this can be none.
EVERY_ACCOUNT = "EVERY ACCOUNT"
# Whoever has an IPv6 address has all of its /64.
IPV6_NETWORK_BITS = 64


class WrongPassword(InkhornError):
    """The address or the password is wrong; which of them is not said."""

    status = 422

    def __init__(self, tries_left: int) -> None:
        left = f" {tries_left} more {'try' if tries_left == 1 else 'tries'} before a short wait." if 0 < tries_left < FREE_TRIES - 1 else ""
        super().__init__(f"That e-mail address and password do not belong together.{left}")


class TooManyTries(InkhornError):
    """Somebody tried too often; the account itself is not locked from other places."""

    status = 429

    def __init__(self, wait: timedelta) -> None:
        self.retry_after_seconds = max(1, int(wait.total_seconds()))
        minutes = max(1, -(-self.retry_after_seconds // 60))
        super().__init__(f"Too many tries. Wait {minutes} minute{'s' if minutes > 1 else ''} and try again.")


def count_try(*, email: str, address: str | None) -> int:
    """Count a try before it is judged, so that many at once get no more guesses than one after the other; how many are left."""
    place = place_of(address)
    _count_in_place(place)
    counted = _counted(email_key(email), place)
    if counted.last_at < clock.now() - FORGOTTEN_AFTER:
        counted.tries = 0
    _refuse_while_waiting(counted)
    counted.tries, counted.last_at = counted.tries + 1, clock.now()
    session().flush()
    return FREE_TRIES - counted.tries


def check_password(*, email: str, password: str) -> int | None:
    """The number of the user whom both belong to; equally slow where there is none. Not for use inside a transaction."""
    found = credentials(email)
    is_right = passwords.is_right(password[: passwords.MOST + 1], found.password if found else None)
    return found.id if found and is_right else None


def sign_in(user_id: int, *, password: str, address: str | None, device: str, is_remembered: bool) -> tuple[User, str] | None:
    """The user and the token of a new session; None where the account was closed to them."""
    user = session().get(User, user_id, populate_existing=True)
    if user is None or not user.can_sign_in:
        return None
    place = place_of(address)
    _forgive(email_key(user.email or ""), place)
    if user.password and passwords.is_outdated(user.password):
        user.password = passwords.hash_password(password)
    token = open_session(user, address=address, device=device, is_remembered=is_remembered)
    audit.record(SignedIn(user, address), "accounts.signed_in", user)
    signed_in.send(user)
    return user, token


def note_refusal(*, email: str, address: str | None) -> None:
    # What is no address may be a password typed into the wrong field.
    tried = email_key(email)
    audit.record(Visitor(address=address), "accounts.sign_in_refused", None, email=tried if EMAIL.fullmatch(tried) else "")


def sign_out(session_id: int, *, by: Actor) -> None:
    """End this session, so that a copy of its cookie is worth nothing; one that is gone already stays gone."""
    opened = session().get(Session, session_id, populate_existing=True)
    if opened is None:
        return
    audit.record(by, "accounts.signed_out", opened.user)
    signed_out.send(opened.user)
    end_session(session_id)


def forget_old_failures() -> None:
    session().execute(delete(FailedSignIn).where(FailedSignIn.last_at < clock.now() - FORGOTTEN_AFTER))


def place_of(address: str | None) -> str:
    """What tries are counted by: an IPv4 address, or the network of an IPv6 one."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return (address or "")[:64]
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, IPV6_NETWORK_BITS), strict=False))


def _refuse_while_waiting(counted: FailedSignIn) -> None:
    if counted.tries < FREE_TRIES:
        return
    wait = counted.last_at + WAITS[min(counted.tries - FREE_TRIES, len(WAITS) - 1)] - clock.now()
    if wait > timedelta(0):
        raise TooManyTries(wait)


def _count_in_place(place: str) -> None:
    """Count the try among all from there; TooManyTries, before any row is made for it, once the hour's are used up."""
    everybody = _counted(EVERY_ACCOUNT, place)
    # Here it is the moment the hour began, so that trying on does not lengthen it.
    if everybody.last_at <= clock.now() - HOUR:
        everybody.tries, everybody.last_at = 0, clock.now()
    if everybody.tries >= TRIES_FROM_ONE_PLACE:
        raise TooManyTries(everybody.last_at + HOUR - clock.now())
    everybody.tries += 1


def _forgive(email: str, place: str) -> None:
    """Take back what the right password was counted for; rows in the order in which a try locks them."""
    here = FailedSignIn.address == place
    everybody = update(FailedSignIn).where(FailedSignIn.email == EVERY_ACCOUNT, here, FailedSignIn.tries > 0)
    session().execute(everybody.values(tries=FailedSignIn.tries - 1))
    session().execute(delete(FailedSignIn).where(FailedSignIn.email == email, here))


def _counted(email: str, place: str) -> FailedSignIn:
    """The count of that pair, locked until the caller's transaction ends."""
    query = select(FailedSignIn).where(FailedSignIn.email == email, FailedSignIn.address == place)
    for _attempt in range(3):
        found = session().scalars(query.with_for_update().execution_options(populate_existing=True)).one_or_none()
        if found is not None:
            return found
        try:
            with session().begin_nested():
                session().add(FailedSignIn(email=email, address=place, tries=0, last_at=clock.now()))
        except IntegrityError:
            # Another try at the same moment made it first.
            continue
    # Made and removed under our hands each time: the right password is being given by many at once.
    raise TooManyTries(timedelta(seconds=1))


class SignedIn:
    """The user at the moment of signing in, for the audit log."""

    is_signed_in = True

    def __init__(self, user: User, address: str | None) -> None:
        self.id, self.label, self.address = user.id, user.label, address

    def may(self, permission: str) -> bool:
        return False
