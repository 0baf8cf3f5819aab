"""What one rendering knows while it goes on: its prefix, its pictures, and what it has counted."""

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

# Every id of a text begins so: an author's words can then neither shadow a name of the DOM nor an id of the theme.
ID_PREFIX = "s-"

_DIGITS = {"ar": "٠١٢٣٤٥٦٧٨٩", "fa": "۰۱۲۳۴۵۶۷۸۹", "ur": "۰۱۲۳۴۵۶۷۸۹"}


@dataclass(frozen=True)
class PictureSource:
    """One format of a picture in its several widths."""

    content_type: str
    srcset: str


@dataclass(frozen=True)
class Picture:
    """What the house knows of an image that a text names; the original's own format goes into the img element."""

    src: str
    width: int
    height: int
    alt: str = ""
    colour: str | None = None
    # Where a few pixels of it are, to be shown until it has come; empty for none.
    blur: str = ""
    sources: tuple[PictureSource, ...] = ()
    sizes: str = ""


@dataclass(frozen=True)
class KeptFile:
    """What the house knows of a file that a text links to."""

    address: str
    name: str
    content_type: str
    # In a word, such as "PDF".
    kind: str
    size_bytes: int


FileResolver = Callable[[Sequence[str]], Mapping[str, KeptFile]]
ImageResolver = Callable[[Sequence[str]], Mapping[str, Picture]]

Counted = Literal["table", "task", "callout"]


@dataclass
class Sheet:
    """The state of one rendering; a MarkdownIt instance is shared, this is not."""

    namespace: str = ""
    language: str | None = None
    side_notes: bool = True
    pictures: Mapping[str, Picture] = field(default_factory=dict)
    contents: list[dict[str, Any]] = field(default_factory=list)
    anchors: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    notes: dict[int, str] = field(default_factory=dict)
    # Characters of code that may still be coloured: lexers are slow, and a text may be nothing but code.
    code_allowance: int = 300_000
    # Characters that side notes may still repeat: a note may be long, and referred to a thousand times.
    note_allowance: int = 300_000
    is_mathematical: bool = False

    @property
    def prefix(self) -> str:
        return f"{ID_PREFIX}{self.namespace}-" if self.namespace else ID_PREFIX

    def count(self, what: Counted) -> int:
        self.counts[what] = self.counts.get(what, 0) + 1
        return self.counts[what]

    def unique_id(self, wanted: str) -> str:
        """The wanted id with the prefix, and a number where it was taken."""
        name, number = wanted, self.anchors.get(wanted, 0)
        while name in self.anchors:
            number += 1
            name = f"{wanted}-{number}"
        self.anchors[wanted] = number
        self.anchors.setdefault(name, 0)
        return self.prefix + name

    def digits(self, number: int) -> str:
        """A number as the text's language writes it."""
        native = _DIGITS.get((self.language or "").split("-")[0].lower())
        return "".join(native[int(digit)] for digit in str(number)) if native else str(number)


def sheet_of(env: MutableMapping[str, Any]) -> Sheet:
    sheet: Sheet = env.setdefault("sheet", Sheet())
    return sheet
