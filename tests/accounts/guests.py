"""Invites people and accepts for them, as letters and pages would."""

from sqlalchemy import select

from inkhorn.accounts.models import Invitation, User
from inkhorn.accounts.services.invitations import accepting, inviting
from inkhorn.accounts.services.invitations.accepting import Acceptance
from inkhorn.accounts.services.sessions import Visit
from inkhorn.core import audit
from inkhorn.core.database import session, transaction
from tests.accounts.letters import carry_out_jobs, letters_to, link_in

HERE = Visit(address="127.0.0.1", device="a test", browser="b" * 64)


def invite(by, *, email="jo@example.org", role="author", **more) -> Invitation:
    with transaction():
        return inviting.invite_person(email=email, role=role, by=by, **more)


def secret_for(email="jo@example.org") -> str:
    """The secret of the newest letter to that address."""
    carry_out_jobs()
    return link_in(letters_to(email)[-1]).removeprefix("/invitation/")


def accept(secret: str, name: str = "Jo Reed") -> User:
    with transaction():
        return accepting.accept_invitation(secret, HERE, Acceptance(name=name), password_hash="x")


def noted(word: str = "invit") -> list[str]:
    """The actions in the log that hold the word, the oldest first."""
    return list(session().scalars(select(audit.Entry.action).where(audit.Entry.action.contains(word)).order_by(audit.Entry.id)))
