"""Sessions: one row for each browser that is signed in, and the browsers that somebody used before."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select, update

from inkhorn.accounts.events import new_device_seen
from inkhorn.accounts.models import ApiKey, KnownDevice, RefreshFamily, Session, User
from inkhorn.accounts.policies import is_staff
from inkhorn.accounts.queries import digest, known_device, sessions_of
from inkhorn.core import audit, clock
from inkhorn.core.access import Actor, Visitor
from inkhorn.core.database import insert_into, session
from inkhorn.core.errors import NotFound

STAFF_IDLE, STAFF_ABSOLUTE = timedelta(hours=12), timedelta(days=7)
MEMBER_IDLE = timedelta(days=30)
# How old "last seen" may be before a request writes it anew.
SEEN_EVERY = timedelta(minutes=5)
# How long a proof of who somebody is stays fresh enough for sensitive acts.
FRESH_FOR = timedelta(minutes=10)
DEVICE_FORGOTTEN_AFTER = timedelta(days=180)
LONGEST_DEVICE = 300


@dataclass(frozen=True)
class Visit:
    """From where somebody comes: network address, what the browser calls itself, and the digest of the cookie it keeps."""

    address: str | None = None
    device: str = ""
    browser: str | None = None

    def stranger(self, label: str = "visitor") -> Visitor:
        """Whoever comes from there, as the audit log names somebody who is not signed in."""
        return Visitor(address=self.address, device=self.device, label=label)


@dataclass(frozen=True)
class InTheirName:
    """Somebody who acts, or for whom the house acts, without being signed in."""

    user: User
    visit: Visit = Visit()
    is_signed_in: bool = True

    @property
    def id(self) -> int:
        return self.user.id

    @property
    def label(self) -> str:
        return self.user.label

    @property
    def address(self) -> str | None:
        return self.visit.address

    @property
    def device(self) -> str:
        return self.visit.device

    def may(self, permission: str) -> bool:
        return False


def open_session(user: User, visit: Visit, *, way: str = "password", is_two_factor: bool = False, is_remembered: bool = False) -> str:
    """Begin a session; the token for the cookie, which is kept nowhere else."""
    token, now = secrets.token_urlsafe(32), clock.now()
    session().add(
        Session(
            token_digest=digest(token),
            user=user,
            started_at=now,
            seen_at=now,
            fresh_at=now,
            way=way,
            is_two_factor=is_two_factor,
            is_remembered=is_remembered,
            address=visit.address,
            device=visit.device[:LONGEST_DEVICE],
            device_id=note_device(user, visit),
        )
    )
    session().flush()
    return token


def end_session(session_id: int) -> None:
    """Sign one browser out; one that is out already stays out."""
    session().execute(delete(Session).where(Session.id == session_id))


def end_own_session(user: User, session_id: int, *, by: Actor) -> None:
    """End one session of the user's and forget its browser; NotFound where it is not theirs, or over."""
    gone = delete(Session).where(Session.id == session_id, Session.user_id == user.id).returning(Session.device_id)
    ended = session().execute(gone).one_or_none() if 0 < session_id < 2**31 else None
    if ended is None:
        raise NotFound("That session is over already.")
    # Whoever was sent away and comes back is to be told of as new; a browser that others still use here is no stranger.
    used = select(Session.device_id).where(Session.user_id == user.id, Session.device_id.is_not(None))
    session().execute(delete(KnownDevice).where(KnownDevice.id == ended.device_id, KnownDevice.id.not_in(used)))
    audit.record(by, "accounts.session_ended", user)


def end_other_sessions(user: User, *, this: int, by: Actor) -> int:
    """End every session of the user's but this one and forget their browsers; how many there were."""
    here = select(Session.device_id).where(Session.id == this, Session.device_id.is_not(None))
    ended = end_sessions_of(user, by=by, but=this)
    session().execute(delete(KnownDevice).where(KnownDevice.user_id == user.id, KnownDevice.id.not_in(here)))
    return ended


