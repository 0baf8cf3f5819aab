"""Closing an account: asked for, undone within fourteen days, or ended for good with all that belonged to it."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update

from inkhorn.accounts.events import account_closed, account_closing, account_reopened
from inkhorn.accounts.models import AccountStatus, Invitation, OneTimeToken, Purpose, User
from inkhorn.accounts.queries import heirs, owner
from inkhorn.accounts.services.people import IllegalStatus, move_account
from inkhorn.accounts.services.roles import refuse_owner
from inkhorn.accounts.services.sessions import InTheirName, Visit, end_all_sessions
from inkhorn.accounts.services.tokens import LinkSpent, claim_token, withdraw_tokens
from inkhorn.core import audit, clock
from inkhorn.core.access import Actor, House
from inkhorn.core.database import session
from inkhorn.core.errors import Conflict, Invalid

TIME_TO_UNDO = timedelta(days=14)


@dataclass(frozen=True)
class Belongings:
    """One kind of thing that is kept of a person: how many, and the words for them, such as "12 posts"."""

    number: int
    words: str


class NoHeir(Invalid):
    """What somebody wrote cannot be handed to that person."""

    def __init__(self) -> None:
        super().__init__("Choose somebody from the list, or have what you wrote removed.", field="heir_id")


def close_account(user: User, *, heir_id: int | None, by: Actor) -> None:
    """Close the account: nobody signs in to it, and in fourteen days it ends and what it wrote goes to the heir or, without one, away.

    LastOwner for the owner, who hands the site over first; NoHeir where the heir could not look after it.
    """
    refuse_owner(user)
    if user.status is not AccountStatus.ACTIVE:
        raise Conflict("Only an account that is open can be closed.")
    if heir_id is not None and session().scalar(heirs(user).where(User.id == heir_id)) is None:
        raise NoHeir
    move_account(user, AccountStatus.CLOSING)
    user.closes_at, user.heir_id = clock.now() + TIME_TO_UNDO, heir_id
    end_all_sessions(user)
    withdraw_tokens(user, *Purpose)
    session().flush()
    audit.record(by, "accounts.closing", user, closes_at=user.closes_at.isoformat(), heir_id=heir_id)
    account_closing.send(user)


def reopen_account(token: OneTimeToken, visit: Visit) -> User:
    """Keep an account after all; the token is used up, and LinkSpent meets whoever comes too late."""
    assert token.user_id is not None
    user = _held(token.user_id)
    claim_token(token)
    if user is None or user.status is not AccountStatus.CLOSING:
        raise LinkSpent("This account is not being closed any more.")
    _keep(user, by=InTheirName(user, visit))
    return user


def keep_account(user: User, *, by: Actor) -> None:
    """Keep an account for somebody who cannot do it themselves, such as without the letter; IllegalStatus where it is not being closed."""
    closing = _held(user.id)
    if closing is None or closing.status is not AccountStatus.CLOSING:
        raise IllegalStatus(f"The account of {user.name} is not being closed.")
    _keep(closing, by=by)


def end_account(user_id: int) -> bool:
    """End one account whose hour has struck, whole or not at all; False where it has not, or somebody was faster. LastOwner for an owner."""
    due = select(User).where(User.id == user_id, User.status == AccountStatus.CLOSING, User.closes_at <= clock.now())
    user = session().scalars(due.with_for_update(skip_locked=True).execution_options(populate_existing=True)).one_or_none()
    if user is None:
        return False
    refuse_owner(user)
    heir = _heir_of(user)
    _name_another_heir(user, heir)
    account_closed.send(user, heir=heir)
    session().execute(update(Invitation).where(Invitation.invited_by_id == user.id).values(invited_by_label=""))
    audit.record(House(), "accounts.closed", user, heir_id=heir.id if heir else None)
    session().flush()
    session().delete(user)
    session().flush()
    return True


def _held(user_id: int) -> User | None:
    """The row as it is now. The hour may have struck at this very moment: whoever holds it first decides, and takes the link after it."""
    return session().get(User, user_id, with_for_update=True, populate_existing=True)


def _keep(user: User, *, by: Actor) -> None:
    move_account(user, AccountStatus.ACTIVE)
    withdraw_tokens(user, Purpose.REOPEN)
    session().flush()
    audit.record(by, "accounts.reopened", user)
    account_reopened.send(user)


def _heir_of(user: User) -> User | None:
    """Whom all goes to: the one chosen or, where they could not look after it any more, the owner. Nobody was chosen to have it removed."""
    if user.heir_id is None:
        return None
    # What was to be kept is removed in no case.
    return session().scalar(heirs(user).where(User.id == user.heir_id)) or owner() or session().get(User, user.heir_id)


def _name_another_heir(user: User, heir: User | None) -> None:
    """Whoever was to hand something to this person hands it to their heir, or to the owner: nothing is lost because two left."""
    next_one = heir or owner()
    waiting = update(User).where(User.heir_id == user.id)
    session().execute(waiting.values(heir_id=next_one.id if next_one else None).execution_options(synchronize_session=False))
