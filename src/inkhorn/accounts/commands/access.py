"""What lets people in: sessions, links for a new password, and the break-glass."""

import json

import click

from inkhorn.accounts.commands.group import found, user
from inkhorn.accounts.models import Session
from inkhorn.accounts.services import sessions, unlocking
from inkhorn.core.access import House, open_to, operator
from inkhorn.core.database import transaction
from inkhorn.core.links import absolute

MOST_LISTED = 1000


@user.command("sessions")
@click.argument("email")
@click.option("--end", type=int, metavar="NUMBER", help="Sign that browser out.")
@click.option("--end-all", is_flag=True, help="Sign them out everywhere.")
@click.option("--json", "as_json", is_flag=True, help="One JSON list for scripts.")
@open_to(operator)
def list_sessions(email: str, *, end: int | None, end_all: bool, as_json: bool) -> None:
    """Show where somebody is signed in, or sign them out there."""
    if end is not None or end_all:
        with transaction():
            known = found(email)
            if end is not None:
                sessions.end_own_session(known, end, by=House())
            ended = 1 if end is not None else sessions.end_sessions_of(known, by=House())
        click.echo(f"{known.name} is signed out of {ended} {'browser' if ended == 1 else 'browsers'}.")
        return
    rows = [_row(each) for each in sessions.live_sessions_of(found(email), most=MOST_LISTED)]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        click.echo(f"{row['number']:>8}  {row['started_at']}  {row['seen_at']}  {row['address'] or '-':40} {row['device']}")
    click.echo(f"{len(rows)} {'browser is' if len(rows) == 1 else 'browsers are'} signed in.")


@user.command("reset-link")
@click.argument("email")
@open_to(operator)
def reset_link(email: str) -> None:
    """Print a one-time link, good for an hour, by which somebody chooses a new password."""
    with transaction():
        path = unlocking.make_reset_link(found(email), by=House())
    click.echo(absolute(path))


@user.command("unlock")
@click.argument("email")
@click.option("--drop-factors", is_flag=True, help="Remove passkeys, authenticator app and recovery codes too.")
@open_to(operator)
def unlock_user(email: str, *, drop_factors: bool) -> None:
    """Break-glass: forget failed tries, lift a suspension, and print a one-time link to come in by."""
    with transaction():
        known = found(email)
        unlocking.unlock_user(known, by=House(), drops_factors=drop_factors)
        path = unlocking.make_reset_link(known, by=House())
    click.echo(
        f"{known.name} is unlocked{'; second factors are removed' if drop_factors else ''}. This link works once, within the hour:",
        err=True,
    )
    click.echo(absolute(path))


def _row(each: Session) -> dict[str, object]:
    return {
        "number": each.id,
        "started_at": f"{each.started_at:%Y-%m-%d %H:%M:%S}",
        "seen_at": f"{each.seen_at:%Y-%m-%d %H:%M:%S}",
        "address": each.address,
        "device": each.device,
        "way": each.way,
        "is_two_factor": each.is_two_factor,
    }
