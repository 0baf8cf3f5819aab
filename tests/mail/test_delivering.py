"""The outbox is emptied: every letter once, the others past one that cannot go, and nothing silently lost."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from inkhorn.core.database import session, transaction
from inkhorn.core.errors import Unavailable
from inkhorn.core.jobs import JobRow
from inkhorn.core.mail import delivering, letters
from inkhorn.core.mail.delivering import pause_after
from inkhorn.core.mail.letters import LetterState
from inkhorn.core.mail.sending import SmtpServer
from tests.mail.conftest import deliver, kept, the_letter, write

WAITING, HANDING, SENT, UNCERTAIN, REFUSED, GIVEN_UP, PUT_AWAY, DROPPED = LetterState


def states():
    return {letter.to_address: letter.state for letter in kept()}


def jobs_named(name):
    return session().scalars(select(JobRow).where(JobRow.name == name)).all()


def test_a_letter_leaves_once_and_its_words_are_forgotten(posting):
    write()
    deliver()
    (letter,) = deliver()
    assert (letter.state, letter.attempts, letter.content, letter.answer) == (SENT, 1, None, "250 kept")
    assert [each.message_id for each in posting.received] == [letter.message_id]


def test_without_a_mail_server_letters_wait(database):
    write()
    (letter,) = deliver()
    assert (letter.state, letter.attempts) == (WAITING, 0)
    assert letter.content


def test_while_developing_the_mailbox_keeps_what_they_say(database, configured):
    configured(profile="development")
    write()
    (letter,) = deliver()
    assert (letter.state, letter.answer) == (SENT, "kept in the mailbox at the desk")
    assert b"letters of this site arrive" in letter.content


def test_a_server_that_wants_it_later_gets_it_later(posting, clock):
    posting.mode = "greylist"
    write()
    (letter,) = deliver()
    assert (letter.state, letter.attempts, letter.next_at) == (WAITING, 1, clock.now + timedelta(seconds=30))
    assert deliver()[0].state is WAITING
    clock.forward(seconds=31)
    assert deliver()[0].state is SENT
    assert len(posting.received) == 1


def test_pauses_grow_up_to_four_hours(posting, clock):
    posting.mode = "tired"
    write()
    for tries in range(1, 12):
        (letter,) = deliver()
        assert (letter.attempts, letter.next_at - clock.now) == (tries, min(timedelta(hours=4), timedelta(seconds=30 * 2 ** (tries - 1))))
        clock.set(letter.next_at)


def test_it_is_given_up_when_no_try_would_come_in_time(posting, clock):
    posting.mode = "tired"
    write(expires_at=clock.now + timedelta(hours=1))
    tries = []
    while (letter := deliver()[0]).state is WAITING:
        tries.append(clock.now)
        clock.set(letter.next_at)
    assert letter.state is GIVEN_UP
    assert timedelta(minutes=55) < tries[-1] - tries[0] < timedelta(hours=1), "the last try comes just before the end"
    assert letter.answer == "451 4.7.1 come back later"


@pytest.mark.parametrize(("expires_in", "waits"), [(timedelta(hours=1), timedelta(minutes=61)), (None, timedelta(hours=49))])
def test_what_waited_too_long_never_leaves(posting, clock, expires_in, waits):
    write(expires_at=clock.now + expires_in if expires_in else None)
    clock.forward(seconds=waits.total_seconds())
    assert deliver()[0].state is GIVEN_UP
    assert posting.received == []


def test_one_address_there_is_not_leaves_the_others_alone(posting):
    posting.refused = {"nobody@example.org"}
    for address in ("emil@example.org", "nobody@example.org", "wren@example.org"):
        write(address, purpose=address)
    deliver()
    assert states() == {"emil@example.org": SENT, "nobody@example.org": REFUSED, "wren@example.org": SENT}


def test_what_fails_within_an_hour_is_told_at_its_end_together(posting, clock):
    posting.refused = {"nobody@example.org", "noone@example.org"}
    for address in posting.refused:
        write(address, purpose=address)
    write(purpose="late", expires_at=clock.now + timedelta(minutes=20))
    deliver()
    clock.forward(minutes=21)
    posting.mode = "tired"
    write("tired@example.org", expires_at=clock.now + timedelta(seconds=30))
    deliver()
    (told,) = jobs_named("accounts.tell_of_failed_letters")
    assert (told.args, told.run_at) == ({"hour": "2026-03-02T12:00:00+00:00"}, datetime(2026, 3, 2, 13, tzinfo=UTC))


@pytest.mark.parametrize("mode", ["tired", "ok"])
def test_giving_up_is_never_silent(posting, clock, mode):
    """Whether it is given up after a try or because its end has passed while it waited."""
    posting.mode = mode
    write(expires_at=clock.now + timedelta(seconds=30))
    clock.forward(seconds=31 if mode == "ok" else 0)
    assert deliver()[0].state is GIVEN_UP
    assert len(jobs_named("accounts.tell_of_failed_letters")) == 1


def test_a_server_that_is_away_is_no_letters_fault(posting, clock, caplog):
    posting.stop()
    write()
    with caplog.at_level(logging.WARNING):
        (letter,) = deliver()
    assert (letter.state, letter.attempts, letter.next_at) == (WAITING, 0, clock.now + delivering.AWAY_PAUSE)
    assert "cannot be reached" in letter.answer
    # The sink that was stopped logs its own farewell, whenever it comes to it.
    assert [record.message for record in caplog.records if record.name.startswith("inkhorn.")] == ["mail_server_away"]
    posting.start()
    clock.set(letter.next_at)
    assert deliver()[0].state is SENT


def test_a_key_that_cannot_sign_lets_nothing_leave(posting, configured):
    configured(dkim_domain="slowferry.example", dkim_key="This is a poem.")
    write()
    (letter,) = deliver()
    assert (letter.state, posting.received) == (WAITING, [])
    assert "dkim_key is no private key" in letter.answer


def test_a_letter_that_may_have_arrived_is_not_sent_again(posting, clock):
    posting.mode = "drops after data"
    write()
    assert deliver()[0].state is UNCERTAIN
    posting.mode = "ok"
    clock.forward(hours=5)
    assert deliver()[0].state is UNCERTAIN
    assert len(posting.received) == 1


def test_a_letter_that_cannot_have_arrived_is_tried_again(posting, clock):
    posting.mode = "drops before data"
    write()
    (letter,) = deliver()
    assert (letter.state, letter.attempts) == (WAITING, 1)
    posting.mode = "ok"
    clock.forward(minutes=1)
    assert deliver()[0].state is SENT


def test_an_answer_after_the_last_line_leaves_no_doubt(posting):
    posting.mode = "refuses data"
    write()
    (letter,) = deliver()
    assert (letter.state, letter.answer) == (REFUSED, "554 5.6.0 I do not like what it says")


def test_a_server_that_breaks_off_three_times_is_left_in_peace(posting, clock):
    posting.mode = "drops before data"
    for number in range(6):
        write(f"{number}@example.org", purpose=str(number))
    deliver()
    assert [letter.attempts for letter in kept()] == [1, 1, 1, 0, 0, 0]
    assert {letter.next_at for letter in kept()[3:]} == {clock.now + delivering.AWAY_PAUSE}


def test_a_server_that_relays_nothing_burns_no_queue(posting, clock):
    posting.mode = "refuses relaying"
    for number in range(6):
        write(f"{number}@example.org", purpose=str(number))
    deliver()
    assert [(letter.state, letter.attempts) for letter in kept()] == [(WAITING, 1)] * 3 + [(WAITING, 0)] * 3
    assert {letter.answer for letter in kept()} == {"554 5.7.1 Relay access denied"}
    assert sum(posting.knocked.values()) == 3
    posting.mode = "ok"
    clock.forward(minutes=3)
    assert {letter.state for letter in deliver()} == {SENT}


def test_one_address_that_nobody_may_write_to_holds_up_no_other(posting, clock):
    posting.denied = {"0@example.org"}
    for number in range(5):
        write(f"{number}@example.org", purpose=str(number))
    deliver()
    assert [letter.state for letter in kept()] == [WAITING] + [SENT] * 4
    clock.forward(hours=47)
    deliver()
    clock.forward(hours=2)
    assert deliver()[0].state is GIVEN_UP


def test_one_that_nobody_foresaw_does_not_hold_up_those_behind_it(posting, monkeypatch):
    hand_over = SmtpServer.hand_over

    def stumble(self, letter, *, last_line):
        if letter.to_address == "odd@example.org":
            raise ZeroDivisionError("by nothing")
        return hand_over(self, letter, last_line=last_line)

    monkeypatch.setattr(SmtpServer, "hand_over", stumble)
    for address in ("odd@example.org", "wren@example.org"):
        write(address, purpose=address)
    deliver()
    assert states() == {"odd@example.org": WAITING, "wren@example.org": SENT}
    assert kept()[0].answer == "ZeroDivisionError: by nothing"


def test_who_died_while_handing_over_leaves_doubt_and_no_second_letter(posting):
    write()
    with transaction():
        assert letters.begin_handing(the_letter().id, 0)
    assert deliver()[0].state is UNCERTAIN
    assert posting.received == []


def test_a_sender_that_slept_does_not_send_what_another_took(posting, monkeypatch):
    """Between reading the letter and its last line another sender, who thinks this one dead, sends it."""
    hand_over = SmtpServer.hand_over

    def sleep(self, letter, *, last_line):
        def wake():
            monkeypatch.setattr(SmtpServer, "hand_over", hand_over)
            deliver()
            last_line()

        return hand_over(self, letter, last_line=wake)

    monkeypatch.setattr(SmtpServer, "hand_over", sleep)
    write()
    (letter,) = deliver()
    assert (letter.state, letter.attempts, len(posting.received)) == (SENT, 1, 1)


def test_a_spell_ends_and_asks_for_the_next(posting, monkeypatch):
    monkeypatch.setattr(delivering, "SPELL_SECONDS", 0.0)
    write()
    with transaction():
        session().execute(JobRow.__table__.delete())
    assert deliver()[0].state is WAITING
    assert len(jobs_named("mail.deliver_letters")) == 1


def test_many_letters_go_over_several_connections(posting, monkeypatch):
    monkeypatch.setattr(delivering, "LETTERS_PER_CONNECTION", 4)
    for number in range(10):
        write(f"{number}@example.org", purpose=str(number))
    assert {letter.state for letter in deliver()} == {SENT}
    assert [each.to for each in posting.received] == [f"{number}@example.org" for number in range(10)]


@pytest.mark.parametrize("state", [WAITING, HANDING])
def test_the_sweep_finds_what_was_left(database, state):
    write()
    with transaction():
        the_letter().state = state
        session().execute(JobRow.__table__.delete())
    delivering.sweep_outbox()
    assert len(jobs_named("mail.deliver_letters")) == 1


def test_the_sweep_leaves_what_waits_for_its_hour(database, clock):
    write()
    with transaction():
        the_letter().next_at = clock.tomorrow()
        session().execute(JobRow.__table__.delete())
    delivering.sweep_outbox()
    assert jobs_named("mail.deliver_letters") == []


def test_a_pause_never_passes_four_hours():
    assert [pause_after(tries) for tries in (0, 1, 50)] == [timedelta(seconds=30), timedelta(minutes=1), timedelta(hours=4)]


def test_a_database_that_is_away_is_not_the_servers_fault(posting, monkeypatch):
    def fail(*_args):
        raise Unavailable("The database is away.")

    monkeypatch.setattr(delivering.letters, "begin_handing", fail)
    write()
    deliver()
    assert posting.received == []
