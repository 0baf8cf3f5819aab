"""Jobs about accounts that are being closed: the letter with the way back, and the end."""

import logging
from datetime import timedelta

from sqlalchemy.exc import OperationalError

from inkhorn.accounts.models import Purpose, User
from inkhorn.accounts.queries import accounts_due
from inkhorn.accounts.services.closing import end_account
from inkhorn.accounts.services.people import last_day
from inkhorn.accounts.services.tokens import issue_token
from inkhorn.core import clock, links
from inkhorn.core.database import session, transaction
from inkhorn.core.jobs import job
from inkhorn.core.mail.composing import write_letter
from inkhorn.core.mail.letters import is_written

log = logging.getLogger(__name__)


class AccountsLeftBehind(Exception):
    """Some accounts could not be ended; the log says why."""


@job("accounts.tell_of_closing")
def tell_of_closing(user_id: int, closes_at: str) -> None:
    """Tell somebody until when they can undo the closing of their account, with the link that does it."""
    with transaction():
        user = session().get(User, user_id)
        # Closed, reopened and closed again, it is told of by a letter of its own.
        if user is None or user.closes_at is None or user.closes_at.isoformat() != closes_at:
            return
        write_way_back(user, purpose=f"accounts.closing:{user.id}:{closes_at}")


def write_way_back(user: User, *, purpose: str) -> None:
    """The letter of an account that is being closed, with a link of its own that keeps it."""
    # A job that runs twice makes no second secret.
    if not user.email or user.closes_at is None or is_written(purpose):
        return
    issued = issue_token(Purpose.REOPEN, user=user)
    issued.row.expires_at = user.closes_at
    write_letter(
        "accounts/closing",
        to=user.email,
        name=user.name,
        language=user.language,
        purpose=purpose,
        expires_at=user.closes_at,
        user=user,
        heir=session().get(User, user.heir_id) if user.heir_id else None,
        last_day=last_day(user),
        reopen_address=links.absolute(f"/link/{issued.secret}"),
    )


@job("accounts.end_closed_accounts", every=timedelta(hours=1))
def end_closed_accounts() -> None:
    """End the accounts whose fourteen days are over, each in a transaction of its own."""
    failed = []
    for user_id in list(session().scalars(accounts_due(clock.now()))):
        try:
            with transaction():
                end_account(user_id)
        except OperationalError:
            # The database is away or full: the next one would fare no better.
            raise
        except Exception:
            log.exception("account_left_behind", extra={"user": user_id})
            failed.append(user_id)
    if failed:
        raise AccountsLeftBehind(f"Accounts that could not be ended: {len(failed)}. The log says why.")
