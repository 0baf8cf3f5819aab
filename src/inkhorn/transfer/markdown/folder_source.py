"""What the six dialects have in common: walks the folder and hands over each text; the dialects in dialects/ fill in the differences."""

import logging
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Literal

from inkhorn.core.html_to_markdown import html_to_markdown
from inkhorn.transfer.manuscript import ForeignAuthor, ForeignRedirect, ForeignSite, Manuscript, Problem, Record
from inkhorn.transfer.markdown.bylines import Person, people_in, people_in_sentence, person_of_table, sure_names_in
from inkhorn.transfer.markdown.fields import Keys, fill, title_of
from inkhorn.transfer.markdown.folder import Folder, Leaf
from inkhorn.transfer.markdown.front_matter import Matter, UnreadableText, read_matter
from inkhorn.transfer.markdown.links import Links
from inkhorn.transfer.markdown.mending import mend, opening_of
from inkhorn.transfer.markdown.shortcodes import Kept
from inkhorn.transfer.markdown.values import lines_of, moment_in_name, text_of, without_date, words_of

log = logging.getLogger(__name__)

Role = Literal["post", "page"]
SECTION_PAGE = "section-page"
# Where the head of a section leads: the site makes one list of everything.
LIST_OF_POSTS = "/archive/"
NOT_CONTENT = frozenset("readme license licence contributing changelog code_of_conduct security notice authors copying summary".split())


