"""The `inkhorn` command: gathers the commands of every room, each loaded when it is called."""

import gc
import logging
import os
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from inkhorn import __version__
from inkhorn.core.access import open_to, operator
from inkhorn.core.barred import barred
from inkhorn.core.config import Config, ConfigError
from inkhorn.core.config_loading import load_config
from inkhorn.core.errors import InkhornError

# Name: module that has it in GROUPS, what it does, and whether it works inside the application.
GATHERED: dict[str, tuple[str, str, bool]] = {
    "init": ("inkhorn.core.commands", "Make a folder with a commented settings file.", False),
    "config": ("inkhorn.core.commands", "Show every setting and where it comes from.", False),
    "doctor": ("inkhorn.core.commands", "Examine the installation and name remedies.", False),
    "migrate": ("inkhorn.core.commands", "Bring the database to the form this version knows.", False),
    "migration": ("inkhorn.core.commands", "", False),
    "jobs": ("inkhorn.core.commands", "See, retry or forget background work.", True),
    "mail": ("inkhorn.core.mail.commands", "Try the mail server, see and send letters again.", True),
    "audit": ("inkhorn.admin.commands", "Read, export and prune the audit log.", True),
    "media": ("inkhorn.media.commands", "See, check and tidy up uploads.", True),
    "status": ("inkhorn.posts.commands", "Count what the site holds.", True),
    "redirect": ("inkhorn.posts.commands", "Let old addresses lead elsewhere.", True),
    "comments": ("inkhorn.comments.commands", "List, decide and ban from the shell.", True),
    "user": ("inkhorn.accounts.commands", "Make, list and change people.", True),
    "setup-link": ("inkhorn.accounts.commands", "Show the link that lets the first owner in.", True),
    "key": ("inkhorn.accounts.commands", "Keys that programs show at /api: create, list, revoke.", True),
    "search": ("inkhorn.search.commands", "Build the search index anew, and examine it.", True),
    "backup": ("inkhorn.transfer.commands.keeping", "Keep the whole site in one file, while it runs.", False),
    "restore": ("inkhorn.transfer.commands.keeping", "Make the site what it was when a backup was made.", False),
    "database": ("inkhorn.transfer.commands.keeping", "Move the database to PostgreSQL, or back to SQLite.", False),
    "import": ("inkhorn.transfer.commands.shell", "Bring a whole site in.", True),
    "seed": ("inkhorn.transfer.commands.shell", "Fill the site with a living publication to try.", True),
}
# Where rooms name what the doctor looks at besides the ground floor.
EXAMINED = ("inkhorn.core.examinations:CHECKS", "inkhorn.admin.checks:CHECKS", "inkhorn.transfer.services.keeping.watching:CHECKS")
# They may be the first that is done on a new machine; to the others a folder that is not there is a slip of the pen.
BEGIN_A_SITE = ("user", "import", "seed", "setup-link")
EXIT_REFUSED = 1
EXIT_UNEXPECTED = 70
EXIT_INTERRUPTED = 130
EXIT_PIPE_CLOSED = 141
RUNNER_WAITS_SECONDS = 0.7
TRUSTING = """Its certificate comes from an authority of its own, which browsers do not know yet:

    {0}

Let those trust it who are to come without a warning: in Firefox and Chromium under Settings, Certificates, Authorities; on Debian or
Ubuntu: sudo cp {0} /usr/local/share/ca-certificates/inkhorn.crt && sudo update-ca-certificates
Never hand on the key beside it.
"""
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def load(dotted: str) -> Any:
    """The named thing; loaded when it is needed, since `inkhorn --help` needs none of it."""
    module, _, name = dotted.partition(":")
    if module not in sys.modules:
        # What is imported stays: to look through it for garbage again and again, and at the end, took two fifths of a short command.
        gc.disable()
        try:
            import_module(module)
            gc.freeze()
        finally:
            gc.enable()
    return getattr(sys.modules[module], name)


