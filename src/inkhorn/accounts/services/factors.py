"""Second factors: the app on a phone and the codes on paper; set up, used once each, taken away."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Update, delete, update

from inkhorn.accounts import codes
from inkhorn.accounts.events import factor_changed, proof_asked
from inkhorn.accounts.models import Authenticator, Passkey, Purpose, RecoveryCode, Session, User
from inkhorn.accounts.policies import demands_second_factor
from inkhorn.accounts.queries import authenticator_of, factors_of, recovery_salt
from inkhorn.accounts.services.sessions import Visit, end_all_sessions, make_fresh
from inkhorn.accounts.services.tokens import withdraw_tokens
from inkhorn.core import audit, clock
from inkhorn.core.access import Actor, SignInNeeded
from inkhorn.core.config import config
from inkhorn.core.database import session
from inkhorn.core.errors import Conflict, Gone, Invalid
from inkhorn.core.sealing import open_sealed, seal, sealed_anew

SEALED_AS = "authenticator"
# How long the secret of an app that was begun waits for its first code.
BEGUN_FOR = timedelta(hours=1)


class WrongAppCode(Invalid):
    """The app that is being set up shows another code."""

    def __init__(self) -> None:
        super().__init__("That is not what the app shows now. Wait for the next six digits and type those.", field="code")


class NothingBegun(Gone):
    """No app is being set up in this session."""

    def __init__(self) -> None:
        super().__init__("This was begun too long ago, or in another browser. Begin once more.")


class LastFactor(Conflict):
    """The account must have a second factor, and this is its only one."""

    def __init__(self) -> None:
        super().__init__("Your role must have a second factor, and this is your only one. Set up another first, then remove this one.")


class LastWayIn(Conflict):
    """Without it nobody could sign in to the account any more."""

    def __init__(self) -> None:
        super().__init__("This is the only way into your account. Choose a password or add another passkey first, then take it away.")


class FactorDemanded(Conflict):
    """Nobody says no to a factor that their role must have."""

    def __init__(self) -> None:
        super().__init__("Your role must have a second factor, so it cannot be declined.")


class NotEnrolled(Conflict):
    """Recovery codes stand in for a factor, and there is none."""

    def __init__(self) -> None:
        super().__init__("Recovery codes stand in for a lost app or passkey. Set up one of those first.")


@dataclass(frozen=True)
class CodeSheet:
    """Ten recovery codes on their way to paper; nothing but their digests is kept."""

    codes: tuple[str, ...]
    salt: str
    digests: tuple[str, ...]


@dataclass(frozen=True)
class TypedCode:
    """What was typed where a code was asked for; what looks like a recovery code has been hashed."""

    text: str
    paper_digest: str = ""


def draw_codes() -> CodeSheet:
    """Ten new recovery codes that are nobody's so far. Slow, and not for use inside a transaction."""
    drawn, salt = tuple(codes.make_paper_codes()), codes.make_salt()
    return CodeSheet(drawn, salt, tuple(codes.paper_code_digest(each, salt) for each in drawn))


def codes_for_first_factor(user: User) -> CodeSheet | None:
    """Recovery codes for somebody who has none left; as slow as draw_codes()."""
    return None if factors_of(user.id).recovery_codes else draw_codes()


def begin_authenticator(opened: Session) -> None:
    """Make the secret of an app that is to be set up; it waits in this session, and an app set up before works until then."""
    pending = {"sealed": seal(SEALED_AS, codes.make_seed()), "until": (clock.now() + BEGUN_FOR).isoformat()}
    opened.details = {**opened.details, "authenticator": pending}
    session().flush()


def seed_begun(opened: Session) -> str:
    """The secret that waits in this session for the first code of its app; NothingBegun where none does."""
    pending = opened.details.get("authenticator")
    if pending is None or datetime.fromisoformat(pending["until"]) <= clock.now():
        raise NothingBegun
    return open_sealed(SEALED_AS, pending["sealed"])