def end_all_sessions(user: User, *, but: int | None = None, keeps_keys: bool = False) -> int:
    """Sign the user out of every browser, or of all but one, and every program of theirs; how many browsers there were.

    Whatever made this necessary made their keys doubtful too, so these end as well, unless the person merely tidies up.
    """
    session().execute(delete(RefreshFamily).where(RefreshFamily.user_id == user.id))
    if not keeps_keys:
        session().execute(delete(ApiKey).where(ApiKey.user_id == user.id))
    theirs = delete(Session).where(Session.user_id == user.id)
    if but is not None:
        theirs = theirs.where(Session.id != but)
    ended = session().execute(theirs).rowcount  # type: ignore[attr-defined]
    session().flush()
    return int(ended)


def end_sessions_of(user: User, *, by: Actor, but: int | None = None) -> int:
    """The same, on somebody's wish and noted; how many there were. Whoever keeps one browser keeps the keys, which have a list of their own."""
    ended = end_all_sessions(user, but=but, keeps_keys=but is not None)
    audit.record(by, "accounts.sessions_ended", user, sessions=ended)
    return ended


def renew_session(opened: Session) -> str:
    """Give a session another token, as after a change of who it proves to be; the old cookie is worth nothing."""
    token = secrets.token_urlsafe(32)
    opened.token_digest = digest(token)
    session().flush()
    return token


def make_fresh(opened: Session, *, is_two_factor: bool) -> None:
    """Note that the person has just proved who they are."""
    opened.fresh_at = clock.now()
    opened.is_two_factor = opened.is_two_factor or is_two_factor
    session().flush()


def is_fresh(opened: Session) -> bool:
    return clock.now() - opened.fresh_at < FRESH_FOR


def forget_old_sessions() -> int:
    """Remove the rows that no cookie can use any more; how many there were."""
    before = clock.now() - MEMBER_IDLE
    session().execute(delete(KnownDevice).where(KnownDevice.seen_at < clock.now() - DEVICE_FORGOTTEN_AFTER))
    return session().execute(delete(Session).where(Session.seen_at < before)).rowcount  # type: ignore[attr-defined, no-any-return]


def see_again(opened: Session) -> None:
    """Note that the session is in use; one that was ended meanwhile stays ended."""
    session().execute(update(Session).where(Session.id == opened.id).values(seen_at=clock.now()))


def is_live(opened: Session) -> bool:
    """Whether the session is within its idle and absolute limits and its user may still sign in."""
    now = clock.now()
    works_here = is_staff(opened.user)
    idle = STAFF_IDLE if works_here else MEMBER_IDLE
    within = now - opened.seen_at < idle and not (works_here and now - opened.started_at >= STAFF_ABSOLUTE)
    return within and opened.user.can_sign_in


def live_sessions_of(user: User, *, most: int) -> list[Session]:
    """Where the user is signed in, the last seen first; rows that no cookie opens any more are not among them."""
    return [each for each in session().scalars(sessions_of(user).limit(most)) if is_live(each)]


def needs_seeing(opened: Session) -> bool:
    return clock.now() - opened.seen_at >= SEEN_EVERY


def note_device(user: User, visit: Visit) -> int | None:
    """Remember the browser; tell of one that is new to somebody who used others before."""
    if visit.browser is None:
        return None
    known = known_device(user.id, visit.browser)
    if known is not None:
        known.seen_at, known.address, known.label = clock.now(), visit.address, visit.device[:LONGEST_DEVICE]
        return known.id
    is_first = session().scalar(select(KnownDevice.id).where(KnownDevice.user_id == user.id).limit(1)) is None
    made = insert_into(KnownDevice).values(
        user_id=user.id,
        digest=visit.browser,
        label=visit.device[:LONGEST_DEVICE],
        address=visit.address,
        first_at=clock.now(),
        seen_at=clock.now(),
    )
    # Two windows of one browser may sign in at the same moment.
    again = made.on_conflict_do_update(index_elements=[KnownDevice.digest, KnownDevice.user_id], set_={"seen_at": clock.now()})
    device_id: int = session().execute(again.returning(KnownDevice.id)).scalar_one()
    if not is_first:
        new_device_seen.send(user, visit=visit)
    return device_id
