"""What keeps an archive from strangers: AES-256-GCM piece by piece under a key made from a passphrase, so that no piece can be changed, moved or left out."""

import secrets
import struct
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from inkhorn.transfer.archive.contents import Spoilt

MAGIC = b"INKHORN SEALED 1\n"
# Scrypt with these takes 64 MB and a quarter of a second, here and for whoever guesses.
COST, BLOCK, LANES = 16, 8, 1
# What a file may ask of us, since anybody can write one.
LEAST_COST, MOST_COST = 10, 18
SALT_BYTES, PREFIX_BYTES, TAG_BYTES, KEY_BYTES = 16, 7, 16, 32
HEADER = struct.Struct(f"!{len(MAGIC)}sB{SALT_BYTES}s{PREFIX_BYTES}s")
PIECE_BYTES = 1 << 18
WRONG = "The passphrase does not open this backup, or its beginning was changed."


def is_sealed(beginning: bytes) -> bool:
    return beginning.startswith(MAGIC)


class Sealer:
    """Written to like a file; close() must be called, since the last piece says that it is the last."""

    def __init__(self, target: BinaryIO, passphrase: str) -> None:
        self._target = target
        salt, self._prefix = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(PREFIX_BYTES)
        self._header = HEADER.pack(MAGIC, COST, salt, self._prefix)
        self._cipher = AESGCM(_key(passphrase, salt, COST))
        self._waiting = bytearray()
        self._number = 0
        target.write(self._header)

    def write(self, content: bytes) -> int:
        self._waiting += content
        # One piece is always held back: only at the end it is known which is the last.
        while len(self._waiting) > PIECE_BYTES:
            self._seal(bytes(self._waiting[:PIECE_BYTES]), is_last=False)
            del self._waiting[:PIECE_BYTES]
        return len(content)

    def close(self) -> None:
        self._seal(bytes(self._waiting), is_last=True)

    def _seal(self, piece: bytes, *, is_last: bool) -> None:
        self._target.write(self._cipher.encrypt(_nonce(self._prefix, self._number, is_last=is_last), piece, self._header))
        self._number += 1


class Opener:
    """Read like a file; Spoilt as soon as a piece is not what was sealed."""

    def __init__(self, source: BinaryIO, passphrase: str) -> None:
        self._source = source
        self._header = source.read(HEADER.size)
        if len(self._header) < HEADER.size:
            raise Spoilt("The backup ends before it begins.")
        magic, cost, salt, self._prefix = HEADER.unpack(self._header)
        if magic != MAGIC or not LEAST_COST <= cost <= MOST_COST:
            raise Spoilt("This is no backup that Inkhorn sealed.")
        self._cipher = AESGCM(_key(passphrase, salt, cost))
        self._next = source.read(PIECE_BYTES + TAG_BYTES)
        self._number = 0
        self._opened = bytearray()
        self._is_over = False

    def read(self, size: int) -> bytes:
        while len(self._opened) < size and not self._is_over:
            self._open_piece()
        content = bytes(self._opened[:size])
        del self._opened[:size]
        return content

    def _open_piece(self) -> None:
        piece, self._next = self._next, self._source.read(PIECE_BYTES + TAG_BYTES)
        self._is_over = not self._next
        try:
            self._opened += self._cipher.decrypt(_nonce(self._prefix, self._number, is_last=self._is_over), piece, self._header)
        except InvalidTag as error:
            raise Spoilt(WRONG if self._number == 0 else "The backup was changed or cut off after it was made.") from error
        self._number += 1


def _key(passphrase: str, salt: bytes, cost: int) -> bytes:
    return Scrypt(salt=salt, length=KEY_BYTES, n=1 << cost, r=BLOCK, p=LANES).derive(passphrase.encode())


def _nonce(prefix: bytes, number: int, *, is_last: bool) -> bytes:
    return prefix + struct.pack("!I?", number, is_last)
