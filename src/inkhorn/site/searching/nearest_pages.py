"""What somebody may have looked for who asked for an address at which nothing stands: by the words of the address, in titles."""

import re
from difflib import SequenceMatcher
from urllib.parse import unquote

from inkhorn.core import settings
from inkhorn.core.days import full_date
from inkhorn.core.links import href
from inkhorn.core.settings import SiteSettings
from inkhorn.core.themes import Link
from inkhorn.search.grammar import Question, Term, words_of
from inkhorn.search.queries import found_posts
from inkhorn.site import queries
from inkhorn.site.cards import visible_name
from inkhorn.site.searching.page import rule_of_reader
from inkhorn.site.words import local_day

# Of the address: its longest words, each by the letters it begins with, since what follows may be what was mistyped.
MOST_WORDS, LEAST_LETTERS, BEGINNING = 3, 4, 3
LONGEST_ADDRESS = 400
# So many are compared, and so many of them shown, which are as near as this.
MOST_COMPARED, MOST_SHOWN, LEAST_LIKENESS = 10, 3, 0.4


def pages_near(path: str) -> tuple[Link, ...]:
    """The nearest posts and pages that this reader may read, by two queries, the second only where there is something."""
    asked = _last_part(path)
    terms = tuple(Term((word[:BEGINNING],), is_prefix=True, field="title") for word in _telling(asked))
    if not terms:
        return ()
    tuned = settings.read(SiteSettings)
    found = found_posts(Question(terms), rule_of_reader(), timezone=tuned.timezone, size=MOST_COMPARED)
    rows = queries.titles_of(found.post_ids)
    likeness = {row.id: SequenceMatcher(None, asked, _last_part(row.path)).ratio() for row in rows}
    near = sorted((row for row in rows if likeness[row.id] >= LEAST_LIKENESS), key=lambda row: -likeness[row.id])
    return tuple(
        Link(
            visible_name(row),
            href(row.path),
            note=full_date(local_day(row.published_at, tuned.timezone), tuned.language) if row.published_at else "",
        )
        for row in near[:MOST_SHOWN]
    )


def _last_part(path: str) -> str:
    """The last part of an address that says something, in small letters, without what programs put behind it."""
    parts = [part for part in unquote(path[:LONGEST_ADDRESS]).lower().split("/") if part and not part.startswith("index.")]
    return re.sub(r"\.(?:html?|php|aspx?)$", "", parts[-1]) if parts else ""


def _telling(asked: str) -> list[str]:
    words = [word for word in dict.fromkeys(words_of(asked)) if (len(word) >= LEAST_LETTERS or not word.isascii()) and not word.isdigit()]
    return sorted(words, key=len, reverse=True)[:MOST_WORDS]
