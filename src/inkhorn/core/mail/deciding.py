"""What a person decides about letters that did not arrive, or may not have."""

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from inkhorn.core import audit, clock
from inkhorn.core.access import Actor
from inkhorn.core.database import session
from inkhorn.core.errors import Conflict
from inkhorn.core.mail.letters import TRIED_FOR, WORDS_KEPT, Letter, LetterState, letters

FAILED = (LetterState.REFUSED, LetterState.GIVEN_UP)


def resendable_letters(*states: LetterState) -> Select[Letter]:
    """Those in some states whose words are kept and still worth something, the newest first."""
    return letters(*states).where(_is_of_use())


def can_resend(letter: Letter) -> bool:
    """Whether a button beside it would do it, as far as can be told of one whose words were not loaded."""
    is_kept = letter.state is LetterState.WAITING or letter.created_at > clock.now() - WORDS_KEPT
    is_over = letter.expires_at is not None and letter.expires_at < clock.now()
    return letter.state in (LetterState.WAITING, LetterState.UNCERTAIN, *FAILED) and is_kept and not is_over


def worthless_count(*states: LetterState) -> int:
    """How many in some states can never be sent again."""
    return session().scalar(select(func.count()).select_from(Letter).where(Letter.state.in_(states), ~_is_of_use())) or 0


def _is_of_use() -> ColumnElement[bool]:
    return and_(Letter.content.is_not(None), or_(Letter.expires_at.is_(None), Letter.expires_at >= clock.now()))


def resend_letter(letter: Letter, *, by: Actor) -> None:
    """Let a letter that did not (certainly) arrive leave once more as the same letter, or one that waits leave now; Conflict otherwise."""
    session().refresh(letter, with_for_update=True)
    if letter.state not in (LetterState.WAITING, LetterState.UNCERTAIN, *FAILED):
        raise Conflict("Only a letter that waits, failed or may not have arrived can be sent again.")
    if letter.content is None:
        raise Conflict("What this letter said is no longer kept. Let the person ask for a new one.")
    if letter.expires_at is not None and letter.expires_at < clock.now():
        raise Conflict("What this letter says is worth nothing any more. Let the person ask for a new one.")
    before, letter.next_at = letter.state, clock.now()
    if before is not LetterState.WAITING:
        letter.state, letter.attempts = LetterState.WAITING, 0
        letter.expires_at = letter.expires_at or clock.now() + TRIED_FOR
    session().flush()
    audit.record(by, "mail.resent", letter, was=before.value)


def settle_letter(letter: Letter, *, by: Actor) -> None:
    """Note that an uncertain letter arrived, as its reader or the server's log told, or put away one that failed; its words are forgotten."""
    session().refresh(letter, with_for_update=True)
    if letter.state is LetterState.UNCERTAIN:
        letter.state, letter.content, letter.sent_at = LetterState.SENT, None, letter.tried_at
        action = "mail.settled"
    elif letter.state in FAILED:
        letter.state, letter.content = LetterState.PUT_AWAY, None
        action = "mail.put_away"
    else:
        raise Conflict("Only a letter that failed or may have arrived can be settled.")
    session().flush()
    audit.record(by, action, letter)
