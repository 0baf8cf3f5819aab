"""Puts a letter together: who it is from and for, its number, and both its parts, so that every server passes it on unchanged."""

import re
import secrets
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime
from hashlib import sha256

from inkhorn.core import clock
from inkhorn.core.config import config
from inkhorn.core.errors import Invalid
from inkhorn.core.mail.sending import mail_host, sender_of, wire_address

# Seven bits and short lines pass every server on the way unchanged, and so does a signature over them.
PLAIN = SMTP.clone(cte_type="7bit", max_line_length=76)
# For addresses that cannot be written in plain letters.
WIDE = PLAIN.clone(utf8=True)
LONGEST_NAME = 100
LOCAL_PART = re.compile(r"[^\s@<>,;:\"()\[\]\\\x00-\x20\x7f]{1,64}")


def assemble(drawn: dict[str, str], *, to: str, name: str, purpose: str, site_title: str, leave_address: str = "") -> EmailMessage:
    """One message of both parts; its Message-ID stays the same however often it is tried. With an address to leave, one click does it (RFC 8058)."""
    running = config()
    sender, reply_to = sender_of(running), running.mail_reply_to
    message = EmailMessage(policy=_policy_for(sender, to, reply_to or ""))
    message["From"] = _address(sender, site_title)
    message["To"] = _address(to, name)
    if reply_to:
        message["Reply-To"] = _address(reply_to, "")
    message["Subject"] = drawn["subject"]
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{sha256(purpose.encode()).hexdigest()[:24]}.{secrets.token_hex(8)}@{mail_host(running)}>"
    # No holiday replies to a machine.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    if leave_address:
        message["List-Unsubscribe"] = f"<{leave_address}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(drawn["text"], cte="quoted-printable")
    message.add_alternative(drawn["html"], subtype="html", cte="quoted-printable")
    return message


def check_address(address: str) -> None:
    """Invalid for what is no address that a letter can go to."""
    _address(address, "")


def on_one_line(text: str, longest: int) -> str:
    """The text without line breaks and what else cannot be seen, cut where it is too long."""
    # What looks encoded would be decoded by whoever reads the header.
    shown = "".join(letter for letter in " ".join(text.split()) if letter.isprintable()).replace("=?", "= ?")
    return shown if len(shown) <= longest else f"{shown[: longest - 1].rstrip()}…"


def _policy_for(*addresses: str) -> "EmailPolicy[EmailMessage]":
    return PLAIN if "".join(map(wire_address, addresses)).isascii() else WIDE


def _address(address: str, name: str) -> Address:
    """The address with a name; Invalid for one that could say more in a header than an address does."""
    local, _, host = wire_address(address).rpartition("@")
    if not LOCAL_PART.fullmatch(local) or not re.fullmatch(r"[A-Za-z0-9.-]+|\[[0-9A-Fa-f.:IPv]+\]", host):
        raise Invalid(f'"{on_one_line(address, LONGEST_NAME)}" is no address that a letter can go to.', field="email")
    return Address(display_name=on_one_line(name, LONGEST_NAME), username=local, domain=host)
