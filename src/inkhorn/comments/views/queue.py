"""The moderators' queue: the list, and what is done with many comments at once, with undo."""

from flask import flash, g, request
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.comments.models import LONGEST_BODY, Comment
from inkhorn.comments.queries import posts_talked_of, reasons_for, reported_count, state_counts
from inkhorn.comments.services import moderating
from inkhorn.comments.views.chosen import CAUSES, KINDS, REPORTED, TABS, Chosen, address, chosen, listed
from inkhorn.comments.views.moves import MOVES, back, decide_each, states_before, tell
from inkhorn.comments.views.room import bp
from inkhorn.comments.views.sent import ButtonForm, MoveCommentsForm
from inkhorn.core.access import holds, open_to
from inkhorn.core.database import session
from inkhorn.core.desk import show_desk_page
from inkhorn.core.errors import NotFound
from inkhorn.core.paging import Slice, page_of

PAGE_SIZE, MOST_POSTS = 50, 200


@bp.get("/desk/comments/")
@open_to(holds("comments.moderate"))
def list_comments() -> BaseResponse:
    wanted = chosen()
    found = _page(wanted, request.args.get("page", 1, type=int))
    counts = {state.value: count for state, count in state_counts(g.actor).items()} | {REPORTED: reported_count(g.actor)}
    return show_desk_page(
        "comments/list_comments.html",
        chosen=wanted,
        found=found,
        total=found.total if found.total is not None else counts[wanted.tab],
        counts=counts,
        reasons=reasons_for(found.items),
        tabs=TABS,
        causes=CAUSES,
        kinds=KINDS,
        posts=session().execute(posts_talked_of(wanted.state, g.actor, most=MOST_POSTS)).all(),
        address=address,
        longest_body=LONGEST_BODY,
    )


@bp.post("/desk/comments/move")
@open_to(holds("comments.moderate"))
def move_comments() -> BaseResponse:
    form = MoveCommentsForm.accepted()
    move = MOVES.get(form.move.data)
    if move is None or not form.chosen.data:
        flash(_("Choose some comments first, then what to do with them."))
        return back()
    done = decide_each([(number, move.verb, {}) for number in dict.fromkeys(form.chosen.data)])
    if done.were:
        told = ngettext("%(num)d comment %(done)s.", "%(num)d comments %(done)s.", len(done.were), done=move.done)
        tell(told, done.were if move.has_undo else [])
    for sentence in dict.fromkeys(done.refused):
        flash(sentence, "warning")
    return back()


@bp.post("/desk/comments/undo")
@open_to(holds("comments.moderate"))
def move_comments_back() -> BaseResponse:
    ButtonForm.accepted()
    before = states_before(request.args.get("were", ""))
    undone = [
        (number, moderating.let_back, {**states, "ban_id": ban_id}) if ban_id else (number, moderating.put_back, states)
        for number, states, ban_id in before
    ]
    done = decide_each(undone)
    if done.were:
        flash(ngettext("Undone: %(num)d comment is where it was.", "Undone: %(num)d comments are where they were.", len(done.were)))
    for sentence in dict.fromkeys(done.refused):
        flash(sentence, "warning")
    return back()


def _page(wanted: Chosen, number: int) -> Slice[Comment]:
    try:
        return page_of(listed(wanted, g.actor), number=number, size=PAGE_SIZE, counted=wanted.is_filtered)
    except NotFound:
        # Perhaps the last comment of the last page was just decided.
        return page_of(listed(wanted, g.actor), number=1, size=PAGE_SIZE, counted=wanted.is_filtered)
