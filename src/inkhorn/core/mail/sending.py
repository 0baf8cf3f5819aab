"""The way to a mail server, and the mailbox that stands in for one while developing."""

import re
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, Self
from urllib.parse import urlsplit

import idna

from inkhorn.core.config import Config
from inkhorn.core.errors import Invalid, Unavailable
from inkhorn.core.mail.signing import sign

PATIENCE_SECONDS = 20
# Once the last line has left, the server may take its time to store the letter, and hanging up would leave us in the dark.
ANSWER_PATIENCE_SECONDS = 240
# The server is closing; it wants us to sign in, or does not let us.
CLOSING, LOCKED = 421, (530, 534, 535, 538)
# The second part of an answer, as RFC 3463 has it: 5.1.1 speaks of the address, 5.7.1 of who may send.
ENHANCED = re.compile(r"\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b")
NO_RIGHT = ("5.7.0", "5.7.1")
NO_RIGHT_WORDS = re.compile(r"relay|rcpthosts|authenticat", re.IGNORECASE)


class ServerAway(Unavailable):
    """The mail server cannot be reached, is not to be trusted, or does not let us in; no letter is to blame."""


class BrokeOff(Exception):
    """The server fell silent or hung up in the middle of this letter."""


class Delayed(Exception):
    """The server wants this letter later."""


class TurnedAway(Delayed):
    """The server says that we may not write to this address, which may be its fault or ours and not the address's."""


class Refused(Exception):
    """The server will never take this letter, or not for this address."""


@dataclass(frozen=True)
class Outgoing:
    """A letter as it leaves."""

    sender: str
    to_address: str
    content: bytes


class MailServer(Protocol):
    """Where letters are handed over, several in a row."""

    # Whether what letters said is kept after they were taken, for developers to read.
    @property
    def keeps_words(self) -> bool: ...

    def __enter__(self) -> Self: ...
    def __exit__(self, *ended: object) -> None: ...
    def hand_over(self, letter: Outgoing, *, last_line: Callable[[], None]) -> str:
        """Give the letter; last_line is called at the moment from which it may arrive; the server's answer."""


class Mailbox:
    """Takes every letter and sends it nowhere."""

    keeps_words = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *ended: object) -> None:
        pass

    def hand_over(self, letter: Outgoing, *, last_line: Callable[[], None]) -> str:
        last_line()
        return "kept in the mailbox at the desk"


class SmtpServer:
    """A mail server as the configuration names it; it is called when the first letter comes, and again when it hung up."""

    keeps_words = False

    def __init__(self, config: Config, *, tell: Callable[[str], None] = lambda _step: None) -> None:
        self._config, self._tell = config, tell
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *ended: object) -> None:
        kept, self._smtp = self._smtp, None
        if kept is not None:
            try:
                kept.quit()
            except (smtplib.SMTPException, OSError):
                kept.close()

    def knock(self) -> None:
        """Call the server and leave again; ServerAway where that cannot be done."""
        with self:
            self._smtp = self._connect()

    def hand_over(self, letter: Outgoing, *, last_line: Callable[[], None]) -> str:
        content = sign(letter.content, self._config)
        smtp = self._smtp = self._smtp or self._connect()
        try:
            return self._speak(smtp, letter, content, last_line)
        except (Delayed, Refused):
            self._begin_anew()
            raise
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            self._hang_up()
            raise BrokeOff(f"The mail server broke off: {error}.") from error
        except BaseException:
            # Half a letter must be the last that the server hears, or it would take what follows for the rest of it.
            self._hang_up()
            raise

    def _speak(self, smtp: smtplib.SMTP, letter: Outgoing, content: bytes, last_line: Callable[[], None]) -> str:
        sender, to_address = wire_address(letter.sender), _known_host(letter.to_address)
        options = self._options(smtp, sender + to_address)
        try:
            self._judge(smtp.mail(sender, options))
        except Refused as error:
            raise ServerAway(f"The mail server takes no letters from {letter.sender}: {error}. mail_from names the sender.") from error
        self._tell(f"It takes letters from {letter.sender}.")
        try:
            self._judge(smtp.rcpt(to_address))
        except Refused as error:
            if is_about_us(str(error), letter.to_address):
                raise TurnedAway(str(error)) from error
            raise
        self._tell(f"It takes letters for {letter.to_address}.")
        self._judge(smtp.docmd("DATA"), 354)
        smtp.send(re.sub(rb"(?m)^\.", b"..", content if content.endswith(b"\r\n") else content + b"\r\n"))
        # Until the lone full stop the server may not deliver; from here on nobody can know.
        last_line()
        assert smtp.sock is not None
        smtp.sock.settimeout(ANSWER_PATIENCE_SECONDS)
        smtp.send(b".\r\n")
        answer = self._judge(smtp.getreply())
        smtp.sock.settimeout(PATIENCE_SECONDS)
        return answer

    def _options(self, smtp: smtplib.SMTP, addresses: str) -> list[str]:
        if addresses.isascii():
            return []
        if not smtp.has_extn("smtputf8"):
            raise Refused("The mail server cannot write to addresses with letters beyond a to z before the @")
        return ["SMTPUTF8", "BODY=8BITMIME"]

    def _judge(self, told: tuple[int, bytes], *wanted: int) -> str:
        code, raw = told
        answer = f"{code} {raw.decode('utf-8', 'replace')}"
        if code in (wanted or (250, 251)):
            return answer
        if code < 400:
            raise smtplib.SMTPServerDisconnected(f"it answered what makes no sense, {answer[:200]!r}")
        if code in LOCKED:
            raise ServerAway(f"The mail server wants to know who we are: {answer}. smtp_username and smtp_password say so.")
        if code == CLOSING:
            self._hang_up()
        raise (Delayed if code < 500 else Refused)(answer)

    def _begin_anew(self) -> None:
        """Make the server forget the letter it did not take."""
        if self._smtp is None:
            return
        try:
            self._smtp.rset()
        except (smtplib.SMTPException, OSError):
            self._hang_up()

    def _hang_up(self) -> None:
        kept, self._smtp = self._smtp, None
        if kept is not None:
            kept.close()

    def _connect(self) -> smtplib.SMTP:
        config = self._config
        host, port = config.smtp_host or "", config.smtp_port
        try:
            return self._greet(host, port)
        except smtplib.SMTPAuthenticationError as error:
            raise ServerAway(f"The mail server {host} does not accept smtp_username and smtp_password: {_reply(error)}.") from error
        except smtplib.SMTPNotSupportedError as error:
            mend = "leave smtp_username empty" if "AUTH" in str(error) else "set smtp_security to tls or none"
            raise ServerAway(f"The mail server {host} cannot do what is asked of it: {str(error).rstrip('.')}; {mend}.") from error
        except ssl.SSLError as error:
            reason = getattr(error, "verify_message", "") or error.reason or error
            raise ServerAway(
                f"The mail server {host} could not prove who it is ({reason}), so no letter was given to it. "
                "smtp_ca_file can name the certificate to trust; a wrong smtp_port or smtp_security looks like this too."
            ) from error
        except smtplib.SMTPResponseException as error:
            raise ServerAway(f"The mail server {host}:{port} turned us away: {_reply(error)}.") from error
        except UnicodeError as error:
            raise ServerAway("smtp_username and smtp_password may hold plain letters only; ask the mail server's operator.") from error
        except (OSError, smtplib.SMTPException) as error:
            raise ServerAway(f"The mail server {host}:{port} cannot be reached: {error}.") from error

    def _greet(self, host: str, port: int) -> smtplib.SMTP:
        config, own_name = self._config, mail_host(self._config)
        if config.smtp_security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(host, port, own_name, timeout=PATIENCE_SECONDS, context=_trusted(config))
        else:
            smtp = smtplib.SMTP(host, port, own_name, timeout=PATIENCE_SECONDS)
        try:
            self._tell(f"{host} answers on port {port}.")
            smtp.ehlo_or_helo_if_needed()
            if config.smtp_security == "starttls":
                smtp.starttls(context=_trusted(config))
                smtp.ehlo()
            self._tell(_privacy(smtp))
            if config.smtp_username:
                smtp.login(config.smtp_username, config.smtp_password or "")
                self._tell(f"It lets us in as {config.smtp_username}.")
        except BaseException:
            smtp.close()
            raise
        return smtp


