"""Ogg and FLAC: is all of it there."""

import struct

from inkhorn.media.audio.verdicts import NotASound

_CUT = "The file is cut off: the end of it is missing. Send the whole file."


def check_ogg(data: bytes) -> str:
    """NotASound where the last page is not whole; a sentence where the sound does not come to its own end."""
    last = data.rfind(b"OggS")
    if last < 0 or last + 27 > len(data):
        raise NotASound(_CUT)
    segments = data[last + 26]
    lacing = data[last + 27 : last + 27 + segments]
    if len(lacing) < segments or last + 27 + segments + sum(lacing) > len(data):
        raise NotASound(_CUT)
    return "" if data[last + 5] & 4 else "The file ends in the middle of its sound. It may have been cut off on its way."


def check_flac(data: bytes) -> str:
    """NotASound where the file ends before the sound begins."""
    at, is_last = 4, False
    while not is_last:
        if at + 4 > len(data):
            raise NotASound(_CUT)
        head = struct.unpack(">I", data[at : at + 4])[0]
        is_last, at = bool(head >> 31), at + 4 + (head & 0xFFFFFF)
    if at >= len(data):
        raise NotASound(_CUT)
    return ""
