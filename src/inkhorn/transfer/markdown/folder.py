"""A folder of text files: which there are, which file a text means, and what the generator's own settings say."""

import json
import os
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from inkhorn.core.errors import Invalid

TEXT_ENDINGS = frozenset((".md", ".markdown", ".mdown", ".mkd", ".html", ".htm", ".lr"))
# Formats a person would call a post, which we cannot read: named, never passed over.
OTHER_TEXT_ENDINGS = frozenset((".rst", ".adoc", ".asciidoc", ".org", ".ipynb", ".textile", ".mdx", ".njk", ".liquid"))
_PASSED_OVER = frozenset(
    ("node_modules", "_site", "public", "themes", "_layouts", "_includes", "_sass", "vendor", "archetypes", "layouts", "templates")
)
_SETTING_FILES = (
    "config.toml",
    "hugo.toml",
    "zola.toml",
    "hugo.yaml",
    "config.yaml",
    "_config.yml",
    "_config.yaml",
    "hugo.json",
    "config.json",
)
_ORDINARY_NAMES = frozenset(("content", "src", "blog", "posts", "_posts", "site", "docs", "www", "website", "source", "export"))
_ASSIGNMENT = re.compile(r"^(?P<key>[A-Z][A-Z0-9_]+)[ \t]*=[ \t]*(?P<quote>[\"'])(?P<value>.*?)(?P=quote)[ \t]*(?:#.*)?$", re.MULTILINE)


@dataclass(frozen=True)
class Leaf:
    """One text file of the source."""

    path: Path
    # From the root of the folder; the item's key in the database.
    relative: PurePosixPath

    @property
    def is_bundle(self) -> bool:
        return self.path.stem.partition(".")[0] == "index" or self.path.name == "contents.lr"

    @property
    def stem(self) -> str:
        """The name it goes by: the file's, or its folder's where the file is an index."""
        return self.relative.parent.name if self.is_bundle else self.path.name.removesuffix(self.path.suffix)


@dataclass
class Folder:
    """The source's root."""

    root: Path
    _exists: dict[Path, bool] = field(default_factory=dict)

    @classmethod
    def opened(cls, root: Path) -> "Folder":
        """The folder, or Invalid in a sentence where there is none, or nothing in it."""
        try:
            root = root.expanduser().resolve()
            if not root.is_dir():
                raise Invalid(f"There is no folder {root}. Name the folder that holds the site's text files.")
            next(os.scandir(root), None)
        except OSError as error:
            raise Invalid(f"The folder {root} cannot be read: {error.strerror or error}.") from error
        return cls(root)

    @property
    def name(self) -> str:
        """What to call it in the database: its own name, with its parent's where that says little."""
        return f"{self.root.parent.name}/{self.root.name}" if self.root.name.lower() in _ORDINARY_NAMES else self.root.name

    @cached_property
    def leaves(self) -> list[Leaf]:
        return [leaf for leaf in self._walk() if leaf.path.suffix.lower() in TEXT_ENDINGS]

    @cached_property
    def unread(self) -> list[PurePosixPath]:
        """Texts in formats that are not read."""
        return [leaf.relative for leaf in self._walk() if leaf.path.suffix.lower() in OTHER_TEXT_ENDINGS]

    def _walk(self) -> Iterator[Leaf]:
        for place, folders, files in os.walk(self.root):
            folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _PASSED_OVER)
            for name in sorted(files):
                path = Path(place, name)
                if not name.startswith(".") and path.suffix.lower() in TEXT_ENDINGS | OTHER_TEXT_ENDINGS:
                    yield Leaf(path, PurePosixPath(path.relative_to(self.root).as_posix()))

    def find(self, *candidates: Path) -> Path | None:
        """The first of these that is a file of the site; nothing outside it is ever opened."""
        for candidate in candidates:
            try:
                path = candidate.resolve()
                if any(path.is_relative_to(place) for place in self._open_places) and path.is_file():
                    return path
            except (OSError, ValueError):
                continue
        return None

    @cached_property
    def _open_places(self) -> list[Path]:
        """The folder, and the site's static files beside it where it is the content folder alone."""
        return [self.root, *(home / name for home in self.homes[1:] for name in ("static", "assets", "public", "images"))]

    @property
    def homes(self) -> tuple[Path, ...]:
        """Where the generator's settings may stand: here, or above a content folder."""
        return (self.root, self.root.parent) if self.root.name.lower() in _ORDINARY_NAMES else (self.root,)

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The generator's own settings, as far as they can be read; keys as they stand."""
        for place in self.homes:
            for name in _SETTING_FILES:
                found = _parsed(place / name)
                if isinstance(found, dict) and found:
                    return found
            python = place / "pelicanconf.py"
            if python.is_file():
                # Read, never run.
                return {found["key"]: found["value"] for found in _ASSIGNMENT.finditer(python.read_text("utf-8", "replace"))}
        return {}

    def data(self, *places: str) -> Iterator[tuple[str, Any]]:
        """(stem, content) of every data file at these places: "_data/authors" stands for the file of any format or the folder."""
        for place in places:
            for file in sorted([*self.root.glob(f"{place}.*"), *self.root.glob(f"{place}/*")]):
                content = _parsed(file)
                if content is not None:
                    yield file.stem, content


def _parsed(path: Path) -> Any:
    try:
        if path.suffix not in (".toml", ".yml", ".yaml", ".json") or not path.is_file() or path.stat().st_size > 4 * 2**20:
            return None
        text = path.read_text("utf-8")
        match path.suffix:
            case ".toml":
                return tomllib.loads(text)
            case ".json":
                return json.loads(text)
            case _:
                return yaml.safe_load(text)
    except (OSError, ValueError, yaml.YAMLError, RecursionError):
        return None
