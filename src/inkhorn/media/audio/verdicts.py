"""What is said of a sound once it was looked into, and why one is not kept."""

from dataclasses import dataclass, field


class NotASound(Exception):
    """Nothing that could be played; str() is the sentence for the person who sent it."""


@dataclass(frozen=True)
class Measured:
    """What the bytes themselves tell, tags apart."""

    seconds: float
    # What makes one doubt the file, as a sentence; empty for a sound one.
    doubt: str = ""


@dataclass(frozen=True)
class Heard:
    """A sound as its file tells of itself."""

    seconds: float
    doubt: str = ""
    title: str = ""
    artist: str = ""
    album: str = ""
    track: int | None = None
    # [{"at": seconds, "title": words}, ...] in the order in which they come.
    chapters: list[dict[str, float | str]] = field(default_factory=list)
    # Whether a picture lies beside it, in the folder that was given.
    has_cover: bool = False
