"""Jobs that keep the index: one post after a change, and everything that is behind."""

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Select

from inkhorn.core.database import session, transaction
from inkhorn.core.jobs import Job, enqueue, is_stopping, job
from inkhorn.search import services
from inkhorn.search.queries import numbers_behind, numbers_naming, numbers_tagged

# Posts in one transaction: others who save wait for it.
BATCH = 50
# Well within the time limit of a job; what is left is the next one's work.
SPELL_SECONDS = 60.0


class PostsLeftOut(Exception):
    """Some posts could not be taken in; the log says why."""


@job("search.index_post")
def index_post(post_id: int) -> None:
    """Take in one post as it is now."""
    with transaction():
        services.index_posts([post_id])


@job("search.catch_up", every=timedelta(minutes=10))
def catch_up() -> None:
    """Take in whatever the index lacks or has in an older form."""
    until, reached, failed = time.monotonic() + SPELL_SECONDS, 0, list[int]()
    while numbers := list(session().scalars(numbers_behind(BATCH, after=reached))):
        with transaction():
            failed += services.index_all_that_can_be(numbers)
        session().expunge_all()
        reached = numbers[-1]
        if is_stopping() or time.monotonic() > until:
            with transaction():
                enqueue(catch_up, unique="all")
            break
    _tell_of(failed)


@job("search.index_posts_of")
def index_posts_of(user_id: int, after: int = 0) -> None:
    """Take in anew what names somebody who is called otherwise now."""
    _index_some(index_posts_of, numbers_naming(user_id, after=after), user_id=user_id)


@job("search.index_posts_tagged")
def index_posts_tagged(tag_id: int, after: int = 0) -> None:
    """Take in anew what carries a tag that is called otherwise now."""
    _index_some(index_posts_tagged, numbers_tagged(tag_id, after=after), tag_id=tag_id)


def _index_some(same: Job[Any], numbers: Select[int], **whose: Any) -> None:
    """One batch, and the promise of the next; whoever is killed between the two does this one again."""
    some = list(session().scalars(numbers.limit(BATCH)))
    with transaction():
        failed = services.index_all_that_can_be(some)
    session().expunge_all()
    if len(some) == BATCH:
        (number,) = whose.values()
        with transaction():
            enqueue(same, unique=f"{number}:{some[-1]}", after=some[-1], **whose)
    _tell_of(failed)


def _tell_of(failed: Sequence[int]) -> None:
    if failed:
        raise PostsLeftOut(
            f"Posts that could not be indexed: {len(failed)} (numbers {', '.join(map(str, failed[:20]))}). The log says why."
        )
