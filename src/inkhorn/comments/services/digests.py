"""Digests by which the same words and the same network place are known again."""

import hashlib
import hmac

from inkhorn.core import limits
from inkhorn.core.config import config


def place_digest(address: str | None) -> str | None:
    """What a network address is counted and banned by; nobody learns the address from it without the site's key."""
    if not address:
        return None
    key = f"inkhorn.comments:{config().secret_key}".encode()
    return hmac.new(key, limits.place_of(address).encode(), "sha256").hexdigest()


def text_digest(body: str) -> str:
    """The same for the same words, however they are spaced and set."""
    return hashlib.sha256(" ".join(body.casefold().split()).encode()).hexdigest()


def digest_of(*parts: object) -> str:
    """One digest of all these, in this order."""
    return hashlib.sha256("\0".join(map(str, parts)).encode("utf-8", "replace")).hexdigest()
