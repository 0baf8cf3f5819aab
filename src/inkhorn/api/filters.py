"""What a list can be chosen by: how values are read, and what they ask of the database, which never sees a word of the address itself."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement

from inkhorn.api.bodies import KEEPABLE_PATTERN, LARGEST_ID, moment_of
from inkhorn.api.shapes import Filter, Shape

LONGEST_VALUE = 200
MOST_VALUES = 50
_LINK = r"[^ ,\u0000][^,\u0000]*"


def whole(text: str) -> int:
    """A whole number of ours; ValueError in words for anything else."""
    if not re.fullmatch(r"\d{1,10}", text, re.ASCII) or int(text) > LARGEST_ID:
        raise ValueError(f"give a whole number from 0 to {LARGEST_ID}.")
    return int(text)


def flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("give true or false.")
    return text == "true"


def moment(text: str) -> datetime:
    # A plus sign in an address means a blank, and people forget to escape it.
    found = moment_of(re.sub(r" (\d\d:\d\d)$", r"+\1", text))
    if found is None:
        raise ValueError("give a date and time with its zone, like 2026-05-01T08:30:00Z.")
    return found


def one_of(*choices: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError(f"choose among {', '.join(choices)}.")
        return text

    return parse


def by_number(column: ColumnElement[Any], **more: Any) -> Filter:
    return Filter(
        parse=whole,
        shape={"type": "string", "pattern": r"^\d{1,9}(,\d{1,9}){0,9}$"},
        operations={"eq": column.in_, "not": column.not_in},
        takes_several=True,
        **more,
    )


def by_word(column: ColumnElement[Any], *choices: str, **more: Any) -> Filter:
    return Filter(
        parse=one_of(*choices),
        shape={"type": "string", "enum": list(choices)},
        operations={"eq": column.in_, "not": column.not_in},
        takes_several=True,
        **more,
    )


def by_flag(column: ColumnElement[Any], **more: Any) -> Filter:
    return Filter(parse=flag, shape={"type": "string", "enum": ["true", "false"]}, operations={"eq": column.is_}, **more)


def by_moment(column: ColumnElement[Any], **more: Any) -> Filter:
    return Filter(
        parse=moment,
        shape={"type": "string", "format": "date-time"},
        operations={"gt": column.__gt__, "gte": column.__ge__, "lt": column.__lt__, "lte": column.__le__},
        **more,
    )


def by_text(column: ColumnElement[Any], **more: Any) -> Filter:
    return Filter(
        parse=str,
        shape={"type": "string", "minLength": 1, "maxLength": LONGEST_VALUE, "pattern": KEEPABLE_PATTERN},
        operations={"eq": column.__eq__, "contains": lambda value: column.icontains(value, autoescape=True)},
        **more,
    )


@dataclass(frozen=True)
class Fact:
    """A wish that somebody else turns into a question to the database."""

    name: str
    value: Any


def by_fact(name: str, parse: Callable[[str], Any], shape: Shape, **more: Any) -> Filter:
    """What is handed on as it is, to a query that knows what its indexes find."""
    return Filter(parse=parse, shape=shape, operations={"eq": lambda value: Fact(name, value)}, **more)


def named(text: str) -> str:
    """A word as rooms and actions are called."""
    if not re.fullmatch(r"[a-z_]{1,40}\.?[a-z_]{0,40}", text):
        raise ValueError("give a name as it stands in the log, like posts.published or posts. for all of a room.")
    return text


def by_link(ask: Callable[[Sequence[str]], ColumnElement[bool]], **more: Any) -> Filter:
    """Rows that are linked with any of the things so called."""
    return Filter(
        parse=_slug,
        shape={"type": "string", "minLength": 1, "maxLength": LONGEST_VALUE, "pattern": f"^{_LINK}(,{_LINK}){{0,{MOST_VALUES - 1}}}$"},
        operations={"eq": ask},
        takes_several=True,
        **more,
    )


def _slug(text: str) -> str:
    if not text or text.startswith(" "):
        raise ValueError("give a name as it stands in an address.")
    return text
