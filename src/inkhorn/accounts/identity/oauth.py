"""Signing in with another provider: where the browser is sent, and what its answer proves (OAuth 2 with PKCE, OpenID Connect)."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from urllib.parse import urlencode

from inkhorn.accounts.identity import github, openid
from inkhorn.accounts.identity.providers import AnswerRefused, Provider
from inkhorn.accounts.services.linking import Begun, Ceremony, Identity
from inkhorn.core.errors import InkhornError, Unavailable

log = logging.getLogger(__name__)

LONGEST_CODE = 4000
# What a provider says where the person did not agree, and where it is the provider's own fault.
REFUSALS = frozenset(("access_denied", "consent_required", "interaction_required", "login_required", "account_selection_required"))
BREAKDOWNS = frozenset(("server_error", "temporarily_unavailable"))


class NotAgreed(InkhornError):
    """The person did not agree at the provider, or went back."""

    status = 403

    def __init__(self, provider: Provider) -> None:
        super().__init__(f"You did not agree at {provider.label}, so nothing was done. Try again, or sign in another way.")


class BrokenThere(Unavailable):
    """The provider says that something broke there."""

    def __init__(self, provider: Provider) -> None:
        super().__init__(f"Something broke at {provider.label}. Try again in a minute, or sign in another way.")


@dataclass(frozen=True)
class Answer:
    """What a browser brought back from a provider."""

    state: str
    code: str
    error: str
    issuer: str | None

    @classmethod
    def of(cls, args: Mapping[str, str]) -> "Answer":
        return cls(args.get("state", ""), args.get("code", ""), args.get("error", ""), args.get("iss"))


def door_of(provider: Provider) -> str:
    """The provider's own page where people agree; may ask the provider, so not for use inside a transaction."""
    with _told(provider):
        return str(_speech_of(provider).authorization_address(provider))


def way_there(provider: Provider, door: str, begun: Begun, *, back: str) -> str:
    """The address that the browser is sent to, for this ceremony and no other."""
    from authlib.oauth2.rfc7636 import create_s256_code_challenge  # noqa: PLC0415 - a hundred modules, for sites that have a provider

    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": back,
        "scope": provider.scope,
        "state": begun.state,
        "nonce": begun.nonce,
        "code_challenge": create_s256_code_challenge(begun.verifier),
        "code_challenge_method": "S256",
    } | ({"prompt": provider.prompt} if provider.prompt else {})
    return door + ("&" if "?" in door else "?") + urlencode(asked)


def identify(provider: Provider, ceremony: Ceremony, answer: Answer) -> Identity:
    """Whom the answer to a ceremony proves somebody to be; asks the provider, so not for use inside a transaction."""
    speech = _speech_of(provider)
    with _told(provider):
        speech.refuse_foreign_issuer(provider, answer.issuer)
        if answer.error:
            raise _refusal(provider, answer.error)
        if not answer.code or len(answer.code) > LONGEST_CODE:
            raise AnswerRefused(provider, "there is no code in the answer")
        identity: Identity = speech.identify(provider, ceremony, answer.code)
        return identity


@contextmanager
def _told(provider: Provider) -> Iterator[None]:
    """Tell the operator why an answer does not hold; the person is told that it does not."""
    try:
        yield
    except AnswerRefused as error:
        log.warning("provider_refused", extra={"provider": provider.name, "reason": error.reason})
        raise


def _refusal(provider: Provider, error: str) -> InkhornError:
    if error in REFUSALS:
        return NotAgreed(provider)
    if error in BREAKDOWNS:
        return BrokenThere(provider)
    return AnswerRefused(provider, f"the answer is the error {error[:100]!r}")


def _speech_of(provider: Provider) -> ModuleType:
    return github if provider.name == "github" else openid
