"""A mail server of the tests' own: takes letters, writes down each with its Message-ID and time, and misbehaves as it is told."""

import asyncio
import ipaddress
import ssl
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Literal

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.ports import free_port

Mode = Literal[
    "ok", "tired", "greylist", "closing", "refuses sender", "refuses data", "refuses relaying", "drops before data", "drops after data"
]


@dataclass(frozen=True)
class Received:
    """A letter as it came."""

    sender: str
    to: str
    content: bytes
    at: float = field(default_factory=time.time)

    @property
    def message(self) -> EmailMessage:
        made = message_from_bytes(self.content, policy=policy.SMTPUTF8)
        assert isinstance(made, EmailMessage)
        return made

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])

    @property
    def text(self) -> str:
        part = self.message.get_body(("plain",))
        assert part is not None
        return str(part.get_content())

    @property
    def html(self) -> str:
        part = self.message.get_body(("html",))
        assert part is not None
        return str(part.get_content())


@dataclass
class Sink:
    """What the server does is said by its fields, which a test may change while it runs."""

    mode: Mode = "ok"
    # How long it thinks, half of it before it writes a letter down and half before it answers.
    seconds: float = 0.0
    # Addresses there are not.
    refused: set[str] = field(default_factory=set)
    # Addresses to which it lets nobody send.
    denied: set[str] = field(default_factory=set)
    password: str | None = None
    port: int = field(default_factory=free_port)
    certificate: Path | None = None
    security: Literal["none", "starttls", "tls"] = "none"
    received: list[Received] = field(default_factory=list)
    knocked: Counter[str] = field(default_factory=Counter)
    _controller: Controller | None = None

    def start(self) -> "Sink":
        self._controller = _Controller(self)
        self._controller.start()
        return self

    def stop(self) -> None:
        """From now on nobody answers on its port."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    @property
    def settings(self) -> dict[str, Any]:
        """What the configuration says to send here."""
        told: dict[str, Any] = {"smtp_host": "127.0.0.1", "smtp_port": self.port, "smtp_security": self.security}
        if self.certificate:
            told["smtp_ca_file"] = self.certificate
        if self.password:
            told |= {"smtp_username": "inkhorn", "smtp_password": self.password}
        return told

    def to(self, address: str) -> list[Received]:
        return [each for each in self.received if each.to == address]

    async def handle_EHLO(self, _server: SMTP, session: Session, _envelope: Envelope, name: str, answers: list[str]) -> list[str]:  # noqa: N802
        session.host_name = name
        return answers

    async def handle_MAIL(self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802
        if self.password and not session.authenticated:
            return "530 5.7.0 Authentication required"
        if self.mode == "refuses sender":
            return "550 5.7.1 I do not know you"
        if self.mode == "closing":
            return "421 4.3.2 closing"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]) -> str:  # noqa: N802
        self.knocked[address] += 1
        if address in self.refused:
            return "550 5.1.1 no such mailbox"
        if self.mode == "refuses relaying" or address in self.denied:
            return "554 5.7.1 Relay access denied"
        if self.mode == "tired" or (self.mode == "greylist" and self.knocked[address] == 1):
            return "451 4.7.1 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.mode == "refuses data":
            return "554 5.6.0 I do not like what it says"
        await asyncio.sleep(self.seconds / 2)
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        self.received += [Received(str(envelope.mail_from), to, content) for to in envelope.rcpt_tos]
        await asyncio.sleep(self.seconds / 2)
        if self.mode == "drops after data":
            hang_up(server)
        return "250 kept"


class _Server(SMTP):
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        if self.event_handler.mode == "drops before data":
            hang_up(self)
            return
        await super().smtp_DATA(arg)


class _Controller(Controller):
    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        tls = _server_context(sink.certificate) if sink.certificate else None
        super().__init__(sink, "127.0.0.1", sink.port, ssl_context=tls if sink.security == "tls" else None, ready_timeout=20)
        self._starttls = tls if sink.security == "starttls" else None

    def factory(self) -> SMTP:
        return _Server(
            self.handler,
            enable_SMTPUTF8=True,
            tls_context=self._starttls,
            require_starttls=self._starttls is not None,
            auth_require_tls=self._sink.password is None,
            authenticator=self._ask,
        )

    def _ask(self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, told: Any) -> AuthResult:
        is_known = isinstance(told, LoginPassword) and (told.login, told.password) == (b"inkhorn", (self._sink.password or "").encode())
        return AuthResult(success=is_known, handled=is_known)


def hang_up(server: SMTP) -> None:
    assert server.transport is not None
    server.transport.abort()


@contextmanager
def running_sink(**said: Any) -> Iterator[Sink]:
    sink = Sink(**said).start()
    try:
        yield sink
    finally:
        sink.stop()


def make_certificate(folder: Path, *, host: str = "127.0.0.1") -> Path:
    """A certificate that vouches for itself, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    try:
        other: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        other = x509.DNSName(host)
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([other]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{host}.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


def _server_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context
