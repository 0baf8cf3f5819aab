"""What can be done with people: a role given, kept out, let back in, signed out, made to choose a new password; one or many."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, g, redirect, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts.forms.people import ChangeRoleForm, MoveForm, MoveManyForm
from inkhorn.accounts.identity import sessions as cookies
from inkhorn.accounts.models import User
from inkhorn.accounts.policies import can_manage_user, can_take_over, get_user_for
from inkhorn.accounts.services import credentials, people, roles, sessions
from inkhorn.admin.views.people import where_from
from inkhorn.admin.views.room import bp, fresh
from inkhorn.core.access import Actor, Forbidden, holds, open_to
from inkhorn.core.database import transaction
from inkhorn.core.desk import show_desk_page
from inkhorn.core.errors import InkhornError, Invalid

MOST_AT_ONCE = 200


@dataclass(frozen=True)
class Move:
    """One thing that can be done with somebody: its verb, and the word for "done"."""

    verb: Callable[..., Any]
    done: Any


MOVES = {
    "suspend": Move(people.suspend_user, _l("suspended")),
    "restore": Move(people.restore_user, _l("let back in")),
    "sign-out": Move(sessions.end_sessions_of, _l("signed out everywhere")),
    "force-reset": Move(credentials.force_reset, _l("must choose a new password")),
}


@bp.post("/people/move")
@open_to(holds("people.manage"))
@fresh
def move_people() -> BaseResponse:
    form, back = MoveManyForm.accepted(), where_from(url_for("admin.list_team"))
    wanted = _move_named(form.move.data or "", form.to_role.data or "")
    if wanted is None or not form.chosen.data:
        flash(_("Choose some people first, then what to do with them."))
        return redirect(back, code=303)
    moved, refused = 0, []
    for user_id in form.chosen.data[:MOST_AT_ONCE]:
        try:
            with transaction():
                wanted.verb(get_user_for(g.actor, user_id, can=can_manage_user), by=g.actor)
            moved += 1
        except (InkhornError, Forbidden) as error:
            refused.append(str(error))
    flash(_("%(number)s done: %(word)s.", number=moved, word=wanted.done))
    for sentence in dict.fromkeys(refused):
        flash(sentence, "warning")
    return redirect(back, code=303)


@bp.post("/people/<int:user_id>/role")
@open_to(holds("people.manage"))
@fresh
def change_role(user_id: int) -> BaseResponse:
    name = ChangeRoleForm.accepted().role.data
    with transaction():
        user = get_user_for(g.actor, user_id, can=can_manage_user)
        roles.change_role(user, name, by=g.actor)
    flash(_("%(name)s is %(role)s now, and signs in anew.", name=user.name, role=name))
    return _back_from(user)


@bp.post("/people/<int:user_id>/suspend")
@open_to(holds("people.manage"))
@fresh
def suspend_user(user_id: int) -> BaseResponse:
    user = _move(user_id, "suspend")
    sentence = _("%(name)s is suspended and signed out everywhere.", name=user.name)
    flash({"sentence": sentence, "undo": url_for("admin.restore_user", user_id=user.id)}, "undo")  # type: ignore[arg-type]
    return _back_from(user)


@bp.post("/people/<int:user_id>/restore")
@open_to(holds("people.manage"))
@fresh
def restore_user(user_id: int) -> BaseResponse:
    user = _move(user_id, "restore")
    flash(_("%(name)s may sign in again.", name=user.name))
    return _back_from(user)


@bp.post("/people/<int:user_id>/force-reset")
@open_to(holds("people.manage"))
@fresh
def force_reset(user_id: int) -> BaseResponse:
    user = _move(user_id, "force-reset")
    flash(_("%(name)s was signed out, and a letter asks them to choose a new password.", name=user.name))
    return _back_from(user)


@bp.post("/people/<int:user_id>/sign-out")
@open_to(holds("people.manage"))
@fresh
def end_sessions_of(user_id: int) -> BaseResponse:
    user = _move(user_id, "sign-out")
    flash(_("%(name)s is signed out everywhere.", name=user.name))
    return _back_from(user)


@bp.post("/people/<int:user_id>/sessions/<int:session_id>/end")
@open_to(holds("people.manage"))
@fresh
def end_session_of(user_id: int, session_id: int) -> BaseResponse:
    MoveForm.accepted()
    with transaction():
        user = get_user_for(g.actor, user_id, can=can_manage_user)
        sessions.end_own_session(user, session_id, by=g.actor)
    flash(_("That browser is signed out."))
    return redirect(url_for("admin.show_person", user_id=user_id, _anchor="sessions"), code=303)


@bp.get("/people/<int:user_id>/hand-over")
@open_to(holds("site.own"))
def show_hand_over(user_id: int) -> Response:
    return show_desk_page("admin/show_hand_over.html", heir=get_user_for(g.actor, user_id, can=can_take_over))


@bp.post("/people/<int:user_id>/hand-over")
@open_to(holds("site.own"))
@fresh
def hand_over(user_id: int) -> BaseResponse:
    MoveForm.accepted()
    with transaction():
        heir = get_user_for(g.actor, user_id, can=can_take_over)
        roles.hand_over(heir, by=g.actor, owner=get_user_for(g.actor, g.actor.id))
    # Both were signed out: who they are has changed.
    response = redirect(url_for("accounts.sign_in", next=url_for("admin.list_team")), code=303)
    cookies.forget(response)
    g.session = None
    return response


def _move(user_id: int, name: str) -> User:
    MoveForm.accepted()
    with transaction():
        user = get_user_for(g.actor, user_id, can=can_manage_user)
        MOVES[name].verb(user, by=g.actor)
    return user


def _move_named(name: str, role: str) -> Move | None:
    """The move of a bulk button; giving a role takes the role along."""
    if name != "role":
        return MOVES.get(name)

    def give(user: User, *, by: Actor) -> None:
        if not role:
            raise Invalid("Choose the role that they are to have.")
        roles.change_role(user, role, by=by)

    return Move(give, _("%(role)s now", role=role))


def _back_from(user: User) -> BaseResponse:
    return redirect(where_from(url_for("admin.show_person", user_id=user.id)), code=303)
