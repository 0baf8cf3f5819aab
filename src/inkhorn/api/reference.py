"""The description of a version as people read it: operation by operation, for the page and for docs/reference."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

METHODS = ("get", "post", "patch", "put", "delete")


@dataclass(frozen=True)
class Part:
    """A parameter or a field of the body."""

    name: str
    place: str
    kind: str
    about: str
    is_required: bool


@dataclass(frozen=True)
class Operation:
    """One thing that can be asked or done."""

    name: str
    tag: str
    method: str
    path: str
    summary: str
    who: str
    parts: tuple[Part, ...]
    body_type: str
    answers: tuple[tuple[str, str], ...]

    @property
    def parameters(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.place != "body")

    @property
    def body(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.place == "body")


def operations(told: Mapping[str, Any]) -> list[Operation]:
    """Every operation of a description, by tag and address."""
    found = [
        _operation(path, method, each, item.get("parameters", []), told)
        for path, item in told["paths"].items()
        for method, each in item.items()
        if method in METHODS
    ]
    return sorted(found, key=lambda each: (each.tag, each.path, METHODS.index(each.method.lower())))


def by_tag(found: list[Operation]) -> dict[str, list[Operation]]:
    """The same, under what they are about."""
    groups: dict[str, list[Operation]] = {}
    for each in found:
        groups.setdefault(each.tag, []).append(each)
    return groups


def _operation(path: str, method: str, each: Mapping[str, Any], shared: list[Any], told: Mapping[str, Any]) -> Operation:
    body_type, body = _body(each, told)
    parts = [_parameter(_resolved(part, told)) for part in (*shared, *each.get("parameters", ()))]
    return Operation(
        name=each["operationId"],
        tag=each["tags"][0],
        method=method.upper(),
        path=path,
        summary=each.get("summary", ""),
        who=each.get("description", ""),
        parts=(*parts, *body),
        body_type=body_type,
        answers=tuple((status, _resolved(answer, told)["description"]) for status, answer in sorted(each["responses"].items())),
    )


def _parameter(part: Mapping[str, Any]) -> Part:
    return Part(part["name"], part["in"], kind_of(part.get("schema", {})), part.get("description", ""), bool(part.get("required")))


def _body(each: Mapping[str, Any], told: Mapping[str, Any]) -> tuple[str, list[Part]]:
    content = each.get("requestBody", {}).get("content", {})
    for media_type, described in content.items():
        schema = _resolved(described["schema"], told)
        required = schema.get("required", [])
        fields = schema.get("properties", {}).items()
        return media_type, [Part(name, "body", kind_of(of), of.get("description", ""), name in required) for name, of in fields]
    return "", []


def _resolved(part: Mapping[str, Any], told: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in part:
        return part
    found: Any = told
    for step in part["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return dict(found)


def kind_of(schema: Mapping[str, Any]) -> str:
    """A schema in a few words: "one of draft, published", "list of text, at most 50"."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "enum" in schema:
        return "one of " + ", ".join(map(str, schema["enum"]))
    kinds = schema.get("type", "anything")
    kind = " or ".join(kinds) if isinstance(kinds, list) else str(kinds)
    if kind == "array":
        kind = f"list of {kind_of(schema.get('items', {}))}"
    return ", ".join([kind, *_bounds(schema)])


def _bounds(schema: Mapping[str, Any]) -> Iterator[str]:
    if schema.get("format"):
        yield str(schema["format"])
    for name, words in (("minimum", "from {}"), ("maximum", "to {}"), ("maxLength", "at most {:,} characters"), ("maxItems", "at most {}")):
        if schema.get(name) is not None:
            yield words.format(schema[name])


def reference_page(told: Mapping[str, Any]) -> str:
    """docs/reference/api.md, and api-2.md of the second version."""
    version = next(iter(told["paths"])).split("/")[2]
    lines = [
        "# API" if version == "v1" else f"# API, version {version.removeprefix('v')}",
        "",
        f"{told['info']['description']} The same, with every shape of an answer, is at `/api/{version}/openapi.json`, and to be tried at `/api/docs`.",
        "How an address asks, how a change is made safely and how a version is retired: [the guide](../how-to/api-versions.md).",
        "",
    ]
    for tag, found in by_tag(operations(told)).items():
        lines += [f"## {tag}", ""]
        for each in found:
            lines += [f"### `{each.method} {each.path}`", "", f"{each.summary}. {each.who}", ""]
            if each.parts:
                lines += ["| part | where | what | about |", "| --- | --- | --- | --- |", *map(_row, each.parts), ""]
            lines += [f"Answers {', '.join(status for status, _words in each.answers)}.", ""]
    return "\n".join(lines).rstrip() + "\n"


def _row(part: Part) -> str:
    needed = " (needed)" if part.is_required else ""
    cells = (f"`{part.name}`{needed}", part.place, part.kind, part.about)
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
