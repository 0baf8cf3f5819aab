"""Reads of people, of how they come in and of what proves that it is they."""

import hashlib
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    ScalarSelect,
    Select,
    String,
    and_,
    bindparam,
    cast,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, contains_eager, joinedload, lazyload
from sqlalchemy.orm.attributes import instance_state

from inkhorn.accounts.models import (
    AccountStatus,
    ApiKey,
    Authenticator,
    Follow,
    Invitation,
    KnownDevice,
    LinkedIdentity,
    Passkey,
    RecoveryCode,
    RefreshFamily,
    RefreshToken,
    Registration,
    Role,
    Session,
    SetupLink,
    User,
    user_role,
)
from inkhorn.core import clock
from inkhorn.core.database import UtcDateTime, session

LONGEST_EMAIL = 254
# How long a registration waits to be confirmed.
REGISTRATION_LIFE = timedelta(hours=24)
# How long a browser counts as new to the person.
NEW_FOR = timedelta(days=7)


@dataclass(frozen=True)
class Factors:
    """What somebody has besides a password."""

    has_authenticator: bool
    passkeys: int
    recovery_codes: int

    @property
    def is_enrolled(self) -> bool:
        return self.has_authenticator or self.passkeys > 0


def email_key(email: str) -> str:
    """An address in the form it is kept, counted and compared in, whatever was typed."""
    plain = unicodedata.normalize("NFC", email).strip().lower()
    return "".join(letter for letter in plain if letter.isprintable())[:LONGEST_EMAIL]


def user_by_email(email: str) -> User | None:
    return session().scalars(select(User).where(User.email == email_key(email))).one_or_none()


def user_by_username(username: str) -> User | None:
    return session().scalars(select(User).where(User.username == username)).one_or_none()


def user_by_login(login: str) -> User | None:
    """Whoever has that address or, where it is none, that username."""
    return user_by_email(login) if "@" in login else user_by_username(email_key(login))


def credentials(login: str) -> dict[str, Row[str, int, str | None]]:
    """Number and kept password of the "user" who has that address or username, and of the newest "registration"; one statement always."""
    since = clock.now() - REGISTRATION_LIFE
    return {each.kind: each for each in session().execute(_CREDENTIALS, {"login": email_key(login), "since": since})}


def user_by_origin(origin: str, key: str) -> User | None:
    return session().scalars(select(User).where(User.origin == origin, User.origin_key == key)).one_or_none()


def user_by_identity(issuer: str, subject: str) -> User | None:
    """Whoever linked that account of another provider."""
    linked = select(User).join(LinkedIdentity, LinkedIdentity.user_id == User.id)
    return session().scalars(linked.where(LinkedIdentity.issuer == issuer, LinkedIdentity.subject == subject)).one_or_none()


def owner() -> User | None:
    return session().scalars(select(User).where(User.roles.any(Role.name == "owner")).order_by(User.id).limit(1)).one_or_none()


def people() -> Select[User]:
    """Everybody with an account, imported authors included, by name."""
    return select(User).order_by(User.name, User.id)


def writers() -> Select[User]:
    """Who can be named as an author: imported authors and everybody whose role writes."""
    return select(User).where(_holds("posts.write") | (User.status == AccountStatus.UNCLAIMED)).order_by(User.name, User.id)


def holders_of(permission: str) -> Select[User]:
    """Everybody active whose role holds the word."""
    return select(User).where(_holds(permission), User.status == AccountStatus.ACTIVE).order_by(User.id)


def roles() -> Select[Role]:
    """Every role, the shipped ones first."""
    return select(Role).order_by(Role.id)


def _holds(permission: str) -> ColumnElement[bool]:
    # As text, since JSON is asked differently by every database and no word is part of another between its quotes.
    names = cast(Role.permissions, String).contains(f'"{permission}"', autoescape=True)
    return exists().where(user_role.c.user_id == User.id, user_role.c.role_id == Role.id, names)


def _with_person(query: Select[Any], person: InstrumentedAttribute[Any]) -> Select[Any]:
    """The rows with whose they are and with the roles of these people, by one statement.

    The links are joined one by one: SQLite would read all of them for a join inside the join, which a plain joinedload() makes.
    """
    joined = query.outerjoin(person).outerjoin(user_role, user_role.c.user_id == User.id).outerjoin(Role, Role.id == user_role.c.role_id)
    return joined.options(contains_eager(person).contains_eager(User.roles))


