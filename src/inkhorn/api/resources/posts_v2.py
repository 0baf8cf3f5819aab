"""Posts as the second version shows them: the text in one place, and the state under the name that albums and shows have for it."""

from collections.abc import Sequence
from typing import Any

from inkhorn.api.resources.posts import POST
from inkhorn.api.shapes import TEXT, Resource, Shape, plain, shown

CONTENT: Shape = {"type": "object", "properties": {"html": TEXT}}
# What each of the first version's fields is called now.
RENAMED = {"content": "html", "source": "body", "state": "status"}

POST_V2 = Resource(
    name="Post",
    about="A post or a page.",
    key=POST.key,
    fields={name: each for name, each in POST.fields.items() if name not in RENAMED.values()}
    | plain(
        state=POST.fields["status"],
        content=shown(CONTENT, "The text as readers get it, sanitised; further forms of it will stand beside.", read="html"),
        source=POST.fields["body"],
    ),
    relations=POST.relations,
    filters={("state" if name == "status" else name): each for name, each in POST.filters.items()},
    sorts=POST.sorts,
    usual_sort=POST.usual_sort,
)


def first_names(names: Sequence[str]) -> tuple[str, ...]:
    """The names by which the first version knows these fields."""
    return tuple(RENAMED.get(name, name) for name in names)


def second_form(told: dict[str, Any]) -> dict[str, Any]:
    """What the first version tells, as the second one does."""
    back = {first: second for second, first in RENAMED.items()}
    named = {back.get(name, name): value for name, value in told.items()}
    if "content" in named:
        named["content"] = {"html": named["content"]}
    return named
