"""Inviting people by letter, and taking whole lists of them in."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import click

from inkhorn.accounts.commands.group import user
from inkhorn.accounts.services.invitations import importing, inviting
from inkhorn.accounts.services.invitations.inviting import AlreadyInvited
from inkhorn.accounts.services.invitations.lists import Line, lines_of, text_of
from inkhorn.core.access import Forbidden, House, open_to, operator
from inkhorn.core.database import transaction
from inkhorn.core.errors import InkhornError, Invalid

BATCH = 100
LARGEST_LIST = 64 * 1024 * 1024


@dataclass
class Tally:
    """What became of a list, line by line."""

    taken: int = 0
    invited: int = 0
    already_here: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)


@user.command("invite")
@click.argument("emails", nargs=-1, required=True)
@click.option("--role", default="author", show_default=True, help="What they become when they accept.")
@click.option("--name", default="", help="How the letter greets them.")
@click.option("--message", default="", help="A word that stands in the letter.")
@open_to(operator)
def invite_people(emails: tuple[str, ...], *, role: str, name: str, message: str) -> None:
    """Send letters that each open one account, within a week."""
    for email in emails:
        with transaction():
            made = inviting.invite_person(email=email, role=role, name=name, message=message, by=House())
        click.echo(f"A letter is on its way to {made.email}.")


@user.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--role", default="member", show_default=True, help="Of those whose line names none.")
@click.option("--invite", is_flag=True, help="Send an invitation to those without a password hash, instead of opening the account.")
@click.option("--dry-run", is_flag=True, help="Say what would be done and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON report for scripts.")
@open_to(operator)
def import_people(file: Path, *, role: str, invite: bool, dry_run: bool, as_json: bool) -> None:
    """Take in the people of a CSV file with the columns email, name, role and password_hash; safe to run again.

    Hashes of WordPress and Ghost let people sign in with the password they have, which is hashed anew at that moment.
    """
    tally = Tally()
    lines = _lines(file)
    while batch := list(islice(lines, BATCH)):
        # Some at a time, so that nobody else waits for the end of a long list, and killed it goes on where it stood.
        with transaction():
            for line in batch:
                _take(line, tally, role=role, invites=invite, is_dry_run=dry_run)
    _show(tally, is_dry_run=dry_run, as_json=as_json)
    if tally.refused:
        raise SystemExit(1)


def _take(line: Line, tally: Tally, *, role: str, invites: bool, is_dry_run: bool) -> None:
    try:
        candidate = importing.judge_line(line, role=role)
        if candidate.email in tally.seen or importing.is_here(candidate):
            tally.already_here += 1
        elif invites and candidate.password_hash is None:
            if not is_dry_run:
                inviting.invite_person(email=candidate.email, name=candidate.name, role=candidate.role, by=House())
            tally.invited += 1
        else:
            if not is_dry_run:
                importing.import_person(candidate, by=House())
            tally.taken += 1
        tally.seen.add(candidate.email)
    except AlreadyInvited:
        tally.already_here += 1
    except (InkhornError, Forbidden) as error:
        tally.refused.append({"line": line.number, "email": line.email[:254], "reason": str(error)})


def _lines(file: Path) -> Iterator[Line]:
    if file.stat().st_size > LARGEST_LIST:
        raise Invalid(f"{file} is larger than 64 MB. Cut it into parts.")
    try:
        content = file.read_bytes()
    except OSError as error:
        raise Invalid(f"{file} cannot be read: {error.strerror}.") from error
    return lines_of(text_of(content).splitlines())


def _show(tally: Tally, *, is_dry_run: bool, as_json: bool) -> None:
    if as_json:
        told = {name: value for name, value in vars(tally).items() if name != "seen"}
        click.echo(json.dumps({**told, "dry_run": is_dry_run}, ensure_ascii=False, indent=2))
        return
    for each in tally.refused:
        click.echo(f"line {each['line']}, {each['email'] or 'no address'}: {each['reason']}", err=True)
    would = "would be " if is_dry_run else ""
    done = f"{tally.taken} {would}taken in, {tally.invited} {would}invited"
    click.echo(f"{done}, {tally.already_here} here already, {len(tally.refused)} refused.")
