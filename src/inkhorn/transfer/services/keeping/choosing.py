"""Chooses the files that a backup takes along, and tells which it cannot."""

from dataclasses import dataclass

from inkhorn.core.config import Config
from inkhorn.core.storage import storage_of
from inkhorn.media.services.marking import MARK_KEY
from inkhorn.transfer.archive.contents import THEMES, is_theme_file


@dataclass(frozen=True)
class Found:
    """The files that go along, each with its size, and those that cannot."""

    media: dict[str, int]
    themes: dict[str, int]
    left_out: tuple[str, ...]

    @property
    def size(self) -> int:
        return sum(self.media.values()) + sum(self.themes.values())


def look_for_files(config: Config, *, has_media: bool) -> Found:
    """What is there at this moment."""
    # Whose the store is stays with the store: a copy that brought the mark along would be taken for the site itself.
    media = {each.key: each.size_bytes for each in storage_of(config).files() if each.key != MARK_KEY} if has_media else {}
    themes, left_out = {}, []
    for path in sorted((config.data / THEMES).rglob("*")):
        name = path.relative_to(config.data).as_posix()
        if path.is_symlink() or (path.is_file() and not is_theme_file(name)):
            left_out.append(name)
        elif path.is_file():
            themes[name] = path.stat().st_size
    return Found(media, themes, tuple(left_out))
