"""Writes docs/reference from the code: settings, command line, theme pages, events, API; `--check` only compares."""

import ast
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

import inkhorn
from inkhorn.api.documents import description_of
from inkhorn.api.reference import reference_page
from inkhorn.app import create_app
from inkhorn.cli import main
from inkhorn.core.audit import declared_actions
from inkhorn.core.config import settings_of_config
from inkhorn.core.config_loading import load_config
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
        "`inkhorn` is installed with the package. Exit codes: 0 done, 1 refused with a sentence, 2 wrong usage.",
        "",
    ]
    for path, command in commands(main, "inkhorn"):
        context = click.Context(command, info_name=path)
        lines += [f"## `{path}`", "", inspect.cleandoc(command.help or ""), "", "```text", command.get_usage(context), ""]
        for parameter in command.get_params(context):
            record = parameter.get_help_record(context)
            if record:
                lines.append(f"  {record[0]:32} {record[1]}".rstrip())
        lines += ["```", ""]
    return "\n".join(lines)


def commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in sorted(command.list_commands(context)):
            child = command.get_command(context, name)
            if child is not None and not child.hidden:
                yield from commands(child, f"{path} {name}")


def events_page() -> str:
    """Every signal a plugin may connect to, and every action of the audit log."""
    lines = ["# Events", "", "Blinker signals, sent inside the transaction that changed something. Connect in a `listeners` module.", ""]
    for name in load_everything("events"):
        module = importlib.import_module(name)
        lines += [f"## {name.split('.')[1]}", "", inspect.getdoc(module) or "", ""]
        tree = ast.parse(inspect.getsource(module))
        named = [node.targets[0].id for node in tree.body if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)]
        lines += [*(f"- `{each}`" for each in named if each != "AUDITED"), ""]
    return "\n".join([*lines, *actions_table()]) + "\n"


def actions_table() -> Iterator[str]:
    """Every action of the audit log, with the words that stand after the actor's name."""
    yield from ("# The audit log", "", "What may stand in it; `inkhorn audit list --action` takes an action, or a room with its dot.", "")
    yield from ("| action | in words |", "| --- | --- |")
    yield from (f"| `{action}` | … {words} … |" for action, words in declared_actions().items())


def pages() -> dict[str, str]:
    """File name to text of every generated page."""
    for name in ("pages", "sound_pages"):
        load_everything(name)
    return {
        "settings.md": settings_page(),
        "cli.md": cli_page(),
        "theme.md": describe_pages(),
        "events.md": events_page(),
        "api.md": api_page(),
    }


def api_page() -> str:
    """Every operation of the first version of the API."""
    with TemporaryDirectory() as folder:
        told = {"secret_key": "only-for-the-description-0123456789-abcdefghij"}
        app = create_app(load_config(data=Path(folder), environ={}, overrides=told))
        return reference_page(description_of(app, "v1"))


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
