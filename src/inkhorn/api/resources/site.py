"""The site's own things as programs see them: menus and redirects."""

import re
from dataclasses import asdict
from typing import Any

from marshmallow import fields as ma
from marshmallow import validate
from sqlalchemy import Select, literal, select

from inkhorn.api.bodies import Body, Text
from inkhorn.api.filters import by_text
from inkhorn.api.shapes import MOMENT, TEXT, Resource, Shape, Sort, listed, plain, shown, told_moment
from inkhorn.core.errors import Invalid
from inkhorn.core.settings import MenuItem
from inkhorn.posts.models import Address
from inkhorn.posts.services.redirects import LONGEST_TARGET

MOST_ENTRIES, LONGEST_LABEL, LONGEST_ADDRESS = 20, 60, 500
LINK = r"(/(?!/)[^\s]*|https?://[^\s/]+[^\s]*|mailto:[^\s]+)"

address = Address.__table__.c
ENTRY: Shape = {"type": "object", "properties": {"label": TEXT, "address": TEXT}}
MENU = Resource(
    name="Menu",
    about="A list of labels with addresses.",
    key=literal(0),
    fields=plain(
        name=shown(TEXT, read=lambda _row, _beside: "main"),
        entries=shown(listed(ENTRY), read=lambda row, _beside: [asdict(each) for each in row.menu]),
    ),
)
REDIRECT = Resource(
    name="Redirect",
    about="A path of this site that leads elsewhere.",
    key=address.path,
    fields=plain(path=TEXT, target=TEXT, created_at=shown(MOMENT, read=told_moment("created_at"))),
    filters={"path": by_text(address.path), "target": by_text(address.target)},
    sorts={"path": Sort(column=address.path, read=str, write=str)},
    usual_sort="path",
)


class EntryBody(Body):
    """One entry of a menu."""

    label = Text(most=LONGEST_LABEL, least=1, required=True)
    address = Text(most=LONGEST_ADDRESS, least=1, required=True, metadata={"pattern": f"^{LINK}$"})


class MenuBody(Body):
    """The whole menu, in order."""

    entries = ma.List(
        ma.Nested(EntryBody), required=True, validate=validate.Length(max=MOST_ENTRIES, error="A menu has at most {max} entries.")
    )


class RedirectBody(Body):
    """A path of this site and where it shall lead."""

    path = Text(most=400, least=2, required=True, metadata={"pattern": r"^/[^/\u0000]"})
    target = Text(most=LONGEST_TARGET, least=1, required=True)


def redirects() -> Select[Any]:
    return select(address.path, address.target, address.created_at).where(address.target.is_not(None))


def menu_of(entries: list[dict[str, str]]) -> tuple[MenuItem, ...]:
    """The entries as they are kept; Invalid names the first that leads nowhere."""
    if len(entries) > MOST_ENTRIES:
        raise Invalid(f"A menu has at most {MOST_ENTRIES} entries.", field="entries")
    for number, each in enumerate(entries):
        if not re.fullmatch(LINK, each["address"]) or not each["address"].isprintable():
            raise Invalid("Write a path like /about/ or an address like https://example.org.", field=f"entries/{number}/address")
        if not each["label"].strip() or not each["label"].isprintable():
            raise Invalid("Write a label.", field=f"entries/{number}/label")
    return tuple(MenuItem(label=each["label"].strip(), address=each["address"]) for each in entries)
