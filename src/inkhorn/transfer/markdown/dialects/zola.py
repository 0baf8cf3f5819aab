"""Zola: TOML between +++, addresses by `path`, sections in _index.md."""

from inkhorn.core.prose import slugify
from inkhorn.transfer.manuscript import ForeignRedirect, Manuscript, Problem
from inkhorn.transfer.markdown.fields import DATES, Keys
from inkhorn.transfer.markdown.folder import Leaf
from inkhorn.transfer.markdown.folder_source import FolderSource, Role
from inkhorn.transfer.markdown.shortcodes import Kept, translate_zola
from inkhorn.transfer.markdown.values import language_of, moment_in_name, moment_in_path, without_date


class ZolaSource(FolderSource):
    """A Zola site's folder, or its content folder alone."""

    dialect = "zola"
    roots = ("static", "content", "../static", "")

    def role_of(self, leaf: Leaf, keys: Keys) -> Role | Problem | ForeignRedirect:
        if leaf.path.stem.partition(".")[0] == "_index":
            return self.section_page(leaf)
        return "post" if self._is_dated(leaf, keys) else "page"

    def _is_dated(self, leaf: Leaf, keys: Keys) -> bool:
        return keys.get(*DATES) is not None or moment_in_name(leaf.stem) is not None or moment_in_path(keys.text("path")) is not None

    def addresses_of(self, leaf: Leaf, keys: Keys) -> list[str]:
        path = keys.text("path")
        if path:
            return [f"/{path.strip('/')}/"]
        name, language = _split_language(leaf)
        parts = list(leaf.relative.parent.parts)
        if parts[:1] == ["content"]:
            del parts[0]
        if leaf.is_bundle and parts:
            del parts[-1]
        slug = keys.text("slug") or slugify(without_date(name)) or name
        return ["/" + "/".join([*([language] if language else []), *parts, slug]) + "/"]

    def adjust(self, manuscript: Manuscript, leaf: Leaf, keys: Keys) -> None:
        path = keys.text("path")
        if path and not keys.text("slug"):
            manuscript.slug = path.strip("/").rpartition("/")[2]
        manuscript.published_at = manuscript.published_at or moment_in_path(path)
        name, language = _split_language(leaf)
        if language:
            manuscript.language = manuscript.language or language_of(language)
            manuscript.slug = manuscript.slug if keys.text("slug", "path") else without_date(name)

    def translate(self, body: str, leaf: Leaf, keys: Keys, kept: Kept) -> str:
        return translate_zola(body, kept)


def _split_language(leaf: Leaf) -> tuple[str, str]:
    """The name and the language of hello.fr.md and hello/index.fr.md."""
    name, _, language = leaf.path.name.removesuffix(leaf.path.suffix).rpartition(".")
    if name and len(language) in (2, 5) and language_of(language):
        return (leaf.relative.parent.name if name == "index" else name), language
    return leaf.stem, ""
