"""Looking into one picture: is it whole, how large, cleaned of metadata, and its smaller versions. Runs in the child process only."""

import base64
import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pi_heif
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from inkhorn.media.images import profiles, stripping
from inkhorn.media.images.large import alone
from inkhorn.media.images.verdicts import Drawn, Seen

# What phones take is read, and kept as JPEG, since few browsers show it.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "HEIF")
CONTENT_TYPES = {
    "JPEG": "image/jpeg",
    "HEIF": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "AVIF": "image/avif",
}
MAX_PIXELS = 100_000_000
# All frames of an animation together.
MAX_ANIMATED_PIXELS = 1_000_000_000
WIDTHS = (320, 640, 960, 1280, 1920, 2560)
# For browsers that know neither WebP nor AVIF, and for feeds and mails.
FALLBACK_WIDTHS = (640, 1280, 2560)
# Below this a smaller version saves less than the request for it costs.
LIGHT_BYTES = 6 * 1024
# The sides of somebody's picture, and the least it can be made of.
PORTRAIT_SIDES = (320, 160)
# What stands for a picture until it has come: some 200 bytes, so that pages can bring it along.
BLUR_SIDE, BLUR_QUALITY, LONGEST_BLUR = 20, 60, 1000
QUALITIES = {"JPEG": 82, "WEBP": 80, "AVIF": 60}
KEPT_QUALITIES = {"JPEG": 92, "WEBP": 92, "AVIF": 85}

Image.MAX_IMAGE_PIXELS = MAX_PIXELS
# Thumbnails and maps of depth within the file are nobody's business here.
pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
# Broken metadata is dropped anyway; what matters raises.
warnings.simplefilter("ignore")


class NotAPicture(Exception):
    """Nothing that may be kept; str() is the sentence for the person who sent it."""


def clean(source: Path, target: Path, most_pixels: int | None = None) -> Seen:
    """Write the picture without metadata, upright and whole, and say what it is; NotAPicture in words."""
    data = source.read_bytes()
    with _opened(data) as picture:
        _check_size(picture.width, picture.height, most_pixels or MAX_PIXELS)
        kind = str(picture.format)
        # Of several pictures in one file of a phone the chosen one is kept.
        frames = 1 if kind == "HEIF" else int(getattr(picture, "n_frames", 1))
        _check_frames(picture, frames, most_pixels or MAX_ANIMATED_PIXELS)
        cleaned = _stripped(data, picture, kind, is_animated=frames > 1)
    with _opened(cleaned) as picture:
        for frame in ImageSequence.Iterator(picture) if frames > 1 else (picture,):
            frame.load()
        picture.seek(0)
        small = _small(picture)
        seen = Seen(CONTENT_TYPES[kind], picture.width, picture.height, frames > 1, _mean_colour(small), _blurred(small))
    target.write_bytes(cleaned)
    return seen


def draw_smaller(source: Path, folder: Path) -> list[Drawn]:
    """Draw every version a browser may prefer to the cleaned picture itself; none where none would be lighter."""
    size = source.stat().st_size
    with _opened(source.read_bytes()) as picture:
        if getattr(picture, "is_animated", False) or size <= LIGHT_BYTES:
            return []
        kind, width = str(picture.format), picture.width
        picture.draft("RGB", (WIDTHS[-1], WIDTHS[-1]))
        ready = _ready(picture)
    drawn: list[Drawn] = []
    for form in ("AVIF", "WEBP"):
        versions = [_draw(ready, form, each, folder) for each in _widths_for(width)]
        largest = versions[-1]
        # Where even the full size is no lighter, the format suits this picture badly.
        if largest.width < width or (folder / largest.name).stat().st_size < size:
            drawn += versions
    plain = "PNG" if ready.mode == "RGBA" or kind in ("PNG", "GIF") else "JPEG"
    widths = [each for each in FALLBACK_WIDTHS if each < width * 0.9]
    if kind in ("WEBP", "AVIF"):
        widths.append(min(width, WIDTHS[-1]))
    return drawn + [_draw(ready, plain, each, folder) for each in widths]


def blur(source: Path) -> str:
    """The cleaned picture in a few pixels, for one that was kept before such were made."""
    with _opened(source.read_bytes()) as picture:
        picture.draft("RGB", (8 * BLUR_SIDE, 8 * BLUR_SIDE))
        return _blurred(_small(picture))


