"""Passkeys: the challenges they answer, and what is kept of each."""

import enum
import secrets
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from inkhorn.accounts.models import OneTimeToken, Passkey, Purpose, Session, User
from inkhorn.accounts.queries import factors_of, has_way_in
from inkhorn.accounts.services.factors import CodeSheet, LastWayIn, follow_up, hold_still, part_with_factor, refuse_last, welcome_factor
from inkhorn.accounts.services.sessions import Visit
from inkhorn.accounts.services.tokens import LinkSpent, claim_token, issue_token, token_of
from inkhorn.core import audit, clock
from inkhorn.core.access import Actor
from inkhorn.core.database import session
from inkhorn.core.errors import Conflict, Invalid, NotFound

LONGEST_PASSKEY_NAME = 100
# Nobody has more; each makes every list of credentials longer.
MOST_PASSKEYS = 20


class PasskeyRefused(Invalid):
    """What the browser sent proves nothing."""

    def __init__(self, message: str = "That passkey did not answer as it should. Try once more, or use another way.") -> None:
        super().__init__(message, field="credential")


class PasskeyTaken(Conflict):
    """The passkey is on an account already."""

    def __init__(self) -> None:
        super().__init__("This passkey is in use already. Use it as it is, or choose another one.")


class TooManyPasskeys(Conflict):
    """There is no end of keys otherwise."""

    def __init__(self) -> None:
        super().__init__(f"There are {MOST_PASSKEYS} passkeys on this account. Remove one that you no longer use.")


class Act(enum.StrEnum):
    """What a challenge is answered for, and nothing else."""

    ADD = "add"
    SIGN_IN = "sign_in"
    SECOND = "second"
    PROVE = "prove"


@dataclass(frozen=True, kw_only=True)
class Credential:
    """A passkey just made, as its checked answer describes it."""

    credential_id: str
    public_key: bytes
    sign_count: int
    is_verifying: bool
    is_backed_up: bool
    transports: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Use:
    """A passkey's answer whose signature was right."""

    passkey_id: int
    user_id: int
    sign_count: int
    is_backed_up: bool


def issue_challenge(act: Act, *, browser: str | None, user: User | None = None) -> str:
    """A challenge that one browser may answer once, for one act, and only with a passkey of the user where one is named."""
    return issue_token(Purpose.CHALLENGE, user=user, browser=browser, act=act.value).secret


def claim_challenge(secret: str, act: Act, *, browser: str | None, user_id: int | None = None) -> None:
    """Use the challenge up; PasskeyRefused where it is another browser's, act's or person's, was answered before, or is too old."""
    try:
        token: OneTimeToken = token_of(secret, Purpose.CHALLENGE)
        is_this = token.details.get("act") == act.value and token.user_id == user_id
        if not is_this or browser is None or token.browser_digest != browser:
            raise PasskeyRefused
        claim_token(token)
    except LinkSpent as error:
        raise PasskeyRefused("The browser took too long, or answered twice. Try once more.") from error


def give_handle(user: User) -> str:
    """The name by which passkeys know the user; it says nothing about them and stays as it is."""
    if user.passkey_handle is None:
        made = update(User).where(User.id == user.id, User.passkey_handle.is_(None)).values(passkey_handle=secrets.token_urlsafe(32))
        session().execute(made)
        session().refresh(user)
    assert user.passkey_handle is not None
    return user.passkey_handle


def add_passkey(opened: Session, made: Credential, *, name: str, sheet: CodeSheet | None, by: Actor) -> Passkey:
    """Put a passkey on the account; PasskeyTaken where it is on one already. Sheet is kept where there are no recovery codes."""
    user = hold_still(opened)
    if factors_of(user.id).passkeys >= MOST_PASSKEYS:
        raise TooManyPasskeys
    passkey = Passkey(
        user_id=user.id,
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        name=tidy_passkey_name(name) or _usual_name(user, made),
        transports=list(made.transports),
        is_verifying=made.is_verifying,
        is_backed_up=made.is_backed_up,
    )
    try:
        with session().begin_nested():
            session().add(passkey)
    except IntegrityError as error:
        raise PasskeyTaken from error
    audit.record(by, "accounts.passkey_added", user, passkey=passkey.name)
    welcome_factor(opened, sheet, by=by)
    follow_up(opened, "passkey_added")
    return passkey


def rename_passkey(passkey: Passkey, name: str, *, by: Actor) -> None:
    """Call a passkey what its owner calls it."""
    before, passkey.name = passkey.name, tidy_passkey_name(name)
    if not passkey.name:
        raise Invalid("Write what you call this passkey.", field="name")
    session().flush()
    if passkey.name != before:
        audit.record(by, "accounts.passkey_renamed", passkey.user, before=before, after=passkey.name)


def remove_passkey(passkey: Passkey, opened: Session, *, issuers: Collection[str], by: Actor) -> None:
    """Let a passkey open nothing from now on; LastFactor where the role must have a factor and there is no other, LastWayIn where nothing is left.

    The issuers are those that people can sign in with today.
    """
    user, name = hold_still(opened), passkey.name
    known = factors_of(user.id)
    refuse_last(user, is_last=not known.has_authenticator and known.passkeys == 1)
    if passkey.is_verifying and not has_way_in(user, issuers=issuers, but_passkey=passkey.id):
        raise LastWayIn
    gone = delete(Passkey).where(Passkey.id == passkey.id, Passkey.user_id == user.id)
    if session().execute(gone).rowcount != 1:  # type: ignore[attr-defined]
        raise NotFound("You have no such passkey.")
    audit.record(by, "accounts.passkey_removed", user, passkey=name)
    part_with_factor(opened)
    follow_up(opened, "passkey_removed")


def use_passkey(use: Use) -> None:
    """Note that a passkey was used; PasskeyRefused where its count did not grow, so that a copy of it is found out."""
    # Many count nothing and always say 0; their challenge, which is used up once, stands against a second use.
    is_later = (Passkey.sign_count < use.sign_count) if use.sign_count else (Passkey.sign_count == 0)
    noted = (
        update(Passkey)
        .where(Passkey.id == use.passkey_id, is_later)
        .values(sign_count=use.sign_count, is_backed_up=use.is_backed_up, used_at=clock.now())
    )
    if session().execute(noted).rowcount != 1:  # type: ignore[attr-defined]
        raise PasskeyRefused("This passkey seems to have been copied, or was removed just now. Use another way, and replace it.")


def note_passkey_refusal(visit: Visit, user: User | None = None) -> None:
    by = visit.stranger()
    audit.record(by, "accounts.sign_in_refused", user, way="passkey")


def tidy_passkey_name(name: str) -> str:
    """The name on one line, without what cannot be seen."""
    shown = "".join(letter for letter in name if letter.isprintable() or letter.isspace())
    return " ".join(shown.split())[:LONGEST_PASSKEY_NAME]


def _usual_name(user: User, made: Credential) -> str:
    """What a passkey is called that was given no name: by how it is reached, numbered where there are several."""
    kinds = (("internal", "Built-in passkey"), ("hybrid", "Phone or tablet"), ("usb", "Security key"), ("nfc", "Security key"))
    stem = next((words for way, words in kinds if way in made.transports), "Passkey")
    alike = Passkey.name.startswith(stem, autoescape=True)
    count = session().scalar(select(func.count()).select_from(Passkey).where(Passkey.user_id == user.id, alike)) or 0
    return f"{stem} {count + 1}" if count else stem
