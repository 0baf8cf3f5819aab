"""One sound looked into: its bytes judged, its tags read, its chapters put in order. Runs in the child process only."""

import mmap
from collections.abc import Iterable
from pathlib import Path

from tinytag import TinyTag

from inkhorn.media.audio import boxes, chapters, mpeg, streams, waves
from inkhorn.media.audio.verdicts import Heard, Measured, NotASound

LONGEST_WORDS = 255
MOST_CHAPTERS = 500
LARGEST_COVER_BYTES = 20 << 20
SHORTEST_SECONDS, LONGEST_SECONDS = 0.05, 60 * 60 * 24 * 7
HIGHEST_TRACK = 999


def hear(source: Path, content_type: str, cover: Path) -> Heard:
    """What the file says of itself, with its picture written beside; NotASound in words."""
    with source.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        # A slice of the map is bytes, and only what is sliced is read.
        data: bytes = mapped  # type: ignore[assignment]
        tags = TinyTag.get(str(source), duration=content_type not in ("audio/mpeg", "audio/wav"), image=True)
        found = _measured(data, content_type, tags.duration or 0.0)
        if not SHORTEST_SECONDS <= found.seconds <= LONGEST_SECONDS:
            raise NotASound(
                "The sound is too short to be played." if found.seconds < SHORTEST_SECONDS else "The file says that it lasts for weeks."
            )
        return Heard(
            seconds=round(found.seconds, 3),
            doubt=found.doubt,
            title=_plain(tags.title),
            artist=_plain(tags.artist),
            album=_plain(tags.album),
            track=tags.track if tags.track and 0 < tags.track <= HIGHEST_TRACK else None,
            chapters=_in_order(_chapters(data, content_type, tags), found.seconds),
            has_cover=_keep_cover(tags, cover),
        )


def _measured(data: bytes, content_type: str, told: float) -> Measured:
    if content_type == "audio/mpeg":
        return mpeg.measure(data)
    if content_type == "audio/wav":
        return waves.measure(data)
    checks = {"audio/mp4": lambda: boxes.check(data, told), "audio/ogg": lambda: streams.check_ogg(data)}
    return Measured(told, doubt=checks.get(content_type, lambda: streams.check_flac(data))())


def _chapters(data: bytes, content_type: str, tags: TinyTag) -> list[tuple[float, str]]:
    if content_type == "audio/mp4":
        return boxes.chapters(data)
    return chapters.of_id3(data) if content_type == "audio/mpeg" else chapters.of_vorbis(tags.other)


def _in_order(found: Iterable[tuple[float, str]], seconds: float) -> list[dict[str, float | str]]:
    """Chapters that begin within the sound, each moment once."""
    by_moment = {round(at, 3): _plain(title) for at, title in sorted(found) if 0 <= at < seconds}
    return [{"at": at, "title": title} for at, title in list(by_moment.items())[:MOST_CHAPTERS]]


def _keep_cover(tags: TinyTag, target: Path) -> bool:
    picture = tags.images.front_cover or tags.images.any
    if picture is None or not picture.data or len(picture.data) > LARGEST_COVER_BYTES:
        return False
    target.write_bytes(picture.data)
    return True


def _plain(words: str | None) -> str:
    shown = "".join(letter if letter.isprintable() else " " for letter in words or "")
    return " ".join(shown.split())[:LONGEST_WORDS]
