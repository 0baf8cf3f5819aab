"""The file itself: a plain tar that any program unpacks, read back with nothing allowed in it but files of known names."""

import hashlib
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol

from inkhorn.transfer.archive.contents import LONGEST_NAME_BYTES, SMALL, Part, Spoilt

BLOCK = tarfile.BLOCKSIZE
CHUNK_BYTES = 1 << 20
CHANGED = "This is no backup that Inkhorn made, or it was changed afterwards."
CUT_OFF = "The backup is cut off: it ends in the middle."


class Sink(Protocol):
    def write(self, content: bytes, /) -> int: ...


class Source(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass
class Packer:
    """Writes one file after another; parts tells what was written."""

    target: Sink
    parts: dict[str, Part] = field(default_factory=dict)

    def add(self, name: str, content: BinaryIO, size: int) -> None:
        """Write so many bytes under the name; Spoilt where there are fewer, or more than would be read again."""
        if size > SMALL.get(name, size):
            raise Spoilt(f"{name} would have {size} bytes, and no backup is read with more than {SMALL[name]}. Make it smaller.")
        self.target.write(_written(name, size))
        digest, left = hashlib.sha256(), size
        while left:
            chunk = content.read(min(CHUNK_BYTES, left))
            if not chunk:
                raise Spoilt(f"{name} became shorter while it was read. Make the backup again.")
            digest.update(chunk)
            self.target.write(chunk)
            left -= len(chunk)
        self.target.write(b"\0" * (-size % BLOCK))
        self.parts[name] = Part(size, digest.hexdigest())

    def end(self) -> None:
        self.target.write(b"\0" * 2 * BLOCK)


@dataclass
class Packed:
    """One file of the archive, to be read before the next is asked for."""

    name: str
    size: int
    _source: Source
    _left: int = -1
    _digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def __post_init__(self) -> None:
        self._left = self.size

    def chunks(self) -> Iterator[bytes]:
        while self._left:
            chunk = self._source.read(min(CHUNK_BYTES, self._left))
            if not chunk:
                raise Spoilt(CUT_OFF)
            self._left -= len(chunk)
            self._digest.update(chunk)
            yield chunk

    @property
    def part(self) -> Part:
        """What was read, once all of it was."""
        return Part(self.size, self._digest.hexdigest())


def unpack(source: Source) -> Iterator[Packed]:
    """Every file in turn; Spoilt for links, folders, devices, and for whatever else no backup of ours holds."""
    long_name = None
    while True:
        block = _exactly(source, BLOCK)
        info = _header(block)
        if info is None:
            if any(_exactly(source, BLOCK)) or source.read(1):
                raise Spoilt("Something stands after the end of the backup.")
            return
        if info.type == tarfile.GNUTYPE_LONGNAME and long_name is None and info.size <= LONGEST_NAME_BYTES + 1:
            padded = _exactly(source, info.size + -info.size % BLOCK)
            long_name = padded[: info.size].rstrip(b"\0").decode("utf-8", "replace")
            continue
        if info.type != tarfile.REGTYPE or info.size < 0:
            raise Spoilt(f"The backup holds something that is no file ({info.name[:100]!r}), so it is none of ours.")
        packed = Packed(long_name or info.name, info.size, source)
        long_name = None
        # Not a bit of it is other than we write it; its checksum alone would let some pass.
        if not _written(packed.name, packed.size).endswith(block):
            raise Spoilt(CHANGED)
        yield packed
        for _chunk in packed.chunks():
            pass
        if any(_exactly(source, -info.size % BLOCK)):
            raise Spoilt(CHANGED)


def _written(name: str, size: int) -> bytes:
    """What stands before a file."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    return info.tobuf(tarfile.GNU_FORMAT, "utf-8", "strict")


def _header(block: bytes) -> tarfile.TarInfo | None:
    if not any(block):
        return None
    try:
        # A long name stands before this and is cut here, maybe within a letter; what differs otherwise is found when all is compared.
        return tarfile.TarInfo.frombuf(block, "utf-8", "replace")
    except (tarfile.HeaderError, ValueError) as error:
        raise Spoilt(CHANGED) from error


def _exactly(source: Source, size: int) -> bytes:
    content = source.read(size) if size else b""
    if len(content) < size:
        raise Spoilt(CUT_OFF)
    return content
