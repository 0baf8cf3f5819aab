"""The versions of a post: listed, compared paragraph by paragraph, restored."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from flask import flash, g, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.core.access import holds, open_to
from inkhorn.core.database import session, transaction
from inkhorn.posts import queries
from inkhorn.posts.forms import MoveForm
from inkhorn.posts.policies import can_edit_post, get_post_for
from inkhorn.posts.services import writing
from inkhorn.posts.views.desk import desk_words
from inkhorn.posts.views.moves import back_to
from inkhorn.posts.views.room import bp

MOST_SHOWN = 100
MOST_COMPARED = 5_000


@bp.get("/posts/<int:post_id>/revisions")
@open_to(holds("posts.write"))
def list_revisions(post_id: int) -> str:
    post = get_post_for(g.actor, post_id, can=can_edit_post)
    kept = session().scalars(queries.revisions_of(post).limit(MOST_SHOWN)).all()
    chosen = next((each for each in kept if each.number == request.args.get("number", type=int)), kept[min(1, len(kept) - 1)])
    return render_template(
        "posts/list_revisions.html", post=post, kept=kept, chosen=chosen, differences=compared(chosen.body, post.body), **desk_words()
    )


@bp.post("/posts/<int:post_id>/revisions/<int:number>/restore")
@open_to(holds("posts.write"))
def restore_revision(post_id: int, number: int) -> BaseResponse:
    MoveForm.accepted()
    with transaction():
        post = get_post_for(g.actor, post_id, can=can_edit_post)
        writing.restore_revision(post, number, by=g.actor)
    flash(_("The words of version %(number)s are back, as a new version.", number=number))
    return back_to(post)


@dataclass(frozen=True)
class Difference:
    """Two paragraphs side by side; kind is "same", "changed", "ours" or "theirs"."""

    kind: str
    ours: str
    theirs: str


def compared(ours: str, theirs: str) -> list[Difference]:
    """Two texts paragraph by paragraph; the matching of absurdly many is left out, because it would never end."""
    left, right = (re.split(r"\n\s*\n", text.strip()) for text in (ours, theirs))
    found = []
    for what, a, b, c, d in _matched(left, right):
        kind = {"equal": "same", "replace": "changed", "delete": "ours", "insert": "theirs"}[what]
        for index in range(max(b - a, d - c)):
            one = left[a + index] if a + index < b else ""
            other = right[c + index] if c + index < d else ""
            found.append(Difference(kind, one, other))
    return found


def _matched(left: list[str], right: list[str]) -> Iterable[tuple[str, int, int, int, int]]:
    if max(len(left), len(right)) > MOST_COMPARED:
        return [("replace", 0, len(left), 0, len(right))]
    # Without autojunk a text of two thousand equal lines takes minutes.
    return difflib.SequenceMatcher(None, left, right, autojunk=True).get_opcodes()
