"""The directory of people as the owner's room lists it: who works here, who reads, who was invited, and what is known of each."""

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, case, func, literal, or_, select, union_all

from inkhorn.accounts.models import (
    AccountStatus,
    Authenticator,
    Invitation,
    KnownDevice,
    Passkey,
    Role,
    Session,
    User,
    user_role,
)
from inkhorn.accounts.policies import is_staff_role
from inkhorn.accounts.queries import Factors
from inkhorn.core import clock
from inkhorn.core.database import session
from inkhorn.core.mail.letters import Letter, LetterState

MOST_WORDS = 8


class Order(enum.StrEnum):
    """How people can be listed."""

    NAME = "name"
    NAME_DOWN = "-name"
    JOINED = "joined"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which people are looked for; what is None or empty does not matter."""

    search: str = ""
    role_id: int | None = None
    status: AccountStatus | None = None
    order: Order = Order.NAME


@dataclass(frozen=True)
class Counts:
    """How many stand under each tab, and how many joined lately."""

    team: int
    members: int
    invitations: int
    roles: int
    lately: int


@dataclass(frozen=True)
class Known:
    """What the list says of somebody beside their own row."""

    seen_at: datetime | None = None
    factors: Factors = Factors(has_authenticator=False, passkeys=0, recovery_codes=0)


def team(roles: Iterable[Role], wanted: Wanted) -> Select[User]:
    """Whoever works here, and the imported authors who have no account yet."""
    unclaimed = select(User.id).where(User.status == AccountStatus.UNCLAIMED)
    return _chosen(select(User).where(User.id.in_(union_all(_workers(roles), unclaimed))), wanted)


def members(roles: Iterable[Role], wanted: Wanted) -> Select[User]:
    """Whoever has an account and no more than a reader's rights."""
    return _chosen(select(User).where(_is_member(roles)), wanted)


def invitations(search: str = "") -> Select[Invitation]:
    """What nobody accepted so far, those that have ended included, the newest first."""
    found = select(Invitation).where(Invitation.open_email.is_not(None))
    for word in search.split()[:MOST_WORDS]:
        found = found.where(or_(Invitation.email.icontains(word, autoescape=True), Invitation.name.icontains(word, autoescape=True)))
    return found.order_by(Invitation.created_at.desc(), Invitation.id.desc())


def invitations_as(author: User) -> Select[Invitation]:
    """The open invitations to take over an imported author."""
    return select(Invitation).where(Invitation.author_id == author.id, Invitation.open_email.is_not(None)).order_by(Invitation.id.desc())


def counts(roles: Sequence[Role]) -> Counts:
    """The numbers on the tabs, by one statement; each is read off an index, and what is left is subtracted."""
    is_unclaimed, week = User.status == AccountStatus.UNCLAIMED, clock.now() - timedelta(days=7)
    asked = (
        select(func.count()).select_from(_workers(roles).distinct().subquery()),
        select(func.count()).where(is_unclaimed),
        select(func.count()).select_from(User),
        select(func.count()).select_from(Invitation).where(Invitation.open_email.is_not(None)),
        select(func.count()).where(User.created_at > week),
        select(func.count()).where(is_unclaimed, User.created_at > week),
    )
    working, unclaimed, everybody, invited, new, imported = session().execute(select(*(each.scalar_subquery() for each in asked))).one()
    return Counts(working + unclaimed, everybody - working - unclaimed, invited, len(roles), new - imported)


def known_of(user_ids: Sequence[int]) -> dict[int, Known]:
    """When each was seen last, and what second factors they have: two statements for any number of people."""
    if not user_ids:
        return {}
    # The browser is remembered for longer than the session that ran in it.
    moments = union_all(
        select(Session.user_id, Session.seen_at).where(Session.user_id.in_(user_ids)),
        select(KnownDevice.user_id, KnownDevice.seen_at).where(KnownDevice.user_id.in_(user_ids)),
    ).subquery()
    seen = dict(session().execute(select(moments.c.user_id, func.max(moments.c.seen_at)).group_by(moments.c.user_id)).tuples().all())
    factors = _factors_of(user_ids)
    nothing = Known().factors
    return {each: Known(seen.get(each), factors.get(each, nothing)) for each in user_ids}


def letters_of(invitations: Sequence[Invitation]) -> dict[int, LetterState]:
    """How far the newest letter of each invitation came; those whose letter is still to be written are absent."""
    purposes = {f"accounts.invitation:{each.id}:{each.letters}": each.id for each in invitations}
    if not purposes:
        return {}
    rows = session().execute(select(Letter.purpose, Letter.state).where(Letter.purpose.in_(purposes)))
    return {purposes[purpose]: state for purpose, state in rows.tuples()}


def holders() -> dict[int, int]:
    """How many people hold each role."""
    rows = session().execute(select(user_role.c.role_id, func.count()).group_by(user_role.c.role_id))
    return dict(rows.tuples().all())


def _workers(roles: Iterable[Role]) -> Select[int]:
    return select(user_role.c.user_id).where(user_role.c.role_id.in_([role.id for role in roles if is_staff_role(role)]))


def _is_member(roles: Iterable[Role]) -> ColumnElement[bool]:
    return User.id.not_in(_workers(roles)) & (User.status != AccountStatus.UNCLAIMED)


def _chosen(found: Select[User], wanted: Wanted) -> Select[User]:
    if wanted.role_id is not None:
        found = found.where(User.id.in_(select(user_role.c.user_id).where(user_role.c.role_id == wanted.role_id)))
    if wanted.status is not None:
        found = found.where(User.status == wanted.status)
    for word in wanted.search.split()[:MOST_WORDS]:
        found = found.where(or_(*(column.icontains(word, autoescape=True) for column in (User.name, User.email, User.username))))
    orders = {
        Order.NAME: (User.name, User.id),
        Order.NAME_DOWN: (User.name.desc(), User.id.desc()),
        Order.JOINED: (User.created_at.desc(), User.id.desc()),
    }
    return found.order_by(*orders[wanted.order])


def _factors_of(user_ids: Sequence[int]) -> dict[int, Factors]:
    app, key = literal("app").label("kind"), literal("key")
    each = union_all(
        select(Authenticator.user_id, app).where(Authenticator.user_id.in_(user_ids), Authenticator.confirmed_at.is_not(None)),
        select(Passkey.user_id, key).where(Passkey.user_id.in_(user_ids)),
    ).subquery()
    apps, keys = (func.count(case((each.c.kind == kind, 1))) for kind in ("app", "key"))
    rows = session().execute(select(each.c.user_id, apps, keys).group_by(each.c.user_id)).tuples()
    return {user_id: Factors(has_authenticator=bool(app), passkeys=keys, recovery_codes=0) for user_id, app, keys in rows}
