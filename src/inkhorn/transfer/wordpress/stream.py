"""Reads a WordPress export from start to end in little memory, refuses what XML can do to us, and survives damage."""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from inkhorn.transfer.manuscript import Problem
from inkhorn.transfer.wordpress.entries import Collector, Entry, UnreadableExport
from inkhorn.transfer.wordpress.mending import Mender

CHUNK = 1 << 18
# A file with more breaks than this is not damaged, it is something else.
MOST_BREAKS = 1000

_ITEM = re.compile(rb"<item[\s>]")
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
# What XML 1.0 forbids in any shape; real exports hold such bytes, pasted into posts from elsewhere.
_CONTROLS = bytes(byte for byte in range(32) if byte not in (9, 10, 13))
_PACKED = {b"PK": "zip", b"\x1f\x8b": "gzip", b"BZ": "bzip2"}


def read_entries(file: Path) -> Iterator[Entry | Problem]:
    """Each entry of the channel as soon as it is complete; damage comes as a Problem, UnreadableExport where nothing can be read."""
    try:
        stream = file.open("rb")
    except OSError as error:
        raise UnreadableExport(f"{file.name} cannot be opened: {error.strerror}.") from error
    with stream:
        yield from _Reader(file.name).read(stream)


class _Reader:
    def __init__(self, filename: str) -> None:
        self.filename = filename
        self.collector = Collector(filename)
        self.mender = Mender()
        self.unreadable = 0
        self._breaks = 0
        self._is_lost = False
        # Lines before the current chunk, and the line at which the current parser began.
        self._lines = 0
        self._first_line = 1
        self._tail = b""
        self._begin(b"")

    def read(self, stream: IO[bytes]) -> Iterator[Entry | Problem]:
        for chunk in self._clean_chunks(stream):
            yield from self._feed(chunk)
            self._lines += chunk.count(b"\n")
        yield from self._finish()

    def _begin(self, prologue: bytes) -> None:
        parser = expat.ParserCreate("utf-8", " ")
        parser.buffer_text = True
        parser.buffer_size = 1 << 16
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        parser.ExternalEntityRefHandler = self._refuse
        parser.StartNamespaceDeclHandler = self.collector.declare
        parser.StartElementHandler = lambda name, attributes: self.collector.start(
            name, attributes, parser.CurrentLineNumber + self._first_line - 1
        )
        parser.EndElementHandler = self.collector.end
        parser.CharacterDataHandler = self.collector.characters
        self._parser, self._fed = parser, len(prologue)
        if prologue:
            parser.Parse(prologue, False)

    def _refuse(self, *_arguments: object) -> int:
        raise UnreadableExport(
            f"{self.filename} declares a document type or entities. WordPress never writes those, "
            "and they can be used to attack the reader, so the file was refused."
        )

    def _feed(self, chunk: bytes) -> Iterator[Entry | Problem]:
        position = 0
        while position < len(chunk):
            if self._is_lost:
                found = self._find_item(chunk, position)
                if found is None:
                    return
                position = found
            try:
                self._parser.Parse(self._tail + chunk[position:], False)
                self._fed += len(self._tail) + len(chunk) - position
                self._tail, position = b"", len(chunk)
            except expat.ExpatError as error:
                yield from self.collector.take()
                yield self._note_break(error)
                # The break may lie in bytes that an earlier chunk brought.
                offset = max(0, self._parser.ErrorByteIndex - self._fed - len(self._tail))
                position, self._tail = position + offset + (chunk[position + offset :][:5] == b"<item"), b""
            yield from self.collector.take()

    def _find_item(self, chunk: bytes, position: int) -> int | None:
        """Where reading can go on after a break, with a fresh parser set up for it; None when this chunk has no such place."""
        joined = self._tail + chunk[position:]
        match = _ITEM.search(joined)
        if match is None:
            self._tail = joined[-5:]
            return None
        start = match.start() - len(self._tail)
        self._tail = self._tail[match.start() :] if start < 0 else b""
        position += max(0, start)
        declarations = "".join(f" xmlns:{prefix}={quoteattr(uri)}" for prefix, uri in self.collector.namespaces.items())
        self.collector.restart()
        self._first_line = self._lines + chunk[:position].count(b"\n") + 1
        self._begin(f"<rss{declarations}><channel>".encode())
        self._is_lost = False
        return position

    def _note_break(self, error: expat.ExpatError) -> Problem:
        line = self._first_line + error.lineno - 1
        reason = expat.ErrorString(error.code)
        if not self.collector.has_channel:
            raise UnreadableExport(
                f"{self.filename} cannot be read as XML (line {line}: {reason}); it is not a WordPress export."
            ) from error
        self._breaks += 1
        if self._breaks > MOST_BREAKS:
            raise UnreadableExport(f"{self.filename} is broken in more than {MOST_BREAKS} places; it cannot be read.") from error
        entry, self._is_lost = self.collector.entry, True
        name = f"“{entry.get('title')[:100]}”" if entry and entry.get("title") else "what stands there"
        why = f"The XML is broken here ({reason}); {name} was left out, and reading went on at the next item."
        return Problem("lost", f"line {line}", "broken-xml", why)

    def _finish(self) -> Iterator[Entry | Problem]:
        if not self._is_lost:
            try:
                self._parser.Parse(b"", True)
            except expat.ExpatError as error:
                yield from self.collector.take()
                yield self._note_truncation(error)
        if not self.collector.has_channel:
            raise UnreadableExport(f"{self.filename} is not a WordPress export: it has no <channel>.")
        yield from self.collector.take()
        if self.unreadable:
            why = f"{self.unreadable} characters that no text may hold were left out or shown as �."
            yield Problem("changed", self.filename, "unreadable-characters", why)
        if self.mender.mended:
            why = f"{self.mender.mended} bare “&” or HTML entities, which XML does not know, were mended."
            yield Problem("changed", self.filename, "entities", why)

    def _note_truncation(self, error: expat.ExpatError) -> Problem:
        line = self._first_line + error.lineno - 1
        if not self.collector.has_channel:
            raise UnreadableExport(f"{self.filename} ends before a WordPress export begins.") from error
        entry = self.collector.entry
        name = f" The item “{entry.get('title')[:100]}” is not complete and was left out." if entry and entry.tag == "item" else ""
        return Problem("lost", f"line {line}", "truncated", f"The file ends too early; everything complete before was read.{name}")

    def _clean_chunks(self, stream: IO[bytes]) -> Iterator[bytes]:
        """The file as UTF-8 without what XML forbids."""
        try:
            chunk = stream.read(CHUNK)
            decoder = self._decoder(chunk)
            while chunk:
                yield self._clean(decoder.decode(chunk))
                chunk = stream.read(CHUNK)
            yield self._clean(decoder.decode(b"", True), final=True)
        except OSError as error:
            raise UnreadableExport(f"{self.filename} cannot be read: {error.strerror}.") from error

    def _clean(self, text: str, *, final: bool = False) -> bytes:
        for noncharacter in ("\ufffe", "\uffff"):
            if noncharacter in text:
                self.unreadable += text.count(noncharacter)
                text = text.replace(noncharacter, "")
        self.unreadable += text.count("\ufffd")
        encoded = self.mender.feed(text, final=final).encode("utf-8", errors="replace")
        clean = encoded.translate(None, _CONTROLS)
        self.unreadable += len(encoded) - len(clean)
        return clean

    def _decoder(self, head: bytes) -> codecs.IncrementalDecoder:
        packed = next((name for magic, name in _PACKED.items() if head.startswith(magic)), None)
        if packed:
            raise UnreadableExport(f"{self.filename} is packed ({packed}); unpack it and import the .xml file inside.")
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            name = "utf-16"
        elif head.startswith(codecs.BOM_UTF8):
            name = "utf-8-sig"
        else:
            declared = _ENCODING.match(head)
            name = declared[1].decode("ascii") if declared else "utf-8"
        try:
            return codecs.getincrementaldecoder(name)(errors="replace")
        except LookupError as error:
            raise UnreadableExport(f"{self.filename} says that it is written in “{name}”, an encoding that is not known here.") from error
