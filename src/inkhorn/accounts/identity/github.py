"""GitHub, which speaks OAuth without OpenID: who somebody is stands in its API."""

from contextlib import suppress
from typing import Any

from inkhorn.accounts.identity.providers import (
    GITHUB,
    LONGEST_LABEL,
    AnswerRefused,
    Provider,
    ask,
    redeem,
    shown_name,
    vouched_address,
)
from inkhorn.accounts.services.linking import Ceremony, Identity

SITE, API = "https://github.com", "https://api.github.com"
# How its answers may call it; today most do not name it at all.
OWN_NAMES = (None, GITHUB, f"{GITHUB}/login/oauth")


def authorization_address(_provider: Provider) -> str:
    return f"{SITE}/login/oauth/authorize"


def refuse_foreign_issuer(provider: Provider, named: str | None) -> None:
    """Refuse an answer that another provider gave (a mix-up)."""
    if named not in OWN_NAMES:
        raise AnswerRefused(provider, f"the answer names the issuer {named!r}")


def identify(provider: Provider, ceremony: Ceremony, code: str) -> Identity:
    """Who the person is by GitHub's word; the token ends here."""
    fields = {"code": code, "redirect_uri": ceremony.back, "code_verifier": ceremony.verifier}
    token = redeem(provider, f"{SITE}/login/oauth/access_token", fields, in_header=False)["access_token"]
    person = ask(provider, f"{API}/user", bearer=token)
    number = person.get("id") if isinstance(person, dict) else None
    # A login can be given up and taken by somebody else; the number stays.
    if not isinstance(number, int) or isinstance(number, bool) or number <= 0:
        raise AnswerRefused(provider, "the person has no number")
    login = shown_name(person.get("login"))
    return Identity(
        provider=provider.name,
        issuer=provider.issuer,
        subject=str(number),
        label=login[:LONGEST_LABEL],
        name=shown_name(person.get("name")) or login,
        email=_primary_address(provider, token),
    )


def _primary_address(provider: Provider, token: str) -> str | None:
    told: Any = None
    # Whoever may not see the addresses still knows who it is.
    with suppress(AnswerRefused):
        told = ask(provider, f"{API}/user/emails", bearer=token)
    for each in told if isinstance(told, list) else ():
        if isinstance(each, dict) and each.get("primary") is True:
            return vouched_address(each.get("email"), is_checked=each.get("verified") is True)
    return None
