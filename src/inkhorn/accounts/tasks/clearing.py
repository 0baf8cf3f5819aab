"""Jobs about accounts: clear away what is worth nothing any more."""

from datetime import timedelta

from inkhorn.accounts.services import registering, sessions, tokens
from inkhorn.accounts.services.programs import keys, refreshing
from inkhorn.core import captcha
from inkhorn.core.database import transaction
from inkhorn.core.jobs import job


@job("accounts.forget_old_sessions", every=timedelta(hours=1))
def forget_old_sessions() -> None:
    """Remove dead sessions and keys, forgotten browsers and programs, links, codes and registrations that have ended, and puzzles that nobody can show again."""
    with transaction():
        sessions.forget_old_sessions()
        tokens.forget_old_tokens()
        keys.forget_old_keys()
        refreshing.forget_old_families()
        registering.forget_old_registrations()
        captcha.forget_spent()