def refuse_wrong_first_code(opened: Session, typed: str) -> None:
    """WrongAppCode unless the app that is being set up shows that code; takes nothing, so that nobody waits for codes drawn in vain."""
    if codes.matching_counter(seed_begun(opened), typed, at=clock.now(), after=0) is None:
        raise WrongAppCode


def confirm_authenticator(opened: Session, typed: str, *, sheet: CodeSheet | None, by: Actor) -> None:
    """Turn the app on whose first code was typed, instead of one from before; sheet is kept where there are no recovery codes."""
    user, seed = hold_still(opened), seed_begun(opened)
    counter = codes.matching_counter(seed, typed, at=clock.now(), after=0)
    if counter is None:
        raise WrongAppCode
    kept = authenticator_of(user.id) or Authenticator(user_id=user.id)
    kept.sealed_secret, kept.last_counter = seal(SEALED_AS, seed), counter
    kept.added_at = kept.confirmed_at = clock.now()
    kept.used_at = None
    session().add(kept)
    opened.details = {name: value for name, value in opened.details.items() if name != "authenticator"}
    audit.record(by, "accounts.authenticator_added", user)
    welcome_factor(opened, sheet, by=by)
    follow_up(opened, "authenticator_added")


def remove_authenticator(opened: Session, *, by: Actor) -> None:
    """Do without the app from now on; LastFactor where the role must have one and there is no other."""
    user = hold_still(opened)
    kept = authenticator_of(user.id)
    if kept is None:
        return
    refuse_last(user, is_last=factors_of(user.id).passkeys == 0)
    session().delete(kept)
    audit.record(by, "accounts.authenticator_removed", user)
    part_with_factor(opened)
    follow_up(opened, "authenticator_removed")


def make_recovery_codes(opened: Session, sheet: CodeSheet, *, by: Actor) -> None:
    """Let ten new recovery codes stand in for a lost factor; those of before are worth nothing. NotEnrolled where there is no factor."""
    user = hold_still(opened)
    refuse_without_factor(user)
    _keep_codes(user, sheet, by=by)
    follow_up(opened, "recovery_codes_made")


def refuse_without_factor(user: User) -> None:
    if not factors_of(user.id).is_enrolled:
        raise NotEnrolled


def owes_factor(user: User) -> bool:
    """Whether their role must have a second factor, and they have none yet."""
    return demands_second_factor(user, is_production=config().is_production) and not factors_of(user.id).is_enrolled


def decline_second_factor(user: User, *, by: Actor) -> None:
    """Note that somebody who was asked does not want a second factor; FactorDemanded where their role must have one."""
    if demands_second_factor(user, is_production=config().is_production):
        raise FactorDemanded
    user.declines_second_factor = True
    session().flush()
    audit.record(by, "accounts.second_factor_declined", user)


def drop_factors(user: User, *, by: Actor) -> None:
    """Take every second factor away from somebody who lost them all: the operator's last resort. Every session of theirs ends."""
    for factor in (Authenticator, Passkey, RecoveryCode):
        session().execute(delete(factor).where(factor.user_id == user.id))
    withdraw_tokens(user)
    end_all_sessions(user)
    audit.record(by, "accounts.factors_dropped", user)
    factor_changed.send(user, change="factors_dropped")


def read_code(user_id: int, typed: str) -> TypedCode:
    """Make ready what was typed for spend_code(). May be slow, and not for use inside a transaction."""
    paper, salt = codes.paper_code_of(typed), recovery_salt(user_id)
    return TypedCode(typed, codes.paper_code_digest(paper, salt) if paper and salt else "")


def spend_code(user: User, code: TypedCode, *, by: Actor) -> str:
    """Use up the code, "app" or "recovery" as the one it was; "" where it is neither, or was used before."""
    # Paper first: it works even where the secret of the app can no longer be read.
    if code.paper_digest:
        return "recovery" if spend_recovery_code(user, code.paper_digest, by=by) else ""
    return "app" if spend_authenticator_code(user, code.text) else ""


