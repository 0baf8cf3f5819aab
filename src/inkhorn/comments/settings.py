"""What an administrator may tune about comments."""

from dataclasses import dataclass
from typing import ClassVar

from inkhorn.core.settings import Section

# Of either list of words.
LONGEST_WORDS = 10_000
# Who may write comments, with the words of the choice.
WRITERS: dict[str, str] = {
    "members": "Whoever has an account",
    "guests": "Also guests who confirm their address",
    "off": "Nobody",
}


@dataclass(frozen=True, kw_only=True)
class CommentSettings(Section):
    """Who may comment, how long, and what a person reads before it appears."""

    section: ClassVar[str] = "comments"

    # Who may comment: "members" for people with an account, "guests" for everybody whose address is confirmed, "off" for nobody.
    writers: str = "guests"
    # Whether the first comment of a person waits for a moderator.
    holds_first: bool = True
    # A comment with as many links waits for a moderator; 0 holds none for its links.
    links_held: int = 2
    # Words, one a line: a comment with one of them waits for a moderator.
    held_words: str = ""
    # Words, one a line: a comment with one of them is spam.
    refused_words: str = ""
    # Days after which a post takes no more comments; 0 leaves it open.
    close_after_days: int = 0
    # Minutes in which people may edit what they wrote; 0 for not at all.
    edit_minutes: int = 15
    # Whether searches find posts by what is said under them.
    are_searched: bool = True
