"""Links, codes and ceremonies that work once: issued for one purpose, claimed by whoever comes first."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from inkhorn.accounts import codes
from inkhorn.accounts.models import OneTimeToken, Purpose, User
from inkhorn.accounts.queries import digest
from inkhorn.core import clock, limits
from inkhorn.core.config import config
from inkhorn.core.database import session
from inkhorn.core.errors import Gone, Invalid

# How long each is good (ASVS 6.5.5; DECISIONS 21).
LIVES: dict[Purpose, timedelta] = {
    Purpose.CONFIRM: timedelta(minutes=10),
    Purpose.RESET: timedelta(hours=1),
    Purpose.LINK: timedelta(minutes=10),
    Purpose.NEW_EMAIL: timedelta(minutes=10),
    Purpose.OLD_EMAIL: timedelta(minutes=10),
    Purpose.PROOF: timedelta(minutes=10),
    Purpose.SECOND: timedelta(minutes=5),
    Purpose.CHALLENGE: timedelta(minutes=5),
    Purpose.OAUTH: timedelta(minutes=10),
    Purpose.REOPEN: timedelta(days=14),
}
# What lets somebody in or proves who they are, as they were when it was sent.
WAYS_IN = (Purpose.LINK, Purpose.SECOND, Purpose.RESET, Purpose.PROOF, Purpose.CHALLENGE)
# Left; then one is told how many.
FEW_TRIES = 3


class LinkSpent(Gone):
    """The link or code was used, replaced, or is too old."""

    def __init__(self, message: str = "This link was used already, or it is too old. Ask for a new one.") -> None:
        super().__init__(message)


class WrongCode(Invalid):
    """Those are not the digits of the letter."""

    def __init__(self, tries_left: int) -> None:
        more = f" {tries_left} more {'try' if tries_left == 1 else 'tries'}." if tries_left <= FEW_TRIES else ""
        super().__init__(f"Those are not the six digits of the newest letter.{more}", field="code")


@dataclass(frozen=True)
class Issued:
    """A token just made; the secret of its link and its digits are kept nowhere else."""

    row: OneTimeToken
    secret: str
    code: str


def issue_token(
    purpose: Purpose,
    *,
    user: User | None = None,
    email: str | None = None,
    browser: str | None = None,
    has_code: bool = False,
    **details: Any,
) -> Issued:
    """Make a token; browser is the digest of the cookie it is tied to, where a code may be typed or a ceremony ends."""
    secret = secrets.token_urlsafe(32)
    code = codes.make_mail_code() if has_code else ""
    kept = digest(secret)
    row = OneTimeToken(
        purpose=purpose,
        digest=kept,
        code_digest=codes.mail_code_digest(code, kept, config().secret_key) if code else None,
        browser_digest=browser,
        user_id=user.id if user else None,
        email=email,
        details=details,
        expires_at=clock.now() + LIVES[purpose],
    )
    session().add(row)
    session().flush()
    return Issued(row, secret, code)


def issue_decoy(purpose: Purpose, *, browser: str, **details: Any) -> None:
    """What digits are typed against where no letter went that has any: none are right, and wrong ones are answered as ever."""
    row = issue_token(purpose, browser=browser, has_code=True, **details).row
    # Of more than six digits, so that not even luck tells it from a true one.
    row.code_digest = digest(secrets.token_urlsafe(32))
    session().flush()


def token_of(secret: str, *purposes: Purpose) -> OneTimeToken:
    """The living token of that secret, not used up by looking; LinkSpent where there is none for one of these purposes."""
    found = session().scalars(select(OneTimeToken).where(OneTimeToken.digest == digest(secret))).one_or_none()
    if found is None or found.expires_at <= clock.now() or found.purpose not in purposes:
        raise LinkSpent
    return _held(found)


def claim_token(token: OneTimeToken) -> None:
    """Use the token up; of many who do so at once exactly one succeeds, and LinkSpent meets the rest."""
    gone = delete(OneTimeToken).where(OneTimeToken.id == token.id, OneTimeToken.expires_at > clock.now())
    if session().execute(gone.execution_options(synchronize_session=False)).rowcount != 1:  # type: ignore[attr-defined]
        raise LinkSpent


def token_by_code(purpose: Purpose, typed: str, *, browser: str) -> OneTimeToken:
    """The token whose digits were typed in the browser it is tied to, not yet used up; WrongCode, or LinkSpent after five."""
    wanted = select(OneTimeToken).where(
        OneTimeToken.purpose == purpose, OneTimeToken.browser_digest == browser, OneTimeToken.expires_at > clock.now()
    )
    found = session().scalars(wanted.order_by(OneTimeToken.id.desc()).limit(1)).one_or_none()
    if found is None or found.code_digest is None:
        raise LinkSpent("There is no code to be typed here any more. Ask for a new letter.")
    try:
        # Counted before it is judged, and apart from this transaction: many at once get no more guesses than one after the other.
        limits.spend(limits.MAIL_CODE, found.digest)
    except limits.TooMany as error:
        raise LinkSpent("Too many wrong codes. Ask for a new letter.") from error
    code = codes.digits_of(typed)
    if not code or not hmac.compare_digest(found.code_digest, codes.mail_code_digest(code, found.digest, config().secret_key)):
        raise WrongCode(limits.left(limits.MAIL_CODE, found.digest))
    return _held(found)


def withdraw_tokens(user: User, *purposes: Purpose) -> None:
    """Make every link and code of the user's worthless, or those for the named purposes.

    The way back into an account that is being closed ends only where it is named: nothing else is left to its owner.
    """
    wanted = purposes or [each for each in Purpose if each is not Purpose.REOPEN]
    session().execute(delete(OneTimeToken).where(OneTimeToken.user_id == user.id, OneTimeToken.purpose.in_(wanted)))


def forget_old_tokens() -> None:
    session().execute(delete(OneTimeToken).where(OneTimeToken.expires_at < clock.now()))


def _held(found: OneTimeToken) -> OneTimeToken:
    """The token with its person, apart from the session: what it said stays readable when somebody else has claimed it meanwhile."""
    _person = found.user
    session().expunge(found)
    return found
