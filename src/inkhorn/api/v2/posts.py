"""Posts and pages to be read, over the very reads of the first version; what differs is said in docs/how-to/api-versions.md."""

from dataclasses import replace
from typing import Any

from flask import Response, g, request

from inkhorn.api.answers import answer, rows_links
from inkhorn.api.asking import asked_fields, asked_list
from inkhorn.api.parameters import parameters_of, parameters_of_one
from inkhorn.api.resources.posts import list_posts, read_post
from inkhorn.api.resources.posts_v2 import POST_V2, first_names, second_form
from inkhorn.api.room import Surface, reference_to
from inkhorn.api.shapes import Shape, maybe
from inkhorn.core.access import everyone, open_to
from inkhorn.posts.models import PostKind

PAGE: Shape = {
    "type": "object",
    "required": ["size", "next"],
    "properties": {"size": {"type": "integer"}, "next": maybe({"type": "string", "description": "The next page; null on the last."})},
}
LIST: Shape = {
    "type": "object",
    "required": ["items", "page"],
    "properties": {"items": {"type": "array", "items": reference_to(POST_V2)}, "page": PAGE},
}


def add_operations(bp: Surface, kind: PostKind) -> None:
    """List and get under /posts or /pages."""
    plural, name = f"{kind.value}s", kind.value

    @bp.operation("GET", f"/{plural}", f"list_{plural}")
    @open_to(everyone)
    @bp.answers(LIST, parameters=parameters_of(POST_V2), tag=plural)
    def show_list() -> Response:
        asked = asked_list(POST_V2, g.actor)
        known = replace(asked, fields=first_names(asked.fields))
        told, cursor = list_posts(g.actor, kind, known, is_in_trash="filter[state]" in request.args)
        content: dict[str, Any] = {"items": [second_form(each) for each in told]}
        return answer(content | {"page": {"size": len(told), "next": rows_links(cursor)["next"]}})

    @bp.operation("GET", f"/{plural}/<int:post_id>", f"get_{name}")
    @open_to(everyone)
    @bp.answers(reference_to(POST_V2), parameters=parameters_of_one(POST_V2), tag=plural)
    def show_one(post_id: int) -> Response:
        told, version = read_post(g.actor, kind, post_id, first_names(asked_fields(POST_V2, g.actor)))
        return answer(second_form(told), version=version)
