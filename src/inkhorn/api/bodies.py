"""Bodies of requests: JSON read strictly, loaded by a schema, and refused with a pointer to each field that is wrong."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NoReturn

from flask import Request, request
from marshmallow import RAISE, Schema, ValidationError, fields
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from inkhorn.core.errors import InkhornError

# No resource nests deeper than menus in settings do.
DEEPEST = 32
LARGEST_ID = 2**31 - 1
EARLIEST_YEAR, LATEST_YEAR = 1000, 9000
MERGE_PATCH = "application/merge-patch+json"
JSON_TYPES = ("application/json", MERGE_PATCH)
# No resource has more fields; and whoever got so many wrong learns no more from the next.
MOST_NAMES = 200
MOST_TOLD = 50
# What no database keeps in a text; PostgreSQL has no zero byte and UTF-8 no half characters.
UNKEEPABLE = re.compile(r"[\x00\ud800-\udfff]")
KEEPABLE_PATTERN = r"^[^\u0000]*$"
_MARKS = re.compile(rb'\\.|["\[\]{}]', re.DOTALL)


class BadBody(InkhornError):
    """The body can be read and means nothing that can be done; errors has a pointer and a sentence for each field."""

    status = 422

    def __init__(self, errors: list[dict[str, str]]) -> None:
        super().__init__(errors[0]["detail"] if len(errors) == 1 else "Some fields cannot be accepted; errors names each.")
        self.errors = errors


class Text(fields.String):
    """A text that a database can keep."""

    def __init__(self, *, most: int, least: int = 0, **more: Any) -> None:
        self.most, self.least = most, least
        about = {"maxLength": most, "pattern": KEEPABLE_PATTERN} | ({"minLength": least} if least else {})
        super().__init__(metadata=about | more.pop("metadata", {}), **more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("Give a text.")
        if UNKEEPABLE.search(value):
            raise ValidationError("The text holds characters that cannot be kept.")
        if not self.least <= len(value) <= self.most:
            raise ValidationError(
                f"Give from {self.least} to {self.most:,} characters; these are {len(value):,}."
                if self.least
                else f"At most {self.most:,} characters fit; these are {len(value):,}."
            )
        return value


class Whole(fields.Integer):
    """A whole number; neither true nor "7" is one."""

    def __init__(self, *, least: int = 1, most: int = LARGEST_ID, **more: Any) -> None:
        self.least, self.most = least, most
        super().__init__(metadata={"minimum": least, "maximum": most} | more.pop("metadata", {}), **more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not self.least <= value <= self.most:
            raise ValidationError(f"Give a whole number from {self.least} to {self.most}.")
        return value


class Flag(fields.Boolean):
    """True or false, and no words for them."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("Give true or false.")
        return value


class Choice(fields.String):
    """One of a few words."""

    def __init__(self, *words: str, **more: Any) -> None:
        self.words = words
        super().__init__(metadata={"enum": [*words, *([None] if more.get("allow_none") else [])]}, **more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or value not in self.words:
            raise ValidationError(f"Choose one of {', '.join(self.words)}.")
        return value


class Moment(fields.DateTime):
    """A moment with its zone, as RFC 3339 writes it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        moment = moment_of(value) if isinstance(value, str) else None
        if moment is None or not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
            raise ValidationError("Give a date and time with its zone, like 2026-05-01T08:30:00Z.")
        return moment


def moment_of(text: str) -> datetime | None:
    """The moment that RFC 3339 writes so, as UTC; None for what is none or has no zone."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)", text, re.ASCII):
        return None
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return None


class Body(Schema):
    """Base of what may be sent: a field that is not known is refused, and says so."""

    class Meta:
        unknown = RAISE

    # Whether all of it may be left out.
    may_be_empty = False

    error_messages = {"unknown": "There is no such field.", "type": "Give a JSON object."}


class StrictParser(FlaskParser):
    """Reads JSON as RFC 8259 means it: no NaN, no name twice, no nesting that would exhaust us."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "json": RAISE, "form": RAISE, "files": RAISE}

    def load_json(self, req: Request, schema: Schema) -> Any:
        return read_json(may_be_empty=getattr(schema, "may_be_empty", False))

    def handle_error(self, error: ValidationError, req: Any, schema: Any, *, error_status_code: Any, error_headers: Any) -> NoReturn:
        told = error.messages.get("json", error.messages) if isinstance(error.messages, dict) else error.messages
        raise BadBody(list(islice(pointers(told), MOST_TOLD))) from error


def read_json(*, may_be_empty: bool = False) -> Any:
    """The JSON of the running request, or nothing where none is needed; 415 for another type, 400 for what cannot be read."""
    raw = request.get_data(cache=True)
    if not raw and may_be_empty:
        return {}
    if request.mimetype not in JSON_TYPES:
        raise UnsupportedMediaType("Send JSON, with Content-Type: application/json.")
    if request.mimetype_params.get("charset", "utf-8").lower() != "utf-8":
        raise UnsupportedMediaType("JSON is UTF-8 (RFC 8259); send it so, and leave charset out.")
    refuse_deep(raw)
    try:
        return loaded(raw)
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"The body is no sound JSON: {_reason(error)}.") from error


def loaded(raw: bytes) -> Any:
    """The value of a JSON text; ValueError for what is none, for a name that stands twice, or for too many of them."""
    # As text, since a reader of bytes takes UTF-16 too, whose nesting nobody has counted.
    return json.loads(raw.decode(), object_pairs_hook=_once_each, parse_constant=_no_constant)


def refuse_deep(raw: bytes) -> None:
    """400 for nesting deeper than anything here, before a reader that calls itself meets it."""
    if raw.count(b"[") + raw.count(b"{") <= DEEPEST:
        return
    depth, is_text = 0, False
    for found in _MARKS.finditer(raw):
        mark = found[0]
        if mark == b'"':
            is_text = not is_text
        elif is_text or len(mark) > 1:
            continue
        elif mark in b"[{":
            depth += 1
            if depth > DEEPEST:
                raise BadRequest(f"The body is nested more than {DEEPEST} deep.")
        else:
            depth -= 1


def pointers(messages: Any, path: str = "") -> Iterator[dict[str, str]]:
    """Marshmallow's messages, nested as the body is, as a pointer (RFC 6901) and a sentence each."""
    if isinstance(messages, dict):
        for name, inner in messages.items():
            step = "" if name == "_schema" else "/" + str(name).replace("~", "~0").replace("/", "~1")
            yield from pointers(inner, path + step)
    else:
        for sentence in messages if isinstance(messages, list) else [messages]:
            yield {"detail": str(sentence), "pointer": path, "field": path.strip("/").replace("/", ".")}


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MOST_NAMES:
        raise ValueError(f"an object has {len(pairs):,} names, and {MOST_NAMES} are possible")
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f'the name "{name[:60]}" stands twice in one object')
        found[name] = value
    return found


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number of JSON")


def _reason(error: Exception) -> str:
    return "it is nested too deep" if isinstance(error, RecursionError) else str(error).encode("utf-8", "replace").decode()
