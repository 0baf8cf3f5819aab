"""Lists and single things that are rows of one statement, with nothing gathered beside them."""

from typing import Any

from flask import Response, g
from sqlalchemy import Select

from inkhorn.api.answers import answer_list, answer_one, rows_of, version_of
from inkhorn.api.asking import asked_fields, asked_list
from inkhorn.api.shapes import Resource, dump, open_to_actor
from inkhorn.core.database import session
from inkhorn.core.errors import NotFound


def show_page(resource: Resource, query: Select[Any], *, as_objects: bool = False) -> Response:
    """The page of the list that the request asks for."""
    asked = asked_list(resource, g.actor)
    rows, cursor = rows_of(asked, query, as_objects=as_objects)
    return answer_list([dump(resource, row, None, asked.names) for row in rows], cursor)


def show_row(resource: Resource, row: Any, path: str) -> Response:
    """One thing, with the fields that the request asks for."""
    names = asked_fields(resource, g.actor)
    return answer_one(dump(resource, row, None, names), path=path, version=version_of_row(resource, row))


def told_row(resource: Resource, row: Any, path: str, status: int = 200) -> Response:
    """One thing after it was changed, with every field that the actor may see."""
    names = [*open_to_actor(resource.fields, g.actor), *open_to_actor(resource.relations, g.actor)]
    return answer_one(dump(resource, row, None, names), path=path, version=version_of_row(resource, row), status=status)


def version_of_row(resource: Resource, row: Any) -> str:
    """A digest of all that is told of it to anybody."""
    return version_of(dump(resource, row, None, list(resource.fields)))


def only_row(query: Select[Any], what: str) -> Any:
    """The one row of a statement; NotFound where there is none."""
    row = session().execute(query).one_or_none()
    if row is None:
        raise NotFound(f"There is no such {what}, or it is not yours to see.")
    return row


def only_object(query: Select[Any], what: str) -> Any:
    """The same for a statement of objects."""
    found = session().scalars(query).unique().one_or_none()
    if found is None:
        raise NotFound(f"There is no such {what}, or it is not yours to see.")
    return found
