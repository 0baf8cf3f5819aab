"""Jobs that write the letters of invitations; each letter carries a secret of its own, made here."""

import secrets

from inkhorn.accounts.models import Invitation, User
from inkhorn.accounts.queries import digest
from inkhorn.accounts.tasks.letters import wants
from inkhorn.core import clock, links
from inkhorn.core.database import session, transaction
from inkhorn.core.jobs import job
from inkhorn.core.mail.composing import write_letter


@job("accounts.send_invitation")
def send_invitation(invitation_id: int, letters: int) -> None:
    """Write the letter that was asked for, unless another was meanwhile or the invitation was accepted or taken back."""
    with transaction():
        invitation = session().get(Invitation, invitation_id, with_for_update={"of": Invitation})
        if invitation is None or invitation.open_email is None or invitation.letters != letters or invitation.expires_at <= clock.now():
            return
        if invitation.role is None:
            return
        secret = secrets.token_urlsafe(32)
        inviter = session().get(User, invitation.invited_by_id) if invitation.invited_by_id else None
        author = session().get(User, invitation.author_id) if invitation.author_id else None
        is_new = write_letter(
            "accounts/invitation",
            to=invitation.email,
            name=invitation.name,
            purpose=f"accounts.invitation:{invitation.id}:{letters}",
            expires_at=invitation.expires_at,
            invitation=invitation,
            inviter=inviter.name if inviter else "",
            author=author.name if author else "",
            link=links.absolute(f"/invitation/{secret}"),
        )
        if is_new:
            # A job that runs twice must not make the link of the letter it wrote the first time worthless.
            invitation.digest = digest(secret)


@job("accounts.tell_of_acceptance")
def tell_of_acceptance(invitation_id: int) -> None:
    """Tell whoever invited somebody that they have joined."""
    with transaction():
        invitation = session().get(Invitation, invitation_id)
        inviter = session().get(User, invitation.invited_by_id) if invitation and invitation.invited_by_id else None
        joined = session().get(User, invitation.accepted_by_id) if invitation and invitation.accepted_by_id else None
        if inviter is None or joined is None or not inviter.email or not inviter.can_sign_in or not wants(inviter, "invitation_accepted"):
            return
        write_letter(
            "accounts/invitation_accepted",
            to=inviter.email,
            name=inviter.name,
            language=inviter.language,
            purpose=f"accounts.invitation_accepted:{invitation_id}",
            user=inviter,
            joined=joined,
            role=joined.role.name if joined.role else "",
            person_address=links.absolute(f"/admin/people/{joined.id}"),
        )
