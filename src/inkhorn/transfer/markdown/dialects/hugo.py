"""Hugo: page bundles, sections, permalinks from the settings, `resources` with a featured picture."""

import re
from datetime import datetime
from typing import Any

from inkhorn.transfer.manuscript import ForeignRedirect, Manuscript, Problem
from inkhorn.transfer.markdown.bylines import Person
from inkhorn.transfer.markdown.fields import DATES, Keys
from inkhorn.transfer.markdown.folder import Leaf
from inkhorn.transfer.markdown.folder_source import FolderSource, Role
from inkhorn.transfer.markdown.shortcodes import Kept, translate_hugo
from inkhorn.transfer.markdown.values import is_true, language_of, moment_in_name, moment_of, text_of, without_date

_TOKEN = re.compile(r":(year|month|monthname|day|slugorfilename|slug|filename|contentbasename|title|section|sections)")
_PEOPLE = ("authors", "author", "people")


class HugoSource(FolderSource):
    """A Hugo site's folder, or its content folder alone."""

    dialect = "hugo"
    roots = ("static", "content", "assets", "../static", "../assets", "")

    def role_of(self, leaf: Leaf, keys: Keys) -> Role | Problem | ForeignRedirect:
        where = str(leaf.relative)
        build = keys.get("_build", "build")
        parts = self._sections(leaf)
        if parts[:1] and parts[0] in _PEOPLE:
            return Problem("changed", where, "author-page", "It describes an author; it came over as what is said of them.")
        if leaf.path.stem.partition(".")[0] == "_index":
            return self.section_page(leaf)
        if is_true(keys.get("headless")) or (isinstance(build, dict) and build.get("list") in ("never", False)):
            return Problem("lost", where, "not-listed", "It was kept off the source's own lists.")
        if not leaf.is_bundle and (leaf.path.parent / "index.md").is_file():
            return Problem("lost", where, "bundle-resource", "It is a part of the page beside it, without an address of its own.")
        return "post" if keys.get(*DATES) is not None or moment_in_name(leaf.stem) else "page"

    def addresses_of(self, leaf: Leaf, keys: Keys) -> list[str]:
        url = keys.text("url")
        if url:
            return [url if url.startswith("/") else f"/{url}"]
        name, language = _name_and_language(leaf)
        sections = self._sections(leaf)
        slug = keys.text("slug") or name
        pattern = self._pattern(sections)
        if pattern:
            path = _expanded(pattern, sections, slug, keys.text("title"), moment_of(keys.get(*DATES)))
        else:
            path = "/".join([*sections, slug])
        written = "/" + "/".join(part for part in [language, *path.split("/")] if part).replace(" ", "-") + "/"
        # Hugo writes addresses in lower case unless told not to; the settings may not be at hand.
        return list(dict.fromkeys([written.lower(), written]))

    def _sections(self, leaf: Leaf) -> list[str]:
        parts = list(leaf.relative.parent.parts)
        if parts[:1] == ["content"]:
            del parts[0]
        return parts[:-1] if leaf.is_bundle else parts

    def _pattern(self, sections: list[str]) -> str:
        permalinks = self.folder.settings.get("permalinks")
        if not isinstance(permalinks, dict):
            return ""
        of_pages = permalinks.get("page")
        table = of_pages if isinstance(of_pages, dict) else permalinks
        return text_of(table.get(sections[0])) if sections else ""

    def adjust(self, manuscript: Manuscript, leaf: Leaf, keys: Keys) -> None:
        name, language = _name_and_language(leaf)
        manuscript.slug = keys.text("slug") or without_date(name)
        manuscript.language = manuscript.language or language_of(language)
        resources = keys.get("resources")
        for resource in resources if isinstance(resources, list) else []:
            if isinstance(resource, dict) and "featured" in text_of(resource.get("name")).lower() and not manuscript.cover:
                params = resource.get("params")
                manuscript.cover = text_of(resource.get("src")) or None
                manuscript.cover_alt = text_of(params.get("description") or params.get("alt"))[:500] if isinstance(params, dict) else ""

    def translate(self, body: str, leaf: Leaf, keys: Keys, kept: Kept) -> str:
        return translate_hugo(body, kept)

    @property
    def known_people(self) -> dict[str, Person]:
        if self._people_known is None:
            self._people_known = super().known_people | dict(self._described())
        return self._people_known

    _people_known: dict[str, Person] | None = None

    def _described(self) -> list[tuple[str, Person]]:
        """Authors with a page of their own under content/authors/."""
        people = []
        for leaf in self.folder.leaves:
            parts = [part for part in leaf.relative.parts if part != "content"]
            if parts[0] in _PEOPLE and len(parts) > 1:
                login = leaf.relative.parent.name if leaf.path.stem in ("_index", "index") else leaf.path.stem
                matter = self.read(leaf)
                name = text_of(matter.values.get("title")) or login
                people.append((login, Person(name, login=login, bio=matter.body.strip()[:4000])))
        return people


def _name_and_language(leaf: Leaf) -> tuple[str, str]:
    stem, _, language = leaf.path.name.removesuffix(leaf.path.suffix).rpartition(".")
    if stem and len(language) in (2, 5) and language_of(language):
        return (leaf.relative.parent.name if stem == "index" else stem), language
    return leaf.stem, ""


def _expanded(pattern: str, sections: list[str], slug: str, title: str, date: datetime | None) -> str:
    values: dict[str, Any] = {"section": sections[0] if sections else "", "sections": "/".join(sections)}
    values |= dict.fromkeys(("slug", "slugorfilename", "filename", "contentbasename"), slug)
    values["title"] = re.sub(r"[\s_]+", "-", title) or slug
    if date:
        values |= {"year": f"{date:%Y}", "month": f"{date:%m}", "monthname": f"{date:%B}", "day": f"{date:%d}"}
    return _TOKEN.sub(lambda found: str(values.get(found[1], found[0])), pattern)
