"""The operator's commands that need no room: init, config, doctor, jobs, migrate."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import click

from inkhorn.core import job_board, migrating
from inkhorn.core.access import House, open_to, operator
from inkhorn.core.config import Config, ConfigError, settings_of_config
from inkhorn.core.config_loading import FILE_NAME
from inkhorn.core.database import session, transaction
from inkhorn.core.doctor import Finding, examine
from inkhorn.core.errors import Conflict
from inkhorn.core.mail.assembling import on_one_line
from inkhorn.core.revisions import head
from inkhorn.core.runner import take_lock
from inkhorn.core.starting import lock_folder, make_data_folder

LONGEST_LINE = 1000


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@open_to(operator)
def init(folder: Path) -> None:
    """Make FOLDER with a commented settings file in it."""
    make_data_folder(folder)
    path = folder / FILE_NAME
    try:
        # Passwords come to stand in it.
        with open(path, "x", encoding="utf-8", opener=partial(os.open, mode=0o600)) as file:
            file.write(settings_file())
    except FileExistsError as error:
        raise Conflict(f"{path} is already there and was left as it is.") from error
    click.echo(f"Made {path}. Start the site with: inkhorn run --data {folder}")


def settings_file() -> str:
    """The text of an inkhorn.toml in which every setting stands with its meaning and default, commented out."""
    lines = ["# Settings of this Inkhorn. Take the mark # away before a line to change it; INKHORN_<NAME> in the environment wins.", ""]
    for each in settings_of_config():
        if each.name == "data":
            continue
        lines += [f"# {each.metadata['help']}", f"# {each.name} = {_toml(each.default)}", ""]
    return "\n".join(lines)


def _toml(value: Any) -> str:
    if isinstance(value, tuple | list):
        return json.dumps(list(value))
    if isinstance(value, bool | int):
        return json.dumps(value)
    return json.dumps("" if value is None else str(value))


@click.command("config")
@click.pass_obj
@open_to(operator)
def show_config(operator: Any) -> None:
    """Show every setting and where it comes from; secrets are masked."""
    config: Config = operator.config
    rows = []
    for each in settings_of_config():
        value = getattr(config, each.name)
        shown = "" if value is None else ", ".join(value) if isinstance(value, tuple) else str(value)
        if each.metadata.get("secret") and shown and not shown.startswith("sqlite:"):
            shown = "********"
        rows.append((each.name, shown, config.origins.get(each.name, "default")))
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    for name, shown, origin in rows:
        click.echo(f"{name:<{widths[0]}}  {shown:<{widths[1]}}  {origin}")


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="For scripts: every finding with its severity and remedy.")
@click.option("--strict", is_flag=True, help="Exit code 3 where there are only notes.")
@click.pass_obj
@open_to(operator)
def doctor(operator: Any, *, as_json: bool, strict: bool) -> None:
    """Examine the installation from its settings to its backups; exit code 1 if anything is wrong."""
    findings = _examined(operator)
    severities = {finding.severity for finding in findings}
    if as_json:
        told = [{"subject": each.subject, "severity": each.severity, "news": each.news, "remedy": each.remedy} for each in findings]
        click.echo(json.dumps({"findings": told}, ensure_ascii=False, indent=2))
    else:
        _say(findings)
    sys.exit(1 if "wrong" in severities else 3 if strict and "note" in severities else 0)


def _examined(operator: Any) -> list[Finding]:
    try:
        config = operator.config
    except ConfigError as error:
        # Without it nothing else can be looked at.
        return [Finding("Configuration", str(error), "Mend what the sentence names, then ask again.")]
    return examine(config, operator.examinations)


def _say(findings: list[Finding]) -> None:
    for finding in findings:
        click.echo(f"{finding.mark}  {finding.subject}: {finding.news}")
        if finding.remedy:
            click.echo(f"        {finding.remedy}")
    wrong = sum(finding.is_wrong for finding in findings)
    click.echo("Everything is well." if not wrong else f"{wrong} of {len(findings)} need your attention.")


@click.command("migrate")
@click.option("--to", default="head", metavar="REVISION", help="Go to this revision instead of the newest.")
@click.option("--down", is_flag=True, help="Go back to the revision given with --to; what newer ones added is lost.")
@click.pass_obj
@open_to(operator)
def migrate(operator: Any, *, to: str, down: bool) -> None:
    """Bring the database to the form this version knows; an SQLite file is copied first. Stop the site before."""
    if down and to == "head":
        raise click.UsageError("Say how far with --to.")
    make_data_folder(operator.config.data)
    with _nobody_serves(operator.config, to, down=down):
        done = (migrating.downgrade if down else migrating.upgrade)(operator.config, to)
    if not down and to == "head":
        operator.open_house()
    if done.backup:
        click.echo(f"A copy of the database as it was is in {done.backup}.")
    if done.before == done.after:
        click.echo(f"The database is at revision {done.after}; there is nothing to do.")
    else:
        click.echo(f"The database went from revision {done.before or 'none'} to {done.after or 'none'}.")


@contextmanager
def _nobody_serves(config: Config, to: str, *, down: bool) -> Iterator[None]:
    """Keep tables from being taken away under a site that works with them; where nothing would be changed, or nothing is there yet, it may run."""
    current = migrating.current_revision(config) if config.uses_sqlite else None
    with ExitStack() as held:
        if current not in (None, head() if to == "head" else to):
            held.enter_context(lock_folder(config))
            runner = take_lock(config.data, is_needed=True)[0] if down else None
            if runner is not None:
                held.enter_context(runner)
        yield


@click.command("migration", hidden=True)
@click.argument("message")
@click.pass_obj
@open_to(operator)
def migration(operator: Any, message: str) -> None:
    """Write the next migration from what the models say; for developers."""
    path = migrating.write_migration(operator.config, message)
    click.echo(f"Wrote {path}. Read it before you commit it." if path else "The models and the migrations agree.")


@click.group("jobs")
def jobs() -> None:
    """See, retry or forget background work."""


@jobs.command("list")
@click.option("--dead", is_flag=True, help="Only what was set aside.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@open_to(operator)
def list_jobs(*, dead: bool, limit: int) -> None:
    """Show what waits, and what was set aside with its error."""
    kinds = [job_board.dead_jobs()] if dead else [job_board.waiting_jobs(), job_board.dead_jobs()]
    rows = [row for kind in kinds for row in session().scalars(kind.limit(limit))]
    for row in rows:
        state = "dead" if row.is_dead else "running" if row.lease_until else "waiting"
        click.echo(
            f"{row.id:>8}  {state:<7}  {row.run_at:%Y-%m-%d %H:%M:%S}  {row.attempts}/{row.max_attempts}  {row.name}  {json.dumps(row.args)}"
        )
        if row.error:
            click.echo(f"          {on_one_line(row.error.partition(chr(10))[0], LONGEST_LINE)}")
    counts = job_board.job_counts()
    click.echo(f"{counts.waiting} waiting, {counts.dead} set aside.")


@jobs.command("retry")
@click.argument("number", type=int)
@open_to(operator)
def retry_job(number: int) -> None:
    """Let job NUMBER run again now."""
    with transaction():
        row = job_board.retry_job(number, by=House())
    click.echo(f"{row} is back in the queue.")


@jobs.command("forget")
@click.argument("number", type=int)
@open_to(operator)
def forget_job(number: int) -> None:
    """Take job NUMBER out of the queue for good."""
    with transaction():
        job_board.forget_job(number, by=House())
    click.echo(f"Job {number} is forgotten.")


GROUPS = (init, show_config, doctor, migrate, migration, jobs)