def spend_authenticator_code(user: User, typed: str) -> bool:
    """Take a code of the user's app, once: it and all before it are worth nothing afterwards; of many at once one succeeds."""
    kept = authenticator_of(user.id)
    if kept is None:
        return False
    seed = open_sealed(SEALED_AS, kept.sealed_secret)
    counter = codes.matching_counter(seed, typed, at=clock.now(), after=kept.last_counter)
    if counter is None:
        return False
    taken = (
        update(Authenticator)
        .where(Authenticator.user_id == user.id, Authenticator.sealed_secret == kept.sealed_secret, Authenticator.last_counter < counter)
        # Under the present key from now on, so that an earlier one can be dropped one day.
        .values(last_counter=counter, used_at=clock.now(), sealed_secret=sealed_anew(SEALED_AS, kept.sealed_secret))
    )
    return _changes_one(taken)


def spend_recovery_code(user: User, paper_digest: str, *, by: Actor) -> bool:
    """Take a code from paper, once; of many at once one succeeds. The user is told by mail."""
    taken = (
        update(RecoveryCode)
        .where(RecoveryCode.user_id == user.id, RecoveryCode.digest == paper_digest, RecoveryCode.used_at.is_(None))
        .values(used_at=clock.now())
    )
    if not _changes_one(taken):
        return False
    audit.record(by, "accounts.recovery_code_used", user, left=factors_of(user.id).recovery_codes)
    factor_changed.send(user, change="recovery_code_used")
    return True


def ask_for_proof(user: User, visit: Visit) -> None:
    """Have six digits sent to somebody who is signed in and has no password and no factor to prove with who they are."""
    withdraw_tokens(user, Purpose.PROOF)
    proof_asked.send(user, browser=visit.browser)


def hold_still(opened: Session) -> User:
    """The session's user, so that changes of their factors follow one another and each sees what the one before did."""
    user = session().get(User, opened.user_id, populate_existing=True, with_for_update={"key_share": True})
    if user is None or session().get(Session, opened.id, populate_existing=True) is None:
        raise SignInNeeded
    return user


def welcome_factor(opened: Session, sheet: CodeSheet | None, *, by: Actor) -> None:
    """What every new factor brings: recovery codes for whoever has none, and a session that counts as proved by two factors."""
    user = opened.user
    user.declines_second_factor = False
    if sheet is not None and factors_of(user.id).recovery_codes == 0:
        _keep_codes(user, sheet, by=by)
    make_fresh(opened, is_two_factor=True)


def part_with_factor(opened: Session) -> None:
    """What the loss of a factor brings: without any, codes stand in for nothing and the session is proved by one factor only."""
    session().flush()
    if not factors_of(opened.user_id).is_enrolled:
        session().execute(delete(RecoveryCode).where(RecoveryCode.user_id == opened.user_id))
        opened.is_two_factor = False


def refuse_last(user: User, *, is_last: bool) -> None:
    if is_last and demands_second_factor(user, is_production=config().is_production):
        raise LastFactor


def follow_up(opened: Session, change: str) -> None:
    """What every change of factors brings: sign-ins that wait and all other sessions end, and the person is told."""
    user = opened.user
    withdraw_tokens(user, Purpose.SECOND, Purpose.CHALLENGE, Purpose.PROOF)
    end_all_sessions(user, but=opened.id)
    factor_changed.send(user, change=change)


def _keep_codes(user: User, sheet: CodeSheet, *, by: Actor) -> None:
    session().execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    session().add_all(RecoveryCode(user_id=user.id, digest=each, salt=sheet.salt) for each in sheet.digests)
    session().flush()
    audit.record(by, "accounts.recovery_codes_made", user)


def _changes_one(change: Update) -> bool:
    return bool(session().execute(change).rowcount == 1)  # type: ignore[attr-defined]
