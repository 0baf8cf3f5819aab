"""The settings of the site, section by section, as programs see them."""

import re
from collections.abc import Callable, Collection
from dataclasses import fields
from typing import Any

from sqlalchemy import literal, select

from inkhorn.accounts.models import Role
from inkhorn.accounts.policies import is_staff_role
from inkhorn.accounts.settings import AccountSettings
from inkhorn.api.bodies import Body, Choice, Flag, Text, Whole
from inkhorn.api.shapes import TEXT, Resource, plain, shown
from inkhorn.comments.settings import LONGEST_WORDS, WRITERS, CommentSettings
from inkhorn.core import languages, themes, zones
from inkhorn.core.database import session
from inkhorn.core.errors import Invalid
from inkhorn.core.settings import Section, SiteSettings
from inkhorn.posts.services.addresses import check_permalink
from inkhorn.posts.settings import PostSettings

SETTINGS = Resource(
    name="Settings",
    about="One section of settings; docs/reference/settings.md names every value.",
    key=literal(0),
    fields=plain(
        section=shown(TEXT, read=lambda row, _beside: row.section),
        values=shown({"type": "object"}, read=lambda row, _beside: values_of(row)),
    ),
)


class SiteBody(Body):
    """What the site is called and how it counts."""

    title = Text(most=150, least=1)
    description = Text(most=200)
    language = Text(most=35, least=2)
    timezone = Text(most=64, least=1)
    accent = Text(most=7, least=7, metadata={"pattern": "^#[0-9a-fA-F]{6}$"})
    theme = Text(most=60, least=1)
    posts_per_page = Whole(most=100)
    feed_items = Whole(most=100)
    hidden_from_search = Flag()


class AccountsBody(Body):
    """How people get an account and sign in to it."""

    registration = Choice("off", "invitation", "open")
    new_role = Text(most=40, least=1)
    terms_address = Text(most=500)
    links_by_mail = Flag()
    audit_days = Whole(least=0, most=36_500)


class PostsBody(Body):
    """Addresses and excerpts of posts."""

    permalink = Text(most=200, least=1)
    excerpt_words = Whole(least=5, most=500)


class CommentsBody(Body):
    """Who comments, and what is looked at before readers see it."""

    writers = Choice(*WRITERS)
    holds_first = Flag()
    links_held = Whole(least=0, most=100)
    held_words = Text(most=LONGEST_WORDS)
    refused_words = Text(most=LONGEST_WORDS)
    close_after_days = Whole(least=0, most=36_500)
    edit_minutes = Whole(least=0, most=1440)
    are_searched = Flag()


SECTIONS: dict[str, tuple[type[Section], type[Body]]] = {
    "site": (SiteSettings, SiteBody),
    "accounts": (AccountSettings, AccountsBody),
    "posts": (PostSettings, PostsBody),
    "comments": (CommentSettings, CommentsBody),
}


def values_of(section: Section) -> dict[str, Any]:
    """The values of a section; the menu has an address of its own."""
    return {each.name: getattr(section, each.name) for each in fields(section) if each.name != "menu"}


def refuse_unfit(changes: dict[str, Any]) -> None:
    """Invalid for a value that nobody could choose at the desk."""
    choices: dict[str, Callable[[], Collection[str]]] = {
        "language": lambda: [tag for tag, _name in languages.language_names()],
        "timezone": zones.zone_names,
        "theme": themes.theme_names,
        "new_role": lambda: [role.name for role in session().scalars(select(Role)) if not is_staff_role(role)],
    }
    for name, value in changes.items():
        if name in choices and value not in choices[name]():
            raise Invalid("That is not among what can be chosen.", field=name)
    if "permalink" in changes:
        check_permalink(changes["permalink"])
    _refuse_patterns(changes)


def _refuse_patterns(changes: dict[str, Any]) -> None:
    if "accent" in changes and not re.fullmatch(r"#[0-9a-fA-F]{6}", changes["accent"]):
        raise Invalid("Write a colour like #26408b.", field="accent")
    if changes.get("terms_address") and not re.fullmatch(r"/(?!/)\S*|https?://[^\s/]+\S*", changes["terms_address"]):
        raise Invalid("Write a path of this site like /terms/, or an address like https://example.org/terms.", field="terms_address")
