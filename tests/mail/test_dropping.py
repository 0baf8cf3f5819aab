"""Just before a letter leaves, the rooms are asked whether what it tells is still so."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from inkhorn.core import clock as house_clock
from inkhorn.core.access import House
from inkhorn.core.database import transaction
from inkhorn.core.errors import Conflict
from inkhorn.core.events import MayPass, letter_leaving, letters_given_up
from inkhorn.core.mail import deciding
from inkhorn.core.mail.letters import LetterState, Ready
from tests.mail.conftest import deliver, the_letter, write


@contextmanager
def asked(answer: Callable[[Ready], str | None]) -> Iterator[None]:
    with letter_leaving.connected_to(answer):
        yield


def test_a_letter_against_which_somebody_speaks_is_dropped_and_the_others_leave(posting):
    write(purpose="an old story")
    write("wren@example.org", purpose="news")
    with asked(lambda letter: "That is over." if letter.purpose == "an old story" else None):
        old, news = deliver()
    assert (old.state, old.answer, old.content, old.attempts) == (LetterState.DROPPED, "That is over.", None, 0)
    assert news.state is LetterState.SENT
    assert [each.message_id for each in posting.received] == [news.message_id]


def test_a_dropped_letter_is_neither_sent_again_nor_settled(posting):
    write()
    with asked(lambda _letter: "That is over."):
        deliver()
    for verb in (deciding.resend_letter, deciding.settle_letter):
        with pytest.raises(Conflict), transaction():
            verb(the_letter(), by=House())
    assert deliver()[0].state is LetterState.DROPPED
    assert not write()
    assert posting.received == []


def test_whoever_fails_to_answer_holds_up_no_mail(posting):
    def fail(_letter: Ready) -> str | None:
        raise ZeroDivisionError

    write()
    with asked(fail):
        assert deliver()[0].state is LetterState.SENT


def test_a_letter_waits_while_what_it_tells_may_be_so_again(posting, clock):
    write()
    with asked(lambda _letter: MayPass("Not just now.")):
        (letter,) = deliver()
    assert (letter.state, letter.answer, letter.content is None) == (LetterState.WAITING, "Not just now.", False)
    assert posting.received == []
    clock.forward(minutes=1)
    assert deliver()[0].state is LetterState.SENT


def test_a_letter_that_waited_in_vain_is_dropped_and_nobody_is_alarmed(posting, clock):
    write()
    alarms: list[object] = []
    with asked(lambda _letter: MayPass("Not just now.")), letters_given_up.connected_to(lambda _sender, at: alarms.append(at)):
        deliver()
        while the_letter().state is LetterState.WAITING:
            clock.forward(seconds=max(1.0, (the_letter().next_at - house_clock.now()).total_seconds()))
            deliver()
    assert (the_letter().state, the_letter().content, alarms, posting.received) == (LetterState.DROPPED, None, [], [])
