"""The ceremonies of passkeys: what a browser is asked, and whether its answer holds."""

import base64
import binascii
import json
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from flask import request

from inkhorn.accounts.identity import browsers
from inkhorn.accounts.models import Passkey, User
from inkhorn.accounts.queries import passkey_by_credential, passkeys_of
from inkhorn.accounts.services.doors import Admitted, admit
from inkhorn.accounts.services.passkeys import (
    Act,
    Credential,
    PasskeyRefused,
    Use,
    claim_challenge,
    give_handle,
    issue_challenge,
    note_passkey_refusal,
    use_passkey,
)
from inkhorn.core import limits, links, settings
from inkhorn.core.database import session, transaction

# A credential with a whole chain of certificates is a tenth of this.
LONGEST_ANSWER = 64_000
LONGEST_CREDENTIAL_ID = 1023
USUAL_PORTS = {"http": "80", "https": "443"}
TRANSPORTS = frozenset(("ble", "cable", "hybrid", "internal", "nfc", "usb"))


@dataclass(frozen=True)
class Party:
    """This site as passkeys know it: the name they are bound to, and the one address that may ask for them."""

    id: str
    name: str
    origin: str


@dataclass(frozen=True)
class Answer:
    """What a browser sent, read but not yet believed."""

    credential: dict[str, Any]
    credential_id: str
    challenge: str
    handle: str | None


def party() -> Party | None:
    """Who asks; None where the site is reached by a number instead of a name, since passkeys are bound to names."""
    parts = urlsplit(links.site_root())
    host = (parts.hostname or "").encode("idna").decode()
    if not host or _is_number(host):
        return None
    port = parts.netloc.rpartition("@")[2].partition(":")[2]
    shown = "" if port in ("", USUAL_PORTS.get(parts.scheme)) else f":{port}"
    return Party(host, settings.read(settings.SiteSettings).title, f"{parts.scheme}://{host}{shown}")


def ask(act: Act, *, user: User | None = None, must_verify: bool = False) -> dict[str, Any]:
    """What this browser is asked that is to show a passkey, one of the user's where one is named; TooMany where it asks too often."""
    _party()
    limits.spend(limits.PASSKEY_PLACE, limits.place_of(request.remote_addr))
    visit = browsers.here_to_stay()
    with transaction():
        challenge = issue_challenge(act, browser=visit.browser, user=user)
    known = list(session().scalars(passkeys_of(user.id))) if user else []
    return request_options(challenge, known, must_verify=must_verify)


def hear(text: str | None, act: Act, *, user: User | None = None, must_verify: bool = False) -> Use:
    """The use that an answer proves, still to be noted; PasskeyRefused otherwise. Opens a transaction of its own."""
    answer = read_answer(text)
    with transaction():
        claim_challenge(answer.challenge, act, browser=browsers.here().browser, user_id=user.id if user else None)
    passkey = passkey_by_credential(answer.credential_id)
    if passkey is None or (user is not None and passkey.user_id != user.id):
        raise PasskeyRefused("This passkey belongs to no account here, or was removed from it. Use another way.")
    return check_use(answer, passkey, must_verify=must_verify)


def come_in(text: str | None, *, wanted: str | None, is_remembered: bool) -> Admitted:
    """Let in whoever's passkey answered and checked the person: both factors at once. PasskeyRefused otherwise, which is noted."""
    place = limits.place_of(request.remote_addr)
    limits.spend(limits.PASSKEY_PLACE, place)
    visit = browsers.here_to_stay()
    try:
        use = hear(text, Act.SIGN_IN, must_verify=True)
        with transaction():
            use_passkey(use)
            user = session().get(User, use.user_id, populate_existing=True)
            if user is None:
                raise PasskeyRefused
            admitted = admit(user, visit, way="passkey", is_two_factor=True, is_remembered=is_remembered, wanted=wanted)
    except PasskeyRefused:
        with transaction():
            note_passkey_refusal(visit)
        raise
    # What was asked and what was answered: the limit bounds guessing, not use.
    for _counted in ("asked", "answered"):
        limits.give_back(limits.PASSKEY_PLACE, place)
    assert isinstance(admitted, Admitted)
    return admitted


def ask_for_new(user: User) -> dict[str, Any]:
    """What this browser is asked that is to make a passkey for the user."""
    _party()
    limits.spend(limits.PASSKEY_PLACE, limits.place_of(request.remote_addr))
    visit = browsers.here_to_stay()
    with transaction():
        asking = session().merge(user)
        handle, challenge = give_handle(asking), issue_challenge(Act.ADD, browser=visit.browser, user=asking)
    return creation_options(challenge, user, handle, list(session().scalars(passkeys_of(user.id))))


def hear_new(text: str | None, user: User) -> Credential:
    """The passkey that was made for the user, still to be kept; PasskeyRefused otherwise. Opens a transaction of its own."""
    answer = read_answer(text)
    with transaction():
        claim_challenge(answer.challenge, Act.ADD, browser=browsers.here().browser, user_id=user.id)
    return check_creation(answer)


def shown_to(user: User) -> dict[str, Any]:
    """What accounts/_passkeys.html is drawn with, for the page that includes it."""
    return {"passkeys": session().scalars(passkeys_of(user.id)).all(), "has_passkeys": party() is not None}


