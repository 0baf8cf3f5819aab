"""Coming in and going out: what a sign-in is checked against, how often it may be tried, and what it opens."""

from dataclasses import dataclass

from inkhorn.accounts import passwords
from inkhorn.accounts.counts import Key, login_key
from inkhorn.accounts.events import signed_in, signed_out
from inkhorn.accounts.models import AccountStatus, OneTimeToken, Purpose, Session, User
from inkhorn.accounts.queries import credentials, email_key, factors_of
from inkhorn.accounts.services.people import EMAIL
from inkhorn.accounts.services.sessions import InTheirName, Visit, end_session, open_session
from inkhorn.accounts.services.tokens import FEW_TRIES, issue_token
from inkhorn.core import audit, limits
from inkhorn.core.access import Actor
from inkhorn.core.database import session
from inkhorn.core.errors import InkhornError


class WrongPassword(InkhornError):
    """The address or the password is wrong; which of them is not said."""

    status = 422

    def __init__(self, tries_left: int) -> None:
        left = (
            f" {tries_left} more {'try' if tries_left == 1 else 'tries'} before a wait of five minutes."
            if 0 < tries_left <= FEW_TRIES
            else ""
        )
        super().__init__(f"That e-mail address and password do not belong together.{left}")


class AccountSuspended(InkhornError):
    """The password was right and the account is suspended."""

    status = 403

    def __init__(self) -> None:
        super().__init__("This account is suspended. Ask an administrator of the site about it.")


class AccountClosing(Exception):
    """Whoever proved who they are closed this account: nothing was wrong, and they are led to where it can be kept.

    No InkhornError, so that no door takes it for a refusal.
    """

    def __init__(self, user: User) -> None:
        self.user_id = user.id
        super().__init__(f"The account of {user.name} is being closed.")


@dataclass(frozen=True)
class Found:
    """Whose the address and password are: a user's, or those of somebody who has yet to confirm; with the hash that said so."""

    kind: str
    id: int
    kept: str


@dataclass(frozen=True)
class Counted:
    """A try that was counted: each limit with what it was counted by, the account's own last."""

    spent: tuple[tuple[limits.Limit, Key], ...]

    @property
    def left(self) -> int:
        """How many more the account has."""
        limit, key = self.spent[-1]
        return limits.left(limit, *key)


@dataclass(frozen=True)
class Admitted:
    """Somebody is in: the token of the new session goes into the cookie and nowhere else."""

    user: User
    token: str


@dataclass(frozen=True)
class Halfway:
    """Somebody has still to show a second factor; the secret goes into a cookie until then."""

    user: User
    secret: str


def count_try(login: str, visit: Visit) -> Counted:
    """Count a try before it is judged, so that many at once get no more guesses than one after the other.

    TooMany where the account's, the place's or the whole house's tries are used up. A browser that the person used before is counted by itself
    alone: strangers can use up neither its tries nor those of the house for it.
    """
    key = login_key(login, visit.browser)
    counted = Counted(((limits.SIGN_IN_ACCOUNT, key),))
    if len(key) == 1:
        counted = Counted(((limits.SIGN_IN_PLACE, (limits.place_of(visit.address),)), (limits.SIGN_IN_ALL, ()), *counted.spent))
    for limit, words in counted.spent:
        limits.spend(limit, *words)
    return counted


def forgive_try(counted: Counted) -> None:
    """Take back what a right answer was counted for, and what was counted against the account before it."""
    *shared, (limit, key) = counted.spent
    for each, words in shared:
        limits.give_back(each, *words)
    limits.clear(limit, *key)


def check_password(login: str, password: str) -> Found | None:
    """Whom both belong to; equally slow where there is nobody. Not for use inside a transaction."""
    kept = credentials(login)
    user, waiting = kept.get("user"), kept.get("registration")
    if passwords.is_right(password, user.password if user else None) and user:
        return Found("user", user.id, user.password or "")
    # Judged as well where the address is somebody's already: else one's own registration would tell whether it is.
    if waiting and passwords.is_right(password, waiting.password):
        return Found("registration", waiting.id, waiting.password or "")
    return None


def admit(
    user: User, visit: Visit, *, way: str, is_two_factor: bool = False, is_remembered: bool = False, wanted: str | None = None
) -> Admitted | Halfway:
    """Let in somebody who has proved who they are; Halfway where a second factor is due, AccountSuspended or AccountClosing where neither."""
    if user.status is AccountStatus.CLOSING:
        raise AccountClosing(user)
    if not user.can_sign_in:
        raise AccountSuspended
    if not is_two_factor and factors_of(user.id).is_enrolled:
        issued = issue_token(Purpose.SECOND, user=user, browser=visit.browser, way=way, is_remembered=is_remembered, wanted=wanted)
        return Halfway(user, issued.secret)
    token = open_session(user, visit, way=way, is_two_factor=is_two_factor, is_remembered=is_remembered)
    audit.record(InTheirName(user, visit), "accounts.signed_in", user, way=way, two_factor=is_two_factor)
    signed_in.send(user)
    return Admitted(user, token)


def admit_by_second_factor(waiting: OneTimeToken, visit: Visit) -> Admitted:
    """Let in whoever has shown the second factor that a sign-in waited for."""
    assert waiting.user is not None
    told = waiting.details
    admitted = admit(waiting.user, visit, way=told["way"], is_two_factor=True, is_remembered=told["is_remembered"])
    assert isinstance(admitted, Admitted)
    return admitted


def newer_hash(found: Found, password: str) -> str | None:
    """A hash to keep instead of one that is weaker or was made by another program; None where there is no need. Not for use inside a transaction."""
    return passwords.hash_password(password) if passwords.is_outdated(found.kept) else None


def keep_newer_hash(user: User, found: Found, newer: str | None) -> None:
    """Put it into the place of the one that was right, unless the password was changed meanwhile."""
    if newer is not None and user.password == found.kept:
        user.password = newer
        session().flush()


def note_refusal(login: str, visit: Visit, reason: InkhornError) -> None:
    """Note why somebody was not let in; of tries beyond a limit only the first in each window, or the log would be theirs to fill."""
    if isinstance(reason, limits.TooMany) and not reason.is_first:
        return
    # What is no address may be a password typed into the wrong field.
    tried = email_key(login)
    by = visit.stranger()
    audit.record(by, "accounts.sign_in_refused", None, email=tried if EMAIL.fullmatch(tried) else "", reason=type(reason).__name__)


def note_second_refusal(user: User, visit: Visit) -> None:
    audit.record(visit.stranger(), "accounts.second_factor_refused", user)


def sign_out(session_id: int, *, by: Actor) -> None:
    """End this session, so that a copy of its cookie is worth nothing; one that is gone already stays gone."""
    opened = session().get(Session, session_id, populate_existing=True)
    if opened is None:
        return
    audit.record(by, "accounts.signed_out", opened.user)
    signed_out.send(opened.user)
    end_session(session_id)
