"""What a WordPress export is made of, and the collector that gathers it from the parser's calls."""

import re
from dataclasses import dataclass, field

from inkhorn.core.errors import Invalid
from inkhorn.transfer.manuscript import Problem

# One entry's text beyond this is not a blog post; it is left out so that memory stays small.
LARGEST_ENTRY = 32 * 1024 * 1024

# Exports name their namespaces with http or https and versions 1.0 to 1.2; the path says enough.
_NAMESPACES = (
    (re.compile(r"https?://(?:www\.)?wordpress\.org/export/1\.\d+/excerpt/?"), "excerpt:"),
    (re.compile(r"https?://(?:www\.)?wordpress\.org/export/1\.\d+/?"), "wp:"),
    (re.compile(r"https?://purl\.org/rss/1\.0/modules/content/?"), "content:"),
    (re.compile(r"https?://purl\.org/dc/elements/1\.1/?"), "dc:"),
)

KEPT_META = frozenset(
    {
        "_wp_attachment_image_alt",
        "_wp_attached_file",
        "_thumbnail_id",
        "_wp_old_slug",
        "_yoast_wpseo_title",
        "_yoast_wpseo_metadesc",
        "_yoast_wpseo_canonical",
        "_aioseop_title",
        "_aioseop_description",
        "rank_math_title",
        "rank_math_description",
        "rank_math_canonical_url",
        "enclosure",
    }
)

# Of a comment; not its commenter's network address and browser, which nobody here needs.
KEPT_OF_COMMENTS = frozenset(
    {
        "wp:comment_id",
        "wp:comment_author",
        "wp:comment_author_email",
        "wp:comment_author_url",
        "wp:comment_date",
        "wp:comment_date_gmt",
        "wp:comment_content",
        "wp:comment_approved",
        "wp:comment_type",
        "wp:comment_parent",
        "wp:comment_user_id",
    }
)


class UnreadableExport(Invalid):
    """The file is not an export that can be read, or one that must not be."""


@dataclass(frozen=True)
class Term:
    """A category, tag or other word that an item carries."""

    domain: str
    slug: str
    name: str


@dataclass
class Entry:
    """One child of the channel: an item, an author, a category, or a plain field such as the title."""

    tag: str
    line: int
    text: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    terms: list[Term] = field(default_factory=list)
    meta: dict[str, list[str]] = field(default_factory=dict)
    # Each as the fields of KEPT_OF_COMMENTS that it has.
    comments: list[dict[str, str]] = field(default_factory=list)

    def get(self, name: str) -> str:
        return self.fields.get(name, "").strip()

    def first_meta(self, *names: str) -> str:
        return next((value.strip() for name in names for value in self.meta.get(name, []) if value.strip()), "")


class Collector:
    """Receives the parser's calls and keeps finished entries until they are taken."""

    def __init__(self, filename: str) -> None:
        self.filename = filename
        self.namespaces: dict[str, str] = {}
        self.path: list[str] = []
        self.entry: Entry | None = None
        self.finished: list[Entry | Problem] = []
        self.has_channel = False
        self._prefixes: dict[str, str] = {}
        self._text: list[str] | None = None
        self._attributes: dict[str, str] = {}
        self._inner: dict[str, str] = {}
        self._size = 0

    def take(self) -> list[Entry | Problem]:
        finished, self.finished = self.finished, []
        return finished

    def restart(self) -> None:
        """Forget the entry in hand, because the text around it is damaged."""
        self.path, self.entry, self._text, self._inner = [], None, None, {}

    def declare(self, prefix: str | None, uri: str) -> None:
        if prefix:
            self.namespaces[prefix] = uri

    def start(self, name: str, attributes: dict[str, str], line: int) -> None:
        tag = self._short(name)
        self.path.append(tag)
        depth = len(self.path)
        if depth <= 2:
            self._check_frame(tag, depth)
        elif depth == 3:
            self.entry, self._size, self._text = Entry(tag, line), 0, []
        elif depth == 4:
            self._attributes, self._inner, self._text = attributes, {}, []
        elif depth == 5 and self._is_wanted(tag):
            self._text = []

    def characters(self, data: str) -> None:
        if self._text is None:
            return
        self._size += len(data)
        if self._size <= LARGEST_ENTRY:
            self._text.append(data)
        else:
            self._text = []

    def end(self, _name: str) -> None:
        depth, tag = len(self.path), self.path.pop()
        if depth == 3:
            self._finish_entry()
        elif depth == 4 and self.entry is not None:
            self._finish_field(tag, self.entry)
        elif depth == 5 and self._text is not None:
            self._inner[tag] = "".join(self._text)
            self._text = None

    def _short(self, name: str) -> str:
        uri, _, local = name.rpartition(" ")
        if uri not in self._prefixes:
            self._prefixes[uri] = next((short for pattern, short in _NAMESPACES if pattern.fullmatch(uri)), f"{uri} " if uri else "")
        return self._prefixes[uri] + local

    def _check_frame(self, tag: str, depth: int) -> None:
        if depth == 1 and tag != "rss":
            raise UnreadableExport(f"{self.filename} is not a WordPress export: it begins with <{tag.strip()}> where <rss> should stand.")
        if depth == 2 and tag != "channel":
            raise UnreadableExport(f"{self.filename} is not a WordPress export: it has <{tag.strip()}> where <channel> should stand.")
        if depth == 2 and not any(
            pattern.fullmatch(uri) for uri in self.namespaces.values() for pattern, short in _NAMESPACES if short == "wp:"
        ):
            raise UnreadableExport(
                f"{self.filename} is a feed, not a WordPress export: in WordPress choose Tools, Export, All content, and import that file."
            )
        self.has_channel = self.has_channel or depth == 2

    def _is_wanted(self, tag: str) -> bool:
        parent = self.path[3]
        if parent == "wp:postmeta":
            return tag == "wp:meta_key" or (tag == "wp:meta_value" and self._inner.get("wp:meta_key", "").strip() in KEPT_META)
        return parent == "wp:comment" and tag in KEPT_OF_COMMENTS

    def _finish_field(self, tag: str, entry: Entry) -> None:
        text, self._text = "".join(self._text or ()), None
        if tag == "wp:postmeta":
            key = self._inner.get("wp:meta_key", "").strip()
            if key in KEPT_META:
                entry.meta.setdefault(key, []).append(self._inner.get("wp:meta_value", ""))
        elif tag == "wp:comment":
            entry.comments.append(self._inner)
        elif tag == "category" and entry.tag == "item":
            entry.terms.append(Term(self._attributes.get("domain", "category"), self._attributes.get("nicename", ""), text.strip()))
        else:
            entry.fields.setdefault(tag, text)

    def _finish_entry(self) -> None:
        entry, self.entry = self.entry, None
        if entry is None:
            return
        if self._size > LARGEST_ENTRY:
            title = entry.get("title") or "without a title"
            why = f"It holds more than {LARGEST_ENTRY // 1024**2} MB of text, which is no blog post; it was left out."
            self.finished.append(Problem("lost", f"line {entry.line}: {title[:100]}", "too-large", why))
            return
        entry.text, self._text = "".join(self._text or ()).strip(), None
        self.finished.append(entry)
