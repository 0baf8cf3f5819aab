"""The room of people: who works here, who reads, who was invited, and a page for each person."""

import re
from typing import Any

from flask import Response, g, request, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select

from inkhorn.accounts.forms.inviting import InviteAuthorForm, InvitePeopleForm
from inkhorn.accounts.models import AccountStatus, Role, User
from inkhorn.accounts.policies import PERMISSIONS, can_give_role, can_manage_invitation, can_manage_user, get_user_for, is_staff_role
from inkhorn.accounts.queries import factors_of, identities_of, roles
from inkhorn.accounts.services.sessions import live_sessions_of
from inkhorn.admin import directory
from inkhorn.admin.directory import Order, Wanted
from inkhorn.admin.views.room import bp
from inkhorn.core import audit
from inkhorn.core.access import holds, open_to
from inkhorn.core.database import session
from inkhorn.core.desk import show_desk_page
from inkhorn.core.links import own_path
from inkhorn.core.paging import page_of

PAGE_SIZE = 25
FEW_INVITATIONS = 5
MOST_SESSIONS, MOST_ENTRIES = 50, 20
PAGES = re.compile(r"/admin/people/(members|invitations|roles|\d+)?(\?|$)")
ORDERS = {Order.NAME: _l("Name"), Order.NAME_DOWN: _l("Name, from the end"), Order.JOINED: _l("Latest to join")}


@bp.get("/people/")
@open_to(holds("people.see"))
def list_team() -> Response:
    return team_page()


@bp.get("/people/members")
@open_to(holds("people.see"))
def list_members() -> Response:
    known, wanted = _roles(), _wanted()
    return _people_page("admin/list_members.html", known, directory.members(known, wanted), wanted)


@bp.get("/people/invitations")
@open_to(holds("people.see"))
def list_invitations() -> Response:
    return invitations_page()


@bp.get("/people/<int:user_id>")
@open_to(holds("people.see"))
def show_person(user_id: int) -> Response:
    return person_page(get_user_for(g.actor, user_id))


def team_page(form: InvitePeopleForm | None = None, status: int = 200, **told: Any) -> Response:
    """The team, with a form to invite others beside it; told is what became of the form."""
    known, wanted = _roles(), _wanted()
    recent = session().scalars(directory.invitations().limit(FEW_INVITATIONS)).all()
    return _people_page(
        "admin/list_team.html", known, directory.team(known, wanted), wanted, status, form=_asking(form, known), recent=recent, **told
    )


def invitations_page(form: InvitePeopleForm | None = None, status: int = 200, **told: Any) -> Response:
    """The open invitations, with the same form beside them."""
    known, wanted = _roles(), _wanted()
    found = page_of(directory.invitations(wanted.search), number=_page(), size=PAGE_SIZE, counted=True)
    return show_desk_page(
        "admin/list_invitations.html",
        status,
        found=found,
        wanted=wanted,
        letters=directory.letters_of(found.items),
        form=_asking(form, known),
        may_manage=can_manage_invitation,
        **frame(known),
        **told,
    )


def person_page(user: User, form: InviteAuthorForm | None = None, status: int = 200) -> Response:
    """All that is known of somebody, and what can be done."""
    known = _roles()
    sees_audit = g.actor.may("audit.see")
    by_them = audit.entries(audit.Wanted(actor_id=user.id)).limit(MOST_ENTRIES)
    is_unclaimed = user.status is AccountStatus.UNCLAIMED
    return show_desk_page(
        "admin/show_person.html",
        status,
        person=user,
        is_staff=any(is_staff_role(role) for role in user.roles),
        known=directory.known_of([user.id])[user.id],
        factors=factors_of(user.id),
        identities=session().scalars(identities_of(user.id)).all(),
        sessions=live_sessions_of(user, most=MOST_SESSIONS),
        about=session().scalars(audit.entries_about(user).limit(MOST_ENTRIES)).all() if sees_audit else [],
        by_them=session().scalars(by_them).all() if sees_audit else [],
        actions=audit.declared_actions(),
        waiting=session().scalars(directory.invitations_as(user).limit(1)).first() if is_unclaimed else None,
        form=_asking(form or InviteAuthorForm(role="author"), known) if is_unclaimed else None,
        **rights(known),
    )


def frame(known: list[Role]) -> dict[str, Any]:
    """What every list of the room is drawn with: numbers on the tabs, roles, and who may do what."""
    return {"counts": directory.counts(known), "address": address, **rights(known)}


def rights(known: list[Role]) -> dict[str, Any]:
    """The roles, and who may do what."""
    return {
        "roles": known,
        "giveable": [role for role in known if can_give_role(g.actor, role)],
        "may_manage_user": can_manage_user,
        "permissions": PERMISSIONS,
        "Status": AccountStatus,
    }


def address(**changes: object) -> str:
    """This list with some of its filters changed; the page begins anew unless it is what changes."""
    kept = {name: value for name, value in request.args.items() if name not in ("page", "endpoint") and not name.startswith("_")}
    wanted = {name: value for name, value in (kept | changes).items() if value not in (None, "")}
    return url_for(request.endpoint if request.method == "GET" else "admin.list_team", **wanted)  # type: ignore[arg-type]


def where_from(otherwise: str) -> str:
    """The page of this room that a button was pressed on, or another address where the browser does not tell."""
    told, site = request.referrer or "", request.host_url.rstrip("/")
    path = own_path(told.removeprefix(site)) if told.startswith(f"{site}/") else None
    # What was shown in answer to a form stands at an address that only forms are sent to.
    return path if path and PAGES.match(path) else otherwise


def _people_page(template: str, known: list[Role], people: Select[User], wanted: Wanted, status: int = 200, **more: Any) -> Response:
    found = page_of(people, number=_page(), size=PAGE_SIZE, counted=True)
    return show_desk_page(
        template,
        status,
        found=found,
        wanted=wanted,
        orders=ORDERS,
        known=directory.known_of([user.id for user in found.items]),
        **frame(known),
        **more,
    )


def _roles() -> list[Role]:
    return list(session().scalars(roles()))


def _asking(form: Any, known: list[Role]) -> Any:
    form = form or InvitePeopleForm(role="author")
    form.offer_roles(role for role in known if can_give_role(g.actor, role))
    return form


def _wanted() -> Wanted:
    status, order = request.args.get("status", ""), request.args.get("sort", "")
    role_id = request.args.get("role_id", type=int)
    return Wanted(
        search=request.args.get("search", "").replace("\x00", "")[:200],
        role_id=role_id if role_id and 0 < role_id < 2**31 else None,
        status=AccountStatus(status) if status in set(AccountStatus) else None,
        order=Order(order) if order in set(Order) else Order.NAME,
    )


def _page() -> int:
    return request.args.get("page", 1, type=int)
