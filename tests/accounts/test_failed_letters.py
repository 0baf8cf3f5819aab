"""Word of letters that did not arrive: one an hour for each who looks after the mail, however many they were."""

from datetime import UTC, datetime, timedelta

import pytest

from inkhorn.accounts.tasks.letters import FAILED_LETTERS, tell_of_failed_letters
from inkhorn.core.database import session, transaction
from inkhorn.core.mail.letters import Letter, LetterState
from tests.accounts.letters import letters_to, text_of

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ADA = "ada@example.org"


def fail(*addresses: str, state: LetterState = LetterState.REFUSED, kind: str = "core/test", minutes: float = 5) -> None:
    told = {"kind": kind, "subject": "Six digits", "message_id": "<1@example.org>", "state": state, "answer": "550 no\r\nsuch mailbox"}
    with transaction():
        for each in addresses:
            session().add(Letter(purpose=f"{kind}:{each}", to_address=each, next_at=NOON + timedelta(minutes=minutes), **told))


def tell(*, hours: int = 0) -> list[str]:
    """What Ada was told, the first first."""
    tell_of_failed_letters((NOON + timedelta(hours=hours)).isoformat())
    return [f"{letter['Subject']}\n{text_of(letter)}" for letter in letters_to(ADA) if "did not arrive" in (letter["Subject"] or "")]


def test_three_hundred_refusals_make_one_letter(ada, queries):
    fail(*(f"{number}@example.org" for number in range(300)))
    queries.clear()
    (told,) = tell()
    assert len(queries) <= 12
    assert told.startswith("300 letters of A new publication did not arrive")
    assert "Between 2026-03-02 12:00 and 13:00 (UTC) 300 letters" in told
    assert (told.count("To: "), "And 295 more." in told) == (5, True)
    assert "The server’s answer: 550 no such mailbox" in told


def test_a_job_that_runs_twice_tells_once(ada):
    fail("nobody@example.org")
    tell()
    assert [told.splitlines()[0] for told in tell()] == ["A letter of A new publication did not arrive"]


@pytest.mark.parametrize(("minutes", "is_told"), [(-0.1, False), (0, True), (59.9, True), (60, False)])
def test_an_hour_tells_of_itself(ada, minutes, is_told):
    fail("nobody@example.org", minutes=minutes)
    assert bool(tell()) is is_told


@pytest.mark.parametrize("state", [LetterState.WAITING, LetterState.PUT_AWAY, LetterState.SENT])
def test_what_somebody_saw_to_meanwhile_is_not_told(ada, state):
    fail("nobody@example.org", state=state)
    assert tell() == []


def test_what_could_not_leave_in_time_is_told_as_such(ada):
    fail("rhea@example.org", state=LetterState.GIVEN_UP)
    assert "It could not leave in time; the last answer: 550 no such mailbox" in tell()[0]


def test_a_letter_about_letters_is_told_of_by_no_other(ada):
    fail("orla@example.org", kind=FAILED_LETTERS)
    assert tell() == []


def test_nobody_is_written_to_about_their_own_mailbox(ada):
    fail(ADA)
    assert tell() == []


def test_while_one_waits_to_leave_there_is_no_second(ada):
    for hour in range(3):
        fail(f"{hour}@example.org", minutes=60 * hour)
    assert [len(tell(hours=hour)) for hour in range(3)] == [1, 1, 1]
    with transaction():
        for letter in session().query(Letter).where(Letter.to_address == ADA):
            letter.state = LetterState.SENT
    assert len(tell(hours=1)) == 2


def test_only_those_who_see_the_mail_and_want_it_are_told(ada, cast):
    cast.wren, cast.emil  # noqa: B018 - they appear when named
    fail("nobody@example.org")
    with transaction():
        ada.user.notices = {"letter_refused": False}
    assert (tell(), letters_to("wren@example.org"), letters_to("emil@example.org")) == ([], [], [])