def is_about_us(answer: str, to_address: str) -> bool:
    """Whether a refusal speaks of what we may do, as "554 5.7.1 Relay access denied", and not of the address."""
    found = ENHANCED.match(answer)
    code = found[1] if found else ""
    # What a server repeats of the address says nothing.
    says_so = NO_RIGHT_WORDS.search(answer.replace(to_address, "")) is not None
    return code in NO_RIGHT or (says_so and (not code or code.startswith("5.7.")))


def _trusted(config: Config) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(config.smtp_ca_file) if config.smtp_ca_file else None)
    except OSError as error:
        raise ServerAway(f"smtp_ca_file names {config.smtp_ca_file}, which holds no certificates that can be read; correct it.") from error


def _privacy(smtp: smtplib.SMTP) -> str:
    if not isinstance(smtp.sock, ssl.SSLSocket):
        return "The way there is open: smtp_security is none."
    certificate: dict[str, Any] = smtp.sock.getpeercert() or {}
    told = {name: value for part in certificate.get("subject", ()) for name, value in part}
    return (
        f"The way there is private ({smtp.sock.version()}), and it proved to be {told.get('commonName') or 'the host that was asked for'}."
    )


def _reply(error: smtplib.SMTPResponseException) -> str:
    raw = error.smtp_error
    return f"{error.smtp_code} {raw.decode('utf-8', 'replace') if isinstance(raw, bytes) else raw}"


def server_of(config: Config) -> MailServer | None:
    """The server letters go to; the mailbox while developing; None where letters wait until one is set."""
    if config.smtp_host:
        return SmtpServer(config)
    return Mailbox() if config.is_development else None


def sender_of(config: Config) -> str:
    """The address letters come from."""
    return config.mail_from or f"inkhorn@{mail_host(config)}"


def mail_host(config: Config) -> str:
    """The host that letters are from, by their sender or else by the site's address."""
    if config.mail_from:
        return wire_address(config.mail_from).rpartition("@")[2]
    host = urlsplit(config.site_url or "").hostname or "localhost"
    return "localhost" if re.fullmatch(r"[\d.]+|.*:.*", host) else host


def _known_host(address: str) -> str:
    try:
        return wire_address(address)
    except Invalid as error:
        raise Refused(str(error)) from error


def wire_address(address: str) -> str:
    """The address as servers speak it: the host in plain letters, so that only what stands before the @ may want SMTPUTF8."""
    local, _, host = address.rpartition("@")
    if host.isascii():
        return address
    try:
        return f"{local}@{idna.encode(host, uts46=True).decode()}"
    except idna.IDNAError as error:
        raise Invalid(f"There can be no host named {host}.", field="email") from error