def read_anew(user: User) -> User:
    """The user as they stand in the transaction that runs, with their roles, by one statement; by itself each would be read by one of its own."""
    state = instance_state(user)
    if state.expired and state.identity:
        # Fills in what is not known; what was changed and is not written yet stands.
        session().scalars(_PERSON, {"user_id": state.identity[0]}).unique().one_or_none()
    return user


def session_and_more(token: str, beside: ColumnElement[Any]) -> Row[Session, Any] | None:
    """The session whose cookie holds this token, with its user and roles, and what a room above wants to know beside it, by one statement."""
    return session().execute(_session_beside(beside), {"digest": digest(token)}).unique().one_or_none()


def key_by_lookup(lookup: str) -> ApiKey | None:
    """The key of that public part, with its person and roles, by one statement."""
    return session().scalars(_KEY, {"lookup": lookup}).unique().one_or_none()


def keys_of(user_id: int) -> Select[ApiKey]:
    """Somebody's own keys, the newest first."""
    return select(ApiKey).where(ApiKey.user_id == user_id).order_by(ApiKey.id.desc())


def all_keys() -> Select[ApiKey]:
    """Everybody's keys and those of integrations, the newest first."""
    return select(ApiKey).options(joinedload(ApiKey.user)).order_by(ApiKey.id.desc())


def family_by_handle(handle: str) -> RefreshFamily | None:
    """The signed-in program that an access token names, with its person and roles."""
    return session().scalars(_FAMILY, {"handle": handle}).unique().one_or_none()


def families_of(user_id: int) -> Select[RefreshFamily]:
    """The programs somebody signed in, the last seen first."""
    return select(RefreshFamily).where(RefreshFamily.user_id == user_id).order_by(RefreshFamily.seen_at.desc(), RefreshFamily.id.desc())


def refresh_token(text: str) -> RefreshToken | None:
    """The link of a chain that was shown, used or not, with its family and person."""
    return session().scalars(select(RefreshToken).where(RefreshToken.digest == digest(text))).one_or_none()


def sessions_of(user: User) -> Select[Session]:
    return select(Session).where(Session.user_id == user.id).order_by(Session.seen_at.desc(), Session.id.desc())


def sessions_seen_since(moment: datetime) -> Select[int]:
    """How many browsers are signed in and were seen since."""
    return select(func.count()).select_from(Session).where(Session.seen_at >= moment)


def sessions_and_places(user: User, this: int) -> Select[Session, bool]:
    """This session of the user's and then the others, the last seen first, and whether each is in a browser that is new to the person."""
    first = select(func.min(KnownDevice.first_at)).where(KnownDevice.user_id == user.id).scalar_subquery()
    is_new = and_(KnownDevice.first_at > first, KnownDevice.first_at > clock.now() - NEW_FOR, Session.id != this)
    listed = select(Session, func.coalesce(is_new, false()).label("is_new")).outerjoin(KnownDevice, KnownDevice.id == Session.device_id)
    order = ((Session.id == this).desc(), Session.seen_at.desc(), Session.id.desc())
    return listed.where(Session.user_id == user.id).options(lazyload(Session.user)).order_by(*order)


def known_device(user_id: int, browser: str) -> KnownDevice | None:
    return session().scalars(_KNOWN_DEVICE, {"user_id": user_id, "browser": browser}).one_or_none()


def is_known_device(login: str, browser: str | None) -> bool:
    """Whether whoever has that address or username signed in with this browser before."""
    return browser is not None and session().scalar(_IS_KNOWN, {"login": email_key(login), "browser": browser}) is not None


def factors_of(user_id: int) -> Factors:
    """What the user has besides a password, by one statement."""
    apps, passkeys, codes = session().execute(_FACTORS, {"user_id": user_id}).one()
    return Factors(has_authenticator=bool(apps), passkeys=passkeys, recovery_codes=codes)


def authenticator_of(user_id: int) -> Authenticator | None:
    """The app that shows the user's codes, once its first code was right."""
    return (
        session()
        .scalars(select(Authenticator).where(Authenticator.user_id == user_id, Authenticator.confirmed_at.is_not(None)))
        .one_or_none()
    )


def recovery_salt(user_id: int) -> str | None:
    """What all of one person's recovery codes are salted with; None where there are none left."""
    return session().scalar(select(RecoveryCode.salt).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None)).limit(1))


def passkey_by_credential(credential_id: str) -> Passkey | None:
    return session().scalars(select(Passkey).where(Passkey.credential_id == credential_id)).one_or_none()


def passkeys_of(user_id: int) -> Select[Passkey]:
    return select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.id)


