"""Who may do what: the six shipped roles, the words they hold, and the door to a user."""

from collections.abc import Mapping

from inkhorn.accounts.models import User
from inkhorn.core.access import Actor, Forbidden
from inkhorn.core.database import session
from inkhorn.core.errors import NotFound

READ = frozenset(("members.read",))
WRITE = READ | {"desk.open", "posts.write", "posts.publish", "media.upload"}
EDIT = WRITE | {"posts.edit_any", "posts.purge_any"}
ADMINISTER = EDIT | {"settings.change", "people.manage", "jobs.see"}

# The one matrix: role -> permissions; kept in step with the role table by services.people.sync_roles().
ROLES: Mapping[str, frozenset[str]] = {
    "reader": frozenset(),
    "member": READ,
    "author": WRITE,
    "editor": EDIT,
    "administrator": ADMINISTER,
    "owner": ADMINISTER | {"site.own"},
}
MEANINGS: Mapping[str, str] = {
    "reader": "Has an account and reads.",
    "member": "Reads what is for members.",
    "author": "Writes, uploads and publishes own posts.",
    "editor": "Does that for everyone's posts.",
    "administrator": "Also tunes the settings and manages people.",
    "owner": "The first account; an administrator whom nobody else can remove.",
}
STAFF = frozenset(("author", "editor", "administrator", "owner"))


def can_manage_people(actor: Actor) -> bool:
    return actor.may("people.manage")


def can_manage_user(actor: Actor, user: User) -> bool:
    """Administrators manage everybody but the owner; the owner manages everybody."""
    return can_manage_people(actor) and (actor.may("site.own") or not user.holds("site.own"))


def get_user_for(actor: Actor, user_id: int) -> User:
    """The user, for whoever may manage people or for themselves; NotFound otherwise."""
    user = session().get(User, user_id) if 0 < user_id < 2**31 else None
    if user is None or not (can_manage_people(actor) or actor.id == user_id):
        raise NotFound("There is no such person here.")
    if actor.id != user_id and not can_manage_user(actor, user):
        raise Forbidden("Only the owner may change the owner's account.")
    return user
