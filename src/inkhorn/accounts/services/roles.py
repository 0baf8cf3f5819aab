"""Roles: the shipped ones kept in step, the site's own made and changed, given to people; and the one owner."""

import re
from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from inkhorn.accounts.events import role_changed
from inkhorn.accounts.models import AccountStatus, Invitation, Role, User, user_role
from inkhorn.accounts.policies import MEANINGS, PERMISSIONS, ROLES, STAFF_WORDS, can_give_role, is_staff_role
from inkhorn.accounts.services.sessions import end_all_sessions
from inkhorn.accounts.services.tokens import WAYS_IN, withdraw_tokens
from inkhorn.accounts.settings import AccountSettings
from inkhorn.core import audit, settings
from inkhorn.core.access import Actor, Forbidden
from inkhorn.core.database import insert_into, session
from inkhorn.core.errors import Conflict, Invalid, NotFound

LONGEST_ROLE_NAME, LONGEST_MEANING = 40, 300
MOST_ROLES = 50
ROLE_NAME = re.compile(r"[a-z][a-z0-9 -]*[a-z0-9]")


class UnknownRole(Invalid):
    """No role has that name."""

    def __init__(self, name: str) -> None:
        known = ", ".join(role.name for role in session().scalars(select(Role).order_by(Role.id)))
        super().__init__(f'There is no role "{name}"; choose one of {known}.', field="role")


class LastOwner(Conflict):
    """The site must always have an owner."""

    def __init__(self) -> None:
        super().__init__("The site must have an owner. Hand it over to somebody else first.")


class RoleInUse(Conflict):
    """People hold the role."""


def sync_roles() -> None:
    """Make the role table say what the matrix says; safe to call at every start, by several nodes at once."""
    known = set(session().scalars(select(Role.name)))
    # In one order for all, so that no two wait for each other.
    for name in [each for each in ROLES if each not in known]:
        made = insert_into(Role).values(name=name, permissions=sorted(ROLES[name]), description=MEANINGS[name])
        session().execute(made.on_conflict_do_nothing(index_elements=[Role.name]))
    for role in session().scalars(select(Role).where(Role.name.in_(ROLES))):
        role.permissions, role.description = sorted(ROLES[role.name]), MEANINGS[role.name]
    session().flush()


def role_named(name: str) -> Role:
    """The role of that name; UnknownRole where there is none."""
    found = session().scalars(select(Role).where(Role.name == name)).one_or_none()
    if found is None and name in ROLES:
        sync_roles()
        found = session().scalars(select(Role).where(Role.name == name)).one()
    if found is None:
        raise UnknownRole(name)
    return found


def role_to_give(name: str) -> Role:
    """The role of that name, which nobody removes until the caller has committed; UnknownRole where there is none, or none any more."""
    role_named(name)
    kept = select(Role).where(Role.name == name).with_for_update(read=True, key_share=True)
    found = session().scalars(kept).one_or_none()
    if found is None:
        raise UnknownRole(name)
    return found


def newcomers_role() -> Role:
    """What somebody becomes who registers alone: as the settings say, or a member where that role is gone or may do more than read."""
    name = settings.read(AccountSettings).new_role
    chosen = session().scalars(select(Role).where(Role.name == name)).one_or_none()
    return chosen if chosen is not None and not is_staff_role(chosen) else role_named("member")


def change_role(user: User, name: str, *, by: Actor) -> None:
    """Give the user one role instead of those held, and sign them out everywhere, links and codes included; Forbidden for more than the actor holds."""
    # The person first and the role after, everywhere, so that no two wait for each other.
    _hold(user)
    wanted = role_to_give(name)
    before = [held.name for held in user.roles]
    if before == [name]:
        return
    if name == "owner" and not user.can_sign_in:
        raise Conflict("Only an account that is active can own the site: whoever is suspended or leaves could not look after it.")
    if "owner" in before and _is_last_owner(user):
        raise LastOwner
    # The house itself may make an owner, as the operator's break-glass.
    if by.id is not None and not can_give_role(by, wanted):
        raise Forbidden("Nobody gives a role that may do more than they do; the owner's is handed over by the owner alone.")
    user.roles = [wanted]
    _sign_out(user)
    session().flush()
    audit.record(by, "accounts.role_changed", user, before=before, after=name)
    role_changed.send(user)


def hand_over(heir: User, *, by: Actor, owner: User) -> None:
    """Make somebody else the owner and the owner an administrator, both at once."""
    _hold(owner, heir)
    if not _is_owner(owner):
        raise Forbidden("Only the owner hands the site over.")
    if heir.id == owner.id or not heir.can_sign_in:
        raise Conflict("The site can be handed to somebody else only, and only to an account that is active.")
    heir.roles, owner.roles = [role_named("owner")], [role_named("administrator")]
    for each in (heir, owner):
        _sign_out(each)
    session().flush()
    audit.record(by, "accounts.handed_over", heir)
    for each in (heir, owner):
        role_changed.send(each)


def make_role(*, name: str, description: str, permissions: Iterable[str], demands_second_factor: bool | None, by: Actor) -> Role:
    """A role of the site's own; nobody puts into it what they may not do themselves."""
    if session().scalar(select(func.count()).select_from(Role)) >= MOST_ROLES:  # type: ignore[operator]
        raise Conflict(f"There are {MOST_ROLES} roles already; remove one first.")
    role = Role(
        name=_tidy_role_name(name),
        description=_tidy_meaning(description),
        permissions=_granted(permissions, by),
        demands_second_factor=demands_second_factor,
    )
    try:
        with session().begin_nested():
            session().add(role)
    except IntegrityError as error:
        raise Conflict(f'There is a role "{role.name}" already.') from error
    audit.record(by, "accounts.role_made", role, permissions=role.permissions)
    return role


