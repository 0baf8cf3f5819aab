"""The job that hands letters over: one sender at a time, one connection for many, every outcome noted."""

import logging
import time
from datetime import timedelta

from inkhorn.core.config import config
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import Unavailable
from inkhorn.core.events import MayPass, letter_leaving
from inkhorn.core.jobs import enqueue, is_stopping, job
from inkhorn.core.mail import letters
from inkhorn.core.mail.letters import LetterState, Ready
from inkhorn.core.mail.sending import BrokeOff, Delayed, MailServer, Outgoing, Refused, ServerAway, TurnedAway, sender_of, server_of

log = logging.getLogger(__name__)

LETTERS_PER_CONNECTION = 100
# What is left after that is the next one's.
SPELL_SECONDS = 120.0
OUTBOX = "outbox"
# In a row; then it is the server and not the letters.
MOST_BREAKS = 3
# How long all letters wait when the server is away; long enough to leave it in peace, short enough for a link to be still of use.
AWAY_PAUSE = timedelta(minutes=2)


@job("mail.deliver_letters", time_limit=600)
def deliver_letters() -> None:
    """Hand over what waits; under one unique key, so that there is one sender in all the house."""
    with transaction():
        # Whoever was handing these over is dead, or we would not run.
        if lost := letters.call_uncertain():
            log.warning("letters_uncertain", extra={"letters": lost})
        letters.give_up_ended()
    server = server_of(config())
    if server is None:
        return
    spell = _Spell(server)
    try:
        while waiting := _due(LETTERS_PER_CONNECTION):
            with server:
                spell.hand_over(waiting)
            if spell.is_over:
                with transaction():
                    hurry()
                return
    except Unavailable as error:
        log.warning("mail_server_away", extra={"reason": str(error)})
        with transaction():
            letters.put_off(str(error), AWAY_PAUSE)


@job("mail.sweep_outbox", every=timedelta(seconds=30))
def sweep_outbox() -> None:
    """Find letters whose time has come again, and those whose sender died."""
    if _due(1) or session().scalars(letters.letters(LetterState.HANDING).limit(1)).first():
        with transaction():
            hurry()


@job("mail.forget_words", every=timedelta(hours=6))
def forget_words() -> None:
    """Forget what letters said a week ago, and letters of a quarter ago."""
    with transaction():
        letters.forget_words()


class _Spell:
    """One stretch of handing letters over: how long it may last, and how often the server broke off."""

    def __init__(self, server: MailServer) -> None:
        self._server, self._sender = server, sender_of(config())
        self._until, self._breaks = time.monotonic() + SPELL_SECONDS, 0

    @property
    def is_over(self) -> bool:
        # A letter that is on its way when the process ends would be left in doubt.
        return is_stopping() or time.monotonic() >= self._until

    def hand_over(self, numbers: list[int]) -> None:
        """Hand these over, each with its outcome noted; Unavailable where the server is away."""
        for number in numbers:
            if self.is_over:
                return
            ready = _ready(number)
            if ready is not None:
                self._hand_over_one(ready)

    def _hand_over_one(self, ready: Ready) -> None:
        key, outgoing = (ready.id, ready.attempt), Outgoing(self._sender, ready.to_address, ready.content)
        try:
            answer = self._server.hand_over(outgoing, last_line=lambda: _stamp(ready))
        except TurnedAway as error:
            # If it is us, it is so for every letter; if it is this address alone, the others go first next time.
            with transaction():
                letters.record_delay(*key, str(error), pause_after(ready.attempt))
            self._count_break(str(error))
            return
        except Delayed as error:
            with transaction():
                letters.record_delay(*key, str(error), pause_after(ready.attempt))
        except Refused as error:
            log.warning("letter_refused", extra={"letter": ready.id})
            with transaction():
                letters.record_refusal(*key, str(error))
        except BrokeOff as error:
            # It may be this letter that the server hangs up on, so the others go first next time.
            with transaction():
                letters.record_silence(*key, str(error), pause_after(ready.attempt))
            self._count_break(str(error))
            return
        except _TakenByAnother:
            return
        except Unavailable:
            raise
        except Exception as error:
            # One that cannot even be tried must not hold up those behind it.
            log.exception("letter_failed", extra={"letter": ready.id})
            with transaction():
                letters.record_silence(*key, f"{type(error).__name__}: {error}", pause_after(ready.attempt))
        else:
            with transaction():
                letters.record_sent(*key, answer, keeps_words=self._server.keeps_words)
        self._breaks = 0

    def _count_break(self, reason: str) -> None:
        self._breaks += 1
        if self._breaks >= MOST_BREAKS:
            raise ServerAway(reason)


def _ready(number: int) -> Ready | None:
    """The letter, if it may leave now; one that tells what is so no more is dropped instead, or put off where it may be so again."""
    with transaction():
        ready = letters.ready_letter(number)
        reason = _why_not(ready) if ready is not None else None
        if ready is None or reason is None:
            return ready
        if isinstance(reason, MayPass):
            letters.defer_letter(ready.id, ready.attempt, reason, pause_after(ready.attempt))
        else:
            letters.drop_letter(ready.id, ready.attempt, reason)
    log.info("letter_held_back", extra={"letter": number, "reason": reason})
    return None


def _why_not(ready: Ready) -> str | None:
    try:
        with session().begin_nested():
            return next((answer for _listener, answer in letter_leaving.send(ready) if answer), None)
    except Exception:
        # A listener that fails, a plugin's perhaps, must not hold up the mail of the house.
        log.exception("letter_question_failed", extra={"letter": ready.id})
        return None


class _TakenByAnother(Exception):
    """Another sender has the letter; hanging up is the only way to take DATA back."""


def _stamp(ready: Ready) -> None:
    """Note in the database that the last line leaves."""
    with transaction():
        is_ours = letters.begin_handing(ready.id, ready.attempt)
    if not is_ours:
        raise _TakenByAnother


def _due(limit: int) -> list[int]:
    return list(session().scalars(letters.due_letters(limit)))


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many tries: half a minute, one, two, four ... up to four hours."""
    return min(letters.LONGEST_PAUSE, timedelta(seconds=30 * 2 ** min(attempts, 12)))


def hurry() -> None:
    """Ask for the outbox to be emptied once the caller's transaction is committed."""
    enqueue(deliver_letters, unique=OUTBOX)
