"""Colour profiles: which are worth keeping, and bringing pictures of other colour spaces to sRGB."""

import io
import struct
from typing import Literal

from PIL import Image, ImageCms

Judgement = Literal["none", "ordinary", "wide", "other"]
LARGEST_PROFILE = 64 * 1024


def judge(profile: bytes | None, mode: str) -> Judgement:
    """Whether a profile adds nothing (ordinary), shows more colours than sRGB (wide), or must be converted away (other)."""
    if not profile:
        return "none"
    if mode not in ("RGB", "RGBA", "P"):
        # A grey profile shifts the tones a little and the browsers differ over it.
        return "ordinary" if mode in ("L", "LA", "1", "I;16", "I") else "other"
    try:
        points = [_point(profile, tag) for tag in (b"rXYZ", b"gXYZ", b"bXYZ")]
    except (ValueError, struct.error, ZeroDivisionError):
        return "other"
    area = _area(points)
    # sRGB's triangle, adapted to D50 as profiles write it.
    if area > 0.135 and len(profile) <= LARGEST_PROFILE:
        return "wide"
    is_named_srgb = b"sRGB" in profile or "sRGB".encode("utf-16-be") in profile
    return "ordinary" if 0.105 < area < 0.113 and is_named_srgb else "other"


def to_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """The picture in sRGB, by its profile where that can be used and by plain arithmetic where not."""
    mode = "RGBA" if picture.mode in ("RGBA", "PA") or "transparency" in picture.info else "RGB"
    if profile and picture.mode in ("CMYK", "RGB", "RGBA", "LAB"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode=mode)
        except (ImageCms.PyCMSError, OSError, ValueError):
            converted = None
        if converted is not None:
            converted.info.pop("icc_profile", None)
            return converted
    picture = picture.convert(mode)
    picture.info.pop("icc_profile", None)
    return picture


def _point(profile: bytes, tag: bytes) -> tuple[float, float]:
    count = struct.unpack(">I", profile[128:132])[0]
    for number in range(min(count, 100)):
        name, offset, _size = struct.unpack(">4sII", profile[132 + 12 * number : 144 + 12 * number])
        if name == tag:
            x, y, z = (value / 65536 for value in struct.unpack(">iii", profile[offset + 8 : offset + 20]))
            return x / (x + y + z), y / (x + y + z)
    raise ValueError(tag)


def _area(points: list[tuple[float, float]]) -> float:
    (x1, y1), (x2, y2), (x3, y3) = points
    return abs(x1 * (y2 - y3) + x2 * (y3 - y1) + x3 * (y1 - y2)) / 2
