"""Posts and pages: the same verbs, doors and permissions as at the desk."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, g, request

from inkhorn.api.answers import answer_list, answer_nothing, answer_one, once, refuse_stale
from inkhorn.api.asking import asked_fields, asked_list, asked_nothing
from inkhorn.api.parameters import parameters_of, parameters_of_one
from inkhorn.api.resources.post_bodies import DraftBody, PostBody, PublishBody, changes_of
from inkhorn.api.resources.posts import POST, list_posts, read_post, tell_post, version_of_post
from inkhorn.api.room import Surface, many, one
from inkhorn.core.access import Forbidden, everyone, holds, open_to
from inkhorn.core.errors import NotFound
from inkhorn.posts.models import Post, PostKind, Status
from inkhorn.posts.policies import (
    Question,
    can_edit_post,
    can_publish_own_posts,
    can_publish_post,
    can_purge_post,
    can_trash_post,
    get_post_for,
)
from inkhorn.posts.services import publishing, writing

# What a write answers with, whatever a list would show.
TOLD = (*POST.fields, *POST.relations)


def add_operations(bp: Surface, kind: PostKind) -> None:
    """Everything that can be asked and done under /posts or /pages."""
    plural, name = f"{kind.value}s", kind.value

    @bp.operation("GET", f"/{plural}", f"list_{plural}")
    @open_to(everyone)
    @bp.answers(many(POST), parameters=parameters_of(POST), tag=plural)
    def show_list() -> Response:
        asked = asked_list(POST, g.actor)
        return answer_list(*list_posts(g.actor, kind, asked, is_in_trash="filter[status]" in request.args))

    @bp.operation("GET", f"/{plural}/<int:post_id>", f"get_{name}")
    @open_to(everyone)
    @bp.answers(one(POST), parameters=parameters_of_one(POST), tag=plural)
    def show_one(post_id: int) -> Response:
        return _told(kind, post_id, asked_fields(POST, g.actor))

    @bp.operation("POST", f"/{plural}", f"draft_{name}")
    @open_to(holds("posts.write"))
    @bp.answers(one(POST), 201, tag=plural, writes=True)
    @bp.takes(DraftBody)
    def draft(body: dict[str, Any]) -> Response:
        asked_nothing()
        if g.actor.id is None and not g.actor.may("posts.edit_any"):
            raise Forbidden(
                "The key of an integration is nobody's, so that it could not find its own posts again. It needs posts.edit_any too."
            )

        def work() -> Response:
            data, version = tell_post(g.actor, post := _begun(kind, body), TOLD)
            return answer_one(data, path=f"/api/v1/{plural}/{post.id}", version=version, status=201)

        return once(work)

    @bp.operation("PATCH", f"/{plural}/<int:post_id>", f"revise_{name}")
    @open_to(holds("posts.write"))
    @bp.answers(one(POST), tag=plural, writes=True)
    @bp.takes(PostBody)
    def revise(body: dict[str, Any], post_id: int) -> Response:
        def change(post: Post) -> None:
            writing.revise_post(post, changes_of(body), by=g.actor, against=post.revision)

        return _moved(kind, post_id, can_edit_post, change)

    add_moves(bp, kind)


def _begun(kind: PostKind, body: dict[str, Any]) -> Post:
    if body.get("status") != Status.PUBLISHED:
        return writing.draft_post(by=g.actor, kind=kind, changes=changes_of(body))
    if not can_publish_own_posts(g.actor):
        raise Forbidden("You may write this, but not publish it. Leave status out, and ask an editor.")
    return publishing.publish_new_post(changes_of(body), by=g.actor, kind=kind)


def add_moves(bp: Surface, kind: PostKind) -> None:
    """A post's way to its readers and back."""
    plural, name = f"{kind.value}s", kind.value

    @bp.operation("POST", f"/{plural}/<int:post_id>/publish", f"publish_{name}")
    @open_to(holds("posts.publish"))
    @bp.answers(one(POST), tag=plural, writes=True)
    @bp.takes(PublishBody)
    def publish(body: dict[str, Any], post_id: int) -> Response:
        def release(post: Post) -> None:
            publishing.publish_post(post, by=g.actor, at=body.get("release_at"))

        return _moved(kind, post_id, can_publish_post, release)

    for each in MOVES:
        _add_move(bp, kind, each)

    @bp.operation("DELETE", f"/{plural}/<int:post_id>", f"purge_{name}")
    @open_to(holds("posts.purge_any"))
    @bp.answers(None, 204, tag=plural, writes=True)
    def purge(post_id: int) -> Response:
        asked_nothing()

        def work() -> Response:
            publishing.purge_post(_held(kind, post_id, can_purge_post), by=g.actor)
            return answer_nothing()

        return once(work)


@dataclass(frozen=True)
class Move:
    """One thing that is done with a post: its verb, the policy that is asked, and the permission without which nobody comes so far."""

    verb: Callable[..., None]
    policy: Question
    word: str


MOVES = {
    "unschedule": Move(publishing.unschedule_post, can_publish_post, "posts.publish"),
    "unpublish": Move(publishing.unpublish_post, can_publish_post, "posts.publish"),
    "trash": Move(publishing.trash_post, can_trash_post, "posts.write"),
    "restore": Move(publishing.restore_post, can_edit_post, "posts.write"),
}


def _add_move(bp: Surface, kind: PostKind, name: str) -> None:
    chosen = MOVES[name]

    @bp.operation("POST", f"/{kind.value}s/<int:post_id>/{name}", f"{name}_{kind.value}")
    @open_to(holds(chosen.word))
    @bp.answers(one(POST), tag=f"{kind.value}s", writes=True)
    def move(post_id: int) -> Response:
        return _moved(kind, post_id, chosen.policy, lambda post: chosen.verb(post, by=g.actor))


def _moved(kind: PostKind, post_id: int, policy: Question, act: Callable[[Post], None]) -> Response:
    """Do something with a post that stands as the asker knows it, and tell what it is now."""
    asked_nothing()

    def work() -> Response:
        act(_held(kind, post_id, policy))
        return _told(kind, post_id, TOLD)

    return once(work)


def _held(kind: PostKind, post_id: int, policy: Question) -> Post:
    post = get_post_for(g.actor, post_id, can=policy, is_shown=False)
    if post.kind is not kind:
        raise NotFound(f"There is no such {kind.value}, or it is not yours to see.")
    refuse_stale(version_of_post(post))
    return post


def _told(kind: PostKind, post_id: int, names: tuple[str, ...]) -> Response:
    data, version = read_post(g.actor, kind, post_id, names)
    return answer_one(data, path=f"/api/v1/{kind.value}s/{post_id}", version=version)
