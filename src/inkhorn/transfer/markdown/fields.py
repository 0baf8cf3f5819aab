"""Fills a manuscript from front matter: the keys that all generators share under one name or another."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from inkhorn.core import clock
from inkhorn.transfer.manuscript import ForeignTag, Manuscript, Problem
from inkhorn.transfer.markdown.values import is_false, is_true, language_of, lines_of, moment_of, text_of, words_of

DATES = ("date", "pub_date", "pubdate", "publishdate", "publish_date", "published_at", "created", "created_at")
CHANGES = ("updated", "lastmod", "modified", "last_modified_at", "updated_at", "date_updated")
EXCERPTS = ("excerpt", "summary", "description", "subtitle")
COVERS = (
    "image",
    "cover",
    "cover_image",
    "featured_image",
    "featuredimage",
    "hero",
    "thumbnail",
    "banner",
    "og_image",
    "social_image",
    "header",
)
OLD_PATHS = ("aliases", "redirect_from", "alias", "redirects")
LONGEST_EXCERPT = 300


class Keys:
    """Front matter by lower-case key, its `extra` or `params` table included."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = {key.lower(): value for key, value in values.items()}
        for inner in ("extra", "params"):
            table = self.values.get(inner)
            if isinstance(table, dict):
                self.values = {str(key).lower(): value for key, value in table.items()} | self.values

    def get(self, *names: str) -> Any:
        return next((self.values[name] for name in names if self.values.get(name) not in (None, "", [])), None)

    def text(self, *names: str) -> str:
        return next((words for name in names if (words := text_of(self.values.get(name)))), "")


def fill(manuscript: Manuscript, keys: Keys, *, split_tags: Callable[[Any], list[str]] = words_of) -> None:
    """Everything that means the same in every dialect; what is there already stays."""
    manuscript.title = manuscript.title or keys.text("title", "headline", "name")
    manuscript.slug = manuscript.slug or keys.text("slug", "_slug") or None
    manuscript.language = manuscript.language or language_of(keys.get("lang", "language", "locale"))
    manuscript.canonical_url = keys.text("canonicalurl", "canonical_url", "canonical") or None
    manuscript.is_featured = any(is_true(keys.get(name)) for name in ("featured", "sticky", "pinned", "pin"))
    manuscript.series = next(iter(lines_of(keys.get("series"))), None) or None
    manuscript.tags = [ForeignTag(name) for name in _tags(keys, split_tags)]
    manuscript.old_paths += [path for path in lines_of(keys.get(*OLD_PATHS)) if path]
    _fill_excerpt(manuscript, keys)
    _fill_cover(manuscript, keys)
    _fill_dates(manuscript, keys)
    _fill_status(manuscript, keys)


def _tags(keys: Keys, split: Callable[[Any], list[str]]) -> Iterable[str]:
    tables = [keys.values]
    taxonomies = keys.get("taxonomies")
    if isinstance(taxonomies, dict):
        tables.append(taxonomies)
    found: dict[str, str] = {}
    for table in tables:
        for name in ("categories", "category", "tags", "tag"):
            for tag in split(table.get(name)):
                found.setdefault(tag.casefold(), tag[:150])
    return found.values()


def _fill_excerpt(manuscript: Manuscript, keys: Keys) -> None:
    description = keys.text("description")
    manuscript.excerpt = manuscript.excerpt or keys.text(*EXCERPTS)
    manuscript.meta_title = keys.text("meta_title", "seo_title") or None
    if description and description != manuscript.excerpt:
        manuscript.meta_description = description[:500]
    if len(manuscript.excerpt) > LONGEST_EXCERPT:
        manuscript.meta_description = manuscript.meta_description or manuscript.excerpt[:500]
        manuscript.excerpt = manuscript.excerpt[: LONGEST_EXCERPT - 1].rpartition(" ")[0] + "…"
        why = f"The excerpt was cut at {LONGEST_EXCERPT} characters."
        manuscript.problems.append(Problem("changed", manuscript.key, "long-excerpt", why))


def _fill_cover(manuscript: Manuscript, keys: Keys) -> None:
    for name in COVERS:
        value = keys.get(name)
        if isinstance(value, dict):
            inner = Keys(value)
            manuscript.cover = inner.text("image", "src", "url", "path", "relative", "teaser") or None
            manuscript.cover_alt = inner.text("alt", "image_alt")
            manuscript.cover_caption = inner.text("caption", "image_caption")
        elif isinstance(value, str) and not is_false(value) and ("." in value or "/" in value):
            manuscript.cover = value.strip()
        if manuscript.cover:
            break
    manuscript.cover_alt = (manuscript.cover_alt or keys.text("image_alt", "cover_alt", "imagealt", "alt"))[:500]
    manuscript.cover_caption = (manuscript.cover_caption or keys.text("image_figcaption", "image_caption", "cover_caption"))[:500]


def _fill_dates(manuscript: Manuscript, keys: Keys) -> None:
    given = keys.get(*DATES)
    moment = moment_of(given)
    if given is not None and moment is None:
        manuscript.problems.append(
            Problem("changed", manuscript.key, "unreadable-date", f"The date “{text_of(given)[:60]}” cannot be read.")
        )
    manuscript.published_at = moment or manuscript.published_at
    manuscript.updated_at = moment_of(keys.get(*CHANGES))


def _fill_status(manuscript: Manuscript, keys: Keys) -> None:
    word = keys.text("status").lower()
    expires = moment_of(keys.get("expirydate", "expires"))
    if is_true(keys.get("draft")) or is_false(keys.values.get("published")) or word in ("draft", "private", "pending", "future draft"):
        manuscript.status = "draft"
    elif expires and expires < clock.now():
        manuscript.status = "unpublished"
        manuscript.problems.append(Problem("changed", manuscript.key, "expired", "Its time had run out; it came over unpublished."))
    elif _is_to_come(manuscript.published_at):
        manuscript.status = "scheduled"


def _is_to_come(moment: datetime | None) -> bool:
    return moment is not None and moment > clock.now()


def title_of(body: str, stem: str) -> tuple[str, str]:
    """A title for a text without one: its first heading, taken out of the text, or else its file's name."""
    first, _, rest = body.lstrip().partition("\n")
    if first.startswith("# "):
        return first[2:].strip().rstrip("#").strip(), rest.lstrip("\n")
    return stem.replace("-", " ").replace("_", " ").strip().capitalize() or "Untitled", body
