"""Asking for an account and confirming that the address is one's own; an account is made by the second, never by the first."""

from dataclasses import dataclass

from sqlalchemy import delete, select, update

from inkhorn.accounts import passwords
from inkhorn.accounts.events import registered, registration_asked
from inkhorn.accounts.models import OneTimeToken, Purpose, Registration, User
from inkhorn.accounts.queries import REGISTRATION_LIFE
from inkhorn.accounts.services.people import create_user, tidy_email, tidy_name, words_at_hand
from inkhorn.accounts.services.roles import newcomers_role
from inkhorn.accounts.services.sessions import InTheirName, Visit
from inkhorn.accounts.services.tokens import LinkSpent, claim_token
from inkhorn.accounts.settings import AccountSettings
from inkhorn.core import audit, clock, settings
from inkhorn.core.access import Forbidden
from inkhorn.core.database import session
from inkhorn.core.errors import Invalid


class RegistrationClosed(Forbidden):
    """The site opens accounts by invitation only, or not at all."""


@dataclass(frozen=True, kw_only=True)
class Application:
    """What somebody fills in who wants an account."""

    email: str
    name: str
    password: str
    accepts_terms: bool = False
    language: str | None = None
    timezone: str | None = None
    # Where they were going.
    wanted: str | None = None


def refuse_closed_registration() -> None:
    """RegistrationClosed unless everybody may register."""
    how = settings.read(AccountSettings).registration
    if how == "invitation":
        raise RegistrationClosed("Accounts on this site are opened by invitation. Ask somebody who writes here.")
    if how != "open":
        raise RegistrationClosed("This site opens no accounts.")


def judge_application(wanted: Application) -> str:
    """The hash of a password that will do; Invalid names the field that will not. Slow, and not for use inside a transaction."""
    tuned = settings.read(AccountSettings)
    name, email = tidy_name(wanted.name), tidy_email(wanted.email)
    if tuned.terms_address and not wanted.accepts_terms:
        raise Invalid("Read the terms and tick the box to accept them.", field="terms")
    passwords.refuse_weak(wanted.password, is_staff=False, words=words_at_hand(email, name))
    return passwords.hash_password(wanted.password)


def ask_to_join(wanted: Application, visit: Visit, *, password_hash: str) -> Registration:
    """Keep the application until it is confirmed; the same is done whether the address is known or not, and a letter says the rest."""
    assert visit.browser is not None
    asked = Registration(
        email=tidy_email(wanted.email),
        name=tidy_name(wanted.name),
        password=password_hash,
        browser_digest=visit.browser,
        terms_accepted_at=clock.now() if wanted.accepts_terms else None,
        language=wanted.language,
        timezone=wanted.timezone,
        wanted=wanted.wanted,
    )
    session().add(asked)
    audit.record(visit.stranger(), "accounts.registration_asked", asked)
    ask_again(asked)
    return asked


def ask_again(asked: Registration) -> None:
    """Have a letter sent; the links of earlier ones go on until they end. RegistrationClosed where they could lead nowhere."""
    refuse_closed_registration()
    # Counted here and not by the job: one that is run again must find the number of the letter it wrote.
    asked.letters = (asked.letters or 0) + 1
    session().flush()
    registration_asked.send(asked)


def go_on_in(asked: Registration, browser: str) -> None:
    """Let a registration be confirmed in another browser, whose person knew its password: by the digits that were sent as well."""
    waiting = select(OneTimeToken).where(
        OneTimeToken.purpose == Purpose.CONFIRM, OneTimeToken.browser_digest == asked.browser_digest, OneTimeToken.expires_at > clock.now()
    )
    sent = [token.id for token in session().scalars(waiting) if token.details.get("registration_id") == asked.id]
    # By statements that may find nothing: it may be confirmed in the first browser at this moment.
    session().execute(update(OneTimeToken).where(OneTimeToken.id.in_(sent)).values(browser_digest=browser))
    session().execute(update(Registration).where(Registration.id == asked.id).values(browser_digest=browser))


def registration_here(browser: str | None) -> Registration | None:
    """What was asked for in this browser last and waits to be confirmed."""
    if browser is None:
        return None
    wanted = select(Registration).where(Registration.browser_digest == browser, Registration.created_at > clock.now() - REGISTRATION_LIFE)
    return session().scalars(wanted.order_by(Registration.id.desc()).limit(1)).one_or_none()


def registration_of(token: OneTimeToken) -> Registration:
    """The registration that a link or code confirms; LinkSpent where it is gone."""
    asked = session().get(Registration, token.details.get("registration_id", 0))
    if asked is None:
        raise LinkSpent
    return asked


def confirm_registration(token: OneTimeToken, visit: Visit) -> User:
    """Make the account that was asked for; LinkSpent, EmailTaken where somebody was faster, or RegistrationClosed meanwhile."""
    refuse_closed_registration()
    asked = registration_of(token)
    claim_token(token)
    by = visit.stranger(asked.email)
    user = create_user(
        email=asked.email,
        name=asked.name,
        role=newcomers_role().name,
        password_hash=asked.password,
        by=by,
        terms_accepted_at=asked.terms_accepted_at,
        language=asked.language,
        timezone=asked.timezone,
    )
    _keep_others_as_decoys(asked)
    audit.record(InTheirName(user, visit), "accounts.registered", user)
    registered.send(user)
    return user


def _keep_others_as_decoys(asked: Registration) -> None:
    """Forget what was confirmed; what strangers asked for with the same address stays, for its end would tell them of it."""
    same = Registration.email == asked.email
    session().execute(delete(Registration).where(same, Registration.browser_digest == asked.browser_digest))
    # At the sign-in the newest one's password counts; an older one must not count again now.
    session().execute(update(Registration).where(same, Registration.id < asked.id).values(password=asked.password))


def forget_old_registrations() -> None:
    session().execute(delete(Registration).where(Registration.created_at < clock.now() - REGISTRATION_LIFE))
