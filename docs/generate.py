"""Writes docs/reference from the code: settings, command line, theme pages, events, jobs, the audit log, API; `--check` only compares."""

import dataclasses
import importlib
import importlib.util
import inspect
import pkgutil
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from blinker import ANY, Signal

import inkhorn
from inkhorn.admin.words import job_words, span_words
from inkhorn.api.documents import description_of
from inkhorn.api.reference import reference_page
from inkhorn.app import create_app
from inkhorn.cli import main
from inkhorn.core.audit import declared_actions
from inkhorn.core.config import settings_of_config
from inkhorn.core.config_loading import load_config
from inkhorn.core.jobs import registered_jobs
from inkhorn.core.settings import Section
from inkhorn.core.theme_contract import describe_pages

FOLDER = Path(__file__).parent / "reference"
EXAMPLE = Path(__file__).parents[1] / ".env.example"
NOTE = "<!-- Written by docs/generate.py from the code; change the code and run `make docs`. -->\n\n"


def settings_page() -> str:
    """The start-up settings by key, then what administrators tune while the site runs."""
    lines = [
        "# Settings",
        "",
        "Each can stand in `inkhorn.toml` in the data folder or in the environment as `INKHORN_<KEY>`; the environment wins.",
        "Every secret can be read from a file named by `INKHORN_<KEY>_FILE`. An unknown key or a value that makes no sense stops the start.",
        "`inkhorn config` prints every value and where it came from.",
        "",
        "| key | default | what it means |",
        "| --- | --- | --- |",
    ]
    for each in settings_of_config():
        default = "data" if each.name == "data" else shown(each.default)
        secret = " *(secret)*" if each.metadata["secret"] else ""
        lines.append(f"| `{each.name}` | {default} | {each.metadata['help']}{secret} |")
    # Not as they happened to be imported.
    for section in sorted(sections(), key=lambda each: each.section):
        lines += ["", f"## Tuned while the site runs: {section.section}", "", inspect.getdoc(section) or "", ""]
        lines += ["| value | default | what it means |", "| --- | --- | --- |"]
        comments = comments_above_fields(section)
        lines += [f"| `{each.name}` | {shown(each.default)} | {comments[each.name]} |" for each in dataclasses.fields(section)]
    return "\n".join(lines) + "\n"


def example_page() -> str:
    """.env.example: every setting commented out, one line each."""
    lines = ["# Every setting, with its default. Copy to .env or set in the service file; docs/reference/settings.md says more."]
    for each in settings_of_config():
        default = "" if each.default in ("", None, ()) else each.default
        lines += ["", f"# {each.metadata['help']}", f"#INKHORN_{each.name.upper()}={default}"]
    return "\n".join(lines) + "\n"


def shown(default: object) -> str:
    return f"`{default}`" if default not in ("", None, ()) else "empty"


def sections() -> list[type[Section]]:
    load_everything("settings")
    importlib.import_module("inkhorn.core.settings")
    return sorted(Section.__subclasses__(), key=lambda section: (section.section != "site", section.section))


def load_everything(stem: str) -> list[str]:
    """Import the module of that name in every room; their dotted names."""
    names = [f"inkhorn.{room.name}.{stem}" for room in pkgutil.iter_modules(inkhorn.__path__) if room.ispkg]
    found = [name for name in names if importlib.util.find_spec(name)]
    for name in found:
        importlib.import_module(name)
    return found


def comments_above_fields(section: type[Section]) -> dict[str, str]:
    """The comment that stands above each field of a settings section."""
    found, waiting = {}, []
    for line in inspect.getsource(section).splitlines():
        text = line.strip()
        if text.startswith("#"):
            waiting.append(text.lstrip("# "))
        elif field := re.match(r"(\w+):", text):
            found[field[1]] = " ".join(waiting)
            waiting = []
        else:
            waiting = []
    return found


def cli_page() -> str:
    """Every command with its help and options."""
    lines = [
        "# Command line",
        "",
        "`inkhorn` is installed with the package. Exit codes: 0 done, 1 refused with a sentence, 2 wrong usage,",
        "70 unexpected, 130 interrupted, 141 whoever read the output went away.",
        "Every command tells this of itself with `-h` or `--help`.",
        "",
    ]
    for context, command in commands(main, None, "inkhorn"):
        path = context.command_path
        # Without the option for help, which a command keeps in the form of its first call.
        records = [record for parameter in command.params if (record := parameter.get_help_record(context))]
        options = [f"  {record[0]:32} {record[1]}".rstrip() for record in records]
        lines += [f"## `{path}`", "", inspect.cleandoc(command.help or ""), "", "```text", command.get_usage(context)]
        lines += (["", *options] if options else []) + ["```", ""]
    return "\n".join(lines)


