"""Reads of people and their sessions."""

import hashlib
import unicodedata

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import joinedload

from inkhorn.accounts.models import AccountStatus, Role, Session, SetupLink, User
from inkhorn.core.database import session

LONGEST_EMAIL = 254


def email_key(email: str) -> str:
    """An address in the form it is kept, counted and compared in, whatever was typed."""
    plain = unicodedata.normalize("NFC", email).strip().lower()
    return "".join(letter for letter in plain if letter.isprintable())[:LONGEST_EMAIL]


def user_by_email(email: str) -> User | None:
    return session().scalars(select(User).where(User.email == email_key(email))).one_or_none()


def credentials(email: str) -> Row[int, str | None] | None:
    """Number and kept password of whoever has that address; one statement, whether there is somebody or not."""
    return session().execute(select(User.id, User.password).where(User.email == email_key(email))).one_or_none()


def user_by_origin(origin: str, key: str) -> User | None:
    return session().scalars(select(User).where(User.origin == origin, User.origin_key == key)).one_or_none()


def owner() -> User | None:
    return session().scalars(select(User).where(User.roles.any(Role.name == "owner")).order_by(User.id).limit(1)).one_or_none()


def people() -> Select[User]:
    """Everybody with an account, imported authors included, by name."""
    return select(User).order_by(User.name, User.id)


def writers() -> Select[User]:
    """Who can be named as an author: imported authors and everybody whose role writes."""
    may_write = User.roles.any(Role.name.in_(("author", "editor", "administrator", "owner")))
    return select(User).where(may_write | (User.status == AccountStatus.UNCLAIMED)).order_by(User.name, User.id)


def session_by_token(token: str) -> Session | None:
    """The session whose cookie holds this token, with its user and roles."""
    loaded = joinedload(Session.user).selectinload(User.roles)
    return session().scalars(select(Session).options(loaded).where(Session.token_digest == digest(token))).one_or_none()


def setup_link() -> SetupLink | None:
    return session().scalars(select(SetupLink).limit(1)).one_or_none()


def digest(token: str) -> str:
    """How a cookie's token is kept: a leaked table gives nobody's session away."""
    return hashlib.sha256(token.encode()).hexdigest()