def has_way_in(user: User, *, issuers: Collection[str], but_passkey: int | None = None, but_identity: int | None = None) -> bool:
    """Whether the user could sign in without those two: by password, a passkey that verifies, or another provider that is set up."""
    keys = select(Passkey.id).where(Passkey.user_id == user.id, Passkey.is_verifying, Passkey.id != (but_passkey or 0))
    linked = select(LinkedIdentity.id).where(
        LinkedIdentity.user_id == user.id, LinkedIdentity.issuer.in_(issuers), LinkedIdentity.id != (but_identity or 0)
    )
    return user.password is not None or bool(session().scalar(select(or_(exists(keys), exists(linked)))))


def identities_of(user_id: int) -> Select[LinkedIdentity]:
    return select(LinkedIdentity).where(LinkedIdentity.user_id == user_id).order_by(LinkedIdentity.id)


def invitation_by_digest(kept: str) -> Invitation | None:
    return session().scalars(select(Invitation).where(Invitation.digest == kept)).one_or_none()


def setup_link() -> SetupLink | None:
    return session().scalars(select(SetupLink).limit(1)).one_or_none()


def heirs(user: User) -> Select[User]:
    """Who could look after what the user wrote once the account is gone, by name."""
    is_there = (User.id != user.id, User.status == AccountStatus.ACTIVE, User.active)
    return select(User).where(_holds("posts.write"), *is_there).order_by(User.name, User.id)


def accounts_due(now: datetime) -> Select[int]:
    """Numbers of the accounts that end now, the longest waiting first."""
    is_due = (User.status == AccountStatus.CLOSING, User.closes_at <= now)
    return select(User.id).where(*is_due).order_by(User.closes_at, User.id)


def user_by_following_key(key: str) -> User | None:
    """Whoever's feed of followed authors stands at that address."""
    return session().scalars(select(User).where(User.following_key == key)).one_or_none()


def follows(follower_id: int, author_id: int) -> bool:
    return session().get(Follow, (follower_id, author_id)) is not None


def digest(token: str) -> str:
    """How a cookie's or link's secret is kept: a leaked table gives nothing away."""
    return hashlib.sha256(token.encode()).hexdigest()


def _credentials() -> Select[str, int, str | None]:
    mine = or_(User.email == bindparam("login"), User.username == bindparam("login"))
    known = select(literal("user").label("kind"), User.id, User.password).where(mine)
    newest = (
        select(literal("registration"), Registration.id, Registration.password)
        .where(Registration.email == bindparam("login"), Registration.created_at > bindparam("since", type_=UtcDateTime()))
        .order_by(Registration.id.desc())
        .limit(1)
        .subquery()
    )
    either = union_all(known, select(newest)).subquery()
    return select(either.c.kind, either.c.id, either.c.password)


def _count(of: type[Authenticator | Passkey | RecoveryCode], *more: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.count()).select_from(of).where(of.user_id == bindparam("user_id"), *more).scalar_subquery()


# What every request of somebody signed in, and every sign-in, asks: built once, since building costs more than asking.
_CREDENTIALS = _credentials()
_PERSON = (
    select(User)
    .outerjoin(user_role, user_role.c.user_id == User.id)
    .outerjoin(Role, Role.id == user_role.c.role_id)
    .where(User.id == bindparam("user_id"))
    .options(contains_eager(User.roles))
    .execution_options(autoflush=False)
)
_SESSION = _with_person(select(Session), Session.user).where(Session.token_digest == bindparam("digest"))
_KEY = _with_person(select(ApiKey), ApiKey.user).where(ApiKey.lookup == bindparam("lookup"))
_FAMILY = _with_person(select(RefreshFamily), RefreshFamily.user).where(RefreshFamily.handle == bindparam("handle"))
_KNOWN_DEVICE = select(KnownDevice).where(KnownDevice.user_id == bindparam("user_id"), KnownDevice.digest == bindparam("browser"))
_IS_KNOWN = (
    select(KnownDevice.id)
    .join(User, User.id == KnownDevice.user_id)
    .where(KnownDevice.digest == bindparam("browser"), or_(User.email == bindparam("login"), User.username == bindparam("login")))
    .limit(1)
)
_FACTORS = select(
    _count(Authenticator, Authenticator.confirmed_at.is_not(None)), _count(Passkey), _count(RecoveryCode, RecoveryCode.used_at.is_(None))
)


@lru_cache(maxsize=8)
def _session_beside(beside: ColumnElement[Any]) -> Select[Session, Any]:
    return _SESSION.add_columns(beside)
