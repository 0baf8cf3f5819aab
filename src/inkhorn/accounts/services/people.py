"""Accounts and their roles."""

import re

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from inkhorn.accounts import passwords
from inkhorn.accounts.events import account_created, role_changed
from inkhorn.accounts.models import AccountStatus, Role, SetupLink, User
from inkhorn.accounts.policies import MEANINGS, ROLES, STAFF
from inkhorn.accounts.queries import LONGEST_EMAIL, email_key, owner, user_by_email, user_by_origin
from inkhorn.accounts.services.sessions import end_all_sessions
from inkhorn.core import audit, clock, prose, settings
from inkhorn.core.access import Actor
from inkhorn.core.database import insert_into, session
from inkhorn.core.errors import Conflict, Invalid

EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\[\]\\.][^\s@<>,;:\"()\[\]\\]*\.[^\s@<>,;:\"()\[\]\\.]{2,}")
LONGEST_NAME = 150
# Persian and Indian names are spelt with joiners, which nobody sees and str.isprintable() refuses.
JOINERS = "\u200c\u200d"


class EmailTaken(Conflict):
    """Somebody has an account with that address."""

    def __init__(self, email: str) -> None:
        super().__init__(f"There is already an account for {email}.")


class UnknownRole(Invalid):
    """No role has that name."""

    def __init__(self, name: str) -> None:
        super().__init__(f'There is no role "{name}"; choose one of {", ".join(ROLES)}.', field="role")


class LastOwner(Conflict):
    """The site must always have an owner."""

    def __init__(self) -> None:
        super().__init__("The site must have an owner. Make somebody else the owner first.")


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


def create_user(*, email: str, name: str, role: str, password: str | None, by: Actor) -> User:
    """Open an account that can sign in at once; EmailTaken, UnknownRole or Invalid if it cannot be."""
    address, shown = tidy_email(email), tidy_name(name)
    if user_by_email(address) is not None:
        raise EmailTaken(address)
    if password is not None:
        passwords.refuse_weak(password, is_staff=role in STAFF, words=_words_at_hand(address, shown))
    user = User(
        email=address,
        name=shown,
        slug=free_slug(shown),
        password=passwords.hash_password(password) if password is not None else None,
        confirmed_at=clock.now(),
        roles=[role_named(role)],
    )
    try:
        with session().begin_nested():
            session().add(user)
    except IntegrityError as error:
        raise Conflict("Somebody opened the same account at the same moment. Try again.") from error
    if role == "owner":
        forget_setup_links()
    audit.record(by, "accounts.created", user, role=role)
    account_created.send(user)
    return user


def take_in_author(*, name: str, origin: str, origin_key: str, email: str | None = None, bio: str = "", website: str | None = None) -> User:
    """The imported author of that key, made if not known: nobody can sign in to it until somebody claims it."""
    known = user_by_origin(origin, origin_key)
    if known is not None:
        return known
    shown = tidy_name(name or origin_key)
    user = User(
        # The foreign address is noted for a later claim, not given to an account that nobody confirmed.
        email=None,
        name=shown,
        slug=free_slug(shown),
        status=AccountStatus.UNCLAIMED,
        active=False,
        bio=bio,
        website=website if website and website.startswith(("http://", "https://")) else None,
        origin=origin,
        origin_key=origin_key,
        roles=[],
    )
    session().add(user)
    session().flush()
    return user


def change_role(user: User, role: str, *, by: Actor) -> None:
    """Give the user one shipped role instead of those held; whoever loses rights is signed out everywhere."""
    wanted = role_named(role)
    before = [held.name for held in user.roles]
    if "owner" in before and role != "owner" and owners() == 1:
        raise LastOwner
    user.roles = [wanted]
    end_all_sessions(user)
    session().flush()
    audit.record(by, "accounts.role_changed", user, before=before, after=role)
    role_changed.send(user)


def role_named(name: str) -> Role:
    if name not in ROLES:
        raise UnknownRole(name)
    found = session().scalars(select(Role).where(Role.name == name)).one_or_none()
    if found is None:
        sync_roles()
        found = session().scalars(select(Role).where(Role.name == name)).one()
    return found


def owners() -> int:
    return session().scalar(select(func.count()).select_from(User).where(User.roles.any(Role.name == "owner"))) or 0


def forget_setup_links() -> None:
    if owner() is not None:
        session().execute(delete(SetupLink))


def tidy_email(email: str) -> str:
    """The address in the form it is kept and compared in; Invalid if it is none."""
    address = email_key(email)
    if not email.strip().isprintable() or len(email.strip()) > LONGEST_EMAIL or not EMAIL.fullmatch(address):
        raise Invalid("Enter an address like ada@example.org.", field="email")
    return address


def tidy_name(name: str) -> str:
    """The name on one line, without what cannot be seen; Invalid if nothing is left."""
    shown = " ".join("".join(letter for letter in name if letter.isprintable() or letter.isspace() or letter in JOINERS).split())
    if not shown.strip(JOINERS):
        raise Invalid("Write a name.", field="name")
    return shown[:LONGEST_NAME]


def _words_at_hand(address: str, name: str) -> tuple[str, ...]:
    """What somebody who wants in would try first."""
    return (name, *name.split(), address, *address.split("@"), settings.read(settings.SiteSettings).title, "inkhorn")


def free_slug(name: str) -> str:
    """A slug for /author/<slug>/ that nobody has."""
    stem = (prose.slugify(name) or "author")[:150]
    taken = set(session().scalars(select(User.slug).where(User.slug.startswith(stem, autoescape=True))))
    if stem not in taken:
        return stem
    return next(slug for number in range(2, 100_000) if (slug := f"{stem}-{number}") not in taken)
