"""What is found in posts and pages, of what whoever asks may read."""

from typing import Any

from flask import Response, g, request

from inkhorn.api.answers import answer_list
from inkhorn.api.asking import BadQuestion, asked_page, asked_place, place_at, refuse_unknown, single_values
from inkhorn.api.bodies import KEEPABLE_PATTERN, UNKEEPABLE
from inkhorn.api.parameters import page_parameters, parameter, parameters_of_one
from inkhorn.api.resources.posts import POST, read_posts
from inkhorn.api.room import many
from inkhorn.api.v1.surface import bp
from inkhorn.core import limits, settings
from inkhorn.core.access import Actor, everyone, open_to
from inkhorn.core.settings import SiteSettings
from inkhorn.posts.queries import FOR_MEMBERS, PUBLIC, visible_to
from inkhorn.search.grammar import understand
from inkhorn.search.queries import found_posts

LONGEST_QUESTION = 200
# Nobody reads further, and everything before a place is counted past each time.
FARTHEST = 10_000
QUESTION = parameter(
    "q",
    {"type": "string", "minLength": 1, "maxLength": LONGEST_QUESTION, "pattern": KEEPABLE_PATTERN},
    'Words, "phrases", -without, author:, tag:, before:, after:. No text is wrong.',
    is_needed=True,
)


@bp.operation("GET", "/search", "search_posts")
@open_to(everyone)
@bp.answers(many(POST), parameters=[QUESTION, *page_parameters(), *parameters_of_one(POST)], tag="search")
def search_posts() -> Response:
    given = single_values()
    refuse_unknown(given, {"q", "page[size]", "page[cursor]", "fields", "include"})
    asked, names = _question(given), asked_page(given, POST, g.actor)
    list_name = f"search:{asked}"
    skipped, size = asked_place(given, list_name), names.size
    # Counted with the searches of people on the site, by the same limit.
    known = g.actor.label if g.actor.id is None else f"user {g.actor.id}"
    key = known if g.actor.is_signed_in else limits.place_of(request.remote_addr)
    limits.spend(limits.SEARCH, key)
    timezone = settings.read(SiteSettings).timezone
    found = found_posts(understand(asked), _rule(g.actor), timezone=timezone, size=size, skipped=skipped)
    told = read_posts(g.actor, found.post_ids, names.names)
    has_more = skipped + size < min(found.total, FARTHEST)
    return answer_list(told, place_at(list_name, skipped + size) if has_more else None)


def _question(given: dict[str, str]) -> str:
    asked = given.get("q", "")
    if not asked or len(asked) > LONGEST_QUESTION or UNKEEPABLE.search(asked):
        raise BadQuestion("q", f"q: say what you look for, in at most {LONGEST_QUESTION} characters.")
    return asked


def _rule(actor: Actor) -> Any:
    """The rule of what may be read; the same object for all readers, so that its statement is kept."""
    if actor.may("posts.write") or actor.may("posts.edit_any"):
        return visible_to(actor)
    return FOR_MEMBERS if actor.may("members.read") else PUBLIC
