"""The parameters of lists and of single things, for the description of the API."""

from collections.abc import Mapping
from typing import Any

from inkhorn.api.asking import LARGEST_PAGE, PAGE_SIZE
from inkhorn.api.shapes import Filter, Resource, Shape


def parameters_of(resource: Resource) -> list[Shape]:
    """The parameters of a list, for the description of the API."""
    orders = [f"{minus}{name}" for name in resource.sorts for minus in ("", "-")]
    about = "An order; with a minus it is turned."
    told = [
        *page_parameters(),
        parameter("sort", {"type": "string", "enum": orders, "default": resource.usual_sort}, about),
        *parameters_of_one(resource),
    ]
    for name, each in resource.filters.items():
        for operation in each.operations:
            label = f"filter[{name}]" if operation == "eq" else f"filter[{name}][{operation}]"
            told.append(parameter(label, each.shape, _about_filter(each, operation)))
    return told


def page_parameters() -> list[Shape]:
    """How many, and from where on."""
    return [
        parameter("page[size]", {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": PAGE_SIZE}, "How many on a page."),
        parameter("page[cursor]", {"type": "string", "minLength": 1}, "Where to go on, as links.next says."),
    ]


def parameters_of_one(resource: Resource) -> list[Shape]:
    """The parameters by which fields and relations are chosen."""
    told = [parameter("fields", _names_of(resource.fields), "Which fields, with commas between them; all where it is left out.")]
    if resource.relations:
        told.append(parameter("include", _names_of(resource.relations), "What is linked and shall be told along, with commas."))
    return told


def _names_of(named: Mapping[str, Any]) -> Shape:
    open_to_all = [name for name, each in named.items() if not each.word]
    return {"type": "array", "items": {"type": "string", "enum": open_to_all}, "minItems": 1, "uniqueItems": True}


def parameter(name: str, shape: Shape, about: str, *, is_needed: bool = False) -> Shape:
    """One parameter of an address."""
    more = {"style": "form", "explode": False} if shape.get("type") == "array" else {}
    return {"name": name, "in": "query", "required": is_needed, "schema": shape, "description": about, **more}


def _about_filter(each: Filter, operation: str) -> str:
    told = {
        "not": "None of these.",
        "contains": "Holds this.",
        "gt": "After.",
        "gte": "At or after.",
        "lt": "Before.",
        "lte": "At or before.",
    }
    words = [each.about, told.get(operation, "Any of these, with commas." if each.takes_several else "Just this.")]
    return " ".join([*filter(None, words), *([f"Wants the permission {each.word}."] if each.word else [])])
