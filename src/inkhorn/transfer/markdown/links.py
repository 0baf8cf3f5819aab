"""What the addresses in a text mean: another text of the source, a file beside it, or a place elsewhere."""

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path, PurePosixPath
from urllib.parse import quote, unquote, urljoin, urlsplit

from inkhorn.core.prose.references import references_in, replace_references
from inkhorn.transfer.manuscript import ForeignFile, Problem
from inkhorn.transfer.markdown.folder import TEXT_ENDINGS, Folder, Leaf

_ELSEWHERE = re.compile(r"^(?:[A-Za-z][A-Za-z0-9+.-]*:|//|#|\?|\{)")
_PELICAN = re.compile(r"^(?:\{(?P<braced>static|filename|attach|photo|image)\}|\|(?P<barred>filename|static)\|)")
_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|webp|avif|svg)(?:\?[^#]*)?$", re.IGNORECASE)
_FILES = frozenset(
    ".png .jpg .jpeg .gif .svg .webp .avif .bmp .tif .tiff .heic .ico .pdf .mp3 .ogg .oga .opus .m4a .wav .flac .mp4 .webm .mov .zip .csv".split()
)


@dataclass
class Links:
    """Looks up what a text names; one for the whole source."""

    folder: Folder
    # Folders whose content stands at the root of the site: "static", "assets", "".
    roots: Sequence[str]
    # The address of another text of the source; None where it is none.
    address_of: Callable[[Path], str | None]

    def settle(self, body: str, leaf: Leaf, address: str | None) -> "Settled":
        """Put into the text the addresses that hold wherever it stands, and name the files it needs."""
        settled = Settled()
        body = replace_references(body, lambda wording: self._settle_one(wording, leaf, address, settled))
        settled.body = body
        return settled

    def _settle_one(self, wording: str, leaf: Leaf, address: str | None, settled: "Settled") -> str | None:
        pelican = _PELICAN.match(wording)
        plain = wording[pelican.end() :] if pelican else wording
        if plain.startswith("@/"):
            plain, root_first = plain[1:], True
        elif pelican is None and _ELSEWHERE.match(plain):
            settled.note_remote(wording)
            return None
        else:
            root_first = False
        parts = urlsplit(unescape(plain))
        path = unquote(parts.path)
        if not path or "\x00" in path:
            return None
        tail = (f"?{parts.query}" if parts.query else "") + (f"#{parts.fragment}" if parts.fragment else "")
        found = self.folder.find(*self._places(path, leaf))
        if found and found.suffix.lower() in TEXT_ENDINGS:
            other = self.address_of(found)
            return other + tail if other else None
        if found:
            settled.take(found, wording, self.folder)
            return None
        return self._unfound(plain if not root_first else wording, path, address, settled)

    def _places(self, path: str, leaf: Leaf) -> list[Path]:
        root = self.folder.root
        if path.startswith("/"):
            return [root / place / path.lstrip("/") for place in self.roots]
        beside = leaf.path.parent
        return [beside / path, *(root / place / path for place in self.roots)]

    def _unfound(self, plain: str, path: str, address: str | None, settled: "Settled") -> str | None:
        if PurePosixPath(path).suffix.lower() in _FILES:
            settled.missing.append(plain)
        if plain.startswith(("/", "@/")) or not address:
            return None
        try:
            # What was meant from where the text used to stand holds wherever it stands now.
            return urljoin(quote(address, safe="/%:@!$&'()*+,;=~-._"), plain.replace(" ", "%20"))
        except ValueError:
            return None


@dataclass
class Settled:
    """A text whose addresses hold, and the files it names."""

    body: str = ""
    files: dict[Path, ForeignFile] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def take(self, path: Path, wording: str, folder: Folder) -> None:
        held = self.files.get(path)
        references = (*(held.references if held else ()), wording)
        key = Path(os.path.relpath(path, folder.root)).as_posix()
        self.files[path] = ForeignFile(references=tuple(dict.fromkeys(references)), key=key, path=path, filename=path.name)

    def note_remote(self, wording: str) -> None:
        """A picture on another host: asked for only where the person importing said so."""
        address = unescape(wording)
        if address.startswith(("http://", "https://")) and _PICTURE.search(address) and len(address) < 2000:
            place = Path(address)
            references = (*(self.files[place].references if place in self.files else ()), wording)
            self.files[place] = ForeignFile(references=tuple(dict.fromkeys(references)), key=address, url=address)

    def problems(self, where: str) -> list[Problem]:
        return [
            Problem("kept", where, "missing-file", f"The text names {name}, which is not in the folder; it still points to where it was.")
            for name in dict.fromkeys(self.missing)
        ]


def local_paths(body: str) -> list[str]:
    """Root-relative paths that a text links to, without their fragments."""
    return [
        wording.partition("#")[0].partition("?")[0]
        for _, _, wording in references_in(body)
        if wording.startswith("/") and not wording.startswith("//")
    ]
