"""Jobs of the owner's room: the audit log is kept for as long as the settings say."""

from datetime import timedelta

from inkhorn.accounts.settings import AccountSettings
from inkhorn.core import audit_pruning, clock, settings
from inkhorn.core.access import House
from inkhorn.core.jobs import job


@job("audit.prune_entries", every=timedelta(days=1))
def prune_entries() -> None:
    """Remove entries past their time; where the database lets only the owner of the table, the operator's timer does it."""
    days = settings.read(AccountSettings).audit_days
    if days > 0 and audit_pruning.may_prune():
        audit_pruning.prune(clock.now() - timedelta(days=days), by=House())
