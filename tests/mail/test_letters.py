"""Letters as rows: one for a purpose, moved only by those who may, forgotten in time."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from inkhorn.core import audit
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import Conflict, NotFound
from inkhorn.core.mail import deciding, letters
from inkhorn.core.mail.letters import Letter, LetterState
from tests.accounts.conftest import crowded  # noqa: F401 - the fixture
from tests.accounts.test_at_once import all_at_once
from tests.mail.conftest import deliver, kept, the_letter, write
from tests.servers import postgres_server, postgres_url  # noqa: F401 - fixtures

WAITING, HANDING, SENT, UNCERTAIN, REFUSED, GIVEN_UP, PUT_AWAY, DROPPED = LetterState
FAILED = (UNCERTAIN, REFUSED, GIVEN_UP)


def in_state(state, **more):
    write()
    with transaction():
        letter = the_letter()
        letter.state = state
        for name, value in more.items():
            setattr(letter, name, value)
    return letter


def resend(letter):
    with transaction():
        deciding.resend_letter(letter, by=House())


def test_a_purpose_has_one_letter(database):
    assert [write(), write("wren@example.org")] == [True, False]
    assert the_letter().to_address == "rhea@example.org"


def test_long_purposes_are_told_apart_by_their_ends(database):
    start = "x" * 300
    assert [write(purpose=start + end) for end in ("1", "2", "1")] == [True, True, False]


@pytest.mark.slow
def test_fifty_at_once_write_one_letter(crowded):  # noqa: F811
    assert all_at_once(crowded, 50, lambda number: write(f"{number}@example.org")) == {True: 1, False: 49}
    with crowded.app_context():
        assert session().scalar(select(func.count()).select_from(Letter)) == 1


@pytest.mark.parametrize("state", FAILED)
def test_a_failed_letter_leaves_again_as_the_same_letter(posting, state):
    letter = in_state(state, attempts=7)
    resend(letter)
    assert deliver()[0].state is SENT
    assert [each.message_id for each in posting.received] == [letter.message_id]


@pytest.mark.parametrize("state", [HANDING, SENT, PUT_AWAY, DROPPED])
def test_a_letter_that_is_done_with_is_not_sent_again(database, state):
    with pytest.raises(Conflict, match="Only a letter that waits, failed"):
        resend(in_state(state))


def test_a_letter_whose_words_are_gone_is_not_sent_again(database):
    with pytest.raises(Conflict, match="no longer kept"):
        resend(in_state(REFUSED, content=None))


def test_a_letter_that_is_worth_nothing_is_not_sent_again(database, clock):
    letter = in_state(GIVEN_UP, expires_at=clock.now)
    clock.forward(seconds=1)
    with pytest.raises(Conflict, match="worth nothing"):
        resend(letter)


def test_an_old_letter_sent_again_is_tried_for_as_long_as_a_new_one(posting, clock):
    letter = in_state(GIVEN_UP)
    clock.forward(days=6)
    posting.mode = "tired"
    resend(letter)
    assert deliver()[0].state is WAITING


def test_a_try_that_runs_is_not_lost_when_somebody_wants_it_now(database):
    letter = in_state(WAITING, attempts=3)
    resend(letter)
    with transaction():
        assert letters.begin_handing(letter.id, 3)


@pytest.mark.parametrize("state", [WAITING, HANDING, SENT, PUT_AWAY, DROPPED])
def test_what_waits_or_is_done_cannot_be_settled(database, state):
    letter = in_state(state)
    with pytest.raises(Conflict, match="Only a letter that failed"), transaction():
        deciding.settle_letter(letter, by=House())


def test_doubt_is_settled_once(database):
    letter = in_state(UNCERTAIN)
    with transaction():
        deciding.settle_letter(letter, by=House())
    assert (the_letter().state, the_letter().content) == (SENT, None)
    with pytest.raises(Conflict, match="may have arrived"), transaction():
        deciding.settle_letter(letter, by=House())


def test_what_a_person_decides_is_noted(database):
    letter = in_state(UNCERTAIN)
    resend(letter)
    with transaction():
        the_letter().state = UNCERTAIN
    with transaction():
        deciding.settle_letter(letter, by=House())
    noted = session().scalars(audit.entries_about(letter)).all()
    assert [entry.action for entry in noted] == ["mail.settled", "mail.resent"]
    assert noted[0].subject_label == "A test letter from A new publication (rhea@example.org)"


@pytest.mark.parametrize("number", [0, -1, 99, 2**31, 2**70])
def test_there_is_no_letter_of_any_other_number(database, number):
    with pytest.raises(NotFound):
        letters.get_letter(number)


def test_a_late_answer_is_believed_while_nobody_else_decided(database):
    letter = in_state(UNCERTAIN, attempts=1)
    with transaction():
        assert letters.record_sent(letter.id, 0, "250 kept", keeps_words=False)
    assert the_letter().state is SENT


@pytest.mark.parametrize("record", [letters.record_delay, letters.record_silence])
def test_a_late_answer_changes_nothing_that_was_decided(database, record):
    letter = in_state(SENT, attempts=1, content=None)
    with transaction():
        assert not record(letter.id, 0, "451", timedelta(minutes=1))
        assert not letters.record_refusal(letter.id, 0, "550")
    assert (the_letter().state, the_letter().attempts) == (SENT, 1)


def test_a_later_no_takes_the_doubt_away(database):
    letter = in_state(UNCERTAIN, attempts=1)
    with transaction():
        assert letters.record_delay(letter.id, 0, "451 later", timedelta(minutes=1))
    assert (the_letter().state, the_letter().attempts) == (WAITING, 1)


def test_the_counts_are_of_what_somebody_may_have_to_look_at(database):
    for number, state in enumerate((WAITING, HANDING, UNCERTAIN, REFUSED, GIVEN_UP, SENT, SENT)):
        write(purpose=str(number))
        with transaction():
            kept()[-1].state = state
    assert letters.letter_counts() == letters.LetterCounts(waiting=2, uncertain=1, failed=2)


@pytest.mark.parametrize("state", LetterState)
def test_words_are_forgotten_after_a_week_and_letters_after_a_quarter(database, clock, state):
    in_state(state)
    clock.forward(days=8)
    with transaction():
        letters.forget_words()
    rests = state not in (WAITING, HANDING)
    assert (the_letter().content is None) is rests
    clock.forward(days=90)
    with transaction():
        letters.forget_words()
    assert len(kept()) == (0 if rests else 1)


def test_a_new_letter_keeps_its_words(database, clock):
    in_state(REFUSED)
    clock.forward(days=6)
    with transaction():
        assert letters.forget_words() == 0
    assert the_letter().content
