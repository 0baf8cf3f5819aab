"""Accepting an invitation: of many who hold its link, the first opens the account."""

from dataclasses import dataclass
from functools import partial

from sqlalchemy import update

from inkhorn.accounts import passwords
from inkhorn.accounts.events import invitation_accepted
from inkhorn.accounts.models import Invitation, Role, User
from inkhorn.accounts.policies import is_staff_role, still_stands
from inkhorn.accounts.queries import digest, invitation_by_digest
from inkhorn.accounts.services.people import claim_author, create_user, tidy_name, words_at_hand
from inkhorn.accounts.services.sessions import InTheirName, Visit
from inkhorn.accounts.settings import AccountSettings
from inkhorn.core import audit, clock, settings
from inkhorn.core.access import Actor, House
from inkhorn.core.database import session
from inkhorn.core.errors import Gone, Invalid


class InvitationSpent(Gone):
    """The invitation was accepted, taken back or replaced, or it has ended; the sentence says which and what to do."""


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """What somebody fills in who accepts."""

    name: str
    password: str = ""
    accepts_terms: bool = False


def invitation_of(secret: str) -> Invitation:
    """The invitation that the link's secret opens, not used up by looking; InvitationSpent says what became of any other."""
    found = invitation_by_digest(digest(secret)) if secret else None
    if found is None:
        raise InvitationSpent("This link opens no invitation. Follow the link of the newest letter, or ask whoever invited you.")
    if found.accepted_at is not None:
        raise InvitationSpent(f"This invitation was accepted already. Sign in with {found.email} and the password chosen then.")
    if found.open_email is None:
        raise InvitationSpent("This invitation was taken back. Ask whoever invited you if you think that is a mistake.")
    if found.expires_at <= clock.now():
        raise InvitationSpent("This invitation has ended: it was good for a week. Ask whoever invited you to send it again.")
    role_of(found)
    if not still_stands(found, _inviter(found)):
        raise InvitationSpent("Whoever invited you may no longer invite people here. Ask somebody else of this site.")
    return found


def role_of(invitation: Invitation) -> Role:
    """The role that somebody is invited into; InvitationSpent where it was removed meanwhile."""
    if invitation.role is None:
        raise InvitationSpent("What you were invited to become is gone from this site. Ask whoever invited you for another invitation.")
    return invitation.role


def judge_acceptance(invitation: Invitation, wanted: Acceptance) -> str:
    """The hash of a password that will do; Invalid names the field that will not. Slow, and not for use inside a transaction."""
    shown = tidy_name(wanted.name)
    if settings.read(AccountSettings).terms_address and not wanted.accepts_terms:
        raise Invalid("Read the terms and tick the box to accept them.", field="terms")
    words = words_at_hand(invitation.email, shown)
    passwords.refuse_weak(wanted.password, is_staff=is_staff_role(role_of(invitation)), words=words)
    return passwords.hash_password(wanted.password)


def accept_invitation(secret: str, visit: Visit, wanted: Acceptance, *, password_hash: str) -> User:
    """Open the account; of many who hold the link at once exactly one succeeds. InvitationSpent, or EmailTaken."""
    invitation = invitation_of(secret)
    is_mine = (Invitation.id == invitation.id) & (Invitation.digest == digest(secret)) & Invitation.open_email.is_not(None)
    taken = update(Invitation).where(is_mine, Invitation.expires_at > clock.now()).values(open_email=None, accepted_at=clock.now())
    if session().execute(taken.execution_options(synchronize_session=False)).rowcount != 1:  # type: ignore[attr-defined]
        raise InvitationSpent("This invitation was accepted a moment ago. Sign in with the password chosen then.")
    by = visit.stranger(invitation.email)
    user = _open_account(invitation, wanted, password_hash=password_hash, by=by)
    session().refresh(invitation)
    invitation.accepted_by_id = user.id
    audit.record(InTheirName(user, visit), "accounts.invitation_accepted", invitation, role=role_of(invitation).name)
    invitation_accepted.send(invitation)
    return user


def _open_account(invitation: Invitation, wanted: Acceptance, *, password_hash: str, by: Actor) -> User:
    opened = partial(create_user) if invitation.author_id is None else partial(claim_author, invitation.author_id)
    return opened(
        email=invitation.email,
        name=wanted.name,
        role=role_of(invitation).name,
        password_hash=password_hash,
        by=by,
        terms_accepted_at=clock.now() if wanted.accepts_terms else None,
    )


def _inviter(invitation: Invitation) -> Actor | User | None:
    if invitation.invited_by_id is not None:
        return session().get(User, invitation.invited_by_id)
    # Whose account is gone leaves no number either; only the house itself is called so.
    return House() if invitation.invited_by_label == House().label else None
