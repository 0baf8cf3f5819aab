"""What every reader of a foreign format hands over: plain records, no tables, nothing interpreted twice."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol


@dataclass(frozen=True)
class Problem:
    """One thing that could not be carried over as it was, named so that a person can find it."""

    # "lost" (not carried over), "changed" (carried over differently), "kept" (carried as is, look at it), "waiting" (somebody must do it, or its room is not built yet).
    severity: Literal["lost", "changed", "kept", "waiting"]
    # The file, or the item's own number or address in the source.
    where: str
    # A short stable word for counting: "shortcode", "broken-link", "front-matter", "comments".
    what: str
    # One plain sentence.
    why: str


@dataclass(frozen=True)
class ForeignAuthor:
    """Somebody who wrote in the source; key is unique within it."""

    key: str
    name: str
    email: str | None = None
    bio: str = ""
    website: str | None = None


@dataclass(frozen=True)
class ForeignTag:
    """A tag or category of the source."""

    name: str
    slug: str | None = None
    description: str = ""


@dataclass(frozen=True)
class ForeignFile:
    """A file that posts of the source use: found on disk, or only known by its address."""

    # How the text of the posts names it, exactly: "../images/a.png", "/wp-content/uploads/a.png", "https://...".
    references: tuple[str, ...]
    # Unique within the source and stable between runs.
    key: str
    path: Path | None = None
    url: str | None = None
    filename: str = ""
    alt: str = ""
    caption: str = ""


@dataclass(frozen=True)
class ForeignComment:
    """What somebody said under a post; its text is Markdown by the time it gets here."""

    # Unique within the source and stable between runs.
    key: str
    # The comment of the same post that it answers.
    parent_key: str | None = None
    kind: Literal["comment", "pingback", "trackback"] = "comment"
    # One of comments.models.State's values.
    state: Literal["waiting", "approved", "spam", "trashed"] = "approved"
    name: str = ""
    email: str = ""
    website: str | None = None
    # The author of the source who wrote it, where one did.
    author_key: str | None = None
    text: str = ""
    written_at: datetime | None = None


@dataclass
class Manuscript:
    """One post or page of the source; text is Markdown by the time it gets here."""

    # Unique within the source and stable between runs: a path, or the source's own id.
    key: str
    kind: Literal["post", "page"] = "post"
    # Already one of posts.models.Status's values; what was changed to get there is a Problem.
    status: Literal["draft", "scheduled", "published", "unpublished", "trashed"] = "published"
    title: str = ""
    # As the source has it; None lets it follow the title.
    slug: str | None = None
    # The path it is to stand at where the slug alone would not tell it apart ("/ar/legal/"); None for what the site's pattern gives.
    path: str | None = None
    body: str = ""
    excerpt: str = ""
    published_at: datetime | None = None
    updated_at: datetime | None = None
    language: str | None = None
    author_keys: list[str] = field(default_factory=list)
    tags: list[ForeignTag] = field(default_factory=list)
    series: str | None = None
    is_featured: bool = False
    # One of the file references below, or an address.
    cover: str | None = None
    cover_alt: str = ""
    cover_caption: str = ""
    canonical_url: str | None = None
    meta_title: str | None = None
    meta_description: str | None = None
    # Every root-relative path at which readers found it, aliases too; each will lead to the post for ever.
    old_paths: list[str] = field(default_factory=list)
    files: list[ForeignFile] = field(default_factory=list)
    # Those that are answered stand before their answers.
    comments: list[ForeignComment] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class ForeignRedirect:
    """A path of the source that leads to another path or address, and belongs to no post."""

    path: str
    target: str


@dataclass(frozen=True)
class ForeignSite:
    """What the source says of itself, for the empty fields of ours."""

    title: str | None = None
    description: str | None = None
    language: str | None = None
    url: str | None = None


Record = ForeignSite | ForeignAuthor | ForeignRedirect | Manuscript | Problem


class Source(Protocol):
    """A foreign site that can be read from start to end, again and again, in little memory."""

    @property
    def name(self) -> str:
        """Names the source in the database: "markdown:my-blog", "wordpress:https://example.org"."""

    @property
    def dialect(self) -> str:
        """Such as "zola", "hugo", "wordpress"."""

    def count(self) -> int | None:
        """How many manuscripts are to come, for the progress bar; None where only reading would tell."""

    def records(self) -> Iterator[Record]:
        """Everything in it, one at a time; authors before the manuscripts that name them."""


Progress = Callable[[int, int | None], None]
