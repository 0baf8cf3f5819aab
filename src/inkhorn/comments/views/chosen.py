"""What the moderators' list was asked for: a state, words, a post, a kind, why it is held."""

from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select

from inkhorn.comments.models import Comment, State
from inkhorn.comments.queries import narrowed, queue
from inkhorn.core.access import Actor

LONGEST_SEARCH, MOST_WORDS = 200, 8
REPORTED = "reported"
# The tabs, with their labels.
TABS: dict[str, Any] = {
    State.WAITING.value: _l("Waiting"),
    State.APPROVED.value: _l("Approved"),
    REPORTED: _l("Reported"),
    State.SPAM.value: _l("Spam"),
    State.TRASHED.value: _l("Trash"),
}
# Why a comment is held: the label, and the causes that spam.verdicts and imports know by it.
CAUSES: dict[str, tuple[Any, tuple[str, ...]]] = {
    "first": (_l("First comment"), ("first comment",)),
    "links": (_l("Links"), ("links",)),
    "words": (_l("Listed words"), ("held word", "refused word")),
    "spam": (_l("Reads like spam"), ("reads like spam",)),
    "address": (_l("Same address as spam"), ("spam address",)),
    "repeated": (_l("Same words again"), ("repeated",)),
    "manner": (_l("Its manner"), ("shouting",)),
    "imported": (_l("It waited elsewhere"), ("imported",)),
}
KINDS: dict[str, Any] = {"comment": _l("Comments"), "ping": _l("Pingbacks and trackbacks")}


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """One list, as its address says."""

    tab: str = State.WAITING.value
    search: str = ""
    post_id: int | None = None
    cause: str = ""
    kind: str = ""

    @property
    def state(self) -> State:
        """Which comments the tab is about: reported ones are approved still."""
        return State.APPROVED if self.tab == REPORTED else State(self.tab)

    @property
    def is_filtered(self) -> bool:
        return bool(self.search or self.post_id or self.cause or self.kind)


def chosen() -> Chosen:
    """The list that the address asks for; what it does not know is left out."""
    tab, cause, kind = (request.args.get(name, "") for name in ("state", "cause", "kind"))
    number = request.args.get("post_id", type=int)
    return Chosen(
        tab=tab if tab in TABS else State.WAITING.value,
        search=request.args.get("search", "").replace("\x00", "").strip()[:LONGEST_SEARCH],
        post_id=number if number and 0 < number < 2**31 else None,
        cause=cause if cause in CAUSES else "",
        kind=kind if kind in KINDS else "",
    )


def listed(wanted: Chosen, actor: Actor) -> Select[Comment]:
    """The comments of that list, newest first, with all that a row shows."""
    causes = CAUSES[wanted.cause][1] if wanted.cause else ()
    are_pings = wanted.kind == "ping" if wanted.kind else None
    return narrowed(
        queue(wanted.state, actor),
        words=wanted.search.split()[:MOST_WORDS],
        post_id=wanted.post_id,
        causes=causes,
        are_pings=are_pings,
        is_reported=wanted.tab == REPORTED,
    )


def address(**changes: object) -> str:
    """This list with some of its filters changed; its pages begin anew unless the page is what changes."""
    kept = {name: value for name, value in request.args.items() if name in ("state", "search", "post_id", "cause", "kind")}
    wanted = {name: value for name, value in (kept | changes).items() if value not in (None, "")}
    return url_for("comments.list_comments", **wanted)  # type: ignore[arg-type]
