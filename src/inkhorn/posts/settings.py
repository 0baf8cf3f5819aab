"""What an administrator may tune about posts."""

from dataclasses import dataclass
from typing import ClassVar

from inkhorn.core.settings import Section


@dataclass(frozen=True, kw_only=True)
class PostSettings(Section):
    """Addresses and excerpts of posts."""

    section: ClassVar[str] = "posts"

    # Pattern of a new post's address: {slug}, {year}, {month}, {day}; pages always stand at /{slug}/.
    permalink: str = "/{slug}/"
    # Words of an automatic excerpt, drawn out to the end of the sentence.
    excerpt_words: int = 50
