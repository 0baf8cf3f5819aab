"""What the child process says of a picture; no picture library is needed to read it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Seen:
    """What a picture turned out to be, once cleaned."""

    content_type: str
    width: int
    height: int
    is_animated: bool
    # Mean colour as #rrggbb; None for a drawing.
    colour: str | None
    # The picture in a few pixels, as the Base64 of a WebP; empty where it would show through.
    blur: str = ""


@dataclass(frozen=True)
class Drawn:
    """One smaller version, in the folder asked for."""

    name: str
    content_type: str
    width: int
    height: int
