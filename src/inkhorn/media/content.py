"""What a file is, told by its bytes and never by its name."""

from collections.abc import Callable
from dataclasses import dataclass

from inkhorn.core.errors import Invalid

HEAD_BYTES = 64 * 1024


class FileRefused(Invalid):
    """The file cannot be kept; the sentence says why and what would do instead."""

    def __init__(self, message: str) -> None:
        super().__init__(message, field="file")


@dataclass(frozen=True)
class Content:
    """A kind of file that may be kept."""

    content_type: str
    # Without a dot; the stored key ends in it, whatever the name said.
    extension: str
    is_picture: bool = False
    is_sound: bool = False


JPEG = Content("image/jpeg", "jpg", is_picture=True)
PNG = Content("image/png", "png", is_picture=True)
GIF = Content("image/gif", "gif", is_picture=True)
WEBP = Content("image/webp", "webp", is_picture=True)
AVIF = Content("image/avif", "avif", is_picture=True)
# Read, and kept as JPEG: few browsers show it.
HEIC = Content("image/heic", "heic", is_picture=True)
SVG = Content("image/svg+xml", "svg", is_picture=True)
MP3 = Content("audio/mpeg", "mp3", is_sound=True)
M4A = Content("audio/mp4", "m4a", is_sound=True)
OGG = Content("audio/ogg", "ogg", is_sound=True)
FLAC = Content("audio/flac", "flac", is_sound=True)
WAV = Content("audio/wav", "wav", is_sound=True)
MP4 = Content("video/mp4", "mp4")
WEBM = Content("video/webm", "webm")
OGV = Content("video/ogg", "ogv")
PDF = Content("application/pdf", "pdf")
ZIP = Content("application/zip", "zip")

# Archives and plain text have no mark of their own, so among these the name may choose.
_PACKED = {
    "epub": "application/epub+zip",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}
_WRITTEN = {"txt": "text/plain", "md": "text/plain", "csv": "text/csv", "json": "application/json"}

CONTENT_TYPES = {
    **{each.extension: each.content_type for each in (JPEG, PNG, GIF, WEBP, AVIF, SVG, MP3, M4A, OGG, FLAC, WAV, MP4, WEBM, OGV, PDF, ZIP)},
    **_PACKED,
    **_WRITTEN,
}
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"}
_SOUND_BRANDS = {b"M4A ", b"M4B ", b"M4P "}
_VIDEO_BRANDS = {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"dash", b"mmp4", b"MSNV"}


def recognise(head: bytes, filename: str) -> Content:
    """The kind of the file that begins so; FileRefused in words for what is not kept."""
    if not head:
        raise FileRefused("The file is empty. Choose another one.")
    for look in (_picture, _sound_or_video, _document, _refusal):
        if found := look(head, filename):
            return found
    raise FileRefused(
        "Files of this kind are not kept. Pictures (JPEG, PNG, GIF, WebP, AVIF, HEIC, SVG), sound (MP3, M4A, Ogg, FLAC, WAV), "
        "video (MP4, WebM), PDF, plain text and ZIP archives are."
    )


def is_inline(content_type: str) -> bool:
    """Whether a browser may show it in place; everything else is handed over as a download."""
    return content_type.partition("/")[0] in ("image", "audio", "video")


def _picture(head: bytes, _filename: str) -> Content | None:
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return GIF
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return WEBP
    if head[4:8] == b"ftyp" and head[8:12] in (b"avif", b"avis"):
        return AVIF
    if head[4:8] == b"ftyp" and head[8:12] == b"mif1" and b"avif" in head[12:64]:
        return AVIF
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        return HEIC
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    return SVG if start.startswith((b"<?xml", b"<svg", b"<!--", b"<!DOCTYPE svg")) and b"<svg" in head else None


def _sound_or_video(head: bytes, _filename: str) -> Content | None:
    if head.startswith(b"OggS"):
        if b"\x80theora" in head[:4096]:
            return OGV
        return OGG if any(mark in head[:4096] for mark in (b"\x01vorbis", b"OpusHead", b"\x7fFLAC", b"Speex")) else None
    if head.startswith(b"fLaC"):
        return FLAC
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return WAV
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        if brand in _SOUND_BRANDS or (brand in _VIDEO_BRANDS and b"soun" in head and b"vide" not in head):
            return M4A
        return MP4 if brand in _VIDEO_BRANDS else None
    if head.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in head[:64]:
        return WEBM
    return MP3 if head.startswith(b"ID3") or _is_mpeg_frame(head) else None


def _is_mpeg_frame(head: bytes) -> bool:
    # Layer III with a bit rate and a sampling rate that exist; two letters would be too little of a mark.
    return len(head) > 4 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2 and head[2] >> 4 not in (0, 15) and head[2] >> 2 & 3 != 3


def _document(head: bytes, filename: str) -> Content | None:
    ending = filename.rpartition(".")[2].lower()
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"PK\x03\x04"):
        return Content(_PACKED[ending], ending) if ending in _PACKED else ZIP
    if ending in _WRITTEN and _is_text(head):
        return Content(_WRITTEN[ending], ending)
    return None


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        # The head may end in the middle of a letter.
        if error.start < len(head) - 3 or len(head) < HEAD_BYTES:
            return False
        text = head[: error.start].decode("utf-8")
    return not any(ord(letter) < 32 and letter not in "\t\n\r\f" for letter in text)


_REFUSALS: tuple[tuple[Callable[[bytes], bool], str], ...] = (
    (lambda head: head.startswith((b"II*\0", b"MM\0*")), "TIFF pictures are not for the web. Save it as JPEG or PNG."),
    (lambda head: head.startswith((b"\0\0\1\0", b"\0\0\2\0")), "ICO pictures are not kept. Save it as PNG."),
    (lambda head: head.startswith(b"BM"), "BMP pictures are not for the web. Save it as PNG."),
    (lambda head: head.startswith(b"8BPS"), "Photoshop files are not for the web. Save it as JPEG or PNG."),
    (
        lambda head: head.lstrip(b"\xef\xbb\xbf \t\r\n")[:14].lower().startswith((b"<!doctype html", b"<html", b"<script")),
        "This is a web page and not a picture or document. Save what it shows as a picture or PDF.",
    ),
    (
        lambda head: head.startswith(b"ADIF") or (head[:1] == b"\xff" and len(head) > 1 and head[1] & 0xF6 == 0xF0),
        "Bare AAC cannot be moved about in by a player. Save it as M4A or MP3.",
    ),
    (
        lambda head: head[4:8] in (b"moov", b"mdat", b"wide", b"skip"),
        "This is an old kind of film, or the beginning of the file is missing. Save it as MP4 or M4A.",
    ),
    (lambda head: head.startswith(b"\x1f\x8b"), "Packed files of this kind are not kept. Unpack it first, or make a ZIP archive."),
)


def _refusal(head: bytes, _filename: str) -> None:
    for fits, sentence in _REFUSALS:
        if fits(head):
            raise FileRefused(sentence)
