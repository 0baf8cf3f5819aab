"""Signed, expiring, single-purpose tokens."""

from typing import Any

from itsdangerous import BadData, URLSafeTimedSerializer

from inkhorn.core.config import config


def sign(purpose: str, value: Any) -> str:
    """A URL-safe token that only read() with the same purpose accepts."""
    return _serializer(purpose).dumps(value)


def read(purpose: str, token: str, *, max_age_seconds: int) -> Any | None:
    """What was signed, or None where the token is forged, expired or meant for another purpose."""
    try:
        return _serializer(purpose).loads(token, max_age=max_age_seconds)
    except BadData:
        return None


def _serializer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(config().secret_key, salt=f"inkhorn.{purpose}")
