"""Opens a folder of text files as a Source, in the dialect that is named or that the folder shows."""

import re
from collections import Counter
from pathlib import Path

from inkhorn.core.errors import Invalid
from inkhorn.transfer.markdown.dialects.eleventy import EleventySource
from inkhorn.transfer.markdown.dialects.hugo import HugoSource
from inkhorn.transfer.markdown.dialects.jekyll import JekyllSource
from inkhorn.transfer.markdown.dialects.lektor import LektorSource
from inkhorn.transfer.markdown.dialects.pelican import PelicanSource
from inkhorn.transfer.markdown.dialects.zola import ZolaSource
from inkhorn.transfer.markdown.folder import Folder
from inkhorn.transfer.markdown.folder_source import FolderSource
from inkhorn.transfer.markdown.front_matter import Matter, UnreadableText, read_matter

DIALECTS: dict[str, type[FolderSource]] = {
    source.dialect: source for source in (ZolaSource, HugoSource, JekyllSource, EleventySource, PelicanSource, LektorSource)
}
_SAMPLE = 80
# Settings files that leave no doubt.
_SIGNS = {
    "zola.toml": "zola",
    "hugo.toml": "hugo",
    "hugo.yaml": "hugo",
    "hugo.json": "hugo",
    "archetypes": "hugo",
    "_config.yml": "jekyll",
    "_config.yaml": "jekyll",
    ".eleventy.js": "eleventy",
    "eleventy.config.js": "eleventy",
    "eleventy.config.mjs": "eleventy",
    "eleventy.config.cjs": "eleventy",
    "pelicanconf.py": "pelican",
}
_HUGO_SHORTCODE = re.compile(r"\{\{[<%]\s*/?\w")


def markdown_source(root: Path, *, dialect: str | None = None, name: str | None = None) -> FolderSource:
    """The folder as a source; Invalid in a sentence where it is no folder, holds no text, or the dialect is unknown."""
    if dialect is not None and dialect not in DIALECTS:
        raise Invalid(f"There is no dialect “{dialect}”. Name one of {', '.join(sorted(DIALECTS))}, or none to have it found.")
    folder = Folder.opened(root)
    if not folder.leaves:
        raise Invalid(f"The folder {folder.root} holds no Markdown, HTML or contents.lr file. Name the folder of the site's sources.")
    return DIALECTS[dialect or find_dialect(folder)](folder, name)


def find_dialect(folder: Folder) -> str:
    """The generator whose signs the folder shows; Eleventy, which asks for nothing, where there are none."""
    if any(leaf.path.name == "contents.lr" for leaf in folder.leaves):
        return "lektor"
    for place in folder.homes:
        for sign, dialect in _SIGNS.items():
            if (place / sign).exists():
                return dialect
    if any(part.startswith("_") for leaf in folder.leaves for part in leaf.relative.parent.parts):
        return "jekyll"
    points = _points(folder)
    return points.most_common(1)[0][0] if points else "eleventy"


def _points(folder: Folder) -> Counter[str]:
    points: Counter[str] = Counter()
    step = max(1, len(folder.leaves) // _SAMPLE)
    for leaf in folder.leaves[::step]:
        try:
            matter = read_matter(leaf.path)
        except UnreadableText:
            continue
        points.update(_points_of(matter))
        if leaf.path.stem == "_index":
            points["zola" if matter.form == "toml" else "hugo"] += 3
    return points


def _points_of(matter: Matter) -> Counter[str]:
    points: Counter[str] = Counter()
    keys = matter.values.keys()
    match matter.form:
        case "toml":
            points["hugo" if keys & {"draft", "categories", "series", "tags"} else "zola"] += 1
        case "json":
            points["hugo"] += 1
        case "lines":
            points["pelican"] += 2
    if _HUGO_SHORTCODE.search(matter.body):
        points["hugo"] += 1
    if keys & {"save_as", "github_slug"}:
        points["pelican"] += 1
    return points
