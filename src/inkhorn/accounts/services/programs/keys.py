"""Keys of programs: made by somebody for themselves or for an integration, recognised, noted in use, ended."""

import base64
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select, update

from inkhorn.accounts.events import key_made
from inkhorn.accounts.models import ApiKey, KeyKind, User
from inkhorn.accounts.models.programs import PREFIXES
from inkhorn.accounts.policies import KEY_WORDS
from inkhorn.accounts.queries import digest, key_by_lookup
from inkhorn.core import audit, clock
from inkhorn.core.access import Actor, Forbidden
from inkhorn.core.database import session
from inkhorn.core.errors import Conflict, Invalid

LONGEST_KEY_NAME = 100
# Kinds differ by how they begin, so none is taken for another; then what it is found by, then 32 random bytes.
SHAPE = re.compile(r"(ink_pk_|ink_ik_)([a-z2-7]{8})_[A-Za-z0-9_-]{43}", re.ASCII)
USUAL_DAYS, MOST_DAYS = 90, 365
MOST_OWN_KEYS, MOST_INTEGRATIONS = 50, 200
# How old "last used" may be before a request writes it anew.
NOTED_EVERY = timedelta(minutes=1)
# How long a key that has ended is still listed.
LISTED_AFTER_END = timedelta(days=30)


class TooManyKeys(Conflict):
    """There is no end of keys otherwise."""

    def __init__(self, most: int) -> None:
        super().__init__(f"There are {most} keys already. End one that nothing uses any more.")


@dataclass(frozen=True)
class MadeKey:
    """A key just made; the text is kept nowhere else."""

    row: ApiKey
    text: str


def make_personal_key(user: User, *, name: str, permissions: Iterable[str], days: int = USUAL_DAYS, by: Actor) -> MadeKey:
    """A key by which a program acts as the user, with no more than these of the user's words."""
    if not user.can_sign_in:
        raise Conflict("That account cannot sign in, so no key can do so for it.")
    held = count_keys(KeyKind.PERSONAL, user_id=user.id)
    if held >= MOST_OWN_KEYS:
        raise TooManyKeys(MOST_OWN_KEYS)
    words = _chosen(permissions)
    if beyond := [word for word in words if not user.holds(word)]:
        raise Forbidden(f"A key does no more than the person whose it is: {', '.join(beyond)}.")
    return _make(KeyKind.PERSONAL, user, name=name, words=words, days=_fitting_days(days), by=by)


def make_integration_key(*, name: str, permissions: Iterable[str], days: int | None = USUAL_DAYS, by: Actor) -> MadeKey:
    """A key by which a program acts as itself; None days let it live until somebody ends it."""
    if count_keys(KeyKind.INTEGRATION) >= MOST_INTEGRATIONS:
        raise TooManyKeys(MOST_INTEGRATIONS)
    words = _chosen(permissions)
    if beyond := [word for word in words if not by.may(word)]:
        raise Forbidden(f"Nobody gives what they do not have: {', '.join(beyond)}.")
    return _make(KeyKind.INTEGRATION, None, name=name, words=words, days=None if days is None else _fitting_days(days), by=by)


def count_keys(kind: KeyKind, *, user_id: int | None = None) -> int:
    wanted = select(func.count()).select_from(ApiKey).where(ApiKey.kind == kind)
    return session().scalar(wanted.where(ApiKey.user_id == user_id) if user_id is not None else wanted) or 0


def key_of(text: str) -> ApiKey | None:
    """The living key that was shown; None for what is none, has ended, or is somebody's who cannot sign in."""
    found = SHAPE.fullmatch(text)
    key = key_by_lookup(found[2]) if found else None
    if key is None or found is None or PREFIXES[key.kind] != found[1] or not hmac.compare_digest(key.digest, digest(text)):
        return None
    return key if is_live(key) else None


def is_live(key: ApiKey) -> bool:
    within = key.expires_at is None or clock.now() < key.expires_at
    return within and (key.kind is KeyKind.INTEGRATION or (key.user is not None and key.user.can_sign_in))


def needs_noting(key: ApiKey) -> bool:
    return key.used_at is None or clock.now() - key.used_at >= NOTED_EVERY


def note_use(key: ApiKey, *, by: Actor) -> None:
    """Note that the key is in use; its first use is told in the audit log, by whichever request was first."""
    now = clock.now()
    noted = {"used_at": now, "used_from": by.address}
    first = update(ApiKey).where(ApiKey.id == key.id, ApiKey.used_at.is_(None)).values(**noted)
    if session().execute(first).rowcount == 1:  # type: ignore[attr-defined]
        audit.record(by, "accounts.key_first_used", key)
        return
    session().execute(update(ApiKey).where(ApiKey.id == key.id, ApiKey.used_at <= now - NOTED_EVERY).values(**noted))


def revoke_key(key: ApiKey, *, by: Actor) -> None:
    """End the key at once; one that somebody else has just ended stays ended."""
    gone = delete(ApiKey).where(ApiKey.id == key.id).execution_options(synchronize_session=False)
    if session().execute(gone).rowcount == 1:  # type: ignore[attr-defined]
        session().expunge(key)
        audit.record(by, "accounts.key_revoked", key, whose=key.user_id)


def forget_old_keys() -> None:
    """Take away what has ended a month ago."""
    session().execute(delete(ApiKey).where(ApiKey.expires_at < clock.now() - LISTED_AFTER_END))


def _make(kind: KeyKind, user: User | None, *, name: str, words: list[str], days: int | None, by: Actor) -> MadeKey:
    lookup = base64.b32encode(secrets.token_bytes(5)).decode().lower()
    text = f"{PREFIXES[kind]}{lookup}_{secrets.token_urlsafe(32)}"
    row = ApiKey(
        kind=kind,
        name=_tidy_name(name),
        lookup=lookup,
        digest=digest(text),
        user=user,
        made_by_id=by.id,
        made_by_label=by.label[:320],
        permissions=words,
        expires_at=None if days is None else clock.now() + timedelta(days=days),
    )
    session().add(row)
    session().flush()
    ends = row.expires_at.isoformat() if row.expires_at else None
    audit.record(by, "accounts.key_made", row, permissions=words, ends=ends, kind=kind.value)
    key_made.send(row)
    return MadeKey(row, text)


def _chosen(permissions: Iterable[str]) -> list[str]:
    wanted = sorted(set(permissions))
    if unknown := [word for word in wanted if word not in KEY_WORDS]:
        raise Invalid(f"No key can be given {', '.join(unknown)[:200]}.", field="permissions")
    if not wanted:
        raise Invalid("Choose at least one thing that the key may do.", field="permissions")
    return wanted


def _fitting_days(days: int) -> int:
    if not 1 <= days <= MOST_DAYS:
        raise Invalid(f"Let it end after 1 to {MOST_DAYS} days.", field="days")
    return days


def _tidy_name(name: str) -> str:
    shown = " ".join("".join(letter for letter in name if letter.isprintable()).split())
    if not 1 <= len(shown) <= LONGEST_KEY_NAME:
        raise Invalid(f"Give the key a name of at most {LONGEST_KEY_NAME} characters, so that you know it again.", field="name")
    return shown