def creation_options(challenge: str, user: User, handle: str, known: list[Passkey]) -> dict[str, Any]:
    """What a browser is asked that makes a new passkey: one that it finds by itself and that checks the person, where it can."""
    import webauthn  # noqa: PLC0415 - see _verified
    from webauthn.helpers import structs  # noqa: PLC0415

    asking = _party()
    return _as_dict(
        webauthn.generate_registration_options(
            rp_id=asking.id,
            rp_name=asking.name,
            user_id=handle.encode(),
            user_name=user.email or user.username,
            user_display_name=user.name,
            challenge=challenge.encode(),
            authenticator_selection=structs.AuthenticatorSelectionCriteria(
                resident_key=structs.ResidentKeyRequirement.PREFERRED,
                user_verification=structs.UserVerificationRequirement.PREFERRED,
            ),
            exclude_credentials=_described(known),
        )
    )


def request_options(challenge: str, known: list[Passkey], *, must_verify: bool) -> dict[str, Any]:
    """What a browser is asked that uses a passkey: one of those, or where none is named whichever it has for this site."""
    import webauthn  # noqa: PLC0415 - see _verified
    from webauthn.helpers import structs  # noqa: PLC0415

    wish = structs.UserVerificationRequirement
    return _as_dict(
        webauthn.generate_authentication_options(
            rp_id=_party().id,
            challenge=challenge.encode(),
            allow_credentials=_described(known),
            user_verification=wish.REQUIRED if must_verify else wish.PREFERRED,
        )
    )


def read_answer(text: str | None) -> Answer:
    """What the browser sent, if it has the form of an answer; PasskeyRefused for everything else."""
    if not text or len(text) > LONGEST_ANSWER:
        raise PasskeyRefused
    try:
        credential = json.loads(text)
        credential_id = _bytes(credential["rawId"])
        client_data = json.loads(_bytes(credential["response"]["clientDataJSON"]))
        challenge = _bytes(client_data["challenge"]).decode("ascii")
        handle = credential["response"].get("userHandle")
        known_as = _bytes(handle).decode("ascii") if handle is not None else None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise PasskeyRefused from error
    if not 0 < len(credential_id) <= LONGEST_CREDENTIAL_ID:
        raise PasskeyRefused
    return Answer(credential, _text(credential_id), challenge, known_as)


def check_creation(answer: Answer) -> Credential:
    """The passkey that was made in answer to the challenge, which the caller has claimed; PasskeyRefused where anything is amiss."""
    import webauthn  # noqa: PLC0415 - see _verified

    asking = _party()
    made = _verified(
        webauthn.verify_registration_response,
        credential=answer.credential,
        expected_challenge=answer.challenge.encode(),
        expected_rp_id=asking.id,
        expected_origin=asking.origin,
    )
    told = answer.credential["response"].get("transports")
    return Credential(
        credential_id=_text(made.credential_id),
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        is_verifying=made.user_verified,
        is_backed_up=made.credential_backed_up,
        transports=tuple(sorted({each for each in told if isinstance(each, str)} & TRANSPORTS)) if isinstance(told, list) else (),
    )


def check_use(answer: Answer, passkey: Passkey, *, must_verify: bool) -> Use:
    """The use of that passkey in answer to the challenge, which the caller has claimed; PasskeyRefused where anything is amiss."""
    import webauthn  # noqa: PLC0415 - see _verified

    asking = _party()
    if answer.credential_id != passkey.credential_id or answer.handle not in (None, passkey.user.passkey_handle):
        raise PasskeyRefused
    used = _verified(
        webauthn.verify_authentication_response,
        credential=answer.credential,
        expected_challenge=answer.challenge.encode(),
        expected_rp_id=asking.id,
        expected_origin=asking.origin,
        credential_public_key=passkey.public_key,
        credential_current_sign_count=passkey.sign_count,
        require_user_verification=must_verify,
    )
    return Use(passkey_id=passkey.id, user_id=passkey.user_id, sign_count=used.new_sign_count, is_backed_up=used.credential_backed_up)


def _verified(verify: Any, **told: Any) -> Any:
    # The library is imported where it is needed: few processes ever see a passkey, and each that does pays thirteen megabytes for it.
    try:
        return verify(**told)
    except Exception as error:  # It raises whatever broken bytes make it, and what lies below it, stumble over.
        raise PasskeyRefused from error


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _party() -> Party:
    asking = party()
    if asking is None:
        raise PasskeyRefused("Passkeys need a site with a name; this one is reached by a number.")
    return asking


def _described(known: list[Passkey]) -> list[Any]:
    from webauthn.helpers import structs  # noqa: PLC0415 - see _verified

    return [
        structs.PublicKeyCredentialDescriptor(
            id=_bytes(each.credential_id), transports=[structs.AuthenticatorTransport(way) for way in each.transports] or None
        )
        for each in known
    ]


def _as_dict(options: Any) -> dict[str, Any]:
    import webauthn  # noqa: PLC0415 - see _verified

    made: dict[str, Any] = json.loads(webauthn.options_to_json(options))
    return made


def _bytes(text: str) -> bytes:
    """What stands as base64url, with or without its padding; ValueError where it is something else."""
    plain = text.rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError from error


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
