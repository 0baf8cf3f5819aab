"""What stands above the text of a file: YAML, TOML, JSON, bare "Key: value" lines or Lektor fields, and what to do when it is none of them."""

import json
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml

Form = Literal["yaml", "toml", "json", "lines", "lektor", "none"]

LARGEST_FILE = 32 * 1024 * 1024

_FENCED = re.compile(r"\A(?P<fence>---|\+\+\+)[ \t]*\n(?P<head>.*?)(?:\A|(?<=\n))(?P=fence)[ \t]*(?:\n|\Z)", re.DOTALL)
_LINE = re.compile(r"^(?P<key>[A-Za-z_][\w .-]{0,40}?)[ \t]*:(?:[ \t]+|$)(?P<value>.*)$")
_ITEM = re.compile(r"^[ \t]*-[ \t]+(?P<value>.*)$")
_LEKTOR_BREAK = re.compile(r"^[ ]?---[ \t]*$", re.MULTILINE)

try:
    from yaml import CSafeLoader as _SafeLoader
except ImportError:  # pragma: no cover - a build of PyYAML without libyaml
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]


class _Loader(_SafeLoader):
    """Safe, with dates left as the author wrote them."""


# "13:45" and "2020-01-02" keep their letters; values.py reads dates of every shape in one place.
_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag not in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:merge")]
    for letter, resolvers in _SafeLoader.yaml_implicit_resolvers.items()
}


class UnreadableText(Exception):
    """The file holds no text that can be read; str() says why."""


@dataclass
class Matter:
    """The front matter of one file and the text below it."""

    values: dict[str, Any] = field(default_factory=dict)
    body: str = ""
    form: Form = "none"
    # Why it had to be read line by line, where it was.
    complaint: str | None = None
    # What had to be mended in the bytes, one sentence each.
    mended: list[str] = field(default_factory=list)


def read_matter(path: Path) -> Matter:
    """Read a Markdown or HTML file; UnreadableText where that makes no sense."""
    text, mended = read_text(path)
    matter = split_matter(text)
    matter.mended = mended
    return matter


def read_text(path: Path) -> tuple[str, list[str]]:
    """The file as text with line feeds, and what had to be mended to get there."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise UnreadableText(f"The file is larger than {LARGEST_FILE // 2**20} MB.")
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableText(f"The file cannot be read: {error.strerror or error}.") from error
    mended = []
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
        mended.append("The file is not UTF-8; it was read as Windows-1252.")
    if "\x00" in text:
        text = text.replace("\x00", "")
        mended.append("NUL bytes were taken out.")
    return text.replace("\r\n", "\n").replace("\r", "\n"), mended


def split_matter(text: str) -> Matter:
    """Tell front matter from text, whatever form it has."""
    fenced = _FENCED.match(text)
    if fenced:
        head, body = fenced["head"], text[fenced.end() :]
        if fenced["fence"] == "+++":
            return _parsed(head, body, "toml", tomllib.loads, tomllib.TOMLDecodeError)
        return _parsed(head, body, "yaml", lambda source: yaml.load(source, _Loader), yaml.YAMLError)  # noqa: S506 - it makes no objects
    if text.startswith("{"):
        return _split_json(text)
    return _split_lines(text)


def _parsed(head: str, body: str, form: Form, parse: Callable[[str], Any], wrong: type[Exception]) -> Matter:
    try:
        values = parse(head)
    except (wrong, ValueError, RecursionError) as error:
        return Matter(values=read_lines(head), body=body, form="lines", complaint=_first_sentence(form, error))
    if values is None:
        values = {}
    if not isinstance(values, dict):
        return Matter(
            values=read_lines(head),
            body=body,
            form="lines",
            complaint=f"It is not a list of {form.upper()} keys and values. It was read line by line.",
        )
    return Matter(values={str(key): value for key, value in values.items()}, body=body, form=form)


def _first_sentence(form: Form, error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    place = f" (line {mark.line + 2})" if mark is not None else ""
    problem = str(getattr(error, "problem", None) or error).splitlines()[0]
    return f"It is not valid {form.upper()}{place}: {problem}. It was read line by line."


def _split_json(text: str) -> Matter:
    try:
        values, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return Matter(body=text)
    return Matter(values=values, body=text[end:].lstrip("\n"), form="json") if isinstance(values, dict) else Matter(body=text)


def _split_lines(text: str) -> Matter:
    """Pelican's bare lines: keys up to the first empty line; text that does not open with a key has no front matter."""
    head, _, body = text.lstrip("\n").partition("\n\n")
    lines = head.split("\n")
    first = _LINE.match(lines[0])
    if not first or not all(_LINE.match(line) or line[:1] in (" ", "\t") for line in lines):
        return Matter(body=text)
    return Matter(values=read_lines(head), body=body, form="lines")


def read_lines(head: str) -> dict[str, Any]:
    """Read "key: value" line by line, taking each value literally; indented lines and "- item" lines belong to the key above."""
    values: dict[str, Any] = {}
    key = ""
    margin = min((len(line) - len(line.lstrip()) for line in head.split("\n") if line.strip()), default=0)
    for line in (line[margin:] for line in head.split("\n")):
        item, found = _ITEM.match(line), _LINE.match(line)
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if item and key:
            held = values[key]
            values[key] = [*(held if isinstance(held, list) else [held] if held else []), _unquoted(item["value"])]
        elif found and line[:1] not in (" ", "\t"):
            key = found["key"].strip().lower().replace(" ", "_")
            values[key] = _plain(found["value"])
        elif key and isinstance(values[key], str):
            values[key] = f"{values[key]} {line.strip()}".strip()
    return values


def _plain(value: str) -> Any:
    value = value.strip()
    if value.startswith("[") and value.endswith("]"):
        return [_unquoted(part) for part in value[1:-1].split(",") if part.strip()]
    if value.lower() in ("true", "false"):
        return value.lower() == "true"
    return _unquoted(value)


def _unquoted(value: str) -> str:
    value = value.strip()
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def read_lektor(text: str) -> tuple[dict[str, str], bool]:
    """The fields of a contents.lr, and whether a field name had a blank before it."""
    fields: dict[str, str] = {}
    blank_before = False
    for block in _LEKTOR_BREAK.split(text):
        first, _, rest = block.strip("\n").partition("\n")
        name, colon, value = first.partition(":")
        if not colon:
            continue
        if name != name.lstrip():
            blank_before = True
            rest = "\n".join(line.removeprefix(" ") for line in rest.split("\n"))
        # Four and more dashes stand for three inside a field.
        content = re.sub(r"^-(-{3,})$", r"\1", f"{value.strip()}\n{rest}".strip("\n"), flags=re.MULTILINE)
        fields[name.strip()] = content
    return fields, blank_before
