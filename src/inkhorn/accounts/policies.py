"""Who may do what: the listed words, the shipped roles that hold them, and the doors to people and roles."""

from collections.abc import Callable, Mapping

from inkhorn.accounts.models import AccountStatus, ApiKey, Invitation, Passkey, Role, User
from inkhorn.accounts.models.people import LONGEST_USERNAME
from inkhorn.accounts.queries import factors_of, user_by_username
from inkhorn.core.access import Actor, Forbidden
from inkhorn.core.database import session
from inkhorn.core.errors import NotFound

# Every word there is, with what it allows; a role of the site's own is a choice of these.
PERMISSIONS: Mapping[str, str] = {
    "members.read": "Read what is for members",
    "comments.write": "Comment, like and report comments",
    "desk.open": "Open the desk",
    "posts.write": "Write and edit own posts",
    "posts.publish": "Publish own posts",
    "media.upload": "Upload pictures and files",
    "media.manage_any": "Describe, replace and remove everyone’s uploads",
    "sound.edit_any": "Edit and publish everyone’s albums and shows",
    "posts.edit_any": "Edit and publish everyone’s posts",
    "posts.purge_any": "Remove posts for good",
    "comments.moderate": "Moderate comments",
    "people.see": "See who has an account",
    "people.manage": "Invite people, change roles, suspend",
    "roles.manage": "Make roles of the site’s own",
    "settings.change": "Change the settings",
    "jobs.see": "See and retry background work",
    "mail.see": "See and send letters again",
    "audit.see": "Read the audit log",
    "records.see": "Read and export raw records",
    "keys.manage": "Make keys for programs of the site, see and end everyone’s",
    "site.own": "Hand the site over, or close it",
}
TALK = frozenset(("comments.write",))
READ = TALK | {"members.read"}
WRITE = READ | {"desk.open", "posts.write", "posts.publish", "media.upload"}
EDIT = WRITE | {"media.manage_any", "sound.edit_any", "posts.edit_any", "posts.purge_any", "comments.moderate"}
ADMINISTER = EDIT | {
    "people.see",
    "people.manage",
    "roles.manage",
    "settings.change",
    "jobs.see",
    "mail.see",
    "audit.see",
    "records.see",
    "keys.manage",
}
# What no key is ever given: whoever hands the site over or makes keys is a person who has just proved who they are.
KEY_WORDS = frozenset(PERMISSIONS) - {"site.own", "keys.manage"}

# The one matrix: role -> permissions; kept in step with the role table by services.roles.sync_roles().
ROLES: Mapping[str, frozenset[str]] = {
    "reader": TALK,
    "member": READ,
    "author": WRITE,
    "editor": EDIT,
    "administrator": ADMINISTER,
    "owner": ADMINISTER | {"site.own"},
}
MEANINGS: Mapping[str, str] = {
    "reader": "Has an account, reads and comments.",
    "member": "Reads what is for members.",
    "author": "Writes, uploads and publishes own posts.",
    "editor": "Does that for everyone's posts, and moderates comments.",
    "administrator": "Also tunes the settings and manages people.",
    "owner": "The first account; an administrator whom nobody else can remove.",
}
# Whoever holds one of these works here: shorter sessions, longer passwords, a factor asked for.
STAFF_WORDS = frozenset(PERMISSIONS) - READ
# In production these must have a second factor, unless their role says otherwise.
POWERFUL_WORDS = frozenset(("people.manage", "settings.change", "site.own"))


def is_staff(user: User) -> bool:
    """Whether the user's role lets them do more than read, whatever the state of the account."""
    return any(STAFF_WORDS & set(role.permissions) for role in user.roles)


def is_staff_role(role: Role) -> bool:
    return bool(STAFF_WORDS & set(role.permissions))


def demands_second_factor(user: User, *, is_production: bool) -> bool:
    """Whether the user must have a second factor: as the role says, else where the profile is production and the role powerful."""
    return any(role_demands_second_factor(role, is_production=is_production) for role in user.roles)


def role_demands_second_factor(role: Role, *, is_production: bool) -> bool:
    if role.demands_second_factor is not None:
        return role.demands_second_factor
    return is_production and bool(POWERFUL_WORDS & set(role.permissions))


def is_asked_for_second_factor(user: User) -> bool:
    """Whether the desk asks the user to set up a second factor: those with power over others, until they have one or have said no."""
    is_powerful = any(POWERFUL_WORDS & set(role.permissions) for role in user.roles)
    return is_powerful and not user.declines_second_factor and not factors_of(user.id).is_enrolled


def can_manage_people(actor: Actor) -> bool:
    return actor.may("people.manage")


def can_see_user(actor: Actor, user: User) -> bool:
    return actor.may("people.see") or actor.id == user.id


def can_manage_user(actor: Actor, user: User) -> bool:
    """Whoever manages people manages those who hold no more than they do themselves; nobody but the owner touches the owner.

    An imported author has no account that could be managed; somebody is invited to take it over.
    """
    if not can_manage_people(actor) or actor.id == user.id or user.status is AccountStatus.UNCLAIMED:
        return False
    return all(actor.may(word) for role in user.roles for word in role.permissions)


