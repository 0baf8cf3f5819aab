"""DKIM: signs a letter for its domain (RFC 6376, RFC 8463), with the key that the configuration names."""

import base64
import re
from functools import lru_cache
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from inkhorn.core import clock
from inkhorn.core.config import Config
from inkhorn.core.errors import Unavailable

SIGNED = (
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "reply-to",
    "mime-version",
    "content-type",
    "list-unsubscribe",
    "list-unsubscribe-post",
)
# Named once more than they are there, so that nobody on the way adds a second one that a mail program would show.
SEALED = ("from", "to", "subject", "reply-to")
LEAST_RSA_BITS = 1024
LINE = 72


class BadSigningKey(Unavailable):
    """The key in the configuration cannot sign letters, so none leaves unsigned by accident."""


def sign(content: bytes, config: Config) -> bytes:
    """The letter with a signature before it; as it is where the configuration has no key."""
    if not config.dkim_domain or not config.dkim_key:
        return content
    head, _, body = content.partition(b"\r\n\r\n")
    headers = [_relaxed(line) for line in re.split(rb"\r\n(?![ \t])", head)]
    key = _load(config.dkim_key)
    names = _names(headers)
    tags = {
        "v": "1",
        "a": "ed25519-sha256" if isinstance(key, Ed25519PrivateKey) else "rsa-sha256",
        "c": "relaxed/relaxed",
        "d": config.dkim_domain,
        "s": config.dkim_selector,
        "t": str(int(clock.now().timestamp())),
        "h": ":\r\n ".join(":".join(names[start : start + 4]) for start in range(0, len(names), 4)),
        "bh": base64.b64encode(sha256(_relaxed_body(body)).digest()).decode(),
        "b": "",
    }
    unsigned = ("DKIM-Signature: " + ";\r\n ".join(f"{name}={value}" for name, value in tags.items())).encode()
    told = b"".join(line + b"\r\n" for line in _chosen(headers, names)) + _relaxed(unsigned)
    signature = base64.b64encode(_signature(key, told)).decode()
    return unsigned + _in_lines(signature).encode() + b"\r\n" + content


def check_key(config: Config) -> None:
    """BadSigningKey where letters are to be signed and cannot be."""
    if config.dkim_domain and config.dkim_key:
        _load(config.dkim_key)


def _signature(key: RSAPrivateKey | Ed25519PrivateKey, told: bytes) -> bytes:
    if isinstance(key, Ed25519PrivateKey):
        # RFC 8463 signs the digest and not the words.
        return key.sign(sha256(told).digest())
    return key.sign(told, PKCS1v15(), SHA256())


def _relaxed(line: bytes) -> bytes:
    """A header in the form that is signed: small name, unfolded, single blanks."""
    name, _, value = line.partition(b":")
    return name.strip().lower() + b":" + b" ".join(value.split())


def _relaxed_body(body: bytes) -> bytes:
    lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)


def _names(headers: list[bytes]) -> list[str]:
    present = [line.partition(b":")[0].decode() for line in headers]
    return [name for name in SIGNED for _ in range(present.count(name))] + list(SEALED)


def _chosen(headers: list[bytes], names: list[str]) -> list[bytes]:
    """The headers in the order of their names; of several, the last is signed first, and what is not there is nothing."""
    left: dict[str, list[bytes]] = {}
    for line in headers:
        left.setdefault(line.partition(b":")[0].decode(), []).append(line)
    return [left[name].pop() for name in names if left.get(name)]


def _in_lines(signature: str) -> str:
    return "".join(f"\r\n {signature[start : start + LINE]}" for start in range(0, len(signature), LINE))


@lru_cache(maxsize=4)
def _load(text: str) -> RSAPrivateKey | Ed25519PrivateKey:
    try:
        key = load_pem_private_key(text.replace("\\n", "\n").encode(), password=None)
    except (ValueError, TypeError) as error:
        raise BadSigningKey(
            "dkim_key is no private key in PEM form without a password; correct it, or remove it with dkim_domain."
        ) from error
    if isinstance(key, Ed25519PrivateKey) or (isinstance(key, RSAPrivateKey) and key.key_size >= LEAST_RSA_BITS):
        return key
    raise BadSigningKey("dkim_key must be an Ed25519 key, or an RSA key of 1024 bits or more; correct it, or remove it with dkim_domain.")
