"""The table of letters and what can become of one."""

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Enum,
    Index,
    LargeBinary,
    Select,
    String,
    Text,
    and_,
    case,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from inkhorn.core import clock
from inkhorn.core.database import Base, OffPages, insert_into, session
from inkhorn.core.errors import NotFound
from inkhorn.core.events import letter_refused, letters_given_up

# How long the words of a letter are kept that did not leave; they may hold a link that signs somebody in.
WORDS_KEPT = timedelta(days=7)
ROWS_KEPT = timedelta(days=90)
# A letter that says no other end is tried for so long.
TRIED_FOR = timedelta(days=2)
LONGEST_PAUSE = timedelta(hours=4)
LONGEST_PURPOSE, LONGEST_SUBJECT, LONGEST_ANSWER = 200, 300, 1000


class LetterState(enum.StrEnum):
    """How far a letter came."""

    WAITING = "waiting"
    HANDING = "handing"  # its last line is on the way; whoever dies now leaves it uncertain
    SENT = "sent"
    UNCERTAIN = "uncertain"  # may have arrived: a person decides, nobody gets it twice by our guess
    REFUSED = "refused"  # the mail server will never take it
    GIVEN_UP = "given_up"  # it could not leave in time
    PUT_AWAY = "put_away"  # refused or given up, and somebody has seen to it
    DROPPED = "dropped"  # what it told was so no more when its turn came


