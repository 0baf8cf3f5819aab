"""The operator's break-glass: whoever stands before a locked door is let in again, and the log says so."""

from inkhorn.accounts.counts import counted_against
from inkhorn.accounts.models import AccountStatus, Purpose, User
from inkhorn.accounts.services.factors import drop_factors
from inkhorn.accounts.services.people import refuse_unfit, restore_user
from inkhorn.accounts.services.tokens import issue_token
from inkhorn.core import audit, limits
from inkhorn.core.access import Actor


def unlock_user(user: User, *, by: Actor, drops_factors: bool = False) -> None:
    """Forget what was counted against the account and lift a suspension; with drops_factors, second factors go too."""
    refuse_unfit(user, AccountStatus.ACTIVE, AccountStatus.SUSPENDED)
    forget_counts(user)
    if user.status is AccountStatus.SUSPENDED:
        restore_user(user, by=by)
    if drops_factors:
        drop_factors(user, by=by)
    audit.record(by, "accounts.unlocked", user)


def make_reset_link(user: User, *, by: Actor) -> str:
    """The path of a link that lets its holder choose a new password, once and within the hour."""
    refuse_unfit(user, AccountStatus.ACTIVE)
    issued = issue_token(Purpose.RESET, user=user)
    audit.record(by, "accounts.reset_link_made", user)
    return f"/link/{issued.secret}"


def forget_counts(user: User) -> None:
    """Let the account be tried again as if nobody had failed, from the browsers it knows as well."""
    for limit, key in counted_against(user):
        limits.clear(limit, *key)
