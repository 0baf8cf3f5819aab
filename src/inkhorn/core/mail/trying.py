"""Test letters: one through the outbox like any other, or one that is handed over here and now with every step told."""

import secrets
from collections.abc import Callable

from inkhorn.core import audit, clock, settings
from inkhorn.core.access import Actor
from inkhorn.core.config import config
from inkhorn.core.database import transaction
from inkhorn.core.errors import Conflict
from inkhorn.core.jobs import enqueue, job
from inkhorn.core.mail.assembling import assemble, check_address
from inkhorn.core.mail.composing import draw, write_letter
from inkhorn.core.mail.sending import BrokeOff, Delayed, Outgoing, Refused, SmtpServer, TurnedAway, sender_of
from inkhorn.core.settings import SiteSettings

MESSAGE = "core/test"


def send_test_letter(to: str, *, by: Actor) -> None:
    """Let a test letter go the way of all letters; Invalid for what is no address."""
    check_address(to)
    audit.record(by, "mail.tested", None, to=to)
    enqueue(write_test_letter, to=to, asked_by=by.label, purpose=f"mail.test:{secrets.token_hex(8)}")


@job("mail.write_test_letter")
def write_test_letter(to: str, asked_by: str, purpose: str) -> None:
    """Write a letter that says only that letters arrive."""
    with transaction():
        write_letter(MESSAGE, to=to, purpose=purpose, asked_by=asked_by, when=_when())


def try_server(to: str, *, by: Actor, tell: Callable[[str], None]) -> None:
    """Hand a test letter to the mail server now, telling each step; Conflict or Unavailable with what went wrong."""
    running, tuned = config(), settings.read(SiteSettings)
    if not running.smtp_host:
        raise Conflict("No mail server is set, so there is nothing to try. Set smtp_host, and what else docs/how-to/send-mail.md names.")
    drawn = draw(MESSAGE, tuned, tuned.language, asked_by=by.label, when=_when())
    made = assemble(drawn, to=to, name="", purpose=secrets.token_hex(8), site_title=tuned.title)
    tell(f"Calling {running.smtp_host} on port {running.smtp_port} ({running.smtp_security}) ...")
    try:
        with SmtpServer(running, tell=tell) as server:
            answer = server.hand_over(Outgoing(sender_of(running), to, made.as_bytes()), last_line=lambda: None)
    except (Delayed, Refused, BrokeOff) as error:
        raise Conflict(f"The mail server did not take the letter: {error}.{_what_then(error)}") from error
    tell(f"It took the letter: {answer}.")


def _what_then(error: Exception) -> str:
    if isinstance(error, TurnedAway):
        return " It does not let us send there: see whether smtp_username and smtp_password are set and right, or ask its operator."
    return " It may take it later; letters of the site are tried again by themselves." if isinstance(error, Delayed) else ""


def _when() -> str:
    return f"{clock.now():%Y-%m-%d %H:%M} UTC"
