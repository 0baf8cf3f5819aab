"""OpenID Connect: where a provider says its doors are, and whether an ID token of its holds."""

import hmac
import time
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import ECKey, Key, KeySet, OKPKey, RSAKey, import_key
from joserfc.jws import JWSRegistry

from inkhorn.accounts.identity.providers import (
    LONGEST_LABEL,
    AnswerRefused,
    Provider,
    ask,
    kept_of,
    redeem,
    shown_name,
    vouched_address,
)
from inkhorn.accounts.services.linking import Ceremony, Identity
from inkhorn.core import clock
from inkhorn.core.fetch import FetchRefused
from inkhorn.core.fetch.targets import parts_of

# Signatures with a key of which we hold only the public half; "none" and those with a shared secret prove nothing to us.
ALGORITHMS = frozenset("RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519".split())
LEAST_RSA_BITS = 2048
METADATA_SECONDS = 60 * 60
KEYS_SECONDS = 60 * 60
# A token signed by a key that we have not seen makes us look again, but not at every token.
KEYS_AGAIN_SECONDS = 60
# How far the provider's clock and ours may be apart.
LEEWAY_SECONDS = 60
LONGEST_SUBJECT = 255


@dataclass(frozen=True)
class Metadata:
    """What a provider says of itself (OpenID Connect Discovery)."""

    authorization: str
    token: str
    keys: str
    user_info: str | None
    algorithms: frozenset[str]
    takes_secret_in_header: bool
    # Whether every answer names the issuer (RFC 9207).
    names_itself: bool


def metadata_of(provider: Provider) -> Metadata:
    """The provider's own account of itself, asked for once an hour; AnswerRefused where it speaks for somebody else."""
    kept = kept_of(provider)
    if kept.metadata is None or time.monotonic() > kept.metadata_until:
        told = ask(provider, provider.issuer.removesuffix("/") + "/.well-known/openid-configuration")
        kept.metadata = _metadata(provider, told)
        kept.metadata_until = time.monotonic() + METADATA_SECONDS
    metadata: Metadata = kept.metadata
    return metadata


def authorization_address(provider: Provider) -> str:
    return metadata_of(provider).authorization


def refuse_foreign_issuer(provider: Provider, named: str | None) -> None:
    """Refuse an answer that another provider gave, or that does not say whose it is though it should (a mix-up)."""
    if named != provider.issuer and (named is not None or metadata_of(provider).names_itself):
        raise AnswerRefused(provider, f"the answer names the issuer {named!r}")


def identify(provider: Provider, ceremony: Ceremony, code: str) -> Identity:
    """Who the person is by the provider's word; AnswerRefused where that does not hold. The tokens end here."""
    metadata = metadata_of(provider)
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": ceremony.back,
        "code_verifier": ceremony.verifier,
        "client_id": provider.client_id,
    }
    given = redeem(provider, metadata.token, fields, in_header=metadata.takes_secret_in_header)
    claims = read_id_token(provider, given.get("id_token"), ceremony, access_token=given["access_token"])
    if "email" not in claims and metadata.user_info:
        claims = {**_user_info(provider, metadata.user_info, given["access_token"], claims["sub"]), **claims}
    return _identity(provider, claims)


def read_id_token(provider: Provider, token: Any, ceremony: Ceremony, *, access_token: str) -> dict[str, Any]:
    """The claims of an ID token that was made by this provider for us, in answer to this ceremony, and lately."""
    if not isinstance(token, str):
        raise AnswerRefused(provider, "there is no ID token")
    try:
        read = _decoded(provider, token)
        _claims_registry(provider, ceremony).validate(read.claims)
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise AnswerRefused(provider, f"ID token: {str(error)[:200]}") from error
    claims = read.claims
    audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    # Made for several, it must have been given to us (azp); given to somebody else, it is not ours.
    if claims.get("azp", provider.client_id if len(audience) == 1 else None) != provider.client_id:
        raise AnswerRefused(provider, "ID token: given to another client (azp)")
    if claims["iat"] < ceremony.began_at.timestamp() - LEEWAY_SECONDS:
        raise AnswerRefused(provider, "ID token: older than the question (iat)")
    if not isinstance(claims["nonce"], str) or not _is_name(claims["sub"], LONGEST_SUBJECT):
        raise AnswerRefused(provider, "ID token: nonce or sub of another kind")
    if "at_hash" in claims and not _is_half_hash(claims["at_hash"], access_token, read.header["alg"]):
        raise AnswerRefused(provider, "ID token: made with another access token (at_hash)")
    return claims


