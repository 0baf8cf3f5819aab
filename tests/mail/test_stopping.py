"""A sender that is told to end leaves no letter in doubt."""

from contextvars import copy_context

from sqlalchemy import delete, func, select

from inkhorn.core.database import session, transaction
from inkhorn.core.jobs import JobRow, obey
from inkhorn.core.mail.delivering import deliver_letters
from inkhorn.core.mail.letters import LetterState
from tests.mail.conftest import kept, write


def test_a_sender_that_is_told_to_end_finishes_its_letter_and_leaves_the_rest(posting):
    for number in range(5):
        write(f"{number}@example.org", purpose=str(number))
    with transaction():
        session().execute(delete(JobRow))
    run = copy_context().run
    run(lambda: (obey(lambda: len(posting.received) >= 2), deliver_letters()))
    assert [letter.state for letter in kept()] == [LetterState.SENT] * 2 + [LetterState.WAITING] * 3
    assert session().scalar(select(func.count()).select_from(JobRow).where(JobRow.name == "mail.deliver_letters")) == 1
