"""Tags and series: read by everybody, looked after by editors."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, g
from sqlalchemy import Select

from inkhorn.api.answers import answer_nothing, once, refuse_stale
from inkhorn.api.asking import asked_nothing
from inkhorn.api.bodies import Body
from inkhorn.api.lists import only_row, show_page, show_row, told_row, version_of_row
from inkhorn.api.parameters import parameters_of, parameters_of_one
from inkhorn.api.resources import labels as shown
from inkhorn.api.room import Surface, many, one
from inkhorn.api.shapes import Resource
from inkhorn.core.access import Actor, everyone, holds, open_to
from inkhorn.posts.models import Series, Tag
from inkhorn.posts.policies import get_label_for
from inkhorn.posts.services import labels


@dataclass(frozen=True)
class Sorting:
    """One way in which posts are sorted, with its verbs."""

    name: str
    plural: str
    model: type[Any]
    resource: Resource
    visible_to: Callable[[Actor], Select[Any]]
    body: type[Body]
    changes: type[Body]
    make: Callable[..., Any]
    change: Callable[..., None]
    remove: Callable[..., None]

    def told(self, label: Any, status: int = 200) -> Response:
        return told_row(self.resource, label, self.path(label.id), status)

    def path(self, number: int) -> str:
        return f"/api/v1/{self.plural}/{number}"

    def held(self, number: int) -> Any:
        """The label, for whoever may change it and knows it as it is."""
        label = get_label_for(g.actor, self.model, number)
        refuse_stale(version_of_row(self.resource, label))
        return label


TAGS = Sorting(
    "tag",
    "tags",
    Tag,
    shown.TAG,
    shown.tags_visible_to,
    shown.TagBody,
    shown.TagChanges,
    labels.make_tag,
    labels.change_tag,
    labels.remove_tag,
)
SERIES = Sorting(
    *("series", "series", Series, shown.SERIES, shown.series_visible_to, shown.SeriesBody, shown.SeriesChanges),
    *(labels.make_series, labels.change_series, labels.remove_series),
)


def add_operations(bp: Surface, of: Sorting) -> None:
    """Everything under /tags or /series."""

    @bp.operation("GET", f"/{of.plural}", f"list_{of.plural}")
    @open_to(everyone)
    @bp.answers(many(of.resource), parameters=parameters_of(of.resource), tag=of.plural)
    def show_list() -> Response:
        return show_page(of.resource, of.visible_to(g.actor))

    @bp.operation("GET", f"/{of.plural}/<int:number>", f"get_{of.name}")
    @open_to(everyone)
    @bp.answers(one(of.resource), parameters=parameters_of_one(of.resource), tag=of.plural)
    def show_one(number: int) -> Response:
        found = of.visible_to(g.actor).where(of.resource.key == min(number, 2**31 - 1))
        return show_row(of.resource, only_row(found, of.name), of.path(number))

    @bp.operation("POST", f"/{of.plural}", f"make_{of.name}")
    @open_to(holds("posts.edit_any"))
    @bp.answers(one(of.resource), 201, tag=of.plural, writes=True)
    @bp.takes(of.body)
    def make(body: dict[str, Any]) -> Response:
        asked_nothing()
        return once(lambda: of.told(of.make(**body, by=g.actor), 201))

    @bp.operation("PATCH", f"/{of.plural}/<int:number>", f"change_{of.name}")
    @open_to(holds("posts.edit_any"))
    @bp.answers(one(of.resource), tag=of.plural, writes=True)
    @bp.takes(of.changes)
    def change(body: dict[str, Any], number: int) -> Response:
        asked_nothing()

        def work() -> Response:
            label = of.held(number)
            of.change(label, **body, by=g.actor)
            return of.told(label)

        return once(work)

    @bp.operation("DELETE", f"/{of.plural}/<int:number>", f"remove_{of.name}")
    @open_to(holds("posts.edit_any"))
    @bp.answers(None, 204, tag=of.plural, writes=True)
    def remove(number: int) -> Response:
        asked_nothing()

        def work() -> Response:
            of.remove(of.held(number), by=g.actor)
            return answer_nothing()

        return once(work)
