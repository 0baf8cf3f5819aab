"""What keeps the index: taking in a post's words, and noting which have to be taken in anew."""

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.exc import OperationalError

from inkhorn.comments.settings import CommentSettings
from inkhorn.core import prose, settings
from inkhorn.core.database import insert_into, session
from inkhorn.posts.models import Post
from inkhorn.search.grammar import BREAK, FIELDS, FOLDING, MOST_BYTES_OF_COMMENTS, words_of, written
from inkhorn.search.index import index
from inkhorn.search.models import STALE, SearchEntry
from inkhorn.search.queries import entries_of, posts_with_words, remarks_on

log = logging.getLogger(__name__)

# Posts that are held in memory at a time.
BATCH = 50
# The class of PostgreSQL's errors for what is more than it can keep: https://www.postgresql.org/docs/current/errcodes-appendix.html
TOO_MUCH = "54"


def index_posts(numbers: Sequence[int]) -> int:
    """Take in the posts as they are now; those that are gone went with their rows. How many were there."""
    rows = [entry_values(post) for post in session().scalars(posts_with_words(numbers)).unique()]
    for row in rows:
        put = insert_into(SearchEntry).values(**row)
        latest = {name: put.excluded[name] for name in row if name != "post_id"}
        session().execute(put.on_conflict_do_update(index_elements=[SearchEntry.post_id], set_=latest))
    return len(rows)


def index_all_that_can_be(numbers: Sequence[int]) -> list[int]:
    """Take the posts in together or, if one cannot be, each by itself; numbers of those that could not be, the log says why."""
    try:
        with session().begin_nested():
            index_posts(numbers)
    except Exception as error:
        if isinstance(error, OperationalError) and not str(getattr(error.orig, "sqlstate", "")).startswith(TOO_MUCH):
            # The database is away or full: the next posts would fare no better.
            raise
        if len(numbers) == 1:
            log.exception("post_left_out", extra={"post": numbers[0]})
            return list(numbers)
        return [number for each in numbers for number in index_all_that_can_be([each])]
    return []


def entry_values(post: Post) -> dict[str, Any]:
    """What the index keeps of a post."""
    text = prose.plain_text(post.html)
    said = (
        [prose.plain_text(html) for html in session().scalars(remarks_on(post.id))] if settings.read(CommentSettings).are_searched else []
    )
    words: dict[Any, str] = {
        "title": written(post.title),
        "tags": written(*(tag.name for tag in post.tags)),
        "authors": written(*(author.name for author in post.authors)),
        "body": written(text),
        "comments": written(*said, most_bytes=MOST_BYTES_OF_COMMENTS),
    }
    vector = index().vector_of(words)
    return {"post_id": post.id, "revision": post.revision, "folding": FOLDING, "text": text.replace("\0", ""), "vector": vector, **words}


def differing(progress: Callable[[int, int | None], None]) -> Iterator[int]:
    """Numbers of the posts whose entry is not what index_posts() would make now."""
    numbers = list(session().scalars(select(Post.id).order_by(Post.id)))
    for start in range(0, len(numbers), BATCH):
        some = numbers[start : start + BATCH]
        kept = {entry.post_id: entry for entry in session().scalars(entries_of(some))}
        for post in session().scalars(posts_with_words(some)).unique():
            entry, wanted = kept.get(post.id), entry_values(post)
            # What the database itself keeps is compared by itself, see index().is_sound().
            if entry is None or any(getattr(entry, name) != value for name, value in wanted.items() if name != "vector"):
                yield post.id
        session().expunge_all()
        progress(min(start + BATCH, len(numbers)), len(numbers))


def mark_post(post_id: int) -> None:
    """Have one post taken in anew."""
    _mark(SearchEntry.post_id == post_id)


def forget_comments(post_id: int) -> None:
    """Find nothing that is said under a post, and have it taken in anew: some of it is not for readers any more."""
    entry = session().get(SearchEntry, post_id)
    if entry is None:
        return
    words = {field: getattr(entry, field) for field in FIELDS} | {"comments": ""}
    entry.comments, entry.vector, entry.revision = "", index().vector_of(words), STALE
    session().flush()


def mark_name(name: str) -> None:
    """Have every post taken in anew whose entry names somebody of this name, who may be its author no more."""
    words = f" {' '.join(words_of(name))} "
    alone = [f"%{BREAK}{words}{BREAK}%", f"{words}{BREAK}%", f"%{BREAK}{words}", words]
    for pattern in alone:
        _mark(SearchEntry.authors.like(pattern))


def mark_all() -> None:
    """Have everything taken in anew; what the index has is found meanwhile."""
    _mark(SearchEntry.revision != STALE)


def _mark(which: ColumnElement[bool]) -> None:
    session().execute(update(SearchEntry).where(which).values(revision=STALE).execution_options(synchronize_session=False))
