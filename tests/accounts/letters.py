"""Reads the letters of the house as their readers would."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage

from sqlalchemy import delete, select

from inkhorn.core.database import session, transaction
from inkhorn.core.jobs import JobRow, registered_jobs
from inkhorn.core.mail.letters import Letter


def carry_out_jobs(room: str = "accounts") -> None:
    """Do at once what waits in the queue of a room, as the runner would."""
    for _round in range(5):
        waiting = session().scalars(select(JobRow).where(JobRow.name.startswith(f"{room}."), ~JobRow.is_dead).order_by(JobRow.id)).all()
        for number, name, args in [(row.id, row.name, row.args) for row in waiting]:
            registered_jobs()[name](**args)
            with transaction():
                session().execute(delete(JobRow).where(JobRow.id == number))
        if not waiting:
            return


def letters_to(address: str) -> list[EmailMessage]:
    """What was written to that address, the oldest first."""
    found = session().scalars(select(Letter).where(Letter.to_address == address).order_by(Letter.id))
    return [message_from_bytes(each.content or b"", policy=policy.default) for each in found]


def text_of(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def link_in(letter: EmailMessage) -> str:
    """The path of the one-time link in the letter."""
    found = re.search(r"https?://[^/\s]+(/(?:link|invitation)/[\w-]+)", text_of(letter))
    assert found, text_of(letter)
    return found[1]


def code_in(letter: EmailMessage) -> str:
    found = re.search(r"^\s+(\d{6})\s*$", text_of(letter), re.MULTILINE)
    assert found, text_of(letter)
    return found[1]
