"""What can be done with a comment in the queue, how it is told with an undo, and the way back to the list."""

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy.exc import OperationalError
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.comments.models import Ban, Comment, State
from inkhorn.comments.policies import can_moderate_comment, get_comment_for
from inkhorn.comments.services import moderating, moving
from inkhorn.core.access import Forbidden
from inkhorn.core.database import transaction
from inkhorn.core.errors import InkhornError
from inkhorn.core.links import own_path

log = logging.getLogger(__name__)

MOST_AT_ONCE = 50
_LETTERS = {"w": State.WAITING, "a": State.APPROVED, "s": State.SPAM, "t": State.TRASHED}
_WERE = re.compile(r"([1-9][0-9]{0,9})([wast])([wast])([1-9][0-9]{0,8})?")
# Two numbers of ten digits, two letters and a full stop for each.
LONGEST_UNDO = 23 * MOST_AT_ONCE


@dataclass(frozen=True)
class Move:
    """One thing that is done with a comment in the queue: its verb, the word for "done", and whether it can be undone."""

    verb: Callable[..., Any]
    done: Any
    has_undo: bool = True


MOVES = {
    "approve": Move(moderating.approve, _l("approved")),
    "spam": Move(moderating.call_spam, _l("called spam")),
    "trash": Move(moderating.trash, _l("moved to the trash")),
    "restore": Move(moderating.restore, _l("brought back")),
    "ban": Move(moderating.keep_out, _l("called spam, and whoever wrote it kept out for thirty days")),
    "purge": Move(moving.purge_comment, _l("removed for good"), has_undo=False),
    "pin": Move(moving.pin_comment, _l("pinned"), has_undo=False),
    "unpin": Move(partial(moving.pin_comment, is_pinned=False), _l("unpinned"), has_undo=False),
}


@dataclass(frozen=True)
class Was:
    """A comment that something was done with, the state it had before and came to, and the ban that was made with it, if one was."""

    comment: Comment
    state: State
    since: State
    ban_id: int | None = None


@dataclass(frozen=True)
class Done:
    """What became of some comments, and why others stayed as they were."""

    were: list[Was]
    refused: list[str]


def decide(comment_id: int, verb: Callable[..., Any], **more: Any) -> Was:
    """Do it in a transaction of its own, and tell where the comment stood before."""
    with transaction():
        comment = get_comment_for(g.actor, comment_id, can=can_moderate_comment)
        state = comment.state
        made = verb(comment, by=g.actor, **more)
    return Was(comment, state, comment.state, made.id if isinstance(made, Ban) else None)


def decide_each(wanted: Sequence[tuple[int, Callable[..., Any], dict[str, Any]]]) -> Done:
    """Do one after another, so that one which cannot be costs itself alone; what is left over is told of."""
    done = Done([], [])
    for number, verb, more in wanted[:MOST_AT_ONCE]:
        try:
            done.were.append(decide(number, verb, **more))
        except (InkhornError, Forbidden) as error:
            done.refused.append(str(error))
        except OperationalError:
            log.exception("comment_left", extra={"comment": number})
            done.refused.append(_("The database was busy, so that some were left as they are. Try them once more."))
    if (rest := len(wanted) - MOST_AT_ONCE) > 0:
        done.refused.append(
            ngettext("%(num)d more was left as it is: fifty go at once.", "%(num)d more were left as they are: fifty go at once.", rest)
        )
    return done


def states_before(told: str) -> list[tuple[int, dict[str, State], int]]:
    """What the address of an undo says: the numbers, where they stood and were put, and the bans that came of it, 0 for none."""
    found = _WERE.findall(told[:LONGEST_UNDO])
    return [(int(number), {"state": _LETTERS[before], "since": _LETTERS[after]}, int(ban or 0)) for number, before, after, ban in found]


def tell(sentence: str, were: list[Was]) -> None:
    """Say what was done, with a button that takes it back where it can be."""
    letters = {state: letter for letter, state in _LETTERS.items()}
    able = [was for was in were if was.state in letters and was.since in letters]
    if told := ".".join(f"{was.comment.id}{letters[was.state]}{letters[was.since]}{was.ban_id or ''}" for was in able):
        flash({"sentence": sentence, "undo": url_for("comments.move_comments_back", were=told)}, "undo")  # type: ignore[arg-type]
    else:
        flash(sentence)


def back() -> BaseResponse:
    """To the list from which the button was pressed, with its filters."""
    site, came = request.host_url.rstrip("/"), request.referrer or ""
    path = own_path(came.removeprefix(site)) if came.startswith(f"{site}/desk/comments/?") else None
    return redirect(path or url_for("comments.list_comments"), code=303)
