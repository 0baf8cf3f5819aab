"""Fills every text field of every operation of the API that takes a body, found in its own description, so that new ones are filled unnamed."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from tests.api.program import Program

# Signing in is no place to leave words.
DOORS = ("/api/v1/tokens",)
MOST_TRIES = 12
WEB = "https://example.org/"


def is_address(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(WEB)


def as_address(value: Any) -> str | None:
    """The words in an address of the web; None where they stood in one already."""
    return None if not isinstance(value, str) or is_address(value) else WEB + "".join(value.split())


class Filler:
    """A program that says hostile things wherever it may say something; taken names the fields that took one."""

    def __init__(self, program: Program, texts: Sequence[str]) -> None:
        self.program, self.texts = program, texts
        self.description = program.get("/openapi.json").json
        self.known: dict[str, Any] = {}
        self.fields: set[str] = set()
        self.taken: set[str] = set()
        # How often a field refused words, and an address that holds them: it is asked no more once it did so twice.
        self.refused: Counter[tuple[str, bool]] = Counter()

    def fill(self, number: int, /, **known: Any) -> None:
        """Each operation once, its fields holding the texts from that number on, about what it made itself where it made something."""
        self.known |= known
        for path, operations in self.description["paths"].items():
            for method in ("post", "patch"):
                body = operations.get(method, {}).get("requestBody", {}).get("content", {}).get("application/json")
                if body and not path.startswith(DOORS):
                    self._send(method.upper(), path, self._resolved(body["schema"]), number)

    def _send(self, method: str, path: str, schema: dict[str, Any], number: int) -> None:
        told = dict(self._hostile(schema, number))
        named = {name: f"{method} {path} {name}" for name in told}
        self.fields |= {named[name] for name, value in told.items() if not isinstance(value, int)}
        told = self._changed(told, {name for name in told if self.refused[named[name], False] > 1}, named)
        address = path.removeprefix("/api/v1").replace("{", "{0[").replace("}", "]}").format(self._numbers_for(path))
        for _try in range(MOST_TRIES):
            answer = self.program.send(method, address, told, If_Match="*")
            assert answer.status_code < 500, (method, path, told, answer.text)
            wrong = {str(each.get("field", "")).partition(".")[0] for each in (answer.json or {}).get("errors", ())} & set(told)
            if answer.status_code < 300:
                self.taken |= {named[name] for name in told}
                self._remember(path, answer.json)
            if not wrong:
                return
            told = self._changed(told, wrong, named)

    def _changed(self, told: dict[str, Any], wrong: set[str], named: dict[str, str]) -> dict[str, Any]:
        """What refuses words is tried with an address that holds them, and then left out."""
        changed = dict(told)
        for name in wrong & set(told):
            self.refused[named[name], is_address(told[name])] += 1
            changed[name] = None if self.refused[named[name], True] > 1 else as_address(told[name])
        return {name: value for name, value in changed.items() if value is not None}

    def _remember(self, path: str, answer: Any) -> None:
        made = answer["data"].get("id") if answer else None
        if made is not None and not path.endswith("}"):
            self.known[f"/api/v1/{path.rpartition('/')[2]}"] = made
        if tracks := (answer["data"].get("tracks") if answer else None):
            self.known["track_id"] = tracks[-1]["id"]

    def _numbers_for(self, path: str) -> dict[str, Any]:
        """What stands in the variable parts: the last that was made in this collection, else what was said beforehand."""
        collection = path.partition("/{")[0]
        return self.known | {name: self.known[collection] for name in ("post_id", "number") if collection in self.known}

    def _hostile(self, schema: dict[str, Any], number: int) -> Iterator[tuple[str, Any]]:
        for step, (name, told) in enumerate(schema.get("properties", {}).items()):
            value = self._value(self._resolved(told), number + step)
            if value is None and name in schema.get("required", ()):
                value = self.known.get(name)
            if value is not None:
                yield name, value

    def _value(self, told: dict[str, Any], number: int) -> Any:
        kinds = told.get("type", ())
        if "array" in kinds:
            inner = self._value(self._resolved(told["items"]), number)
            return [inner] if inner is not None else None
        if "object" in kinds:
            return dict(self._hostile(told, number))
        if "string" not in kinds or "enum" in told or "format" in told:
            return None
        text = self.texts[number % len(self.texts)]
        # An address that is one, and hostile all the same.
        shape = told.get("pattern", "")
        text = f"/old-{text}" if shape.startswith("^/[") else as_address(text) or "" if "https?" in shape else text
        return text[: told.get("maxLength", len(text))]

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        name = schema.get("$ref", "").rpartition("/")[2]
        found: dict[str, Any] = self.description["components"]["schemas"][name] if name else schema
        return found
