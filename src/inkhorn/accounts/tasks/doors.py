"""Jobs that answer whoever stands at the door: links and codes, made here so that no secret waits in the queue."""

from typing import Any

from inkhorn.accounts.models import AccountStatus, Purpose, Registration, User
from inkhorn.accounts.policies import is_staff
from inkhorn.accounts.queries import holders_of, user_by_email
from inkhorn.accounts.services.tokens import LIVES, Issued, issue_decoy, issue_token
from inkhorn.accounts.tasks.closing import write_way_back
from inkhorn.accounts.tasks.letters import wants
from inkhorn.core import clock, links
from inkhorn.core.database import session, transaction
from inkhorn.core.jobs import job
from inkhorn.core.mail.composing import write_letter
from inkhorn.core.mail.letters import is_written


@job("accounts.answer_registration")
def answer_registration(registration_id: int, letter: int) -> None:
    """Send what confirms a registration, or say that there is an account already; nobody else learns which of the two it was."""
    with transaction():
        asked, purpose = session().get(Registration, registration_id), f"accounts.registration:{registration_id}:{letter}"
        if asked is None or is_written(purpose):
            return
        known = user_by_email(asked.email)
        if known is not None:
            _write(known, "accounts/already_here", purpose=purpose, sign_in_address=links.absolute("/sign-in"), **_reset_words())
            # Else a wrong code would tell in that browser that none was sent.
            issue_decoy(Purpose.CONFIRM, browser=asked.browser_digest, registration_id=asked.id)
            return
        issued = issue_token(Purpose.CONFIRM, email=asked.email, browser=asked.browser_digest, has_code=True, registration_id=asked.id)
        write_letter(
            "accounts/confirm",
            to=asked.email,
            language=asked.language,
            purpose=purpose,
            expires_at=issued.row.expires_at,
            **_way_in(issued),
        )


@job("accounts.send_reset_link")
def send_reset_link(email: str, moment: str) -> None:
    """Send a link for a new password to whoever has that address, or the way back into an account that is being closed."""
    with transaction():
        user = user_by_email(email)
        if user is not None and user.status is AccountStatus.CLOSING:
            write_way_back(user, purpose=f"accounts.closing:{user.id}:reset:{moment}")
        if user is not None and user.status is AccountStatus.ACTIVE:
            _send_reset(user, f"accounts.reset:{user.id}:{moment}", "accounts/reset")


@job("accounts.send_forced_reset")
def send_forced_reset(user_id: int, moment: str) -> None:
    """Tell somebody that an administrator wants them to choose a new password, with the link to do so."""
    with transaction():
        user = session().get(User, user_id)
        # Closed or suspended meanwhile, they could do nothing with it.
        if user is not None and user.email and user.can_sign_in:
            _send_reset(user, f"accounts.forced_reset:{user.id}:{moment}", "accounts/forced_reset")


@job("accounts.send_sign_in_link")
def send_sign_in_link(email: str, browser: str | None, wanted: str | None, moment: str) -> None:
    """Send a link and a code to sign in with to a member; people who work here are told to use what is stronger.

    Whoever is closing their account is sent the way back into it instead.
    """
    with transaction():
        user = user_by_email(email)
        if user is not None and user.status is AccountStatus.CLOSING:
            write_way_back(user, purpose=f"accounts.closing:{user.id}:link:{moment}")
        purpose = f"accounts.link:{user.id if user else 0}:{moment}"
        if is_written(purpose):
            return
        if user is not None and user.status is AccountStatus.ACTIVE and not is_staff(user):
            issued = issue_token(Purpose.LINK, user=user, browser=browser, has_code=browser is not None, wanted=wanted)
            _write(user, "accounts/link", purpose=purpose, expires_at=issued.row.expires_at, **_way_in(issued))
            return
        if browser is not None:
            # Else a wrong code would tell in that browser that none was sent.
            issue_decoy(Purpose.LINK, browser=browser)
        if user is not None and user.status is AccountStatus.ACTIVE:
            _write(user, "accounts/no_link", purpose=purpose, sign_in_address=links.absolute("/sign-in"), **_reset_words())


@job("accounts.send_email_change")
def send_email_change(user_id: int, email: str, change: str) -> None:
    """Ask both mailboxes whether the address of an account may change; where the new one is somebody's already, tell them instead."""
    with transaction():
        user = session().get(User, user_id)
        if user is None or user.email is None or is_written(f"accounts.email:{change}:old_email"):
            return
        # The old mailbox is asked, and its answer waits for the other, come what may: else it would tell who has an account.
        old, new = (issue_token(purpose, user=user, email=email, change=change) for purpose in (Purpose.OLD_EMAIL, Purpose.NEW_EMAIL))
        _ask_mailbox(user, old, to=user.email)
        owner = user_by_email(email)
        if owner is None:
            _ask_mailbox(user, new, to=email)
        else:
            taken = f"accounts.email:{change}:taken"
            _write(owner, "accounts/already_here", purpose=taken, sign_in_address=links.absolute("/sign-in"), **_reset_words())


@job("accounts.tell_of_registration")
def tell_of_registration(user_id: int) -> None:
    """Tell those who want to know that somebody has joined."""
    with transaction():
        joined = session().get(User, user_id)
        if joined is None:
            return
        for each in session().scalars(holders_of("people.see")):
            if each.email and each.id != joined.id and wants(each, "registered"):
                people = links.absolute(f"/admin/people/{joined.id}")
                _write(
                    each, "accounts/registered", purpose=f"accounts.registered:{joined.id}:{each.id}", joined=joined, person_address=people
                )


def _ask_mailbox(user: User, issued: Issued, *, to: str) -> None:
    row, kind = issued.row, issued.row.purpose.value
    told = {"expires_at": row.expires_at, "wanted_email": row.email, **_way_in(issued)}
    _write(user, f"accounts/{kind}", to=to, purpose=f"accounts.email:{row.details['change']}:{kind}", **told)


def _send_reset(user: User, purpose: str, message: str) -> None:
    if is_written(purpose):
        return
    issued = issue_token(Purpose.RESET, user=user)
    _write(user, message, purpose=purpose, expires_at=issued.row.expires_at, **_way_in(issued))


def _write(user: User, message: str, *, purpose: str, to: str = "", **values: Any) -> None:
    write_letter(message, to=to or user.email or "", name=user.name, language=user.language, purpose=purpose, greeted=user.name, **values)


def _way_in(issued: Issued) -> dict[str, Any]:
    life = LIVES[issued.row.purpose]
    return {
        "link": links.absolute(f"/link/{issued.secret}"),
        "code": issued.code,
        "minutes": int(life.total_seconds() // 60),
        "now": clock.now(),
    }


def _reset_words() -> dict[str, Any]:
    return {"reset_address": links.absolute("/forgotten-password")}