def draw_portraits(source: Path, folder: Path, focus: tuple[int, int]) -> list[Drawn]:
    """Draw the squares that stand for a person, cut round the focus, which is given in thousandths of width and height."""
    with _opened(source.read_bytes()) as picture:
        if min(picture.size) < PORTRAIT_SIDES[-1]:
            raise NotAPicture(f"The picture is too small. It needs at least {PORTRAIT_SIDES[-1]} pixels each way.")
        # Enough for the larger square whatever is cut off.
        picture.draft("RGB", (2 * PORTRAIT_SIDES[0], 2 * PORTRAIT_SIDES[0]))
        ready = _ready(picture)
    square = _square(ready, focus)
    return [_draw(square, "WEBP", min(side, square.width), folder, name=f"{side}.webp") for side in PORTRAIT_SIDES]


@contextmanager
def _opened(data: bytes) -> Iterator[Image.Image]:
    """The picture, its size checked before a pixel is made; every way to fail becomes words."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            _check_size(picture.width, picture.height)
            with alone(picture.width * picture.height):
                yield picture
    except (Image.DecompressionBombError, MemoryError) as error:
        raise NotAPicture(_too_large(MAX_PIXELS)) from error
    except UnidentifiedImageError as error:
        raise NotAPicture("The file is damaged or is not a picture. Open it on your own machine, save it afresh and send that.") from error
    except stripping.Malformed as error:
        raise NotAPicture("The picture’s file is damaged. Save it afresh and send that.") from error
    except (OSError, RuntimeError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError) as error:
        if "truncated" in str(error) or isinstance(error, EOFError):
            raise NotAPicture("The picture is cut off: its file ends before the picture does. Send it again.") from error
        raise NotAPicture("The picture’s file is damaged. Save it afresh and send that.") from error


def _too_large(most: int) -> str:
    return f"The picture has more than {most // 1_000_000} million pixels. Make it smaller and send that."


def _check_size(width: int, height: int, most: int = MAX_PIXELS) -> None:
    if width * height > most:
        raise NotAPicture(_too_large(most))
    if width < 1 or height < 1:
        raise NotAPicture("The picture has no width or no height.")


def _check_frames(picture: Image.Image, frames: int, most: int) -> None:
    if frames > 1 and picture.width * picture.height * frames > most:
        raise NotAPicture("The animation is too long for its size. Make it smaller or shorter, or send it as a video.")


def _stripped(data: bytes, picture: Image.Image, kind: str, *, is_animated: bool) -> bytes:
    profile: bytes | None = picture.info.get("icc_profile")
    judgement = profiles.judge(profile, picture.mode)
    kept_profile = profile if judgement == "wide" else None
    turned = _orientation(picture) != 1
    if kind == "HEIF":
        return _drawn_afresh(picture, data, "JPEG", kept_profile)
    if not is_animated and (turned or judgement == "other" or picture.mode == "CMYK"):
        return _drawn_afresh(picture, data, kind, kept_profile)
    stripped = stripping.strip(data, kind, keep_profile=kept_profile is not None)
    hidden = [picture.info[name] for name in ("exif", "xmp") if isinstance(picture.info.get(name), bytes)]
    if kind != "AVIF" or not hidden:
        return stripped
    if not is_animated and any(each not in stripped for each in hidden):
        return _drawn_afresh(picture, data, kind, kept_profile)
    for each in hidden:
        stripped = stripped.replace(each, stripping.blank(each))
    return stripped


def _orientation(picture: Image.Image) -> int:
    try:
        value = picture.getexif().get(0x0112, 1)
    except Exception:
        # Metadata of any brokenness must not cost the picture.
        return 1
    return value if value in range(1, 9) else 1


def _drawn_afresh(picture: Image.Image, data: bytes, kind: str, profile: bytes | None) -> bytes:
    upright = ImageOps.exif_transpose(picture) if _orientation(picture) != 1 else picture
    if profile is None and _has_colours(upright):
        upright = profiles.to_srgb(upright, picture.info.get("icc_profile"))
    if kind == "JPEG" and upright.mode not in ("RGB", "L"):
        upright = upright.convert("RGB")
    options = _options(kind, KEPT_QUALITIES.get(kind), profile)
    if kind == "WEBP" and b"VP8L" in data[:64]:
        options["lossless"] = True
    upright.info = {}
    out = io.BytesIO()
    upright.save(out, kind, **options)
    return out.getvalue()


def _has_colours(picture: Image.Image) -> bool:
    return picture.mode not in ("1", "L", "LA", "I;16", "I")


def _options(kind: str, quality: int | None, profile: bytes | None) -> dict[str, Any]:
    options: dict[str, Any] = {"icc_profile": profile} if profile else {}
    if quality is not None:
        options["quality"] = quality
    if kind == "JPEG":
        options |= {"progressive": True, "optimize": True}
    elif kind == "PNG":
        options |= {"optimize": True}
    elif kind == "WEBP":
        options |= {"method": 4}
    elif kind == "AVIF":
        options |= {"speed": 8, "max_threads": 1}
    return options


def _ready(picture: Image.Image) -> Image.Image:
    """Whole, upright, and RGB or RGBA, with its profile only if that is a wide one."""
    profile: bytes | None = picture.info.get("icc_profile")
    is_wide = profiles.judge(profile, picture.mode) == "wide"
    picture.load()
    if picture.width >= 2 * WIDTHS[-1] and picture.mode in ("RGB", "RGBA", "L"):
        # Halved or more before anything copies it: a hundred million pixels are 400 MB a copy.
        transparency = picture.info.get("transparency")
        picture = picture.reduce(picture.width // WIDTHS[-1])
        picture.info = {} if transparency is None else {"transparency": transparency}
    if is_wide and picture.mode in ("RGB", "RGBA"):
        ready = picture.copy()
        ready.info = {"icc_profile": profile}
    else:
        if picture.mode in ("I;16", "I"):
            picture = picture.point(lambda value: value / 256).convert("L")
        ready = profiles.to_srgb(picture, profile)
        ready.info = {}
    if ready.mode == "RGBA" and ready.getchannel("A").getextrema()[0] == 255:
        opaque = ready.convert("RGB")
        opaque.info = ready.info
        return opaque
    return ready


def _widths_for(width: int) -> list[int]:
    largest = min(width, WIDTHS[-1])
    return [*(each for each in WIDTHS if each < largest * 0.9), largest]


def _square(ready: Image.Image, focus: tuple[int, int]) -> Image.Image:
    side = min(ready.size)
    left, top = (max(0, min(length - side, round(length * part / 1000 - side / 2))) for length, part in zip(ready.size, focus, strict=True))
    square = ready.crop((left, top, left + side, top + side))
    square.info = ready.info
    return square


def _draw(ready: Image.Image, form: str, width: int, folder: Path, *, name: str = "") -> Drawn:
    height = max(1, round(ready.height * width / ready.width))
    size = (width, height)
    smaller = ready if size == ready.size else ready.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    name = name or f"{width}.{CONTENT_TYPES[form].rpartition('/')[2].replace('jpeg', 'jpg')}"
    options = _options(form, QUALITIES.get(form), ready.info.get("icc_profile"))
    out = io.BytesIO()
    smaller.save(out, form, **options)
    # Written by ourselves, since an encoder does not tell a full disk from any other fault.
    (folder / name).write_bytes(out.getvalue())
    return Drawn(name, CONTENT_TYPES[form], width, height)


def _small(picture: Image.Image) -> Image.Image:
    small = picture.reduce(max(1, min(picture.size) // 64)) if picture.mode in ("RGB", "RGBA", "L") else picture
    return small.convert("RGBA")


def _mean_colour(small: Image.Image) -> str:
    paper = Image.new("RGBA", small.size, "#fbfaf7")
    paper.alpha_composite(small)
    red, green, blue = paper.convert("RGB").resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))  # type: ignore[misc]
    return f"#{red:02x}{green:02x}{blue:02x}"


def _blurred(small: Image.Image) -> str:
    if small.getchannel("A").getextrema()[0] != 255:
        # It would stand behind what the picture lets through.
        return ""
    tiny = small.convert("RGB")
    tiny.thumbnail((BLUR_SIDE, BLUR_SIDE), Image.Resampling.BOX)
    out = io.BytesIO()
    tiny.save(out, "WEBP", quality=BLUR_QUALITY, method=6)
    written = base64.b64encode(out.getvalue()).decode()
    return written if len(written) <= LONGEST_BLUR else ""
