"""Jekyll: _posts with the date in the file's name, collections, Liquid, permalinks from the settings."""

import re
from typing import Any, ClassVar
from urllib.parse import unquote

from inkhorn.transfer.manuscript import ForeignRedirect, Manuscript, Problem
from inkhorn.transfer.markdown.fields import DATES, Keys
from inkhorn.transfer.markdown.folder import Leaf
from inkhorn.transfer.markdown.folder_source import FolderSource, Role
from inkhorn.transfer.markdown.liquid import Setting, translate_liquid
from inkhorn.transfer.markdown.shortcodes import Kept
from inkhorn.transfer.markdown.values import language_of, lines_of, moment_in_name, moment_of, text_of, without_date, words_of

STYLES = {
    "date": "/:categories/:year/:month/:day/:title.html",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title.html",
    "none": "/:categories/:title.html",
}
_TOKEN = re.compile(r":(categories|year|month|i_month|day|i_day|y_day|short_year|title|slug|collection|path|name)")
_TEMPLATE = re.compile(r"\{%-?\s*(?:for|assign|paginate|layout)\b")


class JekyllSource(FolderSource):
    """A Jekyll site's folder."""

    dialect = "jekyll"
    roots: ClassVar[tuple[str, ...]] = ("", "docs", "src")

    def role_of(self, leaf: Leaf, keys: Keys) -> Role | Problem | ForeignRedirect:
        collection = self._collection(leaf)
        if collection in ("posts", "drafts"):
            return "post"
        where = str(leaf.relative)
        if leaf.path.suffix == ".html" and _TEMPLATE.search(leaf.path.read_text("utf-8", "replace")):
            return Problem("lost", where, "template", "It is a template that draws lists; the site draws its own.")
        if not keys.values:
            return Problem("lost", where, "no-front-matter", "Without front matter it is a plain file to this generator, not a page.")
        return "post" if collection and collection != "pages" else "page"

    def _collection(self, leaf: Leaf) -> str:
        return next((part[1:] for part in reversed(leaf.relative.parent.parts) if part.startswith("_")), "")

    def _below(self, leaf: Leaf) -> list[str]:
        """The folders between the collection (or the root) and the file."""
        parts = list(leaf.relative.parent.parts)
        marks = [number for number, part in enumerate(parts) if part.startswith("_")]
        return parts[marks[-1] + 1 :] if marks else [part for part in parts if part not in ("docs", "src")]

    def addresses_of(self, leaf: Leaf, keys: Keys) -> list[str]:
        permalink = keys.text("permalink")
        collection = self._collection(leaf)
        if permalink and permalink not in STYLES:
            return [self._expanded(permalink, leaf, keys)]
        if collection == "drafts":
            return []
        if collection == "posts":
            patterns = self._post_patterns(permalink)
        elif collection:
            own = self._settings_of(collection).get("permalink")
            patterns = [text_of(own)] if own else ["/:path/", "/:collection/:path.html"]
        else:
            patterns = ["/:path/"] if leaf.path.stem != "index" else ["/:path"]
        addresses = [self._expanded(pattern, leaf, keys) for pattern in patterns]
        return addresses + [self._expanded(pattern, leaf, keys, slug=old) for old in self._old_slugs(keys) for pattern in patterns]

    def _post_patterns(self, permalink: str) -> list[str]:
        chosen = permalink or text_of(self.folder.settings.get("permalink"))
        # Without the settings at hand it may have been any of these.
        return [STYLES.get(chosen, chosen)] if chosen else [STYLES["date"], STYLES["pretty"], "/:year/:month/:day/:title/"]

    def _settings_of(self, collection: str) -> dict[str, Any]:
        collections = self.folder.settings.get("collections")
        found = collections.get(collection) if isinstance(collections, dict) else None
        return found if isinstance(found, dict) else {}

    def _old_slugs(self, keys: Keys) -> list[str]:
        meta = keys.get("meta")
        return lines_of(meta.get("_wp_old_slug")) if isinstance(meta, dict) else []

    def _expanded(self, pattern: str, leaf: Leaf, keys: Keys, *, slug: str = "") -> str:
        stem = leaf.path.stem
        slug = slug or keys.text("slug") or without_date(stem)
        date = moment_in_name(stem) or moment_of(keys.get(*DATES))
        below = self._below(leaf)
        values = {"title": slug, "slug": slug, "name": slug, "collection": self._collection(leaf)}
        values["path"] = "/".join(below if stem == "index" else [*below, stem])
        values["categories"] = "/".join(part.lower() for part in self.split_tags(keys.get("categories", "category")))
        if date:
            values |= {"year": f"{date:%Y}", "month": f"{date:%m}", "i_month": str(date.month), "day": f"{date:%d}", "i_day": str(date.day)}
            values |= {"y_day": f"{date:%j}", "short_year": f"{date:%y}"}
        path = _TOKEN.sub(lambda found: values.get(found[1], ""), pattern)
        return re.sub(r"/{2,}", "/", f"/{path}")

    def adjust(self, manuscript: Manuscript, leaf: Leaf, keys: Keys) -> None:
        manuscript.slug = unquote(manuscript.slug or "") or None
        if self._collection(leaf) == "drafts":
            manuscript.status = "draft"
        below = self._below(leaf)
        if self._collection(leaf) != "posts" and below and (language := language_of(below[0])):
            # The same names in every language: the folder tells them apart, as it did.
            manuscript.language = manuscript.language or language
            manuscript.path = f"/{'/'.join(below)}/{manuscript.slug}/"

    def split_tags(self, value: Any) -> list[str]:
        # Here a line of tags is parted by blanks.
        return words_of(value.split()) if isinstance(value, str) and "," not in value else words_of(value)

    def translate(self, body: str, leaf: Leaf, keys: Keys, kept: Kept) -> str:
        return translate_liquid(body, Setting(names=self._names(keys), address_of=self._address_named), kept)

    def _names(self, keys: Keys) -> dict[str, str]:
        base = text_of(self.folder.settings.get("baseurl"))
        names = {"site.baseurl": base if base.startswith("/") else "", "site.url": "", "site.github.url": ""}
        for key, value in keys.values.items():
            if isinstance(value, str) and len(value) < 1000:
                names[f"page.{key}"] = names[key] = value
        return names

    def _address_named(self, name: str) -> str | None:
        wanted = name.strip("\"' ").removesuffix(".md").removesuffix(".html")
        for leaf in self.folder.leaves:
            if str(leaf.relative.with_suffix("")).endswith(wanted):
                return self.address_of_file(leaf.path)
        return None
