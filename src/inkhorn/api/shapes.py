"""What a resource shows, and what it can be asked by: fields, relations, filters and orders, each from a list and some for a permission only."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement

from inkhorn.core.access import Actor

Shape = dict[str, Any]
# What a value is made of: the row, and whatever was gathered for all rows of the answer at once.
Read = Callable[[Any, Any], Any]


@dataclass(frozen=True, kw_only=True)
class Field:
    """One value that is shown; read makes it of a row."""

    shape: Shape
    about: str = ""
    read: Read
    # The permission without which it is not shown, nor asked by; "" for everybody who sees the row.
    word: str = ""
    # Told only of rows that the actor may change, so it may be absent.
    is_private: bool = False


@dataclass(frozen=True, kw_only=True)
class Filter:
    """One thing that rows are chosen by: how its values are read, and what each operation asks of the database."""

    parse: Callable[[str], Any]
    shape: Shape
    operations: Mapping[str, Callable[[Any], Any]]
    about: str = ""
    word: str = ""
    # Whether several may be given with commas between them; eq means any of them then.
    takes_several: bool = False


@dataclass(frozen=True, kw_only=True)
class Sort:
    """One order: the column it goes by, and how its values are written into a cursor and read from it."""

    column: ColumnElement[Any]
    read: Callable[[Any], Any]
    write: Callable[[Any], Any]
    is_nullable: bool = False
    word: str = ""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One kind of thing, as programs see it in any version."""

    name: str
    about: str
    key: ColumnElement[Any]
    fields: Mapping[str, Field]
    relations: Mapping[str, Field] = field(default_factory=dict)
    filters: Mapping[str, Filter] = field(default_factory=dict)
    sorts: Mapping[str, Sort] = field(default_factory=dict)
    usual_sort: str = "id"
    # A key of its own in cursors, so that one of another list is refused.
    key_read: Callable[[Any], Any] = int


def open_to_actor(named: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """What of a list the actor may ask by; what is hidden is as if it were not there."""
    return {name: each for name, each in named.items() if not each.word or actor.may(each.word)}


def shown(shape: Shape, about: str = "", read: Read | str = "", **more: Any) -> Field:
    """A field that is an attribute of the row, where no function makes it."""
    return Field(shape=shape, about=about, read=Attribute(read) if isinstance(read, str) else read, **more)


def plain(**fields: Field | Shape) -> dict[str, Field]:
    """Fields by name; a shape alone stands for the attribute of that name."""
    return {name: each if isinstance(each, Field) else shown(each, read=name) for name, each in fields.items()}


@dataclass(frozen=True)
class Attribute:
    """Reads what the row itself has under that name."""

    attribute: str

    def __call__(self, row: Any, _beside: Any) -> Any:
        return getattr(row, self.attribute)


def moment(value: datetime | None) -> str | None:
    """A moment as it is told: RFC 3339 in UTC."""
    if value is None:
        return None
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    return aware.isoformat().replace("+00:00", "Z")


def told_moment(name: str) -> Read:
    return lambda row, _beside: moment(getattr(row, name))


def told_value(name: str) -> Read:
    """An enum as its word; the rows of some statements hold the word already."""
    return lambda row, _beside: str(getattr(row, name))


# Shapes of JSON Schema 2020-12.
TEXT: Shape = {"type": "string"}
WHOLE: Shape = {"type": "integer"}
FLAG: Shape = {"type": "boolean"}
MOMENT: Shape = {"type": "string", "format": "date-time"}


def maybe(shape: Shape) -> Shape:
    return {**shape, "type": [shape["type"], "null"]} if "type" in shape else {"anyOf": [shape, {"type": "null"}]}


def words(*choices: str) -> Shape:
    return {"type": "string", "enum": list(choices)}


def listed(shape: Shape) -> Shape:
    return {"type": "array", "items": shape}


def shape_of(fields: Mapping[str, Field], relations: Mapping[str, Field] | None = None) -> Shape:
    """The JSON Schema of a row; nothing is required, since the asker may leave any field out."""
    properties = {}
    for name, each in {**fields, **(relations or {})}.items():
        about = each.about + (" Only in what you may change." if each.is_private else "")
        about += " Only where it is asked for with include." if relations and name in relations else ""
        properties[name] = {**each.shape, "description": about.strip()} if about else each.shape
    return {"type": "object", "properties": properties}


def dump(resource: Resource, row: Any, beside: Any, names: Sequence[str]) -> dict[str, Any]:
    """A row as it is told."""
    return teller(resource, names)(row, beside)


def teller(resource: Resource, names: Sequence[str], *, may_change: bool = True) -> Callable[[Any, Any], dict[str, Any]]:
    """What tells the rows of one answer; what belongs to those who may change them stays away from others."""
    known = {**resource.fields, **resource.relations}
    told = [(name, known[name].read) for name in names if may_change or not known[name].is_private]
    taken = {name: read.attribute for name, read in told if isinstance(read, Attribute)}
    made = [(name, read) for name, read in told if name not in taken]
    take = _attributes(tuple(taken.values()))
    order = dict.fromkeys(name for name, _read in told)

    def tell(row: Any, beside: Any) -> dict[str, Any]:
        values = order | dict(zip(taken, take(row), strict=True))
        for name, read in made:
            values[name] = read(row, beside)
        return values

    return tell


def _attributes(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    # Most values of a row are attributes: several at once are taken without a step of Python for each.
    return attrgetter(*names) if len(names) > 1 else lambda row: tuple(getattr(row, name) for name in names)
