"""How a program is signed in: through the same doors as a browser, counted, judged and noted alike."""

import hmac
from dataclasses import dataclass
from hashlib import sha256

from inkhorn.accounts.counts import second_factor_key
from inkhorn.accounts.identity import browsers
from inkhorn.accounts.identity.programs.jwt import issue_access_token
from inkhorn.accounts.models import AccountStatus, User
from inkhorn.accounts.queries import factors_of
from inkhorn.accounts.services import doors, factors
from inkhorn.accounts.services.doors import Found
from inkhorn.accounts.services.programs import refreshing
from inkhorn.accounts.services.programs.refreshing import Refused, SignedIn
from inkhorn.accounts.services.sessions import Visit
from inkhorn.core import limits
from inkhorn.core.config import config
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import InkhornError, Invalid


class CodeNeeded(Invalid):
    """The password was right, and a second factor is set up."""

    status = 401

    def __init__(self) -> None:
        super().__init__(
            "Send the six digits of your app, or a recovery code, as code. Without either, make a key at the desk.", field="code"
        )


class WrongCode(Invalid):
    """The code is neither the app's of now nor one from paper, or it was used before."""

    status = 401

    def __init__(self) -> None:
        super().__init__("That code does not fit, or it was used already. Wait for the next one.", field="code")


class AddressUnconfirmed(InkhornError):
    """The password was right, and the account is not made before the address is confirmed."""

    status = 403

    def __init__(self) -> None:
        super().__init__("Confirm your address first: the link is in the letter that was sent to it.")


class AccountLeaving(InkhornError):
    """The password was right, and the account is being closed."""

    status = 403

    def __init__(self) -> None:
        super().__init__("This account is being closed. Whoever wants to keep it signs in by a browser.")


class RefreshRefused(InkhornError):
    """The refresh token is not good, or not any more."""

    status = 401

    def __init__(self, *, was_used: bool) -> None:
        more = " It was used before, so the program was signed out everywhere." if was_used else ""
        super().__init__(f"This refresh token is not good any more.{more} Sign in again.")


@dataclass(frozen=True)
class Tokens:
    """What a program is handed, once."""

    access: str
    refresh: str


def sign_in(login: str, password: str, code: str | None) -> Tokens:
    """Tokens for whoever knows the password and, where one is set up, has the second factor; the web's own refusals otherwise."""
    visit = browsers.here()
    try:
        counted = doors.count_try(login, visit)
        # Outside any transaction, since a hash takes long and nobody else is to wait for it.
        found = doors.check_password(login, password)
        if found is None:
            raise doors.WrongPassword(counted.left)
        if found.kind == "registration":
            # Nothing is forgiven, as at the web's door.
            raise AddressUnconfirmed
        doors.forgive_try(counted)
        return _tokens(_admit(found, password, code, visit))
    except InkhornError as error:
        with transaction():
            doors.note_refusal(login, visit, error)
        raise


def refresh(text: str) -> Tokens:
    """The next pair for a refresh token that is good; RefreshRefused otherwise."""
    with transaction():
        outcome = refreshing.refresh(text, browsers.here())
    if isinstance(outcome, Refused):
        raise RefreshRefused(was_used=outcome.was_used)
    return _tokens(outcome)


def _tokens(opened: SignedIn) -> Tokens:
    return Tokens(issue_access_token(opened.family), opened.refresh)


def _admit(found: Found, password: str, code: str | None, visit: Visit) -> SignedIn:
    newer = doors.newer_hash(found, password)
    user = session().get(User, found.id, populate_existing=True)
    _refuse_unfit(user)
    assert user is not None
    has_factor = factors_of(user.id).is_enrolled
    typed = factors.read_code(user.id, _counted_code(user, code, visit)) if has_factor else None
    wrong = False
    with transaction():
        user = session().get(User, found.id, populate_existing=True)
        # The password may have been changed, or a factor set up, while the hash was made.
        if user is None or user.password != found.kept or (typed is None and factors_of(user.id).is_enrolled):
            raise CodeNeeded if user is not None and user.password == found.kept else doors.WrongPassword(0)
        _refuse_unfit(user)
        if typed is not None and not factors.spend_code(user, typed, by=visit.stranger()):
            doors.note_second_refusal(user, visit)
            wrong = True
        else:
            doors.keep_newer_hash(user, found, newer)
            opened = refreshing.begin_family(user, _known_as(user, visit), is_two_factor=typed is not None)
    if wrong:
        raise WrongCode
    if typed is not None:
        limits.give_back(limits.SECOND_FACTOR, *second_factor_key(user, visit.browser))
    return opened


def _counted_code(user: User, code: str | None, visit: Visit) -> str:
    """What was typed, counted before it is judged, so that many at once get no more guesses than one after the other."""
    if not code:
        raise CodeNeeded
    limits.spend(limits.SECOND_FACTOR, *second_factor_key(user, visit.browser))
    return code


def _refuse_unfit(user: User | None) -> None:
    if user is not None and user.status is AccountStatus.CLOSING:
        raise AccountLeaving
    if user is None or not user.can_sign_in:
        raise doors.AccountSuspended


def _known_as(user: User, visit: Visit) -> Visit:
    """By what a program is known again, which keeps no cookie: where it runs and how it calls itself. Nobody can make a cookie of it."""
    told = f"program\0{user.id}\0{limits.place_of(visit.address)}\0{visit.device}"
    mark = hmac.new(config().secret_key.encode(), told.encode("utf-8", "replace"), sha256).hexdigest()
    return Visit(address=visit.address, device=visit.device, browser=sha256(mark.encode()).hexdigest())
