"""A passkey's device in software, and what the browser in front of it makes of the server's questions."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text_of(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def bytes_of(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """One device with one passkey; every part of what it says can be made wrong."""

    origin: str = "http://localhost"
    rp_id: str = "localhost"
    is_verifying: bool = True
    counts: bool = True
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))
    handle: str | None = None
    count: int = 0

    def create(self, options: dict[str, Any], **wrong: Any) -> dict[str, Any]:
        """The answer to a question for a new passkey."""
        self.handle = bytes_of(options["user"]["id"]).decode()
        attested = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + self._public_key()
        statement = {"fmt": "none", "attStmt": {}, "authData": self._data(ATTESTED) + attested}
        response = {
            "clientDataJSON": self._client_data("webauthn.create", options["challenge"]),
            "attestationObject": text_of(cbor2.dumps(statement)),
            "transports": ["internal"],
        }
        return self._answer(response) | wrong

    def get(self, options: dict[str, Any], **wrong: Any) -> dict[str, Any]:
        """The answer to a question for the use of a passkey."""
        self.count += self.counts
        data, client = self._data(), self._client_data("webauthn.get", options["challenge"])
        signature = self.key.sign(data + hashlib.sha256(bytes_of(client)).digest(), ECDSA(SHA256()))
        response = {"clientDataJSON": client, "authenticatorData": text_of(data), "signature": text_of(signature)}
        if self.handle:
            response["userHandle"] = text_of(self.handle.encode())
        return self._answer(response) | wrong

    def _answer(self, response: dict[str, Any]) -> dict[str, Any]:
        name = text_of(self.credential_id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}}

    def _client_data(self, kind: str, challenge: str) -> str:
        return text_of(json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode())

    def _data(self, more: int = 0) -> bytes:
        flags = PRESENT | more | (VERIFIED if self.is_verifying else 0)
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _public_key(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})
