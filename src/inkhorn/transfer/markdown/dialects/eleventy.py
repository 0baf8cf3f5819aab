"""Eleventy: YAML above Markdown, Liquid or Nunjucks in it, addresses by folder and name or by `permalink`."""

from collections import Counter
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from inkhorn.transfer.manuscript import ForeignRedirect, Problem
from inkhorn.transfer.markdown.dialects.jekyll import JekyllSource
from inkhorn.transfer.markdown.fields import DATES, Keys
from inkhorn.transfer.markdown.folder import Leaf
from inkhorn.transfer.markdown.folder_source import FolderSource, Role
from inkhorn.transfer.markdown.values import is_false, moment_in_name, without_date, words_of

# Tags that only gather a collection there.
_COLLECTIONS = frozenset(("post", "posts", "blog", "all"))
_INPUTS = ("src", "content", "source", "site")
_POST_FOLDERS = frozenset(("posts", "_posts", "blog", "articles", "news", "writing", "notes"))


class EleventySource(JekyllSource):
    """An Eleventy site's folder; most began as Jekyll's and kept its Liquid."""

    dialect = "eleventy"
    roots = ("", "src", "content", "public", "static", "src/assets")

    @cached_property
    def _post_folders(self) -> set[PurePosixPath]:
        """Where the posts are: folders called so, or the one that holds most texts."""
        counts = Counter(leaf.relative.parent for leaf in self.folder.leaves)
        named = {folder for folder in counts if folder.name in _POST_FOLDERS}
        return named or {folder for folder, _ in counts.most_common(1)}

    def role_of(self, leaf: Leaf, keys: Keys) -> Role | Problem | ForeignRedirect:
        if not keys.values:
            return Problem("lost", str(leaf.relative), "no-front-matter", "It has no front matter that says what it is.")
        if is_false(keys.values.get("permalink")):
            return Problem("lost", str(leaf.relative), "not-served", "The source did not serve it (permalink: false).")
        dated = keys.get(*DATES) is not None or moment_in_name(leaf.stem) is not None
        bundle = leaf.relative.parent.parent in self._post_folders and leaf.is_bundle
        return "post" if dated and (leaf.relative.parent in self._post_folders or bundle) else "page"

    def addresses_of(self, leaf: Leaf, keys: Keys) -> list[str]:
        permalink = keys.text("permalink")
        if permalink and "{{" not in permalink and "{%" not in permalink:
            return [permalink if permalink.startswith("/") else f"/{permalink}"]
        parts = [without_date(part) for part in (leaf.relative.parent if leaf.is_bundle else leaf.relative.with_suffix("")).parts]
        if parts[:1] and parts[0] in _INPUTS:
            del parts[0]
        plain = "/" + "/".join(parts) + ("/" if parts else "")
        date = moment_in_name(leaf.stem)
        # Blogs with dated names mostly kept the addresses that Jekyll gave them.
        return [f"/{date:%Y/%m/%d}/{without_date(leaf.stem)}/", plain] if date else [plain]

    def adjust(self, manuscript: Any, leaf: Leaf, keys: Keys) -> None:
        FolderSource.adjust(self, manuscript, leaf, keys)

    def split_tags(self, value: Any) -> list[str]:
        return [tag for tag in words_of(value) if tag.lower() not in _COLLECTIONS]
