"""Signed, expiring, single-purpose tokens."""

from functools import lru_cache
from typing import Any

import orjson
from itsdangerous import BadData, URLSafeTimedSerializer
from itsdangerous.encoding import base64_encode

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


class _Serializer(URLSafeTimedSerializer):
    """Compresses nothing: what is signed here is short, and trying took two thirds of the time of signing it."""

    def dump_payload(self, obj: Any) -> bytes:
        return base64_encode(orjson.dumps(obj))


@lru_cache(maxsize=64)
def _serializer(purpose: str, secret_keys: tuple[str, ...]) -> URLSafeTimedSerializer:
    # The last one signs; the earlier ones are still read.
    return _Serializer(list(reversed(secret_keys)), salt=f"inkhorn.{purpose}")
