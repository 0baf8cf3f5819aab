"""Short codes: six digits by mail, six that an app shows, sixteen letters on paper; made, read as people type them, compared."""

import hmac
import secrets
import unicodedata
from datetime import datetime
from hashlib import sha256

from argon2.low_level import Type, hash_secret_raw
from passlib.exc import TokenError
from passlib.totp import TOTP

from inkhorn.accounts.passwords import LANES, MEMORY_KIB, PASSES

DIGITS = 6
STEP_SECONDS = 30
# Clocks drift: one step before and one after count as well (RFC 6238, 5.2).
DRIFT_SECONDS = 30
# Thirty-one that no hand confuses; sixteen of them are worth 79 bits.
PAPER_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
PAPER_LENGTH, PAPER_GROUP = 16, 4
PAPER_CODES = 10


def make_mail_code() -> str:
    """Six digits for a letter."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"


def mail_code_digest(code: str, token_digest: str, key: str) -> str:
    """How the digits are kept: keyed by the site and tied to their token, so that a copied table gives no code away."""
    return hmac.new(key.encode(), f"{token_digest}:{code}".encode(), sha256).hexdigest()


def digits_of(typed: str) -> str:
    """The digits however they were typed: blanks, hyphens and full-width forms do not matter; "" where it is no such code."""
    plain = "".join(unicodedata.normalize("NFKC", typed)[:40].replace("-", " ").split())
    return plain if len(plain) == DIGITS and plain.isascii() and plain.isdigit() else ""


def make_seed() -> str:
    """The secret that an app and the site share, as base32."""
    return str(TOTP.new(digits=DIGITS, period=STEP_SECONDS, alg="sha1").base32_key)


def seed_address(seed: str, *, label: str, issuer: str) -> str:
    """The otpauth:// address that a phone's camera reads."""
    # A colon would end the issuer's name.
    return str(_totp(seed).to_uri(label=label.replace(":", " "), issuer=issuer.replace(":", " ")))


def matching_counter(seed: str, typed: str, *, at: datetime, after: int) -> int | None:
    """The half-minute whose code was typed, if it is near and later than the last one taken; None for any other code."""
    code = digits_of(typed)
    if not code:
        return None
    try:
        found = _totp(seed).match(code, time=int(at.timestamp()), window=DRIFT_SECONDS, last_counter=after or None)
    except TokenError:
        return None
    return int(found.counter)


def code_at(seed: str, at: datetime) -> str:
    """What the app shows at that moment; for tests and demonstrations."""
    return str(_totp(seed).generate(time=int(at.timestamp())).token)


def make_paper_codes() -> list[str]:
    """Ten recovery codes, grouped for the eye: "k7wq-2m9x-t3fp-8c2v"."""
    letters = ["".join(secrets.choice(PAPER_ALPHABET) for _ in range(PAPER_LENGTH)) for _ in range(PAPER_CODES)]
    return ["-".join(each[start : start + PAPER_GROUP] for start in range(0, PAPER_LENGTH, PAPER_GROUP)) for each in letters]


def paper_code_of(typed: str) -> str:
    """The letters of a recovery code however they were typed; "" where it is none."""
    plain = "".join(unicodedata.normalize("NFKC", typed)[:80].casefold().replace("-", " ").split())
    return plain if len(plain) == PAPER_LENGTH and set(plain) <= set(PAPER_ALPHABET) else ""


def paper_code_digest(code: str, salt: str) -> str:
    """argon2id of the code; all codes of one person share a salt, so that one hash tells which of them it was."""
    raw = hash_secret_raw(
        paper_code_of(code).encode(),
        bytes.fromhex(salt),
        time_cost=PASSES,
        memory_cost=MEMORY_KIB,
        parallelism=LANES,
        hash_len=32,
        type=Type.ID,
    )
    return raw.hex()


def make_salt() -> str:
    return secrets.token_hex(16)


def _totp(seed: str) -> TOTP:
    return TOTP(key=seed, format="base32", digits=DIGITS, period=STEP_SECONDS, alg="sha1")
