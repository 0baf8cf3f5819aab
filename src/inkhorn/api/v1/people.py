"""Authors for everybody; accounts for those who look after people, by the same doors and with the same proofs as at the desk."""

from collections.abc import Callable
from typing import Any

from flask import Response, g

from inkhorn.accounts.models import User
from inkhorn.accounts.policies import PERMISSIONS, can_manage_user, can_see_user, get_user_for
from inkhorn.accounts.services.people import restore_user, suspend_user
from inkhorn.accounts.services.profiles import ProfileChanges, change_profile
from inkhorn.accounts.services.roles import change_role
from inkhorn.api.answers import answer_one, once, refuse_stale, version_of
from inkhorn.api.asking import asked_nothing
from inkhorn.api.lists import only_row, show_page, show_row, told_row, version_of_row
from inkhorn.api.parameters import parameters_of, parameters_of_one
from inkhorn.api.proofs import refuse_unproven
from inkhorn.api.resources.people import AUTHOR, ME, USER, ProfileBody, RoleBody, authors_visible_to, everybody
from inkhorn.api.room import many, one
from inkhorn.api.shapes import dump
from inkhorn.api.v1.surface import bp
from inkhorn.core.access import everyone, holds, in_person, open_to, signed_in
from inkhorn.core.database import session

MINE = "/api/v1/me"


@bp.operation("GET", "/authors", "list_authors")
@open_to(everyone)
@bp.answers(many(AUTHOR), parameters=parameters_of(AUTHOR), tag="authors")
def list_authors() -> Response:
    return show_page(AUTHOR, authors_visible_to(g.actor))


@bp.operation("GET", "/authors/<int:user_id>", "get_author")
@open_to(everyone)
@bp.answers(one(AUTHOR), parameters=parameters_of_one(AUTHOR), tag="authors")
def get_author(user_id: int) -> Response:
    found = authors_visible_to(g.actor).where(AUTHOR.key == min(user_id, 2**31 - 1))
    return show_row(AUTHOR, only_row(found, "author"), f"/api/v1/authors/{user_id}")


@bp.operation("GET", "/users", "list_users")
@open_to(holds("people.see"))
@bp.answers(many(USER), parameters=parameters_of(USER), tag="users")
def list_users() -> Response:
    return show_page(USER, everybody(), as_objects=True)


@bp.operation("GET", "/users/<int:user_id>", "get_user")
@open_to(holds("people.see"))
@bp.answers(one(USER), parameters=parameters_of_one(USER), tag="users")
def get_user(user_id: int) -> Response:
    return show_row(USER, get_user_for(g.actor, user_id), f"/api/v1/users/{user_id}")


@bp.operation("POST", "/users/<int:user_id>/role", "give_role")
@open_to(holds("people.manage"))
@bp.answers(one(USER), tag="users", writes=True)
@bp.takes(RoleBody)
def give_role(body: dict[str, Any], user_id: int) -> Response:
    return _changed(user_id, lambda user: change_role(user, body["role"], by=g.actor))


@bp.operation("POST", "/users/<int:user_id>/suspend", "suspend_user")
@open_to(holds("people.manage"))
@bp.answers(one(USER), tag="users", writes=True)
def suspend(user_id: int) -> Response:
    return _changed(user_id, lambda user: suspend_user(user, by=g.actor))


@bp.operation("POST", "/users/<int:user_id>/restore", "restore_user")
@open_to(holds("people.manage"))
@bp.answers(one(USER), tag="users", writes=True)
def restore(user_id: int) -> Response:
    return _changed(user_id, lambda user: restore_user(user, by=g.actor))


@bp.operation("GET", "/me", "get_me")
@open_to(signed_in)
@bp.answers(one(ME), tag="me")
def get_me() -> Response:
    asked_nothing()
    return _me(get_user_for(g.actor, g.actor.id))


@bp.operation("PATCH", "/me", "change_me")
@open_to(in_person)
@bp.answers(one(ME), tag="me", writes=True)
@bp.takes(ProfileBody)
def change_me(body: dict[str, Any]) -> Response:
    asked_nothing()

    def work() -> Response:
        user = _held(get_user_for(g.actor, g.actor.id, can=can_see_user))
        refuse_stale(_version(user))
        change_profile(user, ProfileChanges(**body), by=g.actor)
        return _me(user)

    return once(work)


def _me(user: User) -> Response:
    permissions = [word for word in PERMISSIONS if g.actor.may(word)]
    data = dump(USER, user, None, list(USER.fields)) | {"permissions": permissions}
    return answer_one(data, path=MINE, version=_version(user))


def _held(user: User) -> User:
    """Read anew, with nobody else changing them, so that of two who know one version the second is told."""
    session().refresh(user, with_for_update={"key_share": True})
    return user


def _version(user: User) -> str:
    return version_of(version_of_row(USER, user))


def _changed(user_id: int, act: Callable[[User], None]) -> Response:
    asked_nothing()
    refuse_unproven()

    def work() -> Response:
        user = _held(get_user_for(g.actor, user_id, can=can_manage_user))
        refuse_stale(version_of_row(USER, user))
        act(user)
        return told_row(USER, user, f"/api/v1/users/{user_id}")

    return once(work)
