"""A ZIP archive that is handed on while it is written, so that its size costs no memory."""

import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from inkhorn.core import clock

CHUNK_BYTES = 256 * 1024
# What is packed already gains nothing by being packed again.
PACKED = ("image/", "audio/", "video/", "application/zip")


class Parcel:
    """Each method packs one thing and yields what is ready to leave; close() yields the end."""

    def __init__(self) -> None:
        self._out = _Outbox()
        self._archive = zipfile.ZipFile(self._out, "w", zipfile.ZIP_DEFLATED)

    def text(self, name: str, content: str) -> Iterator[bytes]:
        self._archive.writestr(self._labelled(name), content.encode())
        yield self._out.emptied()

    def table(self, name: str, rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
        """Rows as a JSON list, one on a line."""
        with self._archive.open(self._labelled(name), "w", force_zip64=True) as target:
            before = "["
            for row in rows:
                target.write(f"{before}\n{json.dumps(row, ensure_ascii=False, default=str)}".encode())
                before = ","
                yield self._out.emptied()
            target.write(b"\n]\n" if before == "," else b"[]\n")
        yield self._out.emptied()

    def file(self, name: str, source: BinaryIO, content_type: str) -> Iterator[bytes]:
        """A file in pieces; one that is packed already goes in as it is."""
        label = self._labelled(name)
        if content_type.startswith(PACKED) and content_type != "image/svg+xml":
            label.compress_type = zipfile.ZIP_STORED
        with self._archive.open(label, "w", force_zip64=True) as target:
            while piece := source.read(CHUNK_BYTES):
                target.write(piece)
                yield self._out.emptied()
        yield self._out.emptied()

    def close(self) -> Iterator[bytes]:
        self._archive.close()
        yield self._out.emptied()

    def _labelled(self, name: str) -> zipfile.ZipInfo:
        label = zipfile.ZipInfo(name, date_time=clock.now().timetuple()[:6])
        label.compress_type = zipfile.ZIP_DEFLATED
        return label


class _Outbox(io.RawIOBase):
    """Where the archive writes to: what lies in it is taken out again at once, and there is no way back."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def emptied(self) -> bytes:
        """All that was written since it was last asked."""
        ready = b"".join(self._pieces)
        self._pieces.clear()
        return ready
