"""Jobs about accounts: clear away what no cookie can use any more."""

from datetime import timedelta

from inkhorn.accounts.services import doors, sessions
from inkhorn.core.database import transaction
from inkhorn.core.jobs import job


@job("accounts.forget_old_sessions", every=timedelta(hours=1))
def forget_old_sessions() -> None:
    """Remove dead sessions and forgotten failures to sign in."""
    with transaction():
        sessions.forget_old_sessions()
        doors.forget_old_failures()
