"""Passwords: how long, how common, and how they are kept."""

import secrets
import string
import unicodedata
from functools import lru_cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from inkhorn.core.errors import Invalid

LEAST_FOR_STAFF = 12
LEAST_FOR_READERS = 8
MOST = 128
COMMON_FILE = Path(__file__).with_name("common_passwords.txt")
# What people put around a common word to make it long enough.
ORNAMENTS = string.digits + string.punctuation

# OWASP's profile for a small server: 19 MiB, two passes, one lane.
MEMORY_KIB, PASSES, LANES = 19_456, 2, 1


class WeakPassword(Invalid):
    """Too short, too long or known to everybody."""

    def __init__(self, message: str) -> None:
        super().__init__(message, field="password")


def refuse_weak(password: str, *, is_staff: bool, words: tuple[str, ...] = ()) -> None:
    """WeakPassword where it is too short, too long, common, or little more than one of the given words of the site."""
    least = LEAST_FOR_STAFF if is_staff else LEAST_FOR_READERS
    if len(password) < least:
        raise WeakPassword(f"Use at least {least} characters; a few words in a row are good.")
    if len(password) > MOST:
        raise WeakPassword(f"Use at most {MOST} characters.")
    plain = _plain(password)
    if plain in _common() or plain.strip(ORNAMENTS) in _common() or len(set(plain)) < 5:
        raise WeakPassword("This password is among the first that anybody would try. Choose another one.")
    for word in words:
        if len(word) >= 4 and len(plain.replace(_plain(word), "")) < 5:
            raise WeakPassword("This password is too close to a name of yours or of the site. Choose another one.")


def hash_password(password: str) -> str:
    return _hasher().hash(_normal(password))


def is_right(password: str, kept: str | None) -> bool:
    """Whether the password fits the kept hash; takes as long where there is none."""
    try:
        return _hasher().verify(kept or _decoy(), _normal(password)) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    return _hasher().check_needs_rehash(kept)


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)


@lru_cache(maxsize=1)
def _decoy() -> str:
    return _hasher().hash(secrets.token_urlsafe(32))


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    return frozenset(COMMON_FILE.read_text(encoding="utf-8").split())


def _normal(password: str) -> str:
    return unicodedata.normalize("NFC", password)


def _plain(text: str) -> str:
    return _normal(text).casefold().replace(" ", "")
