"""The providers that people can sign in with, as the operator set them up, and the one way in which they are asked."""

import json
import logging
import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from flask import current_app

from inkhorn.accounts.services.people import tidy_email, tidy_name
from inkhorn.core.config import Config, config
from inkhorn.core.errors import InkhornError, Invalid, NotFound, Unavailable
from inkhorn.core.fetch import PUBLIC, FetchFailed, FetchRefused, Resolver, fetch, only_to, send

log = logging.getLogger(__name__)

GITHUB, GOOGLE = "https://github.com", "https://accounts.google.com"
# A web process waits for it meanwhile; a provider that lets us wait is not asked again at once.
PATIENCE_SECONDS = 6
AWAY_SECONDS = 10
MOST_BYTES = 500_000
LONGEST_LABEL = 254
# Statuses with which a provider says in JSON what it does not like.
TOLD = frozenset((200, 400, 401, 403))


class ProviderAway(Unavailable):
    """The provider does not answer, or that something broke there."""

    def __init__(self, provider: "Provider") -> None:
        super().__init__(f"{provider.label} does not answer just now. Try again in a minute, or sign in another way.")


class AnswerRefused(InkhornError):
    """What the provider answered does not hold; why is in the log, for the operator."""

    status = 403

    def __init__(self, provider: "Provider", reason: str) -> None:
        self.reason = reason
        super().__init__(f"What {provider.label} answered does not hold, so nothing was done. Try again, or sign in another way.")


@dataclass(frozen=True)
class Provider:
    """Somebody else who can tell who a person is."""

    # As in our addresses, and as people know it.
    name: str
    label: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    resolver: Resolver = field(repr=False)
    scope: str = "openid email profile"
    prompt: str | None = None


@dataclass
class Kept:
    """What a process remembers of a provider; times are those of time.monotonic()."""

    away_until: float = 0.0
    metadata: Any = None
    metadata_until: float = 0.0
    keys: Any = None
    keys_at: float = 0.0


def providers() -> dict[str, Provider]:
    """Those that are set up, by name, in the order of their buttons."""
    return {each.name: each for each in _set_up(config())}


def issuers() -> set[str]:
    """Those whose word opens accounts here today."""
    return {each.issuer for each in providers().values()}


def provider_named(name: str) -> Provider:
    found = providers().get(name)
    if found is None:
        raise NotFound("People do not sign in with that provider here.")
    return found


def kept_of(provider: Provider) -> Kept:
    known: dict[str, Kept] = current_app.extensions.setdefault("inkhorn.providers", {})
    return known.setdefault(f"{provider.name} {provider.issuer}", Kept())


def ask(provider: Provider, address: str, *, bearer: str | None = None) -> Any:
    """The JSON that stands at one of the provider's addresses."""
    headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {bearer}"} if bearer else {})
    return _json(provider, address, headers=headers)


def redeem(provider: Provider, address: str, fields: Mapping[str, str], *, in_header: bool) -> dict[str, Any]:
    """What the provider gives for a code; the client's secret goes in a header or among the fields, as the provider likes it."""
    headers = {"Accept": "application/json"}
    if in_header:
        headers |= {"Authorization": f"Basic {_basic(provider)}"}
    else:
        fields = {**fields, "client_id": provider.client_id, "client_secret": provider.client_secret}
    told = _json(provider, address, headers=headers, body=urlencode(fields).encode())
    if not isinstance(told, dict) or not isinstance(told.get("access_token"), str) or not told["access_token"]:
        error = told.get("error") if isinstance(told, dict) else None
        raise AnswerRefused(provider, f"no token for the code: {str(error)[:100]!r}")
    if str(told.get("token_type", "")).lower() != "bearer":
        raise AnswerRefused(provider, "a token of a kind that we do not know")
    return told


def vouched_address(told: Any, *, is_checked: bool) -> str | None:
    """The address in our form, where the provider says it has checked it and it is one."""
    try:
        return tidy_email(told) if is_checked and isinstance(told, str) else None
    except Invalid:
        return None


def shown_name(told: Any) -> str:
    try:
        return tidy_name(told) if isinstance(told, str) else ""
    except Invalid:
        return ""


def _json(provider: Provider, address: str, *, headers: Mapping[str, str], body: bytes | None = None) -> Any:
    kept = kept_of(provider)
    if time.monotonic() < kept.away_until:
        raise ProviderAway(provider)
    wishes: dict[str, Any] = {"headers": headers, "timeout": PATIENCE_SECONDS, "max_bytes": MOST_BYTES, "resolver": provider.resolver}
    try:
        answer = fetch(address, **wishes) if body is None else send(address, body, accepts=TOLD, **wishes)
        return json.loads(answer.content)
    except FetchFailed as error:
        if error.answered is not None and error.answered < 500:
            raise AnswerRefused(provider, str(error)) from error
        log.warning("provider_away", extra={"provider": provider.name, "reason": str(error)})
        if error.answered is None:
            kept.away_until = time.monotonic() + AWAY_SECONDS
        raise ProviderAway(provider) from error
    except (FetchRefused, ValueError, RecursionError) as error:
        raise AnswerRefused(provider, str(error)[:200]) from error


def _basic(provider: Provider) -> str:
    # Both are encoded as in a form first (RFC 6749, 2.3.1).
    pair = f"{quote(provider.client_id, safe='')}:{quote(provider.client_secret, safe='')}"
    return b64encode(pair.encode()).decode()


def _set_up(running: Config) -> list[Provider]:
    made = []
    if running.github_client_id:
        secret = running.github_client_secret or ""
        made.append(Provider("github", "GitHub", GITHUB, running.github_client_id, secret, PUBLIC, "user:email", "select_account"))
    if running.google_client_id:
        secret = running.google_client_secret or ""
        made.append(Provider("google", "Google", GOOGLE, running.google_client_id, secret, PUBLIC, prompt="select_account"))
    if running.oidc_issuer:
        label = running.oidc_name or urlsplit(running.oidc_issuer).hostname or running.oidc_issuer
        issuer, secret = running.oidc_issuer, running.oidc_client_secret or ""
        # The operator named it, so it may stand in a network of their own.
        made.append(Provider("oidc", label, issuer, running.oidc_client_id or "", secret, only_to(issuer)))
    return made