class Letter(OffPages, Base):
    """One letter to one person, whole as it will leave; its purpose is unique, so that nothing is ever sent for it twice."""

    __tablename__ = "letter"
    __table_args__ = (
        Index("ix_letter_state_next_at", "state", "next_at", "id"),
        Index("ix_letter_created_at_id", "created_at", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(String(200), unique=True)
    # The template's folder, such as "accounts/confirm".
    kind: Mapped[str] = mapped_column(String(80))
    to_address: Mapped[str] = mapped_column(String(254), index=True)
    subject: Mapped[str] = mapped_column(String(300))
    message_id: Mapped[str] = mapped_column(String(200))
    # None once it was sent: what it said is between the sender and the reader.
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    state: Mapped[LetterState] = mapped_column(
        Enum(
            LetterState, native_enum=False, create_constraint=False, length=20, values_callable=lambda kinds: [kind.value for kind in kinds]
        ),
        default=LetterState.WAITING,
    )
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    # When it is tried next; for one that is tried no more, when that was found.
    next_at: Mapped[datetime] = mapped_column(default=clock.now)
    # When what it says is worth nothing any more.
    expires_at: Mapped[datetime | None]
    tried_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    # What the mail server answered last.
    answer: Mapped[str | None] = mapped_column(Text)

    def __str__(self) -> str:
        return f"{self.subject} ({self.to_address})"

    @property
    def ends_at(self) -> datetime:
        """When trying it ends."""
        return self.expires_at or self.created_at + TRIED_FOR


@dataclass(frozen=True)
class Ready:
    """A letter that may be handed over now, as its so-and-so-manieth try."""

    id: int
    attempt: int
    purpose: str
    to_address: str
    content: bytes


@dataclass(frozen=True)
class LetterCounts:
    """How many letters are in each plight that somebody may have to look at."""

    waiting: int
    uncertain: int
    failed: int


def keep_letter(*, purpose: str, subject: str, **more: Any) -> bool:
    """Put the letter in the outbox with the caller's transaction; False where one for this purpose is there already."""
    values = {"state": LetterState.WAITING, "attempts": 0, "created_at": clock.now(), "next_at": clock.now()}
    made = insert_into(Letter).values(purpose=_fitting(purpose), subject=subject[:LONGEST_SUBJECT], **values, **more)
    kept = session().execute(made.on_conflict_do_nothing(index_elements=[Letter.purpose]).returning(Letter.id)).scalar()
    return kept is not None


def is_written(purpose: str) -> bool:
    """Whether a letter for this purpose is there; a job that is run again looks first, before it makes new secrets."""
    return session().scalar(select(Letter.id).where(Letter.purpose == purpose)) is not None


def due_letters(limit: int) -> Select[int]:
    """Numbers of what may be tried now, the longest waiting first."""
    return select(Letter.id).where(_is_due()).order_by(Letter.next_at, Letter.id).limit(limit)


def ready_letter(letter_id: int) -> Ready | None:
    """The letter with its words, unless it has left or was given up meanwhile."""
    wanted = select(Letter.id, Letter.attempts, Letter.purpose, Letter.to_address, Letter.content)
    row = session().execute(wanted.where(Letter.id == letter_id, _is_due())).one_or_none()
    # What is due has its words, whatever the column's type allows.
    return Ready(row.id, row.attempts, row.purpose, row.to_address, row.content or b"") if row else None


def letters(*states: LetterState) -> Select[Letter]:
    """All letters, or those in some states, the newest first."""
    chosen = select(Letter).order_by(Letter.created_at.desc(), Letter.id.desc())
    return chosen.where(Letter.state.in_(states)) if states else chosen


def failed_letters(since: datetime, until: datetime) -> Select[Letter]:
    """What was refused or given up in that stretch of time and is so still, in the order in which it was."""
    in_time = (Letter.next_at >= since) & (Letter.next_at < until)
    return select(Letter).where(Letter.state.in_((LetterState.REFUSED, LetterState.GIVEN_UP)), in_time).order_by(Letter.next_at, Letter.id)


def letter_counts() -> LetterCounts:
    waiting, failed = (LetterState.WAITING, LetterState.HANDING), (LetterState.REFUSED, LetterState.GIVEN_UP)
    counted = select(
        func.count(case((Letter.state.in_(waiting), 1))),
        func.count(case((Letter.state == LetterState.UNCERTAIN, 1))),
        func.count(case((Letter.state.in_(failed), 1))),
    )
    return LetterCounts(*session().execute(counted.where(Letter.state.in_((*waiting, LetterState.UNCERTAIN, *failed)))).one())


def get_letter(letter_id: int) -> Letter:
    letter = session().get(Letter, letter_id) if 0 < letter_id < 2**31 else None
    if letter is None:
        raise NotFound("There is no such letter here.")
    return letter


def begin_handing(letter_id: int, attempt: int) -> bool:
    """Note that the last line of the letter leaves now; False where somebody else has it by now."""
    mine = (Letter.id == letter_id) & (Letter.state == LetterState.WAITING) & (Letter.attempts == attempt)
    return _count(update(Letter).where(mine).values(state=LetterState.HANDING, attempts=attempt + 1, tried_at=clock.now())) == 1


def record_sent(letter_id: int, attempt: int, answer: str, *, keeps_words: bool) -> bool:
    """Note that the mail server took the letter, even where it was called uncertain meanwhile."""
    letter = _held(letter_id, attempt)
    if letter is None:
        return False
    letter.state, letter.sent_at, letter.answer = LetterState.SENT, clock.now(), answer[:LONGEST_ANSWER]
    if not keeps_words:
        letter.content = None
    return True


def record_refusal(letter_id: int, attempt: int, answer: str) -> bool:
    """Note that the mail server will never take the letter, and say so to whoever listens."""
    letter = _held(letter_id, attempt)
    if letter is None:
        return False
    _note_try(letter, attempt, answer)
    letter.state, letter.next_at = LetterState.REFUSED, clock.now()
    session().flush()
    letter_refused.send(letter)
    return True


def record_delay(letter_id: int, attempt: int, answer: str, pause: timedelta) -> bool:
    """Let a letter that the server did not take wait for another try, or give it up where none would come in time."""
    letter = _held(letter_id, attempt)
    if letter is None:
        return False
    _note_try(letter, attempt, answer)
    if _wait_on(letter, pause):
        return True
    letter.state, letter.next_at = LetterState.GIVEN_UP, clock.now()
    session().flush()
    letters_given_up.send(None, at=letter.next_at)
    return True


def record_silence(letter_id: int, attempt: int, answer: str, pause: timedelta) -> bool:
    """Note that the server broke off: a letter whose last line had left may have arrived, any other waits."""
    letter = _held(letter_id, attempt)
    if letter is None:
        return False
    if letter.state is LetterState.WAITING:
        return record_delay(letter_id, attempt, answer, pause)
    _note_try(letter, attempt, answer)
    letter.state = LetterState.UNCERTAIN
    return True


def drop_letter(letter_id: int, attempt: int, reason: str) -> bool:
    """Note that the letter does not leave, since what it tells is so no more; its words are forgotten, and it is not sent again."""
    letter = _held(letter_id, attempt)
    if letter is None or letter.state is not LetterState.WAITING:
        return False
    letter.state, letter.content, letter.next_at, letter.answer = LetterState.DROPPED, None, clock.now(), reason[:LONGEST_ANSWER]
    return True


def defer_letter(letter_id: int, attempt: int, reason: str, pause: timedelta) -> bool:
    """Let a letter wait that tells what is not so just now; where that does not pass in time it is dropped, which is nobody's fault."""
    letter = _held(letter_id, attempt)
    if letter is None or letter.state is not LetterState.WAITING:
        return False
    _note_try(letter, attempt, reason)
    if not _wait_on(letter, pause):
        letter.state, letter.content, letter.next_at = LetterState.DROPPED, None, clock.now()
    return True


def put_off(answer: str, pause: timedelta) -> int:
    """Let everything that is due wait, since the server is away; no letter is to blame, so no try is counted."""
    return _count(update(Letter).where(_is_due()).values(next_at=clock.now() + pause, answer=answer[:LONGEST_ANSWER]))


def give_up_ended() -> int:
    """Give up what waits and is worth nothing any more, and say so to whoever listens."""
    now = clock.now()
    has_ended = or_(Letter.expires_at < now, and_(Letter.expires_at.is_(None), Letter.created_at < now - TRIED_FOR))
    ended = _count(update(Letter).where(Letter.state == LetterState.WAITING, has_ended).values(state=LetterState.GIVEN_UP, next_at=now))
    if ended:
        letters_given_up.send(None, at=now)
    return ended


def call_uncertain() -> int:
    """Call those uncertain whose last line was on the way when their sender died; only for one who knows that it is the only sender."""
    told = {"state": LetterState.UNCERTAIN, "answer": "The sender was stopped while it left."}
    return _count(update(Letter).where(Letter.state == LetterState.HANDING).values(told))


def forget_words() -> int:
    """Forget what old letters said, and the oldest letters altogether."""
    rests = Letter.state.not_in((LetterState.WAITING, LetterState.HANDING))
    old, oldest = (Letter.created_at < clock.now() - age for age in (WORDS_KEPT, ROWS_KEPT))
    emptied = _count(update(Letter).where(rests, old, Letter.content.is_not(None)).values(content=None))
    _count(delete(Letter).where(rests, oldest))
    return emptied


def _is_due() -> ColumnElement[bool]:
    return and_(Letter.state == LetterState.WAITING, Letter.next_at <= clock.now(), Letter.content.is_not(None))


def _held(letter_id: int, attempt: int) -> Letter | None:
    """The letter while nobody but this try of it has moved it; one called uncertain meanwhile is still the try's to tell of."""
    before = (Letter.state == LetterState.WAITING) & (Letter.attempts == attempt)
    after = Letter.state.in_((LetterState.HANDING, LetterState.UNCERTAIN)) & (Letter.attempts == attempt + 1)
    mine = select(Letter).where(Letter.id == letter_id, before | after).with_for_update()
    return session().scalars(mine.execution_options(populate_existing=True)).one_or_none()


def _wait_on(letter: Letter, pause: timedelta) -> bool:
    """Have the letter tried again after the pause; False where its end comes first."""
    left = letter.ends_at - clock.now()
    # The last try comes before the end and not just after it.
    pause = min(pause, LONGEST_PAUSE, max(left / 2, timedelta(minutes=1)))
    if pause >= left:
        return False
    letter.state, letter.next_at = LetterState.WAITING, clock.now() + pause
    return True


def _note_try(letter: Letter, attempt: int, answer: str) -> None:
    letter.attempts, letter.tried_at, letter.answer = attempt + 1, clock.now(), answer[:LONGEST_ANSWER]


def _fitting(purpose: str) -> str:
    """The purpose itself, or what is as good when it is too long for its column."""
    if len(purpose) <= LONGEST_PURPOSE:
        return purpose
    digest = sha256(purpose.encode()).hexdigest()
    return f"{purpose[: LONGEST_PURPOSE - len(digest) - 1]}~{digest}"


def _count(statement: Any) -> int:
    result = session().execute(statement.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)
    return result.rowcount
