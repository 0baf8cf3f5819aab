"""What leaves an entry about comments."""

from collections.abc import Callable

from inkhorn.comments.models import BanKind, Comment, State
from inkhorn.comments.services import banning, moderating, moving, reacting
from inkhorn.comments.services.posting import confirm_comment
from inkhorn.core.database import session, transaction
from tests.audit.stage import Act, Deed, Stage
from tests.factories.comments import make_comment, make_open_post


def _do(stage: Stage, verb: Callable[..., object], state: State, *, who: str = "emil", **more: object) -> Deed:
    comment = make_comment(make_open_post(by=stage.cast.wren), state=state)
    actor = getattr(stage.cast, who)

    def deed() -> None:
        with transaction():
            verb(session().get_one(Comment, comment.id), by=actor, **more)

    return deed


def _post(stage: Stage) -> Deed:
    post, rhea = make_open_post(by=stage.cast.wren), stage.cast.rhea
    return lambda: make_comment(post, by=rhea, state=State.WAITING)


def _unpin(stage: Stage) -> Deed:
    comment, emil = make_comment(make_open_post(by=stage.cast.wren)), stage.cast.emil
    with transaction():
        moving.pin_comment(comment, by=emil)

    def deed() -> None:
        with transaction():
            moving.pin_comment(session().get_one(Comment, comment.id), by=emil, is_pinned=False)

    return deed


def _lift(stage: Stage) -> Deed:
    emil = stage.cast.emil
    with transaction():
        ban = banning.ban_address("casino.test", until=None, reason="", by=emil)

    def deed() -> None:
        with transaction():
            banning.lift_ban(session().merge(ban), by=emil)

    return deed


ACTS: dict[str, Act] = {
    "comments.posted": _post,
    "comments.confirmed": lambda stage: _do(stage, confirm_comment, State.UNCONFIRMED, who="vic"),
    "comments.approved": lambda stage: _do(stage, moving.approve_comment, State.WAITING),
    "comments.held": lambda stage: _do(stage, moderating.hold_comment, State.APPROVED),
    "comments.edited": lambda stage: _do(stage, moving.edit_comment, State.APPROVED, body="Other words."),
    "comments.marked_spam": lambda stage: _do(stage, moving.mark_spam, State.APPROVED),
    "comments.trashed": lambda stage: _do(stage, moving.trash_comment, State.APPROVED),
    "comments.restored": lambda stage: _do(stage, moving.restore_comment, State.SPAM),
    "comments.pinned": lambda stage: _do(stage, moving.pin_comment, State.APPROVED),
    "comments.unpinned": _unpin,
    "comments.reported": lambda stage: _do(stage, reacting.report_comment, State.APPROVED, who="rhea"),
    "comments.purged": lambda stage: _do(stage, moving.purge_comment, State.TRASHED),
    "comments.banned": lambda stage: _do(stage, banning.ban_commenter, State.SPAM, kinds=[BanKind.EMAIL], until=None, reason=""),
    "comments.ban_lifted": _lift,
}
