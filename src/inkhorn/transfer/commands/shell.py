"""`inkhorn import` and `inkhorn seed`: parse, open the source, run, report."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from inkhorn.accounts.models import Role, User
from inkhorn.core.access import House, open_to, operator
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import InkhornError
from inkhorn.core.pace import Pace
from inkhorn.transfer.commands.running import run_import
from inkhorn.transfer.demo.source import demo_source, offer_menu
from inkhorn.transfer.manuscript import Source
from inkhorn.transfer.markdown.source import DIALECTS, markdown_source
from inkhorn.transfer.services.journey import Options
from inkhorn.transfer.services.reporting import Report
from inkhorn.transfer.wordpress.source import wordpress_source

INTERRUPTED = 130
Command = TypeVar("Command", bound=Callable[..., None])


def import_options(command: Command) -> Command:
    """The options that every import has."""
    for option in (
        click.option("--report", type=click.Path(path_type=Path, dir_okay=False), help="Write the report to this file too, as JSON."),
        click.option(
            "--fetch-media", is_flag=True, help="Ask other hosts for pictures that the texts name; nothing is asked for without this."
        ),
        click.option("--author", metavar="EMAIL", help="Who signs posts that name nobody; the site's owner unless told otherwise."),
        click.option("--dry-run", is_flag=True, help="Say what would be carried over and change nothing."),
    ):
        command = option(command)
    return command


@click.group("import")
def import_group() -> None:
    """Carry a whole site over from another program; may be run again and again."""


@import_group.command("markdown")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--dialect", metavar="NAME", help=f"{', '.join(sorted(DIALECTS))}; found by itself unless named.")
@click.option(
    "--name",
    metavar="NAME",
    help="What to call the source; runs of the same name belong together. The folder's name unless told otherwise.",
)
@import_options
@open_to(operator)
def import_markdown(
    folder: Path, *, dialect: str | None, name: str | None, dry_run: bool, author: str | None, fetch_media: bool, report: Path | None
) -> None:
    """Carry over the text files of a Zola, Hugo, Jekyll, Eleventy, Pelican or Lektor site."""
    _import(
        lambda: markdown_source(folder, dialect=dialect, name=name), dry_run=dry_run, author=author, fetch_media=fetch_media, report=report
    )


@import_group.command("wordpress")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--media", type=click.Path(path_type=Path, file_okay=False), help="A copy of wp-content/uploads, where the export's pictures are."
)
@import_options
@open_to(operator)
def import_wordpress(file: Path, *, media: Path | None, dry_run: bool, author: str | None, fetch_media: bool, report: Path | None) -> None:
    """Carry over a WordPress export file (WXR)."""
    _import(
        lambda: wordpress_source(file, media=media, fetch_media=fetch_media),
        dry_run=dry_run,
        author=author,
        fetch_media=fetch_media,
        report=report,
    )


@click.command("seed")
@open_to(operator)
def seed() -> None:
    """Fill the site with a living publication to try; safe to run again."""
    with tempfile.TemporaryDirectory() as folder, Pace("Filling the site") as pace:
        run_import(demo_source(Path(folder)), by=House(), options=Options(), progress=pace)
    with transaction():
        offer_menu()
    click.echo("The site holds the demo now: posts, pages, series, tags, pictures and five authors.")


def _import(open_source: Callable[[], Source], *, dry_run: bool, author: str | None, fetch_media: bool, report: Path | None) -> None:
    try:
        if report is not None:
            _refuse_unwritable(report)
        options = Options(is_dry_run=dry_run, fetch_media=fetch_media, unsigned_author_id=_signer(author))
        source = open_source()
        with Pace(f"Importing ({source.dialect})") as pace:
            made = run_import(source, by=House(), options=options, progress=pace)
    except InkhornError as error:
        raise click.ClickException(str(error)) from error
    except OperationalError as error:
        raise click.ClickException(_in_words(error)) from error
    except KeyboardInterrupt:
        click.echo("Interrupted. What was finished is kept; run the same command again to go on.", err=True)
        sys.exit(INTERRUPTED)
    _show(made, report)


def _show(made: Report, file: Path | None) -> None:
    for line in made.lines():
        click.echo(line)
    if file is not None:
        try:
            file.write_text(made.as_json(), "utf-8")
        except OSError as error:
            raise click.ClickException(f"The import is done, but its report could not be written to {file}: {error.strerror}.") from error


def _refuse_unwritable(file: Path) -> None:
    if not file.parent.is_dir():
        raise click.ClickException(f"There is no folder {file.parent} to write the report to.")


def _signer(email: str | None) -> int | None:
    if email is not None:
        found = session().scalar(select(User.id).where(User.email == email.strip().lower()))
        if found is None:
            raise click.ClickException(f"Nobody here has the address {email}. Make the account first, or leave --author out.")
        return found
    owners = select(User.id).where(User.roles.any(Role.name == "owner")).order_by(User.id).limit(1)
    return session().scalar(owners)


def _in_words(error: OperationalError) -> str:
    words = str(error.orig)
    if "full" in words:
        return "The disk is full. Make room and run the same command again; what was finished is kept."
    if "locked" in words:
        return "The database is busy with another long write. Run the same command again; what was finished is kept."
    if "no such table" in words:
        return "The database has no tables yet. Run `inkhorn migrate` first."
    return f"The database refused: {words}. Run the same command again; what was finished is kept."


GROUPS: tuple[click.Command, ...] = (import_group, seed)
