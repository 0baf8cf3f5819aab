"""Jobs that write letters about accounts; each makes its own secrets, so that none waits in the queue."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from inkhorn.accounts.models import User
from inkhorn.accounts.queries import holders_of
from inkhorn.accounts.settings import is_wanted
from inkhorn.core import links
from inkhorn.core.database import session, transaction
from inkhorn.core.jobs import job
from inkhorn.core.mail.assembling import on_one_line
from inkhorn.core.mail.composing import write_letter
from inkhorn.core.mail.letters import Letter, LetterState, failed_letters, letters

FAILED_LETTERS = "accounts/letters_failed"
HOUR = timedelta(hours=1)
# The mail page has the rest.
MOST_SHOWN, LONGEST_SHOWN = 5, 200


@job("accounts.tell_of_change")
def tell_of_change(*, user_id: int, change: str, moment: str, address: str | None, device: str | None, to: str | None = None) -> None:
    """Tell somebody that what lets them in has changed; to an address that was theirs before, where one is given."""
    with transaction():
        user = session().get(User, user_id)
        if user is None or not (to or user.email):
            return
        write_letter(
            "accounts/change",
            to=to or user.email or "",
            name=user.name,
            language=user.language,
            purpose=f"accounts.change:{user.id}:{change}:{moment}:{'old' if to else 'own'}",
            change=change,
            user=user,
            when=moment,
            address=address,
            device=device,
            account_address=links.absolute("/account/sessions"),
        )


@job("accounts.tell_of_new_device")
def tell_of_new_device(user_id: int, moment: str, address: str | None, device: str | None) -> None:
    """Tell somebody that their account is used in a browser that was not seen before."""
    with transaction():
        user = session().get(User, user_id)
        if user is None or not user.email or not wants(user, "new_device"):
            return
        write_letter(
            "accounts/new_device",
            to=user.email,
            name=user.name,
            language=user.language,
            purpose=f"accounts.new_device:{user.id}:{moment}",
            user=user,
            when=moment,
            address=address,
            device=device,
            account_address=links.absolute("/account/sessions"),
        )


@job("accounts.tell_of_failed_letters")
def tell_of_failed_letters(hour: str) -> None:
    """Tell whoever looks after the mail what was refused or given up in that hour: one letter for each of them, however much it was."""
    since = datetime.fromisoformat(hour)
    with transaction():
        # A letter about letters that failed is not told of by another one.
        failed = session().scalars(failed_letters(since, since + HOUR).where(Letter.kind != FAILED_LETTERS)).all()
        for user in session().scalars(holders_of("mail.see")):
            others = [each for each in failed if each.to_address != user.email]
            if user.email and others and wants(user, "letter_refused") and not _is_being_told(user.email):
                _tell_of_failed(user, others, since)


def _is_being_told(email: str) -> bool:
    """Whether an earlier letter of the kind has yet to leave: when the server is away for a day there shall not be twenty-four."""
    waits = letters(LetterState.WAITING, LetterState.HANDING).where(Letter.to_address == email, Letter.kind == FAILED_LETTERS)
    return session().scalars(waits.limit(1)).first() is not None


def _tell_of_failed(user: User, failed: Sequence[Letter], since: datetime) -> None:
    write_letter(
        FAILED_LETTERS,
        to=user.email or "",
        name=user.name,
        language=user.language,
        purpose=f"{FAILED_LETTERS}:{user.id}:{since:%Y-%m-%dT%H}",
        number=len(failed),
        shown=[
            {
                "address": each.to_address,
                "subject": each.subject,
                "answer": on_one_line(each.answer or "", LONGEST_SHOWN),
                "is_refused": each.state is LetterState.REFUSED,
            }
            for each in failed[:MOST_SHOWN]
        ],
        since=f"{since:%Y-%m-%d %H:%M}",
        until=f"{since + HOUR:%H:%M}",
        mail_address=links.absolute("/admin/mail?state=failed"),
    )


def wants(user: User, notice: str) -> bool:
    """Whether the person wants that kind of letter, as they said or as is usual."""
    return is_wanted(user.notices, notice)
