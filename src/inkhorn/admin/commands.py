"""The operator's commands about the audit log: read, export, prune."""

import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from inkhorn.accounts.queries import user_by_email
from inkhorn.accounts.settings import AccountSettings
from inkhorn.admin.exports import AUDIT_COLUMNS, WRITERS, entry_rows, plain
from inkhorn.core import audit, audit_pruning, clock, settings
from inkhorn.core.access import House, open_to, operator
from inkhorn.core.audit import Wanted
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import Conflict, NotFound
from inkhorn.core.mail.assembling import on_one_line

LONGEST_LINE = 1000
DAY = click.DateTime(["%Y-%m-%d"])


@click.group("audit")
def audit_log() -> None:
    """Read, export and prune the audit log."""


def filtered(command: Any) -> Any:
    """Give a command the options that choose entries."""
    for option in (
        click.option("--search", default="", help="Words in the names or the network address."),
        click.option("--until", type=DAY, help="The last day, in UTC."),
        click.option("--since", type=DAY, help="The first day, in UTC."),
        click.option("--action", default="", help='An action such as accounts.signed_in, or a room with its dot: "accounts."'),
        click.option("--who", help="Address of whoever acted."),
    ):
        command = option(command)
    return command


@audit_log.command("list")
@filtered
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@click.option("--json", "as_json", is_flag=True, help="One JSON list for scripts.")
@open_to(operator)
def list_entries(*, limit: int, as_json: bool, **filters: Any) -> None:
    """What was done, the latest first."""
    rows = session().scalars(audit.entries(_wanted(**filters)).limit(limit)).all()
    if as_json:
        told = [{name: plain(getattr(entry, name)) for name in AUDIT_COLUMNS} for entry in rows]
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    words = audit.declared_actions()
    for entry in rows:
        about = f" {entry.subject_label}" if entry.subject_label else ""
        deed = f"{entry.actor_label} {words.get(entry.action, entry.action)}{about}"
        # Labels are what people called themselves and their posts, and could move or colour a terminal.
        click.echo(f"{entry.at:%Y-%m-%d %H:%M:%S}  {entry.address or '-':15}  {on_one_line(deed, LONGEST_LINE)}")


@audit_log.command("export")
@filtered
@click.option("--format", "kind", type=click.Choice(sorted(WRITERS)), default="csv", show_default=True)
@open_to(operator)
def export_entries(*, kind: str, **filters: Any) -> None:
    """Write the entries to standard output; the log notes that it was exported."""
    wanted = _wanted(**filters)
    with transaction():
        asked = {name: str(value) for name, value in filters.items() if value}
        audit.record(House(), "audit.exported", None, kind=kind, filters=asked)
    for line in WRITERS[kind](AUDIT_COLUMNS, entry_rows(wanted)):
        sys.stdout.write(line)


@audit_log.command("prune")
@click.option("--dry-run", is_flag=True, help="Only count what would go.")
@open_to(operator)
def prune_entries(*, dry_run: bool) -> None:
    """Remove entries older than the settings keep them; the database must let this account change its tables."""
    days = settings.read(AccountSettings).audit_days
    if days <= 0:
        raise Conflict(
            "The settings keep the audit log for ever, so nothing is removed. Say under Settings, Sign-in for how many days to keep it."
        )
    before = clock.now() - timedelta(days=days)
    if dry_run:
        click.echo(f"{audit_pruning.prunable(before)} entries are older than {days} days.")
        return
    removed = audit_pruning.prune(before, by=House())
    click.echo(f"Removed {removed} entries older than {days} days.")


def _wanted(*, who: str | None, action: str, since: datetime | None, until: datetime | None, search: str) -> Wanted:
    actor = None
    if who:
        actor = user_by_email(who)
        if actor is None:
            raise NotFound(f"There is no account for {who}. `inkhorn user list` shows all; --search finds those that are gone.")
    rooms = {f"{each.partition('.')[0]}." for each in audit.declared_actions()}
    if action and action not in audit.declared_actions() and action not in rooms:
        raise NotFound(f"There is no action {action}; docs/reference/audit.md lists all.")
    return Wanted(
        actor_id=actor.id if actor else None,
        action=action,
        since=since.replace(tzinfo=UTC) if since else None,
        until=until.replace(tzinfo=UTC) + timedelta(days=1) if until else None,
        search=search,
    )


GROUPS: tuple[click.Command, ...] = (audit_log,)
