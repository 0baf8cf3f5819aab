"""Inviting people: one or many, once more, and taken back."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from sqlalchemy import CursorResult, select, update
from sqlalchemy.exc import IntegrityError

from inkhorn.accounts.events import author_invited
from inkhorn.accounts.models import AccountStatus, Invitation, User
from inkhorn.accounts.policies import can_give_role
from inkhorn.accounts.queries import email_key, user_by_email
from inkhorn.accounts.services.invitations.lists import Line
from inkhorn.accounts.services.people import EmailTaken, tidy_email, tidy_name
from inkhorn.accounts.services.roles import role_named, role_to_give
from inkhorn.core import audit, clock, limits
from inkhorn.core.access import Actor, Forbidden
from inkhorn.core.database import session
from inkhorn.core.errors import Conflict, InkhornError, Invalid

LIFE = timedelta(days=7)
LONGEST_MESSAGE = 1_000
MOST_AT_ONCE = 500


class AlreadyInvited(Conflict):
    """The address, or the imported author, has an open invitation."""

    field = "email"

    def __init__(self, email: str, *, author: str = "") -> None:
        told = f"{email} was invited already"
        super().__init__(f"{told} to write as {author}." if author else f"{told}; send that invitation again instead.")


@dataclass(frozen=True)
class NotInvited:
    """A line of a list that nobody is invited by, and why."""

    line: Line
    reason: str


@dataclass
class Mailing:
    """What becomes of a list: lines that will do, then the invitations made of them, and the lines that will not do."""

    fit: list[Line] = field(default_factory=list)
    invitations: list[Invitation] = field(default_factory=list)
    refused: list[NotInvited] = field(default_factory=list)


def count_letter(email: str, *, by: Actor) -> None:
    """Count a letter before it is asked for; TooMany where there were enough for one day. Not for use inside a transaction.

    The operator is not counted, and a list of thousands is theirs to send.
    """
    if by.id is not None:
        limits.spend(limits.INVITE, str(by.id))
        try:
            limits.spend(limits.INVITE_ADDRESS, email_key(email))
        except limits.TooMany:
            # No letter goes, so none is counted against whoever asked.
            limits.give_back(limits.INVITE, str(by.id))
            raise


def judge_list(lines: Iterable[Line], *, role: str, by: Actor) -> Mailing:
    """Tell the lines that will do from those that will not, and count a letter for each; role is that of lines that name none."""
    judged = Mailing()
    for line in lines:
        wanted = replace(line, role=line.role.casefold() or role)
        try:
            refuse_unfit(email=wanted.email, role=wanted.role, by=by)
            count_letter(wanted.email, by=by)
        except (InkhornError, Forbidden) as error:
            judged.refused.append(NotInvited(line, str(error)))
        else:
            judged.fit.append(wanted)
    return judged


def invite_many(judged: Mailing, *, by: Actor, message: str = "") -> Mailing:
    """Invite whomever the fit lines name; one that cannot be by now is told, and the rest goes out."""
    for line in judged.fit:
        try:
            judged.invitations.append(invite_person(email=line.email, name=line.name, role=line.role, message=message, by=by))
        except (InkhornError, Forbidden) as error:
            judged.refused.append(NotInvited(line, str(error)))
    judged.refused.sort(key=lambda each: each.line.number)
    return judged


def refuse_unfit(*, email: str, role: str, by: Actor) -> None:
    """Invalid, UnknownRole, Forbidden, EmailTaken or AlreadyInvited where this address cannot be invited into that role."""
    address, held = tidy_email(email), role_named(role)
    if not can_give_role(by, held):
        raise Forbidden(f"You may not invite anybody as {held.name}: nobody gives a role that may do more than they do.")
    if user_by_email(address) is not None:
        raise EmailTaken(address)
    is_open = (Invitation.open_email == address) & (Invitation.expires_at > clock.now())
    if session().scalar(select(Invitation.id).where(is_open)) is not None:
        raise AlreadyInvited(address)


def invite_person(*, email: str, role: str, by: Actor, name: str = "", message: str = "", author: User | None = None) -> Invitation:
    """Ask somebody to join in a role, or say what refuse_unfit() says.

    Whoever accepts becomes the imported author, where one is given, and keeps the username and what was written.
    """
    refuse_unfit(email=email, role=role, by=by)
    address, held = tidy_email(email), role_to_give(role)
    if author is not None:
        _refuse_claimed(author)
    made = Invitation(
        email=address,
        open_email=address,
        name=tidy_name(name) if name.strip() else "",
        role=held,
        message=_tidy_message(message),
        author_id=author.id if author else None,
        letters=1,
        expires_at=clock.now() + LIFE,
    )
    _sign(made, by)
    _make_room(address)
    try:
        with session().begin_nested():
            session().add(made)
    except IntegrityError as error:
        raise AlreadyInvited(address) from error
    audit.record(by, "accounts.invited", made, role=held.name, **({"author": str(author)} if author else {}))
    author_invited.send(made)
    return made


def renew_invitation(invitation: Invitation, *, by: Actor) -> None:
    """Send an invitation again, good for another week; the links of earlier letters are worth nothing from now on."""
    if invitation.open_email is None:
        raise Conflict(f"The invitation of {invitation.email} was accepted or taken back; there is nothing to send again.")
    if invitation.role is None:
        raise Conflict(f"The role that {invitation.email} was invited into is gone; take the invitation back, and send another one.")
    if not can_give_role(by, invitation.role):
        raise Forbidden(f"You may not invite anybody as {invitation.role.name}.")
    if user_by_email(invitation.email) is not None:
        raise EmailTaken(invitation.email)
    _sign(invitation, by)
    invitation.digest, invitation.letters, invitation.expires_at = None, invitation.letters + 1, clock.now() + LIFE
    session().flush()
    audit.record(by, "accounts.invitation_renewed", invitation)
    author_invited.send(invitation)


def withdraw_invitation(invitation: Invitation, *, by: Actor) -> None:
    """Take an invitation back: its link is worth nothing any more. Conflict where somebody was faster."""
    is_open = (Invitation.id == invitation.id) & Invitation.open_email.is_not(None)
    if _changed(update(Invitation).where(is_open).values(open_email=None)) != 1:
        raise Conflict(f"The invitation of {invitation.email} was accepted or taken back already.")
    session().refresh(invitation)
    audit.record(by, "accounts.invitation_withdrawn", invitation)


def _refuse_claimed(author: User) -> None:
    if author.status is not AccountStatus.UNCLAIMED:
        raise Conflict(f"{author.name} has an account already; only an imported author without one can be invited so.")
    is_open = Invitation.open_email.is_not(None) & (Invitation.expires_at > clock.now())
    waiting = session().scalars(select(Invitation).where(Invitation.author_id == author.id, is_open).limit(1)).first()
    if waiting is not None:
        raise AlreadyInvited(waiting.email, author=author.name)


def _sign(invitation: Invitation, by: Actor) -> None:
    """Note who stands for the invitation: it is worth what they may do."""
    invitation.invited_by_id, invitation.invited_by_label = by.id, by.label[:320]


def _make_room(address: str) -> None:
    """Close an invitation that nobody accepted in time, so that there can be another for the address."""
    has_ended = (Invitation.open_email == address) & (Invitation.expires_at <= clock.now())
    _changed(update(Invitation).where(has_ended).values(open_email=None))


def _tidy_message(text: str) -> str:
    shown = "".join(letter for letter in text.replace("\r\n", "\n") if letter.isprintable() or letter == "\n").strip()
    if len(shown) > LONGEST_MESSAGE:
        raise Invalid(f"At most {LONGEST_MESSAGE} characters.", field="message")
    return shown


def _changed(statement: object) -> int:
    result = session().execute(statement.execution_options(synchronize_session=False))  # type: ignore[attr-defined]
    assert isinstance(result, CursorResult)
    return result.rowcount
