"""Lektor: each text is a folder with a contents.lr; authors, categories and series are records of their own."""

from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from inkhorn.transfer.manuscript import ForeignRedirect, Manuscript, Problem
from inkhorn.transfer.markdown.bylines import Person, person_of_table
from inkhorn.transfer.markdown.fields import DATES, Keys
from inkhorn.transfer.markdown.folder import Leaf
from inkhorn.transfer.markdown.folder_source import FolderSource, Role
from inkhorn.transfer.markdown.front_matter import Matter, UnreadableText, read_lektor, read_text

# Fields that hold one word on each line.
_LISTS = ("categories", "tags", "author", "authors")
_RECORDS = {"authors": "an author", "categories": "a category", "tags": "a tag", "series": "a series"}


class LektorSource(FolderSource):
    """A Lektor project's folder, or its content folder alone."""

    dialect = "lektor"
    roots = ("content", "assets", "")
    author_keys = ("author", "authors")

    def read(self, leaf: Leaf) -> Matter:
        text, mended = read_text(leaf.path)
        fields, blank_before = read_lektor(text)
        values: dict[str, Any] = {}
        for name, value in fields.items():
            values[name] = [line.strip() for line in value.split("\n") if line.strip()] if name in _LISTS else value.strip("\n")
        body = str(values.pop("body", "") or values.pop("content", "") or "")
        complaint = "Some field names have a blank before them; they were read without it." if blank_before else None
        return Matter(values=values, body=body, form="lektor", complaint=complaint, mended=mended)

    def role_of(self, leaf: Leaf, keys: Keys) -> Role | Problem | ForeignRedirect:
        where = str(leaf.relative)
        if leaf.path.name != "contents.lr":
            return Problem("lost", where, "not-content", "It is an attachment, not a text of the site.")
        target = keys.text("target")
        if target and keys.text("_model") == "redirect":
            return ForeignRedirect(self._served_at(leaf), target)
        kind = _RECORDS.get(leaf.relative.parent.parent.name)
        if kind:
            return Problem("changed", where, "record", f"It describes {kind}; it came over with the posts that name it.")
        if keys.get(*DATES) is not None:
            return "post"
        if not self.read(leaf).body.strip():
            return self.section_page(leaf)
        return "page"

    def addresses_of(self, leaf: Leaf, keys: Keys) -> list[str]:
        slug = keys.text("_slug")
        served = self._served_at(leaf)
        return [f"{served.rstrip('/').rpartition('/')[0]}/{slug.strip('/')}/"] if slug else [served]

    def _served_at(self, leaf: Leaf) -> str:
        parts = leaf.relative.parent.parts
        return "/" + "/".join(parts[1:] if parts[:1] == ("content",) else parts).rstrip("/") + ("/" if len(parts) > 1 else "")

    def adjust(self, manuscript: Manuscript, leaf: Leaf, keys: Keys) -> None:
        for tag_number, tag in enumerate(manuscript.tags):
            manuscript.tags[tag_number] = type(tag)(self._title_of("categories", leaf, tag.name), slug=tag.slug)
        if manuscript.series:
            manuscript.series = self._title_of("series", leaf, manuscript.series)

    def _title_of(self, kind: str, leaf: Leaf, key: str) -> str:
        """The name in the record that a key stands for, beside the entries or anywhere."""
        blog = leaf.relative.parent.parent.parent
        return self._names.get((blog / kind, key)) or key

    @cached_property
    def _names(self) -> dict[tuple[PurePosixPath, str], str]:
        names = {}
        for leaf in self.folder.leaves:
            place = leaf.relative.parent.parent
            if place.name in _RECORDS:
                try:
                    keys = Keys(self.read(leaf).values)
                except UnreadableText:
                    continue
                names[place, leaf.relative.parent.name] = keys.text("name", "title")
        return names

    @cached_property
    def known_people(self) -> dict[str, Person]:
        people: dict[str, Person] = {}
        for leaf in self.folder.leaves:
            if leaf.relative.parent.parent.name == "authors":
                try:
                    values = self.read(leaf).values
                except UnreadableText:
                    continue
                login = leaf.relative.parent.name
                name = str(values.get("name") or "").strip()
                table = {"name": name or str(values.get("username") or login), "username": login, "website": values.get("website", "")}
                person = person_of_table(table)
                if person and login not in people:
                    people[login] = Person(
                        person.name, login=login, website=person.website, bio=str(values.get("about") or "").strip()[:4000]
                    )
        return people
