"""What tries are counted by: each key is made here, for whoever spends a try and for whoever lets an account be tried again."""

from collections.abc import Iterator

from sqlalchemy import select

from inkhorn.accounts.models import KnownDevice, Session, User
from inkhorn.accounts.queries import email_key, is_known_device, known_device
from inkhorn.core import limits
from inkhorn.core.database import session
from inkhorn.core.limits import Limit

Key = tuple[str, ...]


def login_key(login: str, browser: str | None) -> Key:
    """By the address or username as it was typed; two parts where the browser is one that they used before, which no stranger can lock out."""
    key = email_key(login)
    return (key, browser or "") if is_known_device(login, browser) else (key,)


def second_factor_key(user: User, browser: str | None) -> Key:
    """By the account, and apart from it by each browser that it was used in before."""
    is_known = browser is not None and known_device(user.id, browser) is not None
    return (str(user.id), browser or "") if is_known else (str(user.id),)


def proof_key(user_id: int | None, session_id: int | None) -> Key:
    """By session and not by account: whoever stole a cookie can guess here no more than so often, and lock nobody else out."""
    return str(user_id), str(session_id)


def proof_letter_key(user_id: int) -> Key:
    return "proof", str(user_id)


def counted_against(user: User) -> Iterator[tuple[Limit, Key]]:
    """Every count that can keep this account's own person out, or from changing it."""
    own = str(user.id)
    browsers = session().scalars(select(KnownDevice.digest).where(KnownDevice.user_id == user.id)).all()
    logins = [email_key(login) for login in (user.email, user.username) if login]
    for beside in ((), *((browser,) for browser in browsers)):
        yield limits.SECOND_FACTOR, (own, *beside)
        for login in logins:
            for limit in (limits.SIGN_IN_ACCOUNT, limits.RESET_ACCOUNT, limits.LINK_ACCOUNT):
                yield limit, (login, *beside)
    for opened in session().scalars(select(Session.id).where(Session.user_id == user.id)):
        yield limits.PROOF, proof_key(user.id, opened)
    yield limits.LINK_ACCOUNT, proof_letter_key(user.id)
    yield limits.NEW_EMAIL, (own,)
    yield limits.USERNAME, (own,)