class FolderSource:
    """A folder of one dialect, read from start to end; a Source."""

    dialect: ClassVar[str]
    # Folders, from the root, whose files stand at the root of the site.
    roots: ClassVar[tuple[str, ...]] = ("static", "public", "assets", "")
    # Where people are described: data files or folders of them.
    people_data: ClassVar[tuple[str, ...]] = ("_data/authors", "data/authors", "_data/people", "_data/team", "_data/team_members")
    author_keys: ClassVar[tuple[str, ...]] = ("authors", "author", "byline")

    def __init__(self, folder: Folder, name: str | None = None) -> None:
        self.folder = folder
        self.name = f"markdown:{name or folder.name}"[:200]
        self.links = Links(folder, self.roots, self.address_of_file)
        self._addresses: dict[Path, str | None] = {}

    # What a dialect may answer differently

    def section_page(self, leaf: Leaf) -> Problem:
        return Problem(
            "changed", str(leaf.relative), SECTION_PAGE, "It is the head of a section; its address leads to the list of all posts."
        )

    def role_of(self, leaf: Leaf, keys: Keys) -> Role | Problem | ForeignRedirect:
        """Whether the text is a post or a page, or what else it is."""
        raise NotImplementedError

    def addresses_of(self, leaf: Leaf, keys: Keys) -> list[str]:
        """Where the source served it, the canonical address first."""
        raise NotImplementedError

    def translate(self, body: str, leaf: Leaf, keys: Keys, kept: Kept) -> str:
        """The dialect's own marks as Markdown."""
        return body

    def adjust(self, manuscript: Manuscript, leaf: Leaf, keys: Keys) -> None:
        """A last word of the dialect, before the text's addresses are settled."""

    def read(self, leaf: Leaf) -> Matter:
        return read_matter(leaf.path)

    def split_tags(self, value: Any) -> list[str]:
        return words_of(value)

    # A Source

    def count(self) -> int | None:
        return len(self.folder.leaves)

    def records(self) -> Iterator[Record]:
        yield self.site()
        for relative in self.folder.unread:
            yield Problem("lost", str(relative), "format", f"Texts of the kind {relative.suffix} are not read; turn it into Markdown.")
        named: set[str] = set()
        for leaf in self.folder.leaves:
            for record in self._safely(leaf):
                if isinstance(record, ForeignAuthor):
                    if record.key in named:
                        continue
                    named.add(record.key)
                yield record

    def site(self) -> ForeignSite:
        keys = Keys(self.folder.settings)
        url = keys.text("base_url", "baseurl", "siteurl", "url")
        return ForeignSite(
            title=keys.text("title", "sitename") or None,
            description=keys.text("description", "site_description") or None,
            language=keys.text("default_language", "languagecode", "defaultcontentlanguage", "lang", "default_lang") or None,
            url=url if url.startswith("http") else None,
        )

    def address_of_file(self, path: Path) -> str | None:
        """The address at which the source served another of its texts."""
        if path not in self._addresses:
            leaf = next((leaf for leaf in self.folder.leaves if leaf.path == path), None)
            self._addresses[path] = self._address_of(leaf) if leaf else None
        return self._addresses[path]

    def _address_of(self, leaf: Leaf) -> str | None:
        try:
            keys = Keys(self.read(leaf).values)
        except UnreadableText:
            return None
        return next(iter(self.addresses_of(leaf, keys)), None) if isinstance(self._judged(leaf, keys), str) else None

    def _judged(self, leaf: Leaf, keys: Keys) -> Role | Problem | ForeignRedirect:
        if leaf.path.stem.lower() in NOT_CONTENT:
            return Problem(
                "lost", str(leaf.relative), "not-content", "It speaks about the source, not to its readers; nothing was made of it."
            )
        if leaf.path.stem == "404":
            return Problem("lost", str(leaf.relative), "error-page", "The site draws its own page for addresses where there is nothing.")
        return self.role_of(leaf, keys)

    def _safely(self, leaf: Leaf) -> list[Record]:
        """What a text gives; one that no reader foresaw costs itself alone."""
        try:
            return list(self._records_of(leaf))
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            log.exception("import_text_failed")
            return [Problem("lost", str(leaf.relative), "failed", f"It could not be read ({type(error).__name__}); the log says more.")]

    def _records_of(self, leaf: Leaf) -> Iterator[Record]:
        try:
            matter = self.read(leaf)
        except UnreadableText as error:
            yield Problem("lost", str(leaf.relative), "unreadable", str(error))
            return
        keys = Keys(matter.values)
        role = self._judged(leaf, keys)
        if not isinstance(role, str):
            yield from self._others(leaf, role)
            return
        if not matter.body.strip() and not keys.text("title"):
            yield Problem("lost", str(leaf.relative), "empty", "It has neither title nor text.")
            return
        manuscript = Manuscript(key=str(leaf.relative), kind=role)
        people = self._people(manuscript, keys)
        self._write(manuscript, leaf, matter, keys)
        for person in people:
            yield person.as_author()
            manuscript.author_keys.append(person.as_author().key)
        yield manuscript

    def _others(self, leaf: Leaf, role: Problem | ForeignRedirect) -> Iterator[Record]:
        yield role
        where = str(leaf.relative)
        if isinstance(role, ForeignRedirect):
            yield Problem("changed", where, "redirect", f"It only led to {role.target}; so does its address here.")
        elif role.what == SECTION_PAGE:
            parts = leaf.relative.parent.parts
            path = "/".join(parts[1:] if parts[:1] == ("content",) else parts)
            if path:
                yield ForeignRedirect(f"/{path}/", LIST_OF_POSTS)

    def _write(self, manuscript: Manuscript, leaf: Leaf, matter: Matter, keys: Keys) -> None:
        where = manuscript.key
        if matter.complaint:
            manuscript.problems.append(Problem("kept", where, "front-matter", matter.complaint))
        manuscript.problems += [Problem("changed", where, "encoding", sentence) for sentence in matter.mended]
        manuscript.published_at = moment_in_name(leaf.stem)
        fill(manuscript, keys, split_tags=self.split_tags)
        manuscript.slug = manuscript.slug or without_date(leaf.stem)
        addresses = self.addresses_of(leaf, keys)
        manuscript.old_paths = list(dict.fromkeys([*addresses, *(rooted(path) for path in manuscript.old_paths)]))
        self.adjust(manuscript, leaf, keys)
        self._write_text(manuscript, leaf, matter.body, keys)

    def _write_text(self, manuscript: Manuscript, leaf: Leaf, body: str, keys: Keys) -> None:
        kept: list[str] = []
        body = self.translate(body, leaf, keys, kept.append)
        for name in dict.fromkeys(kept):
            why = f"The tag “{name[:60]}” means nothing here; it stays in the text as it was written."
            manuscript.problems.append(Problem("kept", manuscript.key, "shortcode", why))
        if leaf.path.suffix.lower() in (".html", ".htm"):
            conversion = html_to_markdown(body)
            body = conversion.markdown
            manuscript.problems += [Problem("kept", manuscript.key, "html", note) for note in dict.fromkeys(conversion.notes)]
        opening = opening_of(body)
        if opening and not manuscript.excerpt and len(opening) <= 300 and opening.isprintable() and not set(opening) & set("[]<>*_`#!"):
            manuscript.excerpt = opening
        if not manuscript.title:
            manuscript.title, body = title_of(body, without_date(leaf.stem))
            manuscript.problems.append(
                Problem("changed", manuscript.key, "no-title", f"It had no title; it is called “{manuscript.title}” now.")
            )
        settled = self.links.settle(mend(body), leaf, next(iter(manuscript.old_paths), None))
        manuscript.body = settled.body.strip("\n") + "\n"
        manuscript.problems += settled.problems(manuscript.key)
        manuscript.files = list(settled.files.values())
        self._settle_cover(manuscript, leaf)

    def _settle_cover(self, manuscript: Manuscript, leaf: Leaf) -> None:
        cover = manuscript.cover
        if not cover or cover.startswith(("http://", "https://")):
            return
        settled = self.links.settle(f"![]({f'<{cover}>' if ' ' in cover else cover})", leaf, None)
        known = {file.key: file for file in manuscript.files}
        for file in settled.files.values():
            if file.key not in known:
                manuscript.files.append(file)
            elif cover not in known[file.key].references:
                manuscript.cover = known[file.key].references[0]
        if not settled.files:
            manuscript.cover = None
            why = f"The cover {cover} is not in the folder."
            manuscript.problems.append(Problem("lost", manuscript.key, "missing-cover", why))

    # People

    @cached_property
    def known_people(self) -> dict[str, Person]:
        """Those whom the source describes apart, by login and by name."""
        people: dict[str, Person] = {}
        for stem, content in self.folder.data(*self.people_data):
            tables = content if isinstance(content, dict) else {}
            if tables and not any(isinstance(value, dict) for value in tables.values()):
                tables = {stem: tables}
            for login, table in tables.items():
                person = person_of_table(table, str(login)) if isinstance(table, dict) else None
                if person:
                    people[str(login)] = people[person.name] = person
        return people

    @cached_property
    def names_met(self) -> list[str]:
        """Names that some byline of the source spells beyond doubt; longest first."""
        names: set[str] = set()
        for leaf in self.folder.leaves:
            try:
                keys = Keys(self.read(leaf).values)
            except UnreadableText:
                continue
            byline = keys.get(*self.author_keys)
            if isinstance(byline, str):
                names.update(sure_names_in(byline, words_of(keys.get("avatars"))))
        return sorted(names, key=lambda name: (-len(name), name))

    def _people(self, manuscript: Manuscript, keys: Keys) -> list[Person]:
        value = keys.get(*self.author_keys)
        taxonomies = keys.get("taxonomies")
        if value is None and isinstance(taxonomies, dict):
            value = taxonomies.get("authors")
        if not isinstance(value, str) or not _is_sentence(value) or value in self.known_people:
            return people_in(value, self.known_people)
        marks = [mark.rpartition("/")[2].partition(".")[0] for mark in lines_of(keys.get("avatars"))]
        people, rest = people_in_sentence(value, marks, self.names_met)
        if rest:
            names = ", ".join(person.name for person in people)
            why = f"The byline “{text_of(value)[:200]}” came over as {names}."
            manuscript.problems.append(Problem("changed", manuscript.key, "byline", why))
        return [self.known_people.get(person.name, person) for person in people]


def _is_sentence(value: str) -> bool:
    return any(mark in value for mark in ("[", ",", " and ", " & ", "—", ":"))


def rooted(path: str) -> str:
    """A root-relative path out of an alias as authors write it."""
    path = path.strip()
    if "://" in path:
        path = "/" + path.split("://", 1)[1].partition("/")[2]
    return path if path.startswith("/") else f"/{path}"
