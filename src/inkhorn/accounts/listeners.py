"""What accounts do when something happened to them, or to a letter."""

from datetime import datetime
from typing import Any

from flask import g, has_request_context

from inkhorn.accounts.events import (
    account_closing,
    account_reopened,
    author_invited,
    email_change_asked,
    email_changed,
    factor_changed,
    invitation_accepted,
    key_made,
    link_asked,
    new_device_seen,
    password_changed,
    password_reset_forced,
    proof_asked,
    refresh_reused,
    registered,
    registration_asked,
    reset_asked,
)
from inkhorn.accounts.models import ApiKey, Invitation, Registration, User
from inkhorn.accounts.services.sessions import Visit
from inkhorn.accounts.tasks import closing, doors, inviting, letters, proofs
from inkhorn.core import clock
from inkhorn.core.database import session
from inkhorn.core.events import letter_refused, letters_given_up
from inkhorn.core.jobs import enqueue
from inkhorn.core.mail.letters import Letter


@registration_asked.connect
def _answer_registration(asked: Registration) -> None:
    enqueue(doors.answer_registration, registration_id=asked.id, letter=asked.letters)


@registered.connect
def _tell_of_registration(user: User) -> None:
    enqueue(doors.tell_of_registration, user_id=user.id)


@reset_asked.connect
def _send_reset_link(_nobody: None, *, email: str) -> None:
    enqueue(doors.send_reset_link, email=email, moment=_moment())


@password_reset_forced.connect
def _send_forced_reset(user: User) -> None:
    enqueue(doors.send_forced_reset, user_id=user.id, moment=_moment())


@link_asked.connect
def _send_sign_in_link(_nobody: None, *, email: str, browser: str | None, wanted: str | None) -> None:
    enqueue(doors.send_sign_in_link, email=email, browser=browser, wanted=wanted, moment=_moment())


@email_change_asked.connect
def _send_email_change(user: User, *, email: str, change: str) -> None:
    enqueue(doors.send_email_change, user_id=user.id, email=email, change=change)


@proof_asked.connect
def _send_proof_code(user: User, *, browser: str | None) -> None:
    enqueue(proofs.send_proof_code, user_id=user.id, browser=browser, moment=_moment())


@password_changed.connect
def _tell_of_password(user: User) -> None:
    _tell_of_change(user, "password")


@factor_changed.connect
def _tell_of_factor(user: User, *, change: str) -> None:
    _tell_of_change(user, change)


@key_made.connect
def _tell_of_key(key: ApiKey) -> None:
    # Of an integration's whoever made it is told: if that was somebody else in their browser, they learn it here.
    told = key.user or (session().get(User, key.made_by_id) if key.made_by_id else None)
    if told is not None:
        _tell_of_change(told, "key_made" if key.user else "integration_key_made")


@refresh_reused.connect
def _tell_of_reused_token(user: User) -> None:
    _tell_of_change(user, "refresh_reused")


@email_changed.connect
def _tell_old_address(user: User, *, before: str | None) -> None:
    if before:
        _tell_of_change(user, "email", to=before)


@author_invited.connect
def _send_invitation(invitation: Invitation) -> None:
    enqueue(inviting.send_invitation, invitation_id=invitation.id, letters=invitation.letters)


@invitation_accepted.connect
def _tell_of_acceptance(invitation: Invitation) -> None:
    enqueue(inviting.tell_of_acceptance, invitation_id=invitation.id)


@new_device_seen.connect
def _tell_of_device(user: User, *, visit: Visit) -> None:
    enqueue(letters.tell_of_new_device, user_id=user.id, moment=_moment(), address=visit.address, device=visit.device)


@account_closing.connect
def _tell_of_closing(user: User) -> None:
    if user.closes_at is not None:
        enqueue(closing.tell_of_closing, user_id=user.id, closes_at=user.closes_at.isoformat())


@account_reopened.connect
def _tell_of_reopening(user: User) -> None:
    _tell_of_change(user, "reopened")


@letter_refused.connect
def _tell_of_refused_letter(letter: Letter) -> None:
    _tell_of_failed_letters(letter.next_at)


@letters_given_up.connect
def _tell_of_given_up_letters(_nobody: None, *, at: datetime) -> None:
    _tell_of_failed_letters(at)


def _tell_of_failed_letters(at: datetime) -> None:
    """Gather what fails within an hour, so that a wrong list or a server away makes one letter and not hundreds."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    enqueue(letters.tell_of_failed_letters, unique=hour.isoformat(), at=hour + letters.HOUR, hour=hour.isoformat())


def _tell_of_change(user: User, change: str, **more: Any) -> None:
    actor = g.get("actor") if has_request_context() else None
    enqueue(
        letters.tell_of_change,
        user_id=user.id,
        change=change,
        moment=_moment(),
        address=actor.address if actor else None,
        device=actor.device if actor else None,
        **more,
    )


def _moment() -> str:
    return clock.now().isoformat()
