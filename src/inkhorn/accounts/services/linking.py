"""Accounts at other providers: the ceremony that proves one, what it opens here, linked and unlinked."""

import secrets
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from inkhorn.accounts.events import factor_changed, registered
from inkhorn.accounts.models import LinkedIdentity, OneTimeToken, Purpose, User
from inkhorn.accounts.queries import has_way_in, user_by_email, user_by_identity
from inkhorn.accounts.services import doors
from inkhorn.accounts.services.factors import LastWayIn
from inkhorn.accounts.services.people import create_user
from inkhorn.accounts.services.roles import newcomers_role
from inkhorn.accounts.services.sessions import InTheirName, Visit, end_all_sessions
from inkhorn.accounts.services.tokens import LinkSpent, claim_token, issue_token, token_of
from inkhorn.accounts.settings import AccountSettings
from inkhorn.core import audit, clock, settings
from inkhorn.core.access import Actor
from inkhorn.core.database import session
from inkhorn.core.errors import Conflict, Gone, InkhornError, Invalid, NotFound

LONGEST_SECRET = 64


class CeremonyOver(Gone):
    """No answer of a provider is awaited in this browser, or it was given already."""

    def __init__(self) -> None:
        super().__init__("This was finished already, took too long, or was begun in another browser. Begin once more.")


class NobodyHere(InkhornError):
    """Nobody linked that account, and it opens none."""

    status = 403


class KnownAddress(Conflict):
    """Somebody has an account with the address that the provider vouches for; an address alone never leads into it."""

    def __init__(self) -> None:
        super().__init__(
            "There is an account with that e-mail address here already. Sign in to it as you usually do, "
            "then link the two under “Signing in” in your account."
        )


class LinkedElsewhere(Conflict):
    """The account at the provider opens another account here."""

    def __init__(self) -> None:
        super().__init__("That account is linked to another account here. Unlink it there first.")


@dataclass(frozen=True, kw_only=True)
class Identity:
    """An account at a provider, as that vouches for it."""

    provider: str
    issuer: str
    subject: str
    # What the person is called there, for their own eyes, and their name where it is told.
    label: str = ""
    name: str = ""
    # None unless the provider says that it has checked it.
    email: str | None = None


@dataclass(frozen=True)
class Begun:
    """What a ceremony is begun with; the provider's answer brings the state back, and proves the rest."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class Ceremony:
    """A ceremony whose answer has come."""

    nonce: str
    verifier: str
    # The address that the provider was asked to send the answer to.
    back: str
    wanted: str | None
    # The user who wants to link; None for somebody who signs in.
    user_id: int | None
    began_at: datetime


@dataclass(frozen=True)
class Offer:
    """An account that may be opened by an identity, and where its owner wanted to go."""

    identity: Identity
    wanted: str | None


def begin_ceremony(provider: str, visit: Visit, *, back: str, wanted: str | None = None, user: User | None = None) -> Begun:
    """Await a provider's answer in this browser; for a user who links, or for somebody who signs in."""
    nonce, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    issued = issue_token(
        Purpose.OAUTH,
        browser=visit.browser,
        user=user,
        stage="answer",
        provider=provider,
        nonce=nonce,
        verifier=verifier,
        back=back,
        wanted=wanted,
    )
    return Begun(issued.secret, nonce, verifier)


def claim_ceremony(state: str, provider: str, visit: Visit) -> Ceremony:
    """The ceremony that this answer belongs to, used up; CeremonyOver where none was begun in this browser with this provider."""
    row = _awaited(state, "answer", provider, visit)
    told = row.details
    ceremony = Ceremony(told["nonce"], told["verifier"], told["back"], told["wanted"], row.user_id, row.created_at)
    _use_up(row)
    return ceremony


def sign_in_by_identity(identity: Identity, visit: Visit, *, wanted: str | None = None) -> doors.Admitted | doors.Halfway | None:
    """Let in whoever linked that account; None where nobody did."""
    user = user_by_identity(identity.issuer, identity.subject)
    if user is None:
        return None
    linked = _identity_row(identity)
    assert linked is not None
    linked.used_at, linked.label = clock.now(), identity.label or linked.label
    # However the provider was convinced, that is one factor: whoever has a second one here shows it.
    return doors.admit(user, visit, way="oauth", wanted=wanted)


def offer_account(identity: Identity, visit: Visit, *, wanted: str | None = None) -> str:
    """The secret of an offer to open an account; KnownAddress or NobodyHere where there is none to be had."""
    refuse_stranger(identity)
    offer = issue_token(
        Purpose.OAUTH, browser=visit.browser, stage="offer", provider=identity.provider, identity=asdict(identity), wanted=wanted
    )
    return offer.secret


