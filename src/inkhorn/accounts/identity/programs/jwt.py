"""Access tokens of programs: signed, good for a quarter of an hour, naming whom they speak for and the chain without which they are worth nothing."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import GuestProtocol, OctKey

from inkhorn.accounts.models import RefreshFamily
from inkhorn.core import clock
from inkhorn.core.config import config

LIFE = timedelta(minutes=15)
ALGORITHM, TYPE, AUDIENCE = "HS256", "at+jwt", "inkhorn:api"
LONGEST = 2_000
# How far the clocks of several machines of one site may be apart.
LEEWAY_SECONDS = 5


@dataclass(frozen=True)
class Claims:
    """What a token says that holds."""

    user_id: int
    handle: str


def issue_access_token(family: RefreshFamily) -> str:
    """A token for the program that was just signed in or refreshed."""
    now = int(clock.now().timestamp())
    kid, key = next(iter(_keys().items()))
    claims = {
        "iss": _issuer(),
        "aud": AUDIENCE,
        "sub": str(family.user_id),
        "sid": family.handle,
        "jti": secrets.token_hex(16),
        "iat": now,
        "nbf": now,
        "exp": now + int(LIFE.total_seconds()),
    }
    return jwt.encode({"alg": ALGORITHM, "typ": TYPE, "kid": kid}, claims, key, algorithms=[ALGORITHM])


def read_access_token(text: str) -> Claims | None:
    """What the token says; None for one that is forged, expired, of another kind or for another audience."""
    if len(text) > LONGEST or text.count(".") != 2:
        return None
    keys = _keys()

    def key_for(token: GuestProtocol) -> OctKey:
        # Ours has these three and nothing else: no key, address of keys or chain that the token itself would bring along.
        headers = token.headers()
        if set(headers) != {"alg", "typ", "kid"} or headers["typ"] != TYPE or headers["kid"] not in keys:
            raise ValueError
        return keys[headers["kid"]]

    try:
        token = jwt.decode(text, key_for, algorithms=[ALGORITHM])
        _registry().validate(token.claims)
        return Claims(int(token.claims["sub"]), str(token.claims["sid"]))
    except (JoseError, ValueError, TypeError, RecursionError):
        return None


def _registry() -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        now=lambda: int(clock.now().timestamp()),
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": _issuer()},
        aud={"essential": True, "value": AUDIENCE},
        sub={"essential": True},
        sid={"essential": True},
        jti={"essential": True},
        iat={"essential": True},
        nbf={"essential": True},
        exp={"essential": True},
    )


def _issuer() -> str:
    return config().site_url or "inkhorn"


def _keys() -> dict[str, OctKey]:
    """Every key that a token may be signed with, by its public name; the first one signs."""
    derived = [
        HKDF(algorithm=SHA256(), length=32, salt=None, info=b"inkhorn.access-token").derive(secret.encode())
        for secret in config().secret_keys
    ]
    return {sha256(b"kid" + raw).hexdigest()[:16]: OctKey.import_key(raw) for raw in derived}
