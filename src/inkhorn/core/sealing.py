"""Secrets that must be read again, such as the seeds of one-time codes, kept so that a copy of the database gives none away."""

import base64
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from inkhorn.core.config import config
from inkhorn.core.errors import InkhornError

# Stands before what was sealed, so that another way can follow this one.
FORM = "v1."
NONCE_BYTES = 12
KEY_BYTES = 32


class Unreadable(InkhornError):
    """What was sealed has been altered, or sealed with a key that is gone."""

    status = 500

    def __init__(self) -> None:
        super().__init__("A kept secret cannot be read: the site's secret key was changed. Its operator can name the old one.")


def seal(purpose: str, text: str) -> str:
    """The text under AES-256-GCM; only open_sealed() with the same purpose and secret key reads it."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = AESGCM(_key(config().secret_key, purpose)).encrypt(nonce, text.encode(), None)
    return FORM + base64.urlsafe_b64encode(nonce + sealed).decode()


def open_sealed(purpose: str, sealed: str) -> str:
    """What was sealed, with the present secret key or an earlier one; Unreadable where a bit of it was changed."""
    for secret in config().secret_keys:
        opened = _opened(purpose, sealed, secret)
        if opened is not None:
            return opened
    raise Unreadable


def sealed_anew(purpose: str, sealed: str) -> str:
    """The same secret under the present key, where an earlier one still sealed it; Unreadable as open_sealed()."""
    return sealed if is_current(purpose, sealed, config().secret_key) else seal(purpose, open_sealed(purpose, sealed))


def is_current(purpose: str, sealed: str, secret: str) -> bool:
    """Whether this secret key reads it."""
    return _opened(purpose, sealed, secret) is not None


def _opened(purpose: str, sealed: str, secret: str) -> str | None:
    if not sealed.startswith(FORM):
        return None
    try:
        raw = base64.urlsafe_b64decode(sealed.removeprefix(FORM))
        return AESGCM(_key(secret, purpose)).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], None).decode()
    except (InvalidTag, ValueError):
        return None


def _key(secret: str, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"inkhorn.sealed.{purpose}".encode()).derive(secret.encode())