class Gathering(click.Group):
    """A group whose commands live in the rooms."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *GATHERED})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in GATHERED:
            return super().get_command(ctx, cmd_name)
        commands: tuple[click.Command, ...] = load(f"{GATHERED[cmd_name][0]}:GROUPS")
        return next((each for each in commands if each.name == cmd_name), None)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        own = {name: command.get_short_help_str(80) for name, command in self.commands.items() if not command.hidden}
        gathered = {name: meaning for name, (_, meaning, _) in GATHERED.items() if meaning}
        with formatter.section("Commands"):
            formatter.write_dl(sorted({**own, **gathered}.items()))

    def make_context(self, *given: Any, **options: Any) -> click.Context:
        with _while_somebody_reads():
            return super().make_context(*given, **options)

    def invoke(self, ctx: click.Context) -> Any:
        with _while_somebody_reads():
            return super().invoke(ctx)

    def main(self, args: Sequence[str] | None = None, *others: Any, **options: Any) -> Any:
        """Run a command; one sentence and a telling exit code when it cannot be done."""
        try:
            arguments = _data_first(list(sys.argv[1:] if args is None else args))
            sys.exit(super().main(arguments, *others, **{**options, "prog_name": "inkhorn", "standalone_mode": False}) or 0)
        except click.exceptions.Exit as error:
            sys.exit(error.exit_code)
        except click.Abort:
            _refuse("Interrupted.", EXIT_INTERRUPTED)
        except click.ClickException as error:
            error.show()
            sys.exit(error.exit_code)
        except (InkhornError, ConfigError) as error:
            _refuse(str(error), EXIT_REFUSED)
        except Exception as error:
            if sentence := barred(error):
                _refuse(sentence, EXIT_REFUSED)
            _unexpected(error)


@contextmanager
def _while_somebody_reads() -> Iterator[None]:
    """Ends quietly where whoever read the output went away, as head does; click would call that a refusal."""
    try:
        yield
    except BrokenPipeError:
        # Or the interpreter would try once more as it ends, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        raise click.exceptions.Exit(EXIT_PIPE_CLOSED) from None


class Operator:
    """What a command works with: the configuration, and the application once it is needed."""

    def __init__(self, data: Path | None) -> None:
        self.data = data
        self.overrides: dict[str, Any] = {}

    @cached_property
    def config(self) -> Config:
        return load_config(data=self.data, overrides=self.overrides)

    @cached_property
    def app(self) -> Any:
        """The application on a folder that is ready, with its database as this version wants it."""
        self.config, is_new = prepare(self.config, migrates=False)
        app = load("inkhorn.app:create_app")(self.config)
        if is_new:
            with app.app_context():
                _open_house()
        return app

    @property
    def examinations(self) -> list[Any]:
        """What the rooms have the doctor look at."""
        return [look for dotted in EXAMINED for look in load(dotted)]

    def open_house(self) -> None:
        """What follows every migration: the shipped roles as this version knows them."""
        with self.app.app_context():
            _open_house()


@click.group(
    cls=Gathering,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 1 refused in a sentence (doctor: something is wrong), 2 wrong usage, 70 unexpected, 130 interrupted, 141 unread.",
)
@click.version_option(__version__, prog_name="inkhorn", message="%(prog)s %(version)s")
@click.option("--data", type=click.Path(path_type=Path), help="The data folder (or INKHORN_DATA); may stand after the command too.")
@click.pass_context
def main(ctx: click.Context, data: Path | None) -> None:
    """Inkhorn, a self-hosted publishing platform."""
    operator = ctx.obj = Operator(data)
    gathered = GATHERED.get(ctx.invoked_subcommand or "")
    if gathered and gathered[2] and not {"--help", "-h"} & set(sys.argv):
        if ctx.invoked_subcommand not in BEGIN_A_SITE and not operator.config.data.exists():
            folder = operator.config.data
            raise InkhornError(f"There is no folder {folder}. Name that of the site with --data, or begin one: inkhorn init {folder}")
        ctx.with_resource(operator.app.app_context())


@main.command()
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on.")
@click.option(
    "--https", is_flag=True, default=None, help="Speak https, by a certificate of an authority of its own unless --cert is given."
)
@click.option("--cert", "https_cert", type=click.Path(path_type=Path), metavar="FILE", help="Certificate for https: PEM with its chain.")
@click.option("--key", "https_key", type=click.Path(path_type=Path), metavar="FILE", help="Private key of that certificate.")
@click.pass_obj
@open_to(operator)
def run(operator: Operator, /, **given: Any) -> None:
    """Serve the site: web server and background runner under one parent."""
    operator.overrides |= {key: value for key, value in given.items() if value is not None}
    config = operator.config
    if config.is_production and config.host not in LOOPBACK and not config.uses_https and not config.insecure_http:
        raise InkhornError(
            f"In production Inkhorn serves plain http on this machine only, not on {config.host}. "
            "Put a proxy with https in front and set site_url to its address, or set insecure_http if you know why."
        )
    starting, serving, supervisor = (import_module(f"inkhorn.core.{name}") for name in ("starting", "serving", "supervisor"))
    starting.make_data_folder(config.data)
    lock = starting.check_start(config)
    pair = import_module("inkhorn.core.certificates").pair_of(config) if config.speaks_https else None
    config, _ = prepare(config, migrates=True)
    _tell_children(config)
    app = load("inkhorn.wsgi:app")
    if (shelf := load("inkhorn.core.metrics.watching:shelf_of")(app)) is not None:
        shelf.begin_anew()
    with app.app_context():
        link = _open_house()
        load("inkhorn.core.reading_ahead:read_ahead")()
        load("inkhorn.core.database:db").engine.dispose()
    address = (config.site_url or config.own_address).rstrip("/")
    click.echo(f"Inkhorn {__version__} serves {address} from {config.data}")
    if pair and pair.authority:
        click.echo(TRUSTING.format(pair.authority))
    if link:
        click.echo(f"Nobody owns this site yet. Open this link once to set it up:\n\n    {address}{link}\n")
    click.echo("Stop it with Ctrl+C.")
    children = [
        supervisor.Child("web", lambda: serving.serve(config, "inkhorn.wsgi:app")),
        # The readers first: the runner's own start would only slow the first answer.
        supervisor.Child("runner", lambda: _work(app, config, renews=True), start_after=RUNNER_WAITS_SECONDS, renews=True),
    ]
    code = supervisor.Supervisor(children).run()
    if lock is not None:
        lock.close()
    click.echo("Stopped.")
    sys.exit(code)


@main.command()
@click.option("--relay", is_flag=True, hidden=True)
@click.pass_obj
@open_to(operator)
def worker(operator: Operator, *, relay: bool) -> None:
    """Run background jobs alone: the embedded runner, or a Celery worker when a broker is set."""
    app = operator.app
    config = operator.config
    if config.broker_url and not relay:
        sys.exit(load("inkhorn.worker:run_celery")(app, config))
    sys.exit(_work(app, config))


def _work(app: Any, config: Config, *, renews: bool = False) -> int:
    if config.broker_url:
        code: int = load("inkhorn.worker:run_relay")(app, config)
    else:
        code = load("inkhorn.core.runner:run")(app, config, renews=renews)
    return code


@main.command()
@click.pass_obj
@open_to(operator)
def shell(operator: Operator) -> None:
    """Open a Python prompt inside the application."""
    code = import_module("code")
    with operator.app.app_context():
        names = {"app": operator.app, **{name: load(f"inkhorn.core.database:{name}") for name in ("db", "session", "transaction")}}
        code.interact(f"Inkhorn {__version__}. Here are {', '.join(names)}.", local=names)


def _open_house() -> str | None:
    """Bring the shipped roles up to date; the path of the set-up link while nobody owns the site."""
    with load("inkhorn.core.database:transaction")():
        load("inkhorn.accounts.services.roles:sync_roles")()
        token: str | None = load("inkhorn.accounts.services.setup:make_setup_link")()
    return f"/setup/{token}" if token else None


def prepare(config: Config, *, migrates: bool) -> tuple[Config, bool]:
    """Make the folder, the key and the database ready; the configuration with its key, and whether the database is new."""
    starting, revisions = (import_module(f"inkhorn.core.{name}") for name in ("starting", "revisions"))
    starting.make_data_folder(config.data)
    if not config.secret_key:
        config = replace(config, secret_key=starting.make_secret_key(config.data, secrets.token_urlsafe(48)))
    if config.sqlite_path is not None and revisions.revision_of_file(config.sqlite_path) == revisions.head():
        return config, False
    migrating = import_module("inkhorn.core.migrating")
    current = migrating.current_revision(config)
    if current not in (None, revisions.head()) and not migrates:
        raise InkhornError(
            f"The database is at revision {current} and this version of Inkhorn wants {revisions.head()}. Stop the site, then run: inkhorn migrate"
        )
    done = migrating.upgrade(config)
    if done.backup:
        click.echo(f"The database was migrated to revision {done.after}; a copy of it as it was is in {done.backup}.", err=True)
    return config, done.before is None


def _tell_children(config: Config) -> None:
    """Let what is loaded by name find the same configuration."""
    os.environ["INKHORN_DATA"] = str(config.data)
    os.environ["INKHORN_HOST"] = config.host
    os.environ["INKHORN_PORT"] = str(config.port)
    os.environ["INKHORN_HTTPS"] = str(config.https).lower()
    for key in ("https_cert", "https_key"):
        os.environ[f"INKHORN_{key.upper()}"] = str(getattr(config, key) or "")


def _data_first(arguments: list[str]) -> list[str]:
    """Move --data, which may stand anywhere, to where the group reads it."""
    kept: list[str] = []
    moved: list[str] = []
    left = iter(arguments)
    for each in left:
        if each == "--":
            kept += [each, *left]
        elif each == "--data" or each.startswith("--data="):
            folder = each.removeprefix("--data=") if "=" in each else next(left, "")
            # An empty one, as of a variable that is not set, would be the folder that one stands in.
            if not folder or folder.startswith("--"):
                raise click.UsageError("--data wants the path of the data folder after it.")
            moved = ["--data", folder]
        else:
            kept.append(each)
    return moved + kept


def _refuse(sentence: str, code: int) -> None:
    click.echo(f"inkhorn: {sentence}", err=True)
    sys.exit(code)


def _unexpected(error: Exception) -> None:
    is_development = os.environ.get("INKHORN_PROFILE") == "development"
    logging.getLogger(__name__).critical("command_failed", exc_info=error if is_development else None)
    _refuse(
        f"Something went wrong that Inkhorn did not expect ({type(error).__name__}: {error}). Run inkhorn doctor; if it finds nothing, report it.",
        EXIT_UNEXPECTED,
    )
