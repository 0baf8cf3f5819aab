"""The commands that papers tell people to type, held against the real command line without running anything."""

import re
import shlex
from collections.abc import Iterator

import click

from inkhorn.cli import _data_first, main

PARTS = re.compile(r"&&|\|\||[|;&]")
ASSIGNMENT = re.compile(r"[A-Z_]+=")
# Stands for something that whoever reads puts in, such as NUMBER or FILE.csv.
PLACEHOLDER = re.compile(r"[A-Z]{2}")


def lines_of(block: str) -> Iterator[str]:
    """The lines of a shell block, those that go on after a backslash as one, what is fed to a command left out."""
    end = ""
    for line in re.sub(r"\\\n\s*", " ", block).splitlines():
        if end:
            end = "" if line == end else end
            continue
        yield line
        if fed := re.search(r"<<-? ?'?(\w+)'?", line):
            end = fed[1]


def words_of(line: str) -> list[list[str]]:
    """Each command of a line as its words, without comments, redirections and what is set before it."""
    splitter = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
    splitter.whitespace_split, splitter.commenters = True, "#"
    found: list[list[str]] = [[]]
    words = list(splitter)
    for at, word in enumerate(words):
        if PARTS.fullmatch(word):
            found.append([])
        elif not set(word) <= set("<>") and not (at and set(words[at - 1]) <= set("<>")) and (found[-1] or not ASSIGNMENT.match(word)):
            found[-1].append(word)
    return [each for each in found if each]


def fault_of(words: list[str]) -> str:
    """What the command line would say to `inkhorn` and these words; empty where it would take them."""
    command: click.Command = main
    context = click.Context(main, info_name="inkhorn")
    left = _data_first(list(words))
    try:
        while True:
            parser = command.make_parser(context)
            parser.allow_interspersed_args = not isinstance(command, click.Group)
            given, left, _order = parser.parse_args(left)
            _judge(command, context, given)
            if not isinstance(command, click.Group) or not left:
                break
            name, found, left = command.resolve_command(context, left)
            if found is None:
                return f"there is no command {name}"
            command, context = found, click.Context(found, parent=context, info_name=name)
    except click.UsageError as error:
        return error.format_message()
    if left:
        return f"{context.command_path} takes no further {left[0]}"
    return f"{context.command_path} wants a command" if isinstance(command, click.Group) and not command.invoke_without_command else ""


def _judge(command: click.Command, context: click.Context, given: dict[str, object]) -> None:
    if given.get("help"):
        return
    for parameter in command.params:
        value = given.get(parameter.name or "")
        is_missing = value is None or parameter.value_is_missing(value)
        if parameter.required and is_missing and not isinstance(command, click.Group):
            raise click.UsageError(f"{context.command_path} wants {parameter.make_metavar(context)}")
        checked = isinstance(parameter.type, click.Choice | click.types.IntParamType)
        for each in value if isinstance(value, list | tuple) else [value]:
            if checked and isinstance(each, str) and not PLACEHOLDER.search(each):
                parameter.type.convert(each, parameter, context)
