"""Links between the texts of a source: after the last one, those that lead nowhere on this site are named."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from sqlalchemy import select

from inkhorn.core.database import session
from inkhorn.posts.models import Address, Post
from inkhorn.posts.services.addresses import RESERVED
from inkhorn.transfer.manuscript import Manuscript, Problem
from inkhorn.transfer.markdown.links import local_paths
from inkhorn.transfer.services.fitting import path_of

# Beyond this no more links are remembered, so that no source can fill the memory.
MOST_LINKS = 100_000
_CHUNK = 400


@dataclass
class Crossings:
    """Links met so far, and the addresses that the source itself will have here."""

    # Path -> the first text that links to it.
    links: dict[str, str] = field(default_factory=dict)
    places: set[str] = field(default_factory=set)

    def add(self, manuscript: Manuscript, paths: Sequence[str]) -> None:
        for path in paths:
            self.add_place(path)
        for wording in local_paths(manuscript.body):
            target = path_of(wording)
            if target and len(self.links) < MOST_LINKS and not _is_elsewhere(target):
                self.links.setdefault(_bare(target), manuscript.key)

    def add_place(self, path: str) -> None:
        if len(self.places) < 10 * MOST_LINKS:
            self.places.add(_bare(path))

    def broken(self) -> Iterator[Problem]:
        """A problem for each link that leads nowhere; asks the database in handfuls."""
        open_links = [path for path in self.links if path not in self.places]
        for start in range(0, len(open_links), _CHUNK):
            chunk = open_links[start : start + _CHUNK]
            wanted = [form for path in chunk for form in (path, f"{path}/")]
            found = set(session().scalars(select(Address.path).where(Address.path.in_(wanted))))
            standing = session().scalars(select(Post.path).where(Post.path.in_(wanted)))
            bare = {_bare(place) for place in (*found, *standing) if place}
            for path in chunk:
                if path not in bare:
                    yield Problem("kept", self.links[path], "broken-link", f"It links to {path}, where nothing stands on this site.")


def _bare(path: str) -> str:
    return path.rstrip("/") or "/"


def _is_elsewhere(path: str) -> bool:
    """Whether the path is the site's own, or a file's, which is named where it is missing."""
    return path.strip("/").partition("/")[0] in RESERVED or PurePosixPath(path).suffix.lower() not in ("", ".html", ".htm", ".php")
