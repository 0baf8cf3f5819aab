"""Comments: read by whoever may read what they stand under, written by people with an account, decided on by moderators.

Guests write on the post's own page alone, where a robot is told from a person.
"""

from collections.abc import Callable
from typing import Any

from flask import Response, g, request

from inkhorn.api.answers import answer_nothing, once, refuse_blind, refuse_stale
from inkhorn.api.asking import asked_nothing
from inkhorn.api.lists import only_row, show_page, show_row, told_row, version_of_row
from inkhorn.api.parameters import parameters_of, parameters_of_one
from inkhorn.api.resources.comments import COMMENT, CommentBody, CommentChanges, comments_visible_to
from inkhorn.api.room import Surface, many, one
from inkhorn.api.v1.surface import bp
from inkhorn.comments.models import Comment
from inkhorn.comments.policies import Question, can_edit_comment, can_moderate_comment, can_withdraw_comment, get_comment_for
from inkhorn.comments.services import moderating, moving
from inkhorn.comments.services.posting import NewComment, post_comment
from inkhorn.core.access import Forbidden, everyone, holds, open_to
from inkhorn.posts.policies import can_see_post, get_post_for

MOVES: dict[str, Callable[..., Any]] = {
    "approve": moderating.approve,
    "spam": moderating.call_spam,
    "trash": moderating.trash,
    "restore": moderating.restore,
}


@bp.operation("GET", "/comments", "list_comments")
@open_to(everyone)
@bp.answers(many(COMMENT), parameters=parameters_of(COMMENT), tag="comments")
def list_comments() -> Response:
    return show_page(COMMENT, comments_visible_to(g.actor))


@bp.operation("GET", "/comments/<int:comment_id>", "get_comment")
@open_to(everyone)
@bp.answers(one(COMMENT), parameters=parameters_of_one(COMMENT), tag="comments")
def get_comment(comment_id: int) -> Response:
    found = comments_visible_to(g.actor).where(COMMENT.key == min(comment_id, 2**31 - 1))
    return show_row(COMMENT, only_row(found, "comment"), _path(comment_id))


@bp.operation("POST", "/posts/<int:post_id>/comments", "post_comment")
@open_to(holds("comments.write"))
@bp.answers(one(COMMENT), 201, tag="comments", writes=True)
@bp.takes(CommentBody)
def write_comment(body: dict[str, Any], post_id: int) -> Response:
    asked_nothing()
    if g.actor.id is None:
        raise Forbidden("The key of an integration is nobody's, so that nobody would have said it. Write with a key of your own.")

    def work() -> Response:
        post = get_post_for(g.actor, post_id, can=can_see_post)
        wanted = NewComment(
            body=body["body"],
            parent_id=body.get("parent_id"),
            wants_replies=body.get("wants_replies", False),
            key=request.headers.get("Idempotency-Key", ""),
        )
        comment = post_comment(post, wanted, by=g.actor)
        return told_row(COMMENT, comment, _path(comment.id), 201)

    return once(work)


@bp.operation("PATCH", "/comments/<int:comment_id>", "edit_comment")
@open_to(holds("comments.write"))
@bp.answers(one(COMMENT), tag="comments", writes=True)
@bp.takes(CommentChanges)
def edit_comment(body: dict[str, Any], comment_id: int) -> Response:
    edit = moderating.rewrite if g.actor.may("comments.moderate") else moving.edit_comment
    return _changed(comment_id, can_edit_comment, lambda comment: edit(comment, body["body"], by=g.actor))


@bp.operation("DELETE", "/comments/<int:comment_id>", "withdraw_comment")
@open_to(holds("comments.write"))
@bp.answers(None, 204, tag="comments", writes=True)
def withdraw_comment(comment_id: int) -> Response:
    asked_nothing()

    def work() -> Response:
        moving.withdraw_comment(_held(comment_id, can_withdraw_comment), by=g.actor)
        return answer_nothing()

    return once(work)


def add_move(bp: Surface, name: str, verb: Callable[..., Any]) -> None:
    """One thing that moderators do with a comment."""

    @bp.operation("POST", f"/comments/<int:comment_id>/{name}", f"{name}_comment")
    @open_to(holds("comments.moderate"))
    @bp.answers(one(COMMENT), tag="comments", writes=True)
    def move(comment_id: int) -> Response:
        return _changed(comment_id, can_moderate_comment, lambda comment: verb(comment, by=g.actor))


for _name, _verb in MOVES.items():
    add_move(bp, _name, _verb)


def _held(comment_id: int, can: Question) -> Comment:
    refuse_blind()
    comment = get_comment_for(g.actor, comment_id, can=can)
    refuse_stale(version_of_row(COMMENT, comment))
    return comment


def _changed(comment_id: int, can: Question, act: Callable[[Comment], Any]) -> Response:
    asked_nothing()

    def work() -> Response:
        comment = _held(comment_id, can)
        act(comment)
        return told_row(COMMENT, comment, _path(comment_id))

    return once(work)


def _path(comment_id: int) -> str:
    return f"/api/v1/comments/{comment_id}"
