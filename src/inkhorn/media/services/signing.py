"""Addresses of files that are for some only: good for some hours, whoever asks."""

from inkhorn.core import tokens

PURPOSE = "media"
# As long as somebody may pause a long recording and go on.
GOOD_FOR_SECONDS = 6 * 60 * 60


def sign_for(uuid: str) -> str:
    """What makes an address of this upload good for a while; worth nothing for any other upload."""
    return tokens.sign(PURPOSE, uuid)


def is_signed_for(uuid: str, token: str | None) -> bool:
    return bool(token) and tokens.read(PURPOSE, token or "", max_age_seconds=GOOD_FOR_SECONDS) == uuid
