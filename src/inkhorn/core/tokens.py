"""Signed, expiring, single-purpose tokens."""

from functools import lru_cache
from typing import Any

from itsdangerous import BadData, URLSafeTimedSerializer

from inkhorn.core.config import config


def sign(purpose: str, value: Any) -> str:
    """A URL-safe token that only read() with the same purpose accepts."""
    return _serializer(purpose, config().secret_keys).dumps(value)


def read(purpose: str, token: str, *, max_age_seconds: int) -> Any | None:
    """What was signed, or None where the token is forged, expired or meant for another purpose."""
    try:
        return _serializer(purpose, config().secret_keys).loads(token, max_age=max_age_seconds)
    except BadData:
        return None


@lru_cache(maxsize=64)
def _serializer(purpose: str, secret_keys: tuple[str, ...]) -> URLSafeTimedSerializer:
    # The last one signs; the earlier ones are still read.
    return URLSafeTimedSerializer(list(reversed(secret_keys)), salt=f"inkhorn.{purpose}")
