"""What each role can do, and roles of the site's own."""

from typing import Any

from flask import Response, flash, g, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts.forms.people import DEMAND_WORDS, DEMANDS, DemandForm, MakeRoleForm, MoveForm, RedefineRoleForm, boxes
from inkhorn.accounts.policies import (
    PERMISSIONS,
    ROLES,
    can_change_role,
    can_demand_second_factor,
    get_role_for,
    role_demands_second_factor,
)
from inkhorn.accounts.queries import roles
from inkhorn.accounts.services import roles as verbs
from inkhorn.admin import directory
from inkhorn.admin.views.people import frame
from inkhorn.admin.views.room import bp, fresh
from inkhorn.core.access import holds, open_to
from inkhorn.core.config import config
from inkhorn.core.database import session, transaction
from inkhorn.core.desk import show_desk_page
from inkhorn.core.errors import InkhornError


@bp.get("/people/roles")
@open_to(holds("people.see"))
def list_roles() -> Response:
    known = list(session().scalars(roles()))
    return show_desk_page(
        "admin/list_roles.html",
        holders=directory.holders(),
        may_change=can_change_role,
        may_demand=can_demand_second_factor,
        demands={role.id: role_demands_second_factor(role, is_production=config().is_production) for role in known},
        chosen={role.id: next(word for word, value in DEMANDS.items() if value is role.demands_second_factor) for role in known},
        shipped=ROLES,
        demand_words=DEMAND_WORDS,
        **frame(known),
    )


@bp.get("/people/roles/new")
@open_to(holds("roles.manage"))
def write_role() -> Response:
    return _role_page("admin/write_role.html", MakeRoleForm())


@bp.post("/people/roles/new")
@open_to(holds("roles.manage"))
@fresh
def make_role() -> BaseResponse:
    form = MakeRoleForm()
    if not form.validate():
        return _role_page("admin/write_role.html", form, 422)
    try:
        with transaction():
            role = verbs.make_role(name=form.name.data, by=g.actor, **form.told())
    except InkhornError as error:
        return _role_page("admin/write_role.html", _with(error, form), error.status)
    flash(_("The role “%(name)s” can be given now.", name=role.name))
    return redirect(url_for("admin.list_roles"), code=303)


@bp.get("/people/roles/<int:role_id>")
@open_to(holds("roles.manage"))
def edit_role(role_id: int) -> Response:
    role = get_role_for(g.actor, role_id)
    return _role_page("admin/edit_role.html", RedefineRoleForm.about(role), role=role)


@bp.post("/people/roles/<int:role_id>")
@open_to(holds("roles.manage"))
@fresh
def redefine_role(role_id: int) -> BaseResponse:
    form, role = RedefineRoleForm(), get_role_for(g.actor, role_id)
    if not form.validate():
        return _role_page("admin/edit_role.html", form, 422, role=role)
    try:
        with transaction():
            verbs.redefine_role(get_role_for(g.actor, role_id), by=g.actor, **form.told())
    except InkhornError as error:
        return _role_page("admin/edit_role.html", _with(error, form), error.status, role=get_role_for(g.actor, role_id))
    flash(_("Saved. It counts from the next thing that anybody of this role does."))
    return redirect(url_for("admin.list_roles"), code=303)


@bp.post("/people/roles/<int:role_id>/second-factor")
@open_to(holds("roles.manage"))
@fresh
def demand_second_factor(role_id: int) -> BaseResponse:
    wanted = DemandForm.accepted().wanted()
    with transaction():
        role = get_role_for(g.actor, role_id, can=can_demand_second_factor)
        verbs.demand_second_factor(role, demands=wanted, by=g.actor)
    flash(_("Saved."))
    return redirect(url_for("admin.list_roles", _anchor="roles"), code=303)


@bp.post("/people/roles/<int:role_id>/remove")
@open_to(holds("roles.manage"))
@fresh
def remove_role(role_id: int) -> BaseResponse:
    MoveForm.accepted()
    with transaction():
        role = get_role_for(g.actor, role_id)
        name = role.name
        verbs.remove_role(role, by=g.actor)
    flash(_("The role “%(name)s” is gone.", name=name))
    return redirect(url_for("admin.list_roles"), code=303)


def _role_page(template: str, form: RedefineRoleForm, status: int = 200, **more: Any) -> Response:
    own = [word for word in PERMISSIONS if g.actor.may(word)]
    return show_desk_page(template, status, form=form, boxes=boxes(own), **more)


def _with(error: InkhornError, form: RedefineRoleForm) -> RedefineRoleForm:
    named = getattr(error, "field", None) or ("name" if "name" in form else "description")
    form[named].errors = [str(error)]
    return form