def refuse_stranger(identity: Identity) -> None:
    """Refuse whoever linked nothing and may not open an account by that identity."""
    # An address that nobody vouches for must not tell who has an account here.
    if identity.email and user_by_email(identity.email) is not None:
        raise KnownAddress
    registration = settings.read(AccountSettings).registration
    if registration == "invitation":
        raise NobodyHere(
            "No account here is linked to that one. Accounts are opened by invitation: follow the link in the letter first, "
            "then link the two under “Signing in” in your account."
        )
    if registration != "open":
        raise NobodyHere(
            "No account here is linked to that one. If you have one, sign in as you usually do and link the two under “Signing in”."
        )
    if not identity.email:
        raise NobodyHere(
            "No account here is linked to that one, and none can be opened by it: the provider does not vouch for your e-mail address. "
            "Confirm it there, or open an account with an address and a password."
        )


def offered(secret: str, provider: str, visit: Visit) -> Offer:
    """The account that is offered in this browser; CeremonyOver where none is."""
    told = _awaited(secret, "offer", provider, visit).details
    return Offer(Identity(**told["identity"]), told["wanted"])


def join_by_identity(secret: str, provider: str, visit: Visit, *, name: str, accepts_terms: bool) -> doors.Admitted | doors.Halfway:
    """Open the account that was offered and let its owner in; of many who take one offer at once exactly one succeeds."""
    row = _awaited(secret, "offer", provider, visit)
    identity, wanted = Identity(**row.details["identity"]), row.details["wanted"]
    _use_up(row)
    # A second window may have been faster with an offer of its own.
    if (opened := sign_in_by_identity(identity, visit, wanted=wanted)) is not None:
        return opened
    refuse_stranger(identity)
    wishes = settings.read(AccountSettings)
    if wishes.terms_address and not accepts_terms:
        raise Invalid("Read the terms and tick the box to accept them.", field="terms")
    email = identity.email or ""
    by = visit.stranger(email)
    user = create_user(
        email=email,
        name=name,
        role=newcomers_role().name,
        by=by,
        terms_accepted_at=clock.now() if wishes.terms_address else None,
    )
    _add_row(user, identity)
    audit.record(InTheirName(user, visit), "accounts.registered", user, provider=identity.provider)
    registered.send(user)
    return doors.admit(user, visit, way="oauth", wanted=wanted)


def link_identity(user: User, identity: Identity, *, by: Actor) -> LinkedIdentity:
    """Let an account at a provider open the user's; LinkedElsewhere where it opens another one."""
    known = _identity_row(identity)
    if known is None:
        known = _add_row(user, identity)
        audit.record(by, "accounts.identity_linked", user, provider=identity.provider)
        factor_changed.send(user, change="identity_linked")
    if known.user_id != user.id:
        raise LinkedElsewhere
    return known


def unlink_identity(user: User, identity_id: int, *, issuers: Collection[str], by: Actor, session_id: int | None) -> None:
    """Take a way in from the user's account and end every other session; LastWayIn where no other is left.

    The issuers are those that people can sign in with today; whatever others vouched for is worth nothing.
    """
    # Two ways taken away at once must not each count on the other.
    session().refresh(user, with_for_update={"key_share": True})
    found = session().get(LinkedIdentity, identity_id) if 0 < identity_id < 2**31 else None
    if found is None or found.user_id != user.id:
        raise NotFound("That account is not linked to yours any more.")
    if not has_way_in(user, issuers=issuers, but_identity=found.id):
        raise LastWayIn
    session().delete(found)
    session().flush()
    # Whoever came in by it may be the reason why it goes.
    end_all_sessions(user, but=session_id)
    audit.record(by, "accounts.identity_unlinked", user, provider=found.provider)
    factor_changed.send(user, change="identity_unlinked")


def note_refusal(provider: str, visit: Visit, reason: InkhornError) -> None:
    by = visit.stranger()
    audit.record(by, "accounts.sign_in_refused", None, provider=provider, reason=type(reason).__name__)


def _awaited(secret: str, stage: str, provider: str, visit: Visit) -> OneTimeToken:
    if not secret or len(secret) > LONGEST_SECRET or visit.browser is None:
        raise CeremonyOver
    try:
        row = token_of(secret, Purpose.OAUTH)
    except LinkSpent as error:
        raise CeremonyOver from error
    # Refused and not used up: what somebody else tries must not end it for whoever began it.
    if (row.details["stage"], row.details["provider"], row.browser_digest) != (stage, provider, visit.browser):
        raise CeremonyOver
    return row


def _use_up(row: OneTimeToken) -> None:
    try:
        claim_token(row)
    except LinkSpent as error:
        raise CeremonyOver from error


def _identity_row(identity: Identity) -> LinkedIdentity | None:
    same = select(LinkedIdentity).where(LinkedIdentity.issuer == identity.issuer, LinkedIdentity.subject == identity.subject)
    return session().scalars(same).one_or_none()


def _add_row(user: User, identity: Identity) -> LinkedIdentity:
    row = LinkedIdentity(
        user_id=user.id,
        provider=identity.provider,
        issuer=identity.issuer,
        subject=identity.subject,
        label=identity.label,
    )
    try:
        with session().begin_nested():
            session().add(row)
    except IntegrityError as error:
        raise LinkedElsewhere from error
    return row
