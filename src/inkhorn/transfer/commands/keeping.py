"""`inkhorn backup`, `inkhorn restore` and `inkhorn database move`."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from sqlalchemy.engine import make_url

from inkhorn.core.access import House, open_to, operator
from inkhorn.core.asking import ask_secret
from inkhorn.core.config import Config
from inkhorn.core.database import transaction
from inkhorn.core.pace import Pace
from inkhorn.core.starting import make_data_folder
from inkhorn.transfer.services.keeping.making import Made, Wishes, make_backup
from inkhorn.transfer.services.keeping.moving import move_database
from inkhorn.transfer.services.keeping.placing import BESIDE
from inkhorn.transfer.services.keeping.reading import look_into, unpack_backup
from inkhorn.transfer.services.keeping.restoring import Restored, finish_restore, restore_backup
from inkhorn.transfer.services.keeping.shelf import BUCKET, NAME, counting, note_backup, shelf_of
from inkhorn.transfer.services.keeping.workplaces import workplace

MEGABYTE = 1_000_000
ASKS = click.option("--ask-passphrase", is_flag=True, help="Ask for the passphrase instead of taking backup_passphrase.")
UNSEALED = click.option("--unsealed", is_flag=True, help="Take one that is not sealed, although a passphrase is set.")


@click.group("backup", invoke_without_command=True)
@click.option("--to", metavar="PLACE", help="A new file, a folder or s3://bucket/folder; backup_to unless told otherwise.")
@click.option("--without-media", is_flag=True, help="Leave the uploads out.")
@click.option("--without-secrets", is_flag=True, help="Leave the secret key and the settings file out.")
@ASKS
@click.pass_context
@open_to(operator)
def backup(ctx: click.Context, *, to: str | None, without_media: bool, without_secrets: bool, ask_passphrase: bool) -> None:
    """Keep the whole site in one file, while it runs: database, uploads, themes, secret key and settings."""
    if ctx.invoked_subcommand is not None:
        return
    config: Config = ctx.obj.config
    if config.sqlite_path and not config.sqlite_path.exists():
        raise click.ClickException(
            f"There is no site in {config.data} to keep: {config.sqlite_path} is not there. Name the site's folder with --data."
        )
    app = ctx.obj.app
    passphrase = _asked(confirm=True) if ask_passphrase else config.backup_passphrase or ""
    wishes = Wishes(has_media=not without_media and config.backup_media, has_secrets=not without_secrets, passphrase=passphrase)
    with app.app_context(), Pace("Keeping files") as pace:
        made, where = _keep(ctx.obj.config, to, wishes, pace)
        with transaction():
            note_backup(made, wishes, by=House())
    sealed = "sealed" if passphrase else "not sealed: whoever has it can read it"
    click.echo(f"Kept {made.rows} rows and {made.files} files in {where} ({made.size / MEGABYTE:.1f} MB, {sealed}).")
    if made.gone:
        click.echo(f"{made.gone} files were removed by somebody meanwhile and are not in it.")
    if made.left_out:
        names = ", ".join(name.encode("utf-8", "backslashreplace").decode() for name in made.left_out[:3])
        click.echo(
            f"{len(made.left_out)} files of themes are links, hidden, or named as no backup can hold them, and are not in it: {names}"
        )
    if made.orphans:
        click.echo(f"{made.orphans} rows point at rows that are not there: they are kept as they are, and PostgreSQL would not take them.")


def _keep(config: Config, to: str | None, wishes: Wishes, pace: Pace) -> tuple[Made, str]:
    if to and not to.startswith(BUCKET) and not to.endswith("/") and not Path(to).is_dir():
        made = make_backup(config, Path(to).expanduser().absolute(), wishes, progress=pace)
        return made, str(made.path)
    shelf = shelf_of(config, to)
    made = shelf.keep(config, wishes, progress=pace)
    return made, f"{shelf.where.rstrip('/')}/{made.path.name}"


@backup.command("list")
@click.option("--at", metavar="PLACE", help="A folder or s3://bucket/folder; backup_to unless told otherwise.")
@click.pass_obj
@open_to(operator)
def list_backups(operator: Any, *, at: str | None) -> None:
    """Show the backups at a place, the newest first."""
    shelf = shelf_of(operator.config, at)
    found = shelf.backups()
    counted = counting(operator.config, found)
    for each in found:
        note = "" if each in counted else "  (does not count: another site's, partial, or not of the past)"
        click.echo(f"{each.made_at:%Y-%m-%d %H:%M:%S}  {each.size / MEGABYTE:>10.1f} MB  {each.name}{note}")
    click.echo(f"{len(found)} backups in {shelf.where}.")


@backup.command("check")
@click.argument("file")
@ASKS
@UNSEALED
@click.pass_obj
@open_to(operator)
def check_backup(operator: Any, file: str, *, ask_passphrase: bool, unsealed: bool) -> None:
    """Read FILE to its end and examine all of it, as a restore does before it changes anything."""
    passphrase = _passphrase(operator.config, is_asked=ask_passphrase, is_unsealed=unsealed)
    with _found(operator.config, file) as path, tempfile.TemporaryDirectory() as folder, Pace("Reading") as pace:
        unpacked = unpack_backup(path, Path(folder), passphrase=passphrase, progress=pace)
    rows = sum(unpacked.manifest.rows.values())
    click.echo(
        f"The backup is whole: made {unpacked.about.made_at[:19]} by Inkhorn {unpacked.about.inkhorn}, {rows} rows, {len(unpacked.media)} files."
    )


@click.command("restore")
@click.argument("file", required=False)
@click.option("--over", is_flag=True, help="Put the site that is there aside, into before-restore-… in the data folder.")
@click.option("--finish", is_flag=True, help="Go on with a restore that was interrupted.")
@ASKS
@UNSEALED
@click.pass_obj
@open_to(operator)
def restore(operator: Any, file: str | None, *, over: bool, finish: bool, ask_passphrase: bool, unsealed: bool) -> None:
    """Make the site what it was when the backup FILE was made; everything is examined before anything is changed."""
    config: Config = operator.config
    if finish == bool(file):
        raise click.UsageError("Name a backup, or give --finish.")
    if file is None:
        aside = finish_restore(config)
        click.echo("The restore is finished.")
        _tell_aside(aside)
        return
    passphrase = _passphrase(config, is_asked=ask_passphrase, is_unsealed=unsealed)
    with _found(config, file) as path:
        look_into(path, passphrase=passphrase)
        with Pace("Unpacking") as pace:
            restored = restore_backup(config, path, passphrase=passphrase, is_over=over, progress=pace)
    _tell(restored, config)


@click.group("database")
def database() -> None:
    """Move the database to another kind."""


@database.command("move")
@click.option("--to", required=True, metavar="ADDRESS", help="An empty database: postgresql://… or sqlite:///FILE.")
@click.pass_obj
@open_to(operator)
def move(operator: Any, *, to: str) -> None:
    """Copy every row to another database and compare it there; stop the site first. What is there now stays as it is."""
    with Pace("Moving rows") as pace:
        moved = move_database(operator.config, to, progress=pace)
    click.echo(f"{moved.rows} rows went over, and each arrived as it was.")
    click.echo(f"Now set database_url to {make_url(moved.target.database_url).render_as_string(hide_password=True)} and start the site.")
    if (path := operator.config.sqlite_path) is not None:
        click.echo(f"Put {path} away then: a command that does not find database_url would go on with it.")


@contextmanager
def _found(config: Config, file: str) -> Iterator[Path]:
    """The file that is named, or the backup of that name at backup_to."""
    path = Path(file).expanduser()
    if path.exists() or not NAME.fullmatch(file):
        yield path
        return
    make_data_folder(config.data)
    with workplace(config.data) as folder:
        yield shelf_of(config).fetch(file, folder)


def _tell(restored: Restored, config: Config) -> None:
    click.echo(f"The site is as it was at {restored.about.made_at[:19]} UTC: {restored.posts} posts and pages, {restored.files} files.")
    _tell_aside(restored.aside)
    click.echo("Everybody has to sign in again.")
    if restored.letters:
        click.echo(
            f"{restored.letters} letters waited then and may have left since. Decide about them: inkhorn mail list --state uncertain"
        )
    if not restored.about.has_media:
        click.echo("The backup holds no uploads; those of the store stay as they are.")
    if config.storage_url or not restored.about.has_media:
        click.echo("That store may have gone on without this copy, so nothing in it is tidied up until you say: inkhorn media claim")
    if restored.settings_beside:
        why = "says where things are kept, does not fit this version, or met another one"
        click.echo(f"Its settings file {why}: it is {BESIDE}. Take over from it what you need.")
    if restored.has_other_key:
        click.echo(
            f"The secret key that is set differs from the backup's, which is in {config.data / 'secret_key'}: add that to previous_secret_keys."
        )
    if restored.about.set_elsewhere:
        click.echo(f"These were not set in its data folder, so set them again: {', '.join(restored.about.set_elsewhere)}")


def _tell_aside(aside: Path | None) -> None:
    if aside:
        click.echo(f"What was there before is in {aside}; remove it once all is well.")


def _passphrase(config: Config, *, is_asked: bool, is_unsealed: bool) -> str:
    if is_unsealed:
        return ""
    return _asked() if is_asked else config.backup_passphrase or ""


def _asked(*, confirm: bool = False) -> str:
    return ask_secret("Passphrase", otherwise="Set backup_passphrase, or INKHORN_BACKUP_PASSPHRASE_FILE, instead.", confirm=confirm)


GROUPS: tuple[click.Command, ...] = (backup, restore, database)
