"""Pelican: "Key: value" lines with or without a fence, pages/ and drafts/, addresses by ARTICLE_SAVE_AS."""

import re
from collections import Counter
from functools import cached_property

from inkhorn.core.prose import slugify
from inkhorn.transfer.manuscript import ForeignRedirect, Manuscript, Problem
from inkhorn.transfer.markdown.fields import DATES, Keys
from inkhorn.transfer.markdown.folder import Leaf
from inkhorn.transfer.markdown.folder_source import FolderSource, Role
from inkhorn.transfer.markdown.front_matter import UnreadableText
from inkhorn.transfer.markdown.links import local_paths
from inkhorn.transfer.markdown.values import moment_in_name, moment_of, without_date

# Looked for among the source's own links where its settings are not at hand.
_USUAL = (
    "{slug}.html",
    "{date:%Y}/{date:%m}/{slug}.html",
    "{date:%Y}/{date:%m}/{date:%d}/{slug}.html",
    "{slug}/",
    "posts/{date:%Y}/{date:%b}/{date:%d}/{slug}/",
    "{date:%Y}/{date:%m}/{date:%d}/{slug}/",
    "{date:%Y}/{date:%m}/{slug}/",
    "blog/{slug}/",
    "blog/{slug}.html",
)


class PelicanSource(FolderSource):
    """A Pelican site's folder, or its content folder alone."""

    dialect = "pelican"
    roots = ("content", "content/extra", "", "extra")

    def role_of(self, leaf: Leaf, keys: Keys) -> Role | Problem | ForeignRedirect:
        return "page" if "pages" in leaf.relative.parent.parts else "post"

    def addresses_of(self, leaf: Leaf, keys: Keys) -> list[str]:
        own = keys.text("save_as", "url")
        if own:
            return [f"/{own.lstrip('/').removesuffix('index.html')}"]
        if self._is_draft(leaf, keys):
            return []
        if "pages" in leaf.relative.parent.parts:
            patterns = [self._setting("PAGE_SAVE_AS", "PAGE_URL") or "pages/{slug}.html"]
        else:
            chosen = self._setting("ARTICLE_SAVE_AS", "ARTICLE_URL")
            patterns = [chosen] if chosen else self._linked_patterns
        return [path for pattern in patterns if (path := self._expanded(pattern, leaf, keys))]

    def _setting(self, *names: str) -> str:
        return next((str(self.folder.settings[name]).removesuffix("index.html") for name in names if self.folder.settings.get(name)), "")

    def _is_draft(self, leaf: Leaf, keys: Keys) -> bool:
        return "drafts" in leaf.relative.parent.parts or keys.text("status").lower() == "draft"

    def _slug(self, leaf: Leaf, keys: Keys) -> str:
        return keys.text("slug") or slugify(keys.text("title")) or without_date(leaf.stem)

    def _expanded(self, pattern: str, leaf: Leaf, keys: Keys) -> str:
        date = moment_of(keys.get(*DATES)) or moment_in_name(leaf.stem)
        category = slugify(keys.text("category")) or "misc"
        try:
            return "/" + pattern.lstrip("/").format(
                slug=self._slug(leaf, keys), date=date, category=category, lang=keys.text("lang"), author=""
            )
        except (KeyError, ValueError, TypeError, IndexError, AttributeError):
            return ""

    @cached_property
    def _linked_patterns(self) -> list[str]:
        """The patterns by which the texts link to each other, the commonest first, and the generator's own."""
        linked: Counter[str] = Counter()
        heads: list[tuple[Leaf, Keys]] = []
        for leaf in self.folder.leaves:
            try:
                matter = self.read(leaf)
            except UnreadableText:
                continue
            heads.append((leaf, Keys(matter.values)))
            linked.update(set(local_paths(matter.body)))
        hits = Counter({pattern: sum(linked[self._expanded(pattern, leaf, keys)] > 0 for leaf, keys in heads) for pattern in _USUAL})
        return list(dict.fromkeys([*(pattern for pattern, count in hits.most_common() if count), "{slug}.html"]))

    def adjust(self, manuscript: Manuscript, leaf: Leaf, keys: Keys) -> None:
        manuscript.slug = self._slug(leaf, keys)
        if self._is_draft(leaf, keys):
            manuscript.status = "draft"
        if manuscript.title.upper() == "TBD":
            manuscript.title = re.sub(r"[-_]+", " ", manuscript.slug).capitalize()
            why = f"Its title was “TBD”; it is called “{manuscript.title}” now."
            manuscript.problems.append(Problem("changed", manuscript.key, "no-title", why))