def _metadata(provider: Provider, told: Any) -> Metadata:
    if not isinstance(told, dict) or told.get("issuer") != provider.issuer:
        named = told.get("issuer") if isinstance(told, dict) else None
        raise AnswerRefused(provider, f"it calls itself {str(named)[:200]!r}: oidc_issuer must say exactly that")
    methods = told.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    signed = told.get("id_token_signing_alg_values_supported") or ["RS256"]
    if not isinstance(methods, list) or not isinstance(signed, list):
        raise AnswerRefused(provider, "its metadata holds values of another kind")
    return Metadata(
        authorization=_address(provider, told.get("authorization_endpoint")),
        token=_address(provider, told.get("token_endpoint")),
        keys=_address(provider, told.get("jwks_uri")),
        user_info=_address(provider, told["userinfo_endpoint"]) if told.get("userinfo_endpoint") else None,
        algorithms=ALGORITHMS.intersection(each for each in signed if isinstance(each, str)),
        takes_secret_in_header="client_secret_basic" in methods or "client_secret_post" not in methods,
        names_itself=told.get("authorization_response_iss_parameter_supported") is True,
    )


def _address(provider: Provider, told: Any) -> str:
    try:
        parts = parts_of(told) if isinstance(told, str) and told.isascii() else None
    except FetchRefused:
        parts = None
    # As private as the issuer itself: plain http only where the operator chose it for their own machine.
    if parts is None or parts.fragment or (parts.scheme != "https" and not provider.issuer.startswith("http://")):
        raise AnswerRefused(provider, f"its metadata names {str(told)[:200]!r}, which is no address to go to")
    return str(told)


def _decoded(provider: Provider, token: str) -> jwt.Token:
    allowed = metadata_of(provider).algorithms
    if not allowed:
        raise ValueError("the provider signs in no way that we trust")
    # Headers that we do not know are passed over; those that must be understood ("crit") are not.
    registry = JWSRegistry(algorithms=sorted(allowed), strict_check_header=False)
    try:
        return jwt.decode(token, _keys(provider), registry=registry)
    except InvalidKeyIdError:
        return jwt.decode(token, _keys(provider, again=True), registry=registry)


def _claims_registry(provider: Provider, ceremony: Ceremony) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        now=int(clock.now().timestamp()),
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": provider.issuer},
        sub={"essential": True},
        aud={"essential": True, "value": provider.client_id},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": ceremony.nonce},
    )


def _keys(provider: Provider, *, again: bool = False) -> KeySet:
    kept = kept_of(provider)
    age = time.monotonic() - kept.keys_at
    if kept.keys is None or age > KEYS_SECONDS or (again and age > KEYS_AGAIN_SECONDS):
        told = ask(provider, metadata_of(provider).keys)
        listed = told.get("keys") if isinstance(told, dict) else None
        kept.keys = KeySet([key for each in (listed if isinstance(listed, list) else ()) if (key := _key(each))])
        kept.keys_at = time.monotonic()
    keys: KeySet = kept.keys
    return keys


def _key(told: Any) -> Key | None:
    """A public key for signatures; None for whatever else a provider lists."""
    if not isinstance(told, dict) or told.get("use", "sig") != "sig" or told.get("kty") not in ("RSA", "EC", "OKP"):
        return None
    try:
        key = import_key(told)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    if isinstance(key, RSAKey) and key.public_key.key_size < LEAST_RSA_BITS:
        return None
    return key if isinstance(key, RSAKey | ECKey | OKPKey) else None


def _is_half_hash(told: Any, access_token: str, algorithm: str) -> bool:
    from authlib.oidc.core.util import create_half_hash  # noqa: PLC0415 - a hundred modules, for sites that have a provider

    right = create_half_hash(access_token, "EdDSA" if algorithm == "Ed25519" else algorithm)
    return isinstance(told, str) and right is not None and hmac.compare_digest(told.encode("utf-8", "replace"), right)


def _user_info(provider: Provider, address: str, access_token: str, subject: str) -> dict[str, Any]:
    told = ask(provider, address, bearer=access_token)
    if not isinstance(told, dict) or told.get("sub") != subject:
        raise AnswerRefused(provider, "the user info is somebody else's (sub)")
    return told


def _identity(provider: Provider, claims: dict[str, Any]) -> Identity:
    email = vouched_address(claims.get("email"), is_checked=str(claims.get("email_verified")).lower() == "true")
    name = shown_name(claims.get("name"))
    label = next((text for key in ("preferred_username", "email", "name") if (text := shown_name(claims.get(key)))), "")
    return Identity(
        provider=provider.name, issuer=provider.issuer, subject=claims["sub"], label=label[:LONGEST_LABEL], name=name, email=email
    )


def _is_name(told: Any, longest: int) -> bool:
    return isinstance(told, str) and 0 < len(told) <= longest and told.isprintable()
