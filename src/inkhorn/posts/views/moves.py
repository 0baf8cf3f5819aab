"""Publishing, scheduling, taking back, trashing: one button each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import flash, g, redirect, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.core.access import holds, open_to
from inkhorn.core.database import transaction
from inkhorn.core.desk import local_time
from inkhorn.core.links import href
from inkhorn.posts.forms import MoveForm, ReleaseForm
from inkhorn.posts.models import Post, Status
from inkhorn.posts.policies import Question, can_edit_post, can_publish_post, can_purge_post, can_trash_post, get_post_for
from inkhorn.posts.services import publishing
from inkhorn.posts.views.room import bp


@dataclass(frozen=True)
class Move:
    """One thing that can be done with a post in a list: its verb, who may, and the word for "done"."""

    verb: Callable[..., None]
    policy: Question
    done: Any


MOVES = {
    "publish": Move(publishing.publish_post, can_publish_post, _l("published")),
    "unpublish": Move(publishing.unpublish_post, can_publish_post, _l("unpublished")),
    "trash": Move(publishing.trash_post, can_trash_post, _l("moved to the trash")),
    "restore": Move(publishing.restore_post, can_edit_post, _l("restored")),
    "purge": Move(publishing.purge_post, can_purge_post, _l("removed for good")),
}


@bp.post("/posts/<int:post_id>/publish")
@open_to(holds("posts.publish"))
def publish_post(post_id: int) -> BaseResponse:
    moment = ReleaseForm.accepted().moment()
    with transaction():
        post = get_post_for(g.actor, post_id, can=can_publish_post)
        publishing.publish_post(post, by=g.actor, at=moment)
    say_published(post)
    return back_to(post)


@bp.post("/posts/<int:post_id>/unpublish")
@open_to(holds("posts.publish"))
def unpublish_post(post_id: int) -> BaseResponse:
    post = _move(post_id, "unpublish")
    flash_with_undo(_("Unpublished. Readers no longer see it; its address answers “not found”."), post, "publish_post")
    return back_to(post)


@bp.post("/posts/<int:post_id>/unschedule")
@open_to(holds("posts.publish"))
def unschedule_post(post_id: int) -> BaseResponse:
    MoveForm.accepted()
    with transaction():
        post = get_post_for(g.actor, post_id, can=can_publish_post)
        publishing.unschedule_post(post, by=g.actor)
    flash(_("No longer scheduled; it is a draft again."))
    return back_to(post)


@bp.post("/posts/<int:post_id>/trash")
@open_to(holds("posts.write"))
def trash_post(post_id: int) -> BaseResponse:
    post = _move(post_id, "trash")
    flash_with_undo(_("“%(title)s” is in the trash for thirty days.", title=str(post)), post, "restore_post")
    return redirect(url_for(f"posts.list_{post.kind.value}s"), code=303)


@bp.post("/posts/<int:post_id>/restore")
@open_to(holds("posts.write"))
def restore_post(post_id: int) -> BaseResponse:
    post = _move(post_id, "restore")
    flash(_("Restored."))
    return back_to(post)


@bp.post("/posts/<int:post_id>/purge")
@open_to(holds("posts.purge_any"))
def purge_post(post_id: int) -> BaseResponse:
    post = _move(post_id, "purge")
    flash(_("“%(title)s” was removed for good.", title=str(post)))
    return redirect(url_for(f"posts.list_{post.kind.value}s", status=Status.TRASHED.value), code=303)


def back_to(post: Post) -> BaseResponse:
    return redirect(url_for("posts.edit_post", post_id=post.id), code=303)


def say_published(post: Post) -> None:
    if post.status is Status.SCHEDULED:
        promised = local_time(post.release_at)
        flash_with_undo(_("Scheduled for %(when)s.", when=f"{promised:%-d %B %Y, %H:%M}"), post, "unschedule_post")
    else:
        flash_with_undo(_("Published."), post, "unpublish_post", see=href(post.path))


def flash_with_undo(sentence: str, post: Post, verb: str, *, see: str | None = None) -> None:
    """Say what was done, with a button that takes it back and perhaps a link to what came of it."""
    flash({"sentence": sentence, "undo": url_for(f"posts.{verb}", post_id=post.id), "see": see}, "undo")  # type: ignore[arg-type]


def _move(post_id: int, name: str) -> Post:
    MoveForm.accepted()
    with transaction():
        post = get_post_for(g.actor, post_id, can=MOVES[name].policy)
        MOVES[name].verb(post, by=g.actor)
    return post
