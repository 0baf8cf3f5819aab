"""Accounts: opened, taken in from elsewhere, described, suspended and let back in."""

import re
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from inkhorn.accounts import passwords
from inkhorn.accounts.events import account_created, account_restored, account_suspended, is_answered, username_wanted
from inkhorn.accounts.models import LEGAL_STATUSES, AccountStatus, SetupLink, User
from inkhorn.accounts.policies import is_staff_role
from inkhorn.accounts.queries import LONGEST_EMAIL, email_key, owner, user_by_email, user_by_origin
from inkhorn.accounts.services.roles import refuse_owner, role_to_give
from inkhorn.accounts.services.sessions import end_all_sessions
from inkhorn.accounts.services.tokens import withdraw_tokens
from inkhorn.core import audit, clock, prose, settings
from inkhorn.core.access import Actor
from inkhorn.core.database import session
from inkhorn.core.days import full_date
from inkhorn.core.errors import Conflict, Invalid
from inkhorn.core.zones import zone

EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\[\]\\.][^\s@<>,;:\"()\[\]\\]*\.[^\s@<>,;:\"()\[\]\\.]{2,}")
LONGEST_NAME = 150
# Persian and Indian names are spelt with joiners, which nobody sees and str.isprintable() refuses.
JOINERS = "\u200c\u200d"
# Names under which somebody would be taken for the site itself.
RESERVED = frozenset(
    """
    abuse account accounts admin administrator administrators api author authors billing contact desk editor editors everyone feed feeds
    help host hostmaster info inkhorn login mail mailer me member members moderator moderators news newsletter no-reply nobody noreply null
    official owner postmaster privacy register root sales search security setup sign-in site staff subscribe support system team
    undefined user users webmaster www you
    """.split()
)


class EmailTaken(Conflict):
    """Somebody has an account with that address."""

    def __init__(self, email: str) -> None:
        super().__init__(f"There is already an account for {email}.")


class AuthorClaimed(Conflict):
    """The imported author has an account by now, or is gone."""

    def __init__(self) -> None:
        super().__init__("The author you were invited as has an account already. Ask whoever invited you for another invitation.")


class IllegalStatus(Conflict):
    """That cannot be done with an account in the state it is in."""


def create_user(
    *, email: str, name: str, role: str, by: Actor, password: str | None = None, password_hash: str | None = None, **more: Any
) -> User:
    """Open an account that can sign in at once; EmailTaken, UnknownRole or Invalid if it cannot be.

    The hash may be one that another program made; it is replaced at the first sign-in.
    """
    address, shown, held = tidy_email(email), tidy_name(name), role_to_give(role)
    if user_by_email(address) is not None:
        raise EmailTaken(address)
    if password is not None:
        passwords.refuse_weak(password, is_staff=is_staff_role(held), words=words_at_hand(address, shown))
        password_hash = passwords.hash_password(password)
    user = User(
        email=address,
        name=shown,
        username=free_username(shown),
        password=password_hash,
        password_changed_at=clock.now() if password_hash else None,
        confirmed_at=clock.now(),
        roles=[held],
        **more,
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
        username=free_username(shown),
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


def claim_author(
    author_id: int, *, email: str, name: str, role: str, password_hash: str, by: Actor, terms_accepted_at: datetime | None = None
) -> User:
    """Make the imported author somebody's account, with their username and all they wrote; AuthorClaimed where it is somebody's by now."""
    # Two may have been invited as the same author; whoever comes second must see what the first did.
    user = session().get(User, author_id, with_for_update=True, populate_existing=True)
    if user is None or user.status is not AccountStatus.UNCLAIMED:
        raise AuthorClaimed
    move_account(user, AccountStatus.ACTIVE)
    user.email, user.name, user.roles = tidy_email(email), tidy_name(name), [role_to_give(role)]
    user.password, user.password_changed_at, user.confirmed_at = password_hash, clock.now(), clock.now()
    user.terms_accepted_at = terms_accepted_at
    try:
        with session().begin_nested():
            session().flush()
    except IntegrityError as error:
        raise EmailTaken(email) from error
    audit.record(by, "accounts.created", user, role=role, origin=user.origin)
    account_created.send(user)
    return user


def suspend_user(user: User, *, by: Actor) -> None:
    """Keep somebody out until further notice: every session, link and code of theirs ends at once.

    LastOwner for the owner, and IllegalStatus for whoever is leaving already.
    """
    refuse_owner(user)
    refuse_closing(user)
    move_account(user, AccountStatus.SUSPENDED)
    end_all_sessions(user)
    withdraw_tokens(user)
    session().flush()
    audit.record(by, "accounts.suspended", user)
    account_suspended.send(user)


def restore_user(user: User, *, by: Actor) -> None:
    """Let somebody back in who was suspended; IllegalStatus for everybody else."""
    if user.status is not AccountStatus.SUSPENDED:
        raise IllegalStatus(f"{user.name} is not suspended.")
    move_account(user, AccountStatus.ACTIVE)
    audit.record(by, "accounts.restored", user)
    account_restored.send(user)


def move_account(user: User, to: AccountStatus) -> None:
    """Move the account to another state; IllegalStatus where that is no step it can take."""
    if to not in LEGAL_STATUSES[user.status]:
        raise IllegalStatus(f"An account that is {user.status.value} cannot become {to.value}.")
    user.status = to
    user.active = to is AccountStatus.ACTIVE
    if to is not AccountStatus.CLOSING:
        user.closes_at = user.heir_id = None
    session().flush()


def last_day(user: User) -> str:
    """The day on which the account ends, in words and on the person's own clock; "" where it does not."""
    site = settings.read(settings.SiteSettings)
    there = user.closes_at.astimezone(zone(user.timezone or site.timezone)) if user.closes_at else None
    return full_date(there.date(), user.language or site.language) if there else ""


def refuse_unfit(user: User, *fit: AccountStatus) -> None:
    """IllegalStatus unless the account is in one of those states, with what becomes of it otherwise."""
    if user.status in fit:
        return
    refuse_closing(user)
    if user.status is AccountStatus.UNCLAIMED:
        raise IllegalStatus(f"{user.name} came with an import and has no account. Invite somebody as this author from /admin/people.")
    raise IllegalStatus(f"{user.name} is suspended. Let them back in first: from /admin/people, or by `inkhorn user restore`.")


def refuse_closing(user: User) -> None:
    """IllegalStatus for an account that is being closed: it is kept, or it ends, and nothing else becomes of it."""
    if user.status is AccountStatus.CLOSING:
        raise IllegalStatus(
            f"The account of {user.name} is closed: nobody can sign in to it, and it ends for good on {last_day(user)}. "
            f"Until then {user.name} can keep it by the link in the letter about it, or the operator by `inkhorn user reopen`."
        )


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


def words_at_hand(*known: str) -> tuple[str, ...]:
    """What somebody who wants in would try first: the person's own names and addresses, and the site's."""
    parts = [part for word in known for part in (word, *word.split(), *word.split("@"))]
    title = settings.read(settings.SiteSettings).title
    return (*parts, title, *title.split(), "inkhorn")


def free_username(name: str) -> str:
    """A username made of the name that nobody has, or had."""
    stem = (prose.slugify(name) or "author")[:150]
    stem = f"{stem}-1" if stem in RESERVED else stem
    taken = set(session().scalars(select(User.username).where(User.username.startswith(stem, autoescape=True))))
    numbered = (stem if number == 1 else f"{stem}-{number}" for number in range(1, 100_000))
    return next(each for each in numbered if each not in taken and not is_answered(username_wanted, None, username=each, before=""))