def can_take_over(actor: Actor, user: User) -> bool:
    """The owner hands the site to somebody else, whoever that is; whether the account is fit for it, the verb says."""
    return actor.may("site.own") and actor.id != user.id


def can_give_role(actor: Actor, role: Role) -> bool:
    """Nobody gives more than they have, and there is one owner: that role is handed over, not given."""
    return can_manage_people(actor) and role.name != "owner" and all(actor.may(word) for word in role.permissions)


def can_manage_invitation(actor: Actor, invitation: Invitation) -> bool:
    """Whoever could have sent it may send it again or take it back."""
    return can_give_role(actor, invitation.role) if invitation.role else can_manage_people(actor)


def still_stands(invitation: Invitation, inviter: Actor | User | None) -> bool:
    """Whether whoever stands for the invitation could send it today; what somebody may no longer give, nobody gets from them."""
    if inviter is None or invitation.role is None or invitation.role.name == "owner":
        return False
    may = inviter.holds if isinstance(inviter, User) else inviter.may
    return may("people.manage") and all(may(word) for word in invitation.role.permissions)


def can_change_role(actor: Actor, role: Role) -> bool:
    """The shipped roles are as they are; others are changed by whoever holds all that they hold."""
    return actor.may("roles.manage") and role.name not in ROLES and all(actor.may(word) for word in role.permissions)


def can_demand_second_factor(actor: Actor, role: Role) -> bool:
    """How its people must prove themselves is set, for a shipped role too, by whoever holds all that the role holds."""
    return actor.may("roles.manage") and all(actor.may(word) for word in role.permissions)


Question = Callable[[Actor, User], bool]


def get_user_for(actor: Actor, user_id: int | None, *, can: Question = can_see_user) -> User:
    """The user, if the policy admits the actor; NotFound for whoever may not see people, Forbidden for whoever may not do this."""
    user = session().get(User, user_id) if user_id is not None and 0 < user_id < 2**31 else None
    if user is None or not can_see_user(actor, user):
        raise NotFound("There is no such person here.")
    if not can(actor, user):
        raise Forbidden("You may not do this to that account: it holds rights that you do not, or it is your own.")
    return user


def get_passkey_for(actor: Actor, passkey_id: int) -> Passkey:
    """The passkey, for the one whose it is; NotFound for everybody else."""
    passkey = session().get(Passkey, passkey_id) if 0 < passkey_id < 2**31 else None
    if passkey is None or actor.id is None or passkey.user_id != actor.id:
        raise NotFound("You have no such passkey.")
    return passkey


def can_revoke_key(actor: Actor, key: ApiKey) -> bool:
    """Own keys; those of integrations and of people whom one manages, for whoever manages keys."""
    if key.user is not None and actor.id == key.user_id:
        return True
    return actor.may("keys.manage") and (key.user is None or can_manage_user(actor, key.user))


def get_key_for(actor: Actor, key_id: int, *, can: Callable[[Actor, ApiKey], bool] = can_revoke_key) -> ApiKey:
    """The key, for the one whose it is and whoever manages keys; NotFound or Forbidden otherwise."""
    key = session().get(ApiKey, key_id) if 0 < key_id < 2**31 else None
    if key is None or not (actor.may("keys.manage") or (actor.id is not None and key.user_id == actor.id)):
        raise NotFound("There is no such key here.")
    if not can(actor, key):
        raise Forbidden("You may not end that key: whoever owns it holds rights that you do not.")
    return key


def get_invitation_for(actor: Actor, invitation_id: int, *, can: Callable[[Actor, Invitation], bool] = can_manage_invitation) -> Invitation:
    """The invitation, for whoever could have sent it; NotFound or Forbidden otherwise."""
    invitation = session().get(Invitation, invitation_id) if 0 < invitation_id < 2**31 else None
    if invitation is None or not actor.may("people.see"):
        raise NotFound("There is no such invitation here.")
    if not can(actor, invitation):
        raise Forbidden("You may not do this to that invitation: its role may do more than you.")
    return invitation


def get_author_for(actor: Actor, username: str) -> User:
    """Whoever goes by that name; NotFound for a name that nobody has. Whether readers know them as an author is for the verbs to ask."""
    author = user_by_username(username) if len(username) <= LONGEST_USERNAME and "\0" not in username else None
    if author is None:
        raise NotFound("There is no such author here.")
    return author


def get_role_for(actor: Actor, role_id: int, *, can: Callable[[Actor, Role], bool] = can_change_role) -> Role:
    """The role, for whoever manages roles; NotFound or Forbidden otherwise."""
    role = session().get(Role, role_id) if 0 < role_id < 2**31 else None
    if role is None or not actor.may("people.see"):
        raise NotFound("There is no such role here.")
    if not can(actor, role):
        raise Forbidden("The shipped roles stay as they are, and nobody changes a role that may do more than they.")
    return role