def redefine_role(role: Role, *, description: str, permissions: Iterable[str], demands_second_factor: bool | None, by: Actor) -> None:
    """Change what a role of the site's own may do; it counts from the next request of whoever holds it."""
    before = {"permissions": role.permissions, "demands_second_factor": role.demands_second_factor}
    meaning, granted = _tidy_meaning(description), _granted(permissions, by)
    if _is_newcomers(role) and STAFF_WORDS.intersection(granted):
        raise Invalid(
            f'Whoever registers becomes "{role.name}", so it may do no more than read. Choose another role for them in the settings first.',
            field="permissions",
        )
    role.description, role.permissions = meaning, granted
    role.demands_second_factor = demands_second_factor
    session().flush()
    after = {"permissions": role.permissions, "demands_second_factor": role.demands_second_factor}
    audit.record(by, "accounts.role_redefined", role, before=before, after=after)


def demand_second_factor(role: Role, *, demands: bool | None, by: Actor) -> None:
    """Say whether a role, a shipped one too, must have a second factor; None leaves it to the profile."""
    before, role.demands_second_factor = role.demands_second_factor, demands
    session().flush()
    if before is not demands:
        told = {"before": {"demands_second_factor": before}, "after": {"demands_second_factor": demands}}
        audit.record(by, "accounts.role_redefined", role, **told)


def remove_role(role: Role, *, by: Actor) -> None:
    """Remove a role of the site's own that nobody holds; RoleInUse otherwise, NotFound where somebody was faster."""
    # Whoever is giving it to somebody at this moment is waited for, and who comes later finds it gone.
    if session().scalars(select(Role.id).where(Role.id == role.id).with_for_update()).one_or_none() is None:
        raise NotFound("Somebody removed that role a moment ago.")
    if _is_newcomers(role):
        raise RoleInUse(f'Whoever registers becomes "{role.name}"; choose another role for them in the settings first.')
    holders = session().scalar(select(func.count()).select_from(user_role).where(user_role.c.role_id == role.id)) or 0
    if holders:
        raise RoleInUse(
            f'{holders} {"person holds" if holders == 1 else "people hold"} the role "{role.name}"; give them another one first.'
        )
    invited = session().scalar(
        select(func.count()).select_from(Invitation).where(Invitation.role_id == role.id, Invitation.open_email.is_not(None))
    )
    if invited:
        raise RoleInUse(
            f'{invited} {"person is" if invited == 1 else "people are"} invited into the role "{role.name}"; take that back first.'
        )
    audit.record(by, "accounts.role_removed", role)
    session().flush()
    session().delete(role)
    session().flush()


def owners(*, but: User | None = None) -> int:
    """How many own the site and can sign in to it; without one of them, where one is named."""
    others = User.id != (but.id if but else 0)
    is_there = (User.active, User.status == AccountStatus.ACTIVE, others)
    return session().scalar(select(func.count()).select_from(User).where(User.roles.any(Role.name == "owner"), *is_there)) or 0


def _is_last_owner(user: User) -> bool:
    """Whether nobody else owns the site, with nobody able to make or unmake an owner until the caller has committed."""
    session().scalars(select(Role.id).where(Role.name == "owner").with_for_update()).one()
    return owners(but=user) == 0


def refuse_owner(user: User) -> None:
    """LastOwner for an owner, by the row as it is now, which nobody else changes until the caller has committed."""
    _hold(user)
    if _is_owner(user):
        raise LastOwner


def _hold(*users: User) -> None:
    """Read them anew and keep others from changing them: of two who give a role at once the second sees what the first gave."""
    # What the caller has changed would be lost by reading anew.
    session().flush()
    # In one order for all, so that no two wait for each other.
    for each in sorted(users, key=lambda user: user.id):
        # Their number stays as it is: whoever is just signing in need not wait, and has no reason to be waited for.
        session().refresh(each, with_for_update={"key_share": True})


def _sign_out(user: User) -> None:
    """End every session, and every link and code that was sent to somebody of another role."""
    # The links first: what came in by one a moment ago is then a session that ends with the others.
    withdraw_tokens(user, *WAYS_IN)
    end_all_sessions(user)


def _is_owner(user: User) -> bool:
    return any(role.name == "owner" for role in user.roles)


def _is_newcomers(role: Role) -> bool:
    return settings.read(AccountSettings).new_role == role.name


def _granted(permissions: Iterable[str], by: Actor) -> list[str]:
    wanted = set(permissions)
    if unknown := wanted - set(PERMISSIONS):
        raise Invalid(f"There is no such permission: {', '.join(sorted(unknown))}.", field="permissions")
    if "site.own" in wanted:
        raise Invalid("There is one owner; that permission belongs to no other role.", field="permissions")
    if beyond := [word for word in wanted if not by.may(word)]:
        raise Forbidden(f"Nobody gives what they do not have: {', '.join(sorted(beyond))}.")
    return sorted(wanted)


def _tidy_role_name(name: str) -> str:
    shown = " ".join(name.casefold().split())
    if not ROLE_NAME.fullmatch(shown) or len(shown) > LONGEST_ROLE_NAME:
        raise Invalid(f"Name the role with letters from a to z, digits, blanks and hyphens, {LONGEST_ROLE_NAME} at most.", field="name")
    return shown


def _tidy_meaning(text: str) -> str:
    shown = " ".join("".join(letter for letter in text if letter.isprintable() or letter.isspace()).split())
    if len(shown) > LONGEST_MEANING:
        raise Invalid(f"At most {LONGEST_MEANING} characters.", field="description")
    return shown
