"""What an address asks for, read strictly: how many, from where on, which, in what order, with which fields and relations."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import request
from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, or_
from werkzeug.exceptions import BadRequest

from inkhorn.api.bodies import UNKEEPABLE
from inkhorn.api.filters import LONGEST_VALUE, MOST_VALUES, Fact, whole
from inkhorn.api.shapes import Filter, Resource, Sort, open_to_actor
from inkhorn.core import tokens
from inkhorn.core.access import Actor

PAGE_SIZE, LARGEST_PAGE = 20, 100
CURSOR_LIFE_SECONDS = 30 * 24 * 60 * 60
FILTER = re.compile(r"filter\[(\w{1,40})\](?:\[(\w{1,20})\])?", re.ASCII)
NULL, VALUE = "null", "value"
PAGE_LIMIT = bindparam("page_size", type_=Integer())


class BadQuestion(BadRequest):
    """A parameter that means nothing here; the sentence names it."""

    def __init__(self, parameter: str, sentence: str) -> None:
        super().__init__(sentence)
        self.errors = [{"detail": sentence, "parameter": parameter}]


@dataclass(frozen=True)
class Asked:
    """One page of a list, as it was asked for."""

    resource: Resource
    size: int
    sort_name: str
    sort: Sort
    is_falling: bool
    conditions: tuple[Any, ...]
    fields: tuple[str, ...]
    include: tuple[str, ...]
    # Value and key of the last row of the page before.
    after: tuple[Any, Any] | None

    @cached_property
    def names(self) -> tuple[str, ...]:
        return (*self.fields, *self.include)

    @property
    def facts(self) -> dict[str, Any]:
        """The wishes of a list whose filters are handed on."""
        return {each.name: each.value for each in self.conditions if isinstance(each, Fact)}

    @property
    def shape(self) -> tuple[str, str]:
        """All that a statement without filters depends on."""
        place = "" if self.after is None else NULL if self.after[0] is None else VALUE
        return self._order, place

    @property
    def values(self) -> dict[str, Any]:
        """What is given with the statement of a page."""
        told: dict[str, Any] = {"page_size": self.size + 1}
        if self.after is not None:
            told |= {"after_value": self.after[0], "after_key": self.after[1]}
            if self.sort.column is self.resource.key or self.after[0] is None:
                del told["after_value"]
        return told

    def ordered(self, query: Select[Any]) -> Select[Any]:
        """The rows from the place on, in their order, and one more than the page, which tells whether another follows."""
        column, key = self.sort.column, self.resource.key
        if self.after is not None:
            query = query.where(self._beyond(is_null=self.after[0] is None))
        order: ColumnElement[Any] = column.desc() if self.is_falling else column.asc()
        if self.sort.is_nullable:
            order = order.nulls_last()
        turned = key.desc() if self.is_falling else key.asc()
        return query.order_by(*([turned] if column is key else [order, turned])).limit(PAGE_LIMIT)

    def chosen(self, query: Select[Any]) -> Select[Any]:
        """Those rows alone that the filters want."""
        conditions = [each for each in self.conditions if not isinstance(each, Fact)]
        return query.where(*conditions) if conditions else query

    def cursor_after(self, value: Any, key: Any) -> str:
        """An opaque word for the place after that row."""
        told = [NULL, None] if value is None else [VALUE, self.sort.write(value)]
        return tokens.sign("api.cursor", [request.endpoint, self._order, *told, key])

    @property
    def _order(self) -> str:
        return f"{'-' if self.is_falling else ''}{self.sort_name}"

    def _beyond(self, *, is_null: bool) -> ColumnElement[bool]:
        column, last = self.sort.column, self.resource.key
        key = bindparam("after_key", type_=last.type)
        next_key: ColumnElement[bool] = last < key if self.is_falling else last > key
        if column is last:
            return next_key
        if is_null:
            return and_(column.is_(None), next_key)
        value = bindparam("after_value", type_=column.type)
        further: ColumnElement[bool] = column < value if self.is_falling else column > value
        beyond = or_(further, and_(column == value, next_key))
        return or_(beyond, column.is_(None)) if self.sort.is_nullable else beyond


def asked_list(resource: Resource, actor: Actor, *, also: Collection[str] = ()) -> Asked:
    """What the running request asks of a list; BadQuestion for whatever is not known, is said twice or makes no sense."""
    given = single_values()
    filters = open_to_actor(resource.filters, actor)
    sorts = open_to_actor(resource.sorts, actor)
    conditions = [_condition(name, value, filters) for name, value in given.items() if name.startswith("filter")]
    refuse_unknown(given, {"page[size]", "page[cursor]", "sort", "fields", "include", *also})
    sort_name, is_falling = _order_of(given, resource, sorts)
    sort = sorts[sort_name]
    return Asked(
        resource=resource,
        size=_whole(given, "page[size]", PAGE_SIZE, least=1, most=LARGEST_PAGE),
        sort_name=sort_name,
        sort=sort,
        is_falling=is_falling,
        conditions=tuple(conditions),
        fields=_chosen(given, "fields", open_to_actor(resource.fields, actor), usual=True),
        include=_chosen(given, "include", open_to_actor(resource.relations, actor), usual=False),
        after=_place(given, f"{'-' if is_falling else ''}{sort_name}", sort),
    )


@dataclass(frozen=True)
class PageAsked:
    """How many, and what of each, of a list that has an order of its own."""

    size: int
    names: tuple[str, ...]


def asked_page(given: Mapping[str, str], resource: Resource, actor: Actor) -> PageAsked:
    """What is asked of a list without filters."""
    fields = _chosen(given, "fields", open_to_actor(resource.fields, actor), usual=True)
    include = _chosen(given, "include", open_to_actor(resource.relations, actor), usual=False)
    return PageAsked(_whole(given, "page[size]", PAGE_SIZE, least=1, most=LARGEST_PAGE), (*fields, *include))


def place_at(list_name: str, skipped: int) -> str:
    """A cursor into a list that is counted through."""
    return tokens.sign("api.place", [list_name, skipped])


def asked_place(given: Mapping[str, str], list_name: str) -> int:
    """How many are turned past; BadQuestion for a cursor of another list."""
    if "page[cursor]" not in given:
        return 0
    told = tokens.read("api.place", given["page[cursor]"], max_age_seconds=CURSOR_LIFE_SECONDS)
    if not isinstance(told, list) or len(told) != 2 or told[0] != list_name:
        raise BadQuestion("page[cursor]", "page[cursor]: this is no place in this list; take it from links.next, or leave it out.")
    return int(told[1])


def asked_fields(resource: Resource, actor: Actor) -> tuple[str, ...]:
    """Which fields and relations of one row are asked for."""
    given = single_values()
    refuse_unknown(given, {"fields", "include"})
    fields = _chosen(given, "fields", open_to_actor(resource.fields, actor), usual=True)
    return (*fields, *_chosen(given, "include", open_to_actor(resource.relations, actor), usual=False))


def asked_nothing() -> None:
    """Refuse every parameter: there is nothing to ask by."""
    refuse_unknown(single_values(), set())


def single_values() -> dict[str, str]:
    """The parameters, each once."""
    given = {}
    for name, values in request.args.lists():
        if len(values) > 1:
            raise BadQuestion(name[:80], f'"{name[:80]}" stands {len(values)} times in the address; say it once.')
        given[name] = values[0]
    return given


def refuse_unknown(given: Mapping[str, str], known: set[str]) -> None:
    for name in given:
        if name not in known and not FILTER.fullmatch(name):
            told = f"known are {', '.join(sorted(known))}" if known else "there are none here"
            raise BadQuestion(name[:80], f'There is no parameter "{name[:80]}"; {told}.')
        if name not in known and "sort" not in known:
            raise BadQuestion(name[:80], f'"{name[:80]}" chooses among a list, and this is none.')


def _condition(name: str, value: str, filters: Mapping[str, Filter]) -> Any:
    found = FILTER.fullmatch(name)
    wanted = filters.get(found[1]) if found else None
    if found is None or wanted is None:
        raise BadQuestion(name[:80], f'There is no filter "{name[:80]}"; known are {", ".join(sorted(filters)) or "none"}.')
    operation = found[2] or "eq"
    if operation not in wanted.operations:
        raise BadQuestion(name, f"{name}: there is no operation {operation}; known are {', '.join(wanted.operations)}.")
    if not value or len(value) > LONGEST_VALUE or UNKEEPABLE.search(value):
        raise BadQuestion(name, f"{name}: give a value of at most {LONGEST_VALUE} characters.")
    several = value.split(",") if wanted.takes_several else [value]
    if len(several) > MOST_VALUES:
        raise BadQuestion(name, f"{name}: at most {MOST_VALUES} values at once.")
    try:
        parsed = [wanted.parse(each) for each in several]
    except ValueError as error:
        raise BadQuestion(name, f"{name}: {error}") from error
    ask = wanted.operations[operation]
    if wanted.takes_several and operation in ("eq", "not"):
        return ask(parsed)
    if len(parsed) > 1:
        raise BadQuestion(name, f"{name}: give one value.")
    return ask(parsed[0])


def _order_of(given: Mapping[str, str], resource: Resource, sorts: Mapping[str, Sort]) -> tuple[str, bool]:
    wanted = given.get("sort", resource.usual_sort)
    name = wanted.removeprefix("-")
    if name not in sorts:
        raise BadQuestion(
            "sort", f'"{wanted[:40]}" is no order of this list; known are {", ".join(sorted(sorts))}, each with a minus to turn it.'
        )
    return name, wanted.startswith("-")


def _chosen(given: Mapping[str, str], parameter: str, known: Mapping[str, Any], *, usual: bool) -> tuple[str, ...]:
    if parameter not in given:
        return tuple(known) if usual else ()
    names = given[parameter].split(",")
    for name in names:
        if name not in known:
            raise BadQuestion(parameter, f'{parameter}: there is no "{name[:40]}"; known are {", ".join(sorted(known)) or "none"}.')
        if names.count(name) > 1:
            raise BadQuestion(parameter, f'{parameter}: "{name}" stands there twice.')
    return tuple(names)


def _whole(given: Mapping[str, str], parameter: str, usual: int, *, least: int, most: int) -> int:
    if parameter not in given:
        return usual
    try:
        value = whole(given[parameter])
    except ValueError:
        value = -1
    if not least <= value <= most:
        raise BadQuestion(parameter, f"{parameter}: give a whole number from {least} to {most}.")
    return value


def _place(given: Mapping[str, str], order: str, sort: Sort) -> tuple[Any, Any] | None:
    if "page[cursor]" not in given:
        return None
    told = tokens.read("api.cursor", given["page[cursor]"], max_age_seconds=CURSOR_LIFE_SECONDS)
    if not isinstance(told, list) or len(told) != 5 or told[0] != request.endpoint or told[1] != order:
        raise BadQuestion(
            "page[cursor]", "page[cursor]: this is no place in this list and order; take it from links.next, or leave it out."
        )
    return None if told[2] == NULL else sort.read(told[3]), told[4]