def commands(command: click.Command, above: click.Context | None, name: str) -> Iterator[tuple[click.Context, click.Command]]:
    """Each in the context it is called in, for what it inherits from there is part of its help."""
    context = command.context_class(command, parent=above, info_name=name, **command.context_settings)
    yield context, command
    if isinstance(command, click.Group):
        for each in sorted(command.list_commands(context)):
            child = command.get_command(context, each)
            if child is not None and not child.hidden:
                yield from commands(child, context, each)


def events_page() -> str:
    """Every signal a plugin may connect to: what it means, and which rooms hear it."""
    lines = ["# Events", "", "Blinker signals, sent inside the transaction that changed something. Connect in a `listeners` module.", ""]
    for name in load_everything("events"):
        module = importlib.import_module(name)
        meanings = comments_above_names(inspect.getsource(module))
        signals = {each: value for each, value in vars(module).items() if isinstance(value, Signal)}
        lines += [
            f"## {name.split('.')[1]}",
            "",
            inspect.getdoc(module) or "",
            "",
            "| event | what is sent with it | heard by |",
            "| --- | --- | --- |",
        ]
        lines += [f"| `{each}` | {meanings.get(each, '')} | {hearers(value)} |" for each, value in signals.items()]
        lines.append("")
    return "\n".join(lines)


def comments_above_names(source: str) -> dict[str, str]:
    """The comment that stands above each name that a module sets."""
    found, waiting = {}, []
    for line in source.splitlines():
        if line.startswith("#"):
            waiting.append(line.lstrip("# "))
        elif named := re.match(r"(\w+) = ", line):
            found[named[1]] = " ".join(waiting)
            waiting = []
        else:
            waiting = []
    return found


def hearers(event: Signal) -> str:
    """The rooms whose listeners are connected."""
    return ", ".join(sorted({each.__module__.split(".")[1] for each in event.receivers_for(ANY) if each.__module__.startswith("inkhorn.")}))


def audit_page() -> str:
    """Every action of the audit log, with the words that stand after the actor's name."""
    lines = ["# The audit log", "", "What may stand in it; `inkhorn audit list --action` takes an action, or a room with its dot.", ""]
    lines += ["| action | in words |", "| --- | --- |"]
    lines += [f"| `{action}` | … {words} … |" for action, words in declared_actions().items()]
    return "\n".join(lines) + "\n"


def jobs_page() -> str:
    """Every job of the queue and of the timetable."""
    lines = [
        "# Jobs",
        "",
        "Background work that the runner or a Celery worker does. Each waits in the database until it is done; `inkhorn jobs list` shows what waits and what",
        "was set aside with its error, and so does *Jobs* in the owner's room. One that says how often comes by itself, once over all machines; the others are caused",
        "by what somebody did. A job that fails is tried again, after longer and longer pauses, as often as stands here, and is then set aside.",
        "",
        "| job | what it does | every | tries | longest |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, each in sorted(registered_jobs().items()):
        every = span_words(each.every) if each.every else ""
        lines.append(f"| `{name}` | {job_words(name)} | {every} | {each.max_attempts} | {each.time_limit:.0f} s |")
    return "\n".join(lines) + "\n"


def pages() -> dict[str, str]:
    """File name to text of every generated page."""
    with TemporaryDirectory() as folder:
        told = {"secret_key": "only-for-the-description-0123456789-abcdefghij"}
        app = create_app(load_config(data=Path(folder), environ={}, overrides=told))
        for name in ("pages", "sound_pages"):
            load_everything(name)
        with app.test_request_context():
            return {
                "settings.md": settings_page(),
                "cli.md": cli_page(),
                "theme.md": describe_pages(),
                "events.md": events_page(),
                "audit.md": audit_page(),
                "jobs.md": jobs_page(),
                "api.md": reference_page(description_of(app, "v1")),
                "api-2.md": reference_page(description_of(app, "v2")),
            }


def stale() -> list[str]:
    """Names of the pages on disk that are not what the code says now."""
    example = [] if EXAMPLE.exists() and EXAMPLE.read_text(encoding="utf-8") == example_page() else [EXAMPLE.name]
    return example + [
        name for name, text in pages().items() if not (FOLDER / name).exists() or (FOLDER / name).read_text(encoding="utf-8") != NOTE + text
    ]


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(f"out of date: {', '.join(stale())}; run `make docs`" if stale() else 0)
    FOLDER.mkdir(exist_ok=True)
    EXAMPLE.write_text(example_page(), encoding="utf-8")
    for page, text in pages().items():
        (FOLDER / page).write_text(NOTE + text, encoding="utf-8")
