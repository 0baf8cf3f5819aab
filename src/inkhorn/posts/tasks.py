"""Jobs about posts: release on the minute, render again, empty the trash."""

import logging
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Select, select
from sqlalchemy.exc import OperationalError

from inkhorn.core import clock, prose
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.core.jobs import enqueue, job
from inkhorn.media.models import Asset, Usage
from inkhorn.media.services.leaving import remove_assets
from inkhorn.posts.models import Post
from inkhorn.posts.queries import post_with_source, posts_due, posts_showing, posts_stale, trash_older_than
from inkhorn.posts.services.publishing import purge_post, release_post
from inkhorn.posts.services.rendering import rerender_posts

log = logging.getLogger(__name__)

TRASH_LIFE = timedelta(days=30)
# Well within the time limit of a job; what is left is another job's work.
SPELL_SECONDS = 120.0
# Uploads that one job looks for in all texts.
MOST_DISCARDED = 500
# One of our own files, or a smaller version of it, as a text names it.
NAMED_FILE = re.compile(r"/media/(\d{4}/\d\d/[0-9a-f]{32})")


class PostsLeftBehind(Exception):
    """Some posts could not be dealt with; the log says why."""


@dataclass(frozen=True)
class Spell:
    """What one job came to: the posts that failed, and those for which no time was left."""

    failed: Sequence[int]
    left: Sequence[int]


@job("posts.release_due_posts", every=timedelta(seconds=10))
def release_due_posts() -> None:
    """Publish what was promised for now."""
    _refuse_silence(_one_by_one(_numbers(posts_due(clock.now())), _release))


@job("posts.rerender_stale_posts", every=timedelta(minutes=10))
def rerender_stale_posts() -> None:
    """Bring the HTML of every post to the present pipeline."""
    spell = _one_by_one(_numbers(posts_stale(prose.PIPELINE)), _rerender)
    if spell.left:
        with transaction():
            enqueue(rerender_stale_posts, unique="tick")
    _refuse_silence(spell)


@job("posts.rerender_posts_showing")
def rerender_posts_showing(asset_id: int, after: int = 0) -> None:
    """Render again the posts that show an upload, once its smaller versions are made or it was replaced; those numbered above after."""
    spell = _one_by_one(_numbers(posts_showing(asset_id).where(Post.id > after)), _rerender)
    if spell.left:
        reached = spell.left[0] - 1
        with transaction():
            enqueue(rerender_posts_showing, unique=f"{asset_id} after {reached}", asset_id=asset_id, after=reached)
    _refuse_silence(spell)


@job("posts.empty_trash", every=timedelta(hours=6))
def empty_trash() -> None:
    """Remove for good what has lain in the trash for thirty days."""
    spell = _one_by_one(_numbers(trash_older_than(clock.now() - TRASH_LIFE)), _purge)
    if spell.left:
        with transaction():
            enqueue(empty_trash, unique="tick")
    _refuse_silence(spell)


@job("posts.discard_unused_uploads")
def discard_unused_uploads(asset_ids: list[int]) -> None:
    """Remove uploads of somebody who is gone, as far as nothing shows them any more."""
    stems = {key.partition(".")[0]: number for number, key in session().execute(select(Asset.id, Asset.key).where(Asset.id.in_(asset_ids)))}
    began = clock.now()
    used = _shown(stems, select(Post))
    with transaction():
        # Whatever was saved during the look through all texts is looked at again while nobody else saves.
        used |= _shown(stems, select(Post).where(Post.updated_at >= began))
        # Nor what other rooms show, such as the songs of albums.
        used |= set(session().scalars(select(Usage.asset_id).where(Usage.asset_id.in_(asset_ids))))
        remove_assets([number for number in stems.values() if number not in used], by=House())


def _shown(stems: dict[str, int], posts: Select[Post]) -> set[int]:
    """Which of the files, by the stem of their names, some of the posts show: as cover, by address or in the text."""
    used: set[int] = set()
    for cover_id, cover_url, body in session().execute(
        posts.with_only_columns(Post.cover_id, Post.cover_url, Post.body).execution_options(yield_per=100)
    ):
        used |= {stems[stem] for stem in NAMED_FILE.findall(f"{cover_url or ''} {body}") if stem in stems}
        used |= {number for number in stems.values() if number == cover_id}
    return used


def _numbers(posts: Select[Post]) -> list[int]:
    """Read outside any transaction of ours: a look through all texts must not hold up whoever writes."""
    return list(session().scalars(posts.with_only_columns(Post.id)))


def _one_by_one(numbers: Sequence[int], act: Callable[[int], None]) -> Spell:
    """Deal with each post in a transaction of its own, so that none can hold up the rest, nor a person who is saving."""
    until = time.monotonic() + SPELL_SECONDS
    failed: list[int] = []
    for place, number in enumerate(numbers):
        if time.monotonic() > until:
            return Spell(failed, numbers[place:])
        try:
            with transaction():
                act(number)
        except OperationalError:
            # The database is away or full: the next post would fare no better.
            raise
        except Exception:
            log.exception("post_left_behind", extra={"post": number})
            failed.append(number)
    return Spell(failed, ())


def _refuse_silence(spell: Spell) -> None:
    if spell.failed:
        named = ", ".join(str(number) for number in spell.failed[:20])
        raise PostsLeftBehind(f"Posts that could not be dealt with: {len(spell.failed)} (numbers {named}). The log says why.")


def _release(number: int) -> None:
    # Asked again under a lock: an author may have moved it meanwhile.
    due = posts_due(clock.now()).where(Post.id == number).with_for_update(skip_locked=True)
    if post := session().scalars(due).one_or_none():
        release_post(post)


def _rerender(number: int) -> None:
    # Locked, or the HTML of the old words could be written over that of words saved meanwhile.
    if post := session().scalars(post_with_source(number).with_for_update()).one_or_none():
        rerender_posts([post])


def _purge(number: int) -> None:
    old = trash_older_than(clock.now() - TRASH_LIFE).where(Post.id == number).with_for_update()
    if post := session().scalars(old).one_or_none():
        purge_post(post, by=House())
