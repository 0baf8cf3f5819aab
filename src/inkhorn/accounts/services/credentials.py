"""The password and the address somebody signs in with: forgotten, changed, taken back."""

import secrets

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from inkhorn.accounts import passwords
from inkhorn.accounts.events import email_change_asked, email_changed, link_asked, password_changed, password_reset_forced, reset_asked
from inkhorn.accounts.models import AccountStatus, OneTimeToken, Purpose, User
from inkhorn.accounts.policies import is_staff
from inkhorn.accounts.queries import email_key, user_by_email
from inkhorn.accounts.services.people import EMAIL, EmailTaken, refuse_unfit, tidy_email, words_at_hand
from inkhorn.accounts.services.sessions import Visit, end_all_sessions
from inkhorn.accounts.services.tokens import LinkSpent, claim_token, withdraw_tokens
from inkhorn.core import audit, clock
from inkhorn.core.access import Actor, Visitor
from inkhorn.core.database import session
from inkhorn.core.errors import Invalid


class WrongCurrentPassword(Invalid):
    """Whoever wants to change the password does not know it."""

    def __init__(self) -> None:
        super().__init__("That is not your present password.", field="current_password")


def ask_for_reset(email: str, visit: Visit) -> None:
    """Have a link for a new password sent, if the address is somebody's; what is done here is the same for all."""
    audit.record(_visitor(visit), "accounts.reset_asked", None, email=_shown(email))
    reset_asked.send(None, email=email_key(email))


def ask_for_link(email: str, visit: Visit, *, wanted: str | None) -> None:
    """Have a link to sign in with sent, if the address is a member's; what is done here is the same for all."""
    audit.record(_visitor(visit), "accounts.link_asked", None, email=_shown(email))
    link_asked.send(None, email=email_key(email), browser=visit.browser, wanted=wanted)


def hash_new_password(user: User, password: str) -> str:
    """The hash of a password that will do for this person; WeakPassword otherwise. Slow, and not for use inside a transaction."""
    passwords.refuse_weak(password, is_staff=is_staff(user), words=words_at_hand(user.email or "", user.name, user.username))
    return passwords.hash_password(password)


def reset_password(token: OneTimeToken, password_hash: str, *, by: Actor) -> User:
    """Set the password that a link from a letter allows; every session, link and code of before ends."""
    user = token.user
    if user is None or not user.can_sign_in:
        raise LinkSpent
    claim_token(token)
    _set_password(user, password_hash)
    end_all_sessions(user)
    withdraw_tokens(user)
    audit.record(by, "accounts.password_changed", user, way="reset")
    password_changed.send(user)
    return user


def change_password(user: User, password_hash: str, *, by: Actor, session_id: int | None) -> None:
    """Set a new password; every session but the one it is done in ends, and so does every link and code."""
    _set_password(user, password_hash)
    end_all_sessions(user, but=session_id)
    withdraw_tokens(user)
    audit.record(by, "accounts.password_changed", user, way="account")
    password_changed.send(user)


def force_reset(user: User, *, by: Actor) -> None:
    """Make the present password worthless and have a link for a new one sent; nobody else ever chooses it.

    IllegalStatus for whoever could not sign in with a new one either.
    """
    refuse_unfit(user, AccountStatus.ACTIVE)
    user.password = None
    end_all_sessions(user)
    withdraw_tokens(user)
    session().flush()
    audit.record(by, "accounts.reset_forced", user)
    password_reset_forced.send(user)


def ask_for_new_email(user: User, email: str, *, by: Actor) -> None:
    """Begin a change of address: both mailboxes are asked, and nothing changes before both have agreed.

    A new address that is another's already is answered alike; its owner is told by the letter that there is an account.
    """
    wanted = tidy_email(email)
    if wanted == user.email:
        raise Invalid("That is your address already.", field="email")
    withdraw_tokens(user, Purpose.NEW_EMAIL, Purpose.OLD_EMAIL)
    audit.record(by, "accounts.email_change_asked", user, email=wanted)
    email_change_asked.send(user, email=wanted, change=secrets.token_hex(8))


def confirm_new_email(token: OneTimeToken, *, by: Actor) -> bool:
    """Note that one mailbox agrees; True when that was the second and the address is changed. LinkSpent or EmailTaken otherwise."""
    user, wanted, told = token.user, token.email, dict(token.details)
    if user is None or wanted is None:
        raise LinkSpent
    # Both letters may be confirmed at the same moment; whoever comes second must see what the first did.
    session().refresh(user, with_for_update={"key_share": True})
    claim_token(token)
    other = _other_half(user, told["change"])
    if other is not None:
        other.details = {**other.details, "agreed": True}
        session().flush()
        return False
    if not told.get("agreed"):
        raise LinkSpent("The other letter was not confirmed in time. Ask for the change once more.")
    change_email(user, wanted, by=by)
    return True


def change_email(user: User, email: str, *, by: Actor) -> None:
    """Give the account another address; EmailTaken where it is somebody's. The old one is told."""
    before, wanted = user.email, tidy_email(email)
    if user_by_email(wanted) is not None:
        raise EmailTaken(wanted)
    user.email, user.confirmed_at = wanted, clock.now()
    try:
        with session().begin_nested():
            session().flush()
    except IntegrityError as error:
        raise EmailTaken(wanted) from error
    withdraw_tokens(user)
    audit.record(by, "accounts.email_changed", user, before=before, after=wanted)
    email_changed.send(user, before=before)


def _other_half(user: User, change: str) -> OneTimeToken | None:
    both = (Purpose.NEW_EMAIL, Purpose.OLD_EMAIL)
    waiting = select(OneTimeToken).where(
        OneTimeToken.user_id == user.id, OneTimeToken.purpose.in_(both), OneTimeToken.expires_at > clock.now()
    )
    return next((each for each in session().scalars(waiting) if each.details.get("change") == change), None)


def _set_password(user: User, password_hash: str) -> None:
    user.password, user.password_changed_at = password_hash, clock.now()
    session().flush()


def _visitor(visit: Visit) -> Visitor:
    return visit.stranger()


def _shown(email: str) -> str:
    # What is no address may be a password typed into the wrong field.
    tried = email_key(email)
    return tried if EMAIL.fullmatch(tried) else ""
