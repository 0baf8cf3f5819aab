"""Passwords: how long, how common, and how they are kept."""

import base64
import hmac
import re
import secrets
import string
import unicodedata
from functools import lru_cache
from pathlib import Path

import bcrypt
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from passlib.hash import phpass

from inkhorn.core.errors import Invalid

LEAST_FOR_STAFF = 12
LEAST_FOR_READERS = 8
MOST = 128
COMMON_FILE = Path(__file__).with_name("common_passwords.txt")
# What people put around a common word to make it long enough.
ORNAMENTS = string.digits + string.punctuation

LEAST_SCORE_FOR_STAFF, LEAST_SCORE_FOR_READERS = 3, 2
# The time for weighing grows with the third power of the length: 50 ms for these, five seconds for 72.
MOST_WEIGHED = 32

# phpass and bcrypt of WordPress, bcrypt of Ghost.
FOREIGN_HASH = re.compile(r"\$[PH]\$[./0-9A-Za-z]{31}|(\$wp)?\$2[aby]\$(0[4-9]|1[0-5])\$[./0-9A-Za-z]{53}")
BCRYPT_BYTES = 72

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
    bare = plain.strip(ORNAMENTS)
    if _common() & {plain, bare, _once(plain), _once(bare)} or len(set(plain)) < 5:
        raise WeakPassword("This password is among the first that anybody would try. Choose another one.")
    for word in words:
        if len(word) >= 4 and len(plain.replace(_plain(word), "").strip(ORNAMENTS)) < 5:
            raise WeakPassword("This password is too close to a name of yours or of the site. Choose another one.")
    if _score(password, words) < (LEAST_SCORE_FOR_STAFF if is_staff else LEAST_SCORE_FOR_READERS):
        raise WeakPassword(
            "This password would soon be guessed: common words, keys that lie side by side or dates, made longer. "
            "A few words that do not belong together are better."
        )


def hash_password(password: str) -> str:
    return _hasher().hash(_normal(password))


def is_right(password: str, kept: str | None) -> bool:
    """Whether the password fits the kept hash, ours or one that came with an import; takes as long where there is none."""
    if kept and not kept.startswith("$argon2"):
        return _is_right_elsewhere(password, kept)
    try:
        return _hasher().verify(kept or _decoy(), _normal(password)) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Whether the hash should be made anew from a password that was right: older parameters, or another program's way."""
    return not kept.startswith("$argon2") or _hasher().check_needs_rehash(kept)


def is_foreign_hash(kept: str) -> bool:
    """Whether this is a hash that WordPress or Ghost made and that is accepted once."""
    return bool(FOREIGN_HASH.fullmatch(kept))


def _is_right_elsewhere(password: str, kept: str) -> bool:
    try:
        if kept.startswith(("$P$", "$H$")):
            return bool(phpass.verify(password, kept))
        if kept.startswith("$wp$"):
            # WordPress 6.8 hashes first, so that no password is cut at bcrypt's 72 bytes.
            digest = hmac.new(b"wp-sha384", password.strip().encode(), "sha384").digest()
            return bcrypt.checkpw(base64.b64encode(digest), kept.removeprefix("$wp").encode())
        # They cut the password there when they made it; ours are never made so.
        return bcrypt.checkpw(password.encode()[:BCRYPT_BYTES], kept.encode())
    except ValueError:
        return False


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)


@lru_cache(maxsize=1)
def _decoy() -> str:
    return _hasher().hash(secrets.token_urlsafe(32))


def _score(password: str, words: tuple[str, ...]) -> int:
    """How hard it is to guess, from 0 to 4, by what is known of how people choose; 2 is a hundred million guesses at most."""
    from zxcvbn import zxcvbn  # noqa: PLC0415 - named in the list of hidden imports

    return int(zxcvbn(password[:MOST_WEIGHED], user_inputs=list(words))["score"])


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    return frozenset(COMMON_FILE.read_text(encoding="utf-8").split())


def _once(text: str) -> str:
    """What is said again and again, said once: "qwerty" of "qwertyqwerty"."""
    period = (text + text).find(text, 1)
    return text[:period] if text else text


def _normal(password: str) -> str:
    return unicodedata.normalize("NFC", password)


def _plain(text: str) -> str:
    return _normal(text).casefold().replace(" ", "")
