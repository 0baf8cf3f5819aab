"""Taking the metadata out of a picture without touching its pixels, and cutting off whatever follows it."""

import re
import struct
from collections.abc import Iterator
from typing import Protocol

_JPEG_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_PNG_KEPT = {
    *(b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"cICP", b"sBIT", b"bKGD", b"pHYs"),
    *(b"acTL", b"fcTL", b"fdAT"),
}
_GIF_KEPT_APPLICATIONS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
_AVIF_EMPTIED = {b"free", b"skip", b"uuid"}


class Malformed(Exception):
    """The file is not built the way its kind is."""


class _Stripper(Protocol):
    def __call__(self, data: bytes, *, keep_profile: bool) -> bytes: ...


def strip(data: bytes, kind: str, *, keep_profile: bool) -> bytes:
    """The same picture without camera, place, author, comments and passengers; the colour profile only if asked for."""
    strippers: dict[str, _Stripper] = {"JPEG": _jpeg, "PNG": _png, "GIF": _gif, "WEBP": _webp, "AVIF": _avif}
    try:
        return strippers[kind](data, keep_profile=keep_profile)
    except (IndexError, struct.error) as error:
        raise Malformed from error


def blank(metadata: bytes) -> bytes:
    """As many bytes that say nothing; Exif stays well-formed, because decoders refuse a picture over it."""
    start = max(metadata.find(b"II*\0"), metadata.find(b"MM\0*"))
    if start < 0 or len(metadata) < start + 16:
        return bytes(len(metadata))
    header = b"II*\0\x08\0\0\0"
    return metadata[:start] + header + bytes(len(metadata) - start - len(header))


def _jpeg(data: bytes, *, keep_profile: bool) -> bytes:
    kept, place = [data[:2]], 2
    while True:
        while data[place] == 0xFF and data[place + 1] == 0xFF:
            place += 1
        if data[place] != 0xFF:
            raise Malformed
        marker = data[place + 1]
        if marker == 0xD9:
            return b"".join([*kept, b"\xff\xd9"])
        end = place + 2 + struct.unpack(">H", data[place + 2 : place + 4])[0]
        if marker == 0xDA:
            # The picture itself runs on until a marker that is neither padding nor a restart.
            after = _JPEG_NEXT_MARKER.search(data, end)
            end = after.start() if after else len(data)
        if _is_kept_in_jpeg(marker, data[place + 4 : end], keep_profile=keep_profile):
            kept.append(data[place:end])
        if end >= len(data):
            # No end marker: whether it is whole is for the decoder to say.
            return b"".join(kept)
        place = end


def _is_kept_in_jpeg(marker: int, content: bytes, *, keep_profile: bool) -> bool:
    if marker == 0xE0:
        return content.startswith(b"JFIF\0")
    if marker == 0xE2:
        return keep_profile and content.startswith(b"ICC_PROFILE\0")
    if marker == 0xEE:
        # Tells how the colours are stored, so the picture needs it.
        return content.startswith(b"Adobe")
    return not (0xE1 <= marker <= 0xEF or marker == 0xFE)


def _png(data: bytes, *, keep_profile: bool) -> bytes:
    kept, place = [data[:8]], 8
    while place < len(data):
        length, name = struct.unpack(">I4s", data[place : place + 8])
        end = place + 12 + length
        if name in _PNG_KEPT or (name == b"iCCP" and keep_profile):
            kept.append(data[place:end])
        if name == b"IEND":
            break
        place = end
    return b"".join(kept)


def _gif(data: bytes, *, keep_profile: bool) -> bytes:
    place = 13 + _gif_table_size(data[10])
    kept = [data[:place]]
    while place < len(data) and data[place] != 0x3B:
        start = place
        if data[place] == 0x2C:
            place = _after_gif_blocks(data, place + 11 + _gif_table_size(data[place + 9]))
        elif data[place] == 0x21:
            place = _after_gif_blocks(data, place + 2)
        else:
            break
        if data[start] == 0x2C or _is_kept_in_gif(data[start + 1], data[start + 3 : start + 14]):
            kept.append(data[start:place])
    return b"".join([*kept, b";"])


def _gif_table_size(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _after_gif_blocks(data: bytes, place: int) -> int:
    while data[place]:
        place += data[place] + 1
    return place + 1


def _is_kept_in_gif(label: int, application: bytes) -> bool:
    return label == 0xF9 or (label == 0xFF and application in _GIF_KEPT_APPLICATIONS)


def _webp(data: bytes, *, keep_profile: bool) -> bytes:
    chunks: list[bytes] = []
    for name, chunk in _webp_chunks(data):
        if name == b"VP8X":
            dropped = 0x0C | (0 if keep_profile else 0x20)
            chunks.append(chunk[:8] + bytes([chunk[8] & ~dropped]) + chunk[9:])
        elif name in (b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF") or (name == b"ICCP" and keep_profile):
            chunks.append(chunk)
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    place, end = 12, min(len(data), 8 + struct.unpack("<I", data[4:8])[0])
    while place + 8 <= end:
        name, length = struct.unpack("<4sI", data[place : place + 8])
        after = place + 8 + length + (length & 1)
        yield name, data[place:after]
        place = after


def _avif(data: bytes, *, keep_profile: bool) -> bytes:
    cleaned, place, last = bytearray(data), 0, 0
    while place + 8 <= len(data):
        length, name = struct.unpack(">I4s", data[place : place + 8])
        header = 8
        if length == 1:
            length, header = struct.unpack(">Q", data[place + 8 : place + 16])[0], 16
        end = len(data) if length == 0 else place + length
        if length and length < header:
            raise Malformed
        if name in _AVIF_EMPTIED:
            # Emptied and not removed: the boxes after it are named by their place in the file.
            cleaned[place + 4 : place + 8] = b"free"
            cleaned[place + header : end] = bytes(max(0, min(end, len(data)) - place - header))
        elif name in (b"ftyp", b"meta", b"moov", b"mdat"):
            last = min(end, len(data))
        place = end
    return bytes(cleaned[:last])
