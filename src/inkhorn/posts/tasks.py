"""Jobs about posts: release on the minute, render again, empty the trash."""

from datetime import timedelta

from inkhorn.core import clock, prose
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.core.jobs import job
from inkhorn.posts.models import Post
from inkhorn.posts.queries import posts_due, posts_showing, posts_stale, trash_older_than
from inkhorn.posts.services.publishing import purge_post, release_post
from inkhorn.posts.services.rendering import rerender_posts

BATCH = 25
TRASH_LIFE = timedelta(days=30)


@job("posts.release_due_posts", every=timedelta(seconds=10))
def release_due_posts() -> None:
    """Publish what was promised for now; each post in a transaction of its own, so that one cannot hold up the rest."""
    with transaction():
        due = list(session().scalars(posts_due(clock.now()).with_only_columns(Post.id)))
    for post_id in due:
        with transaction():
            post = session().scalars(posts_due(clock.now()).where(Post.id == post_id).with_for_update(skip_locked=True)).one_or_none()
            if post is not None:
                release_post(post)


@job("posts.rerender_stale_posts", every=timedelta(minutes=10))
def rerender_stale_posts() -> None:
    """Bring the HTML of every post to the present pipeline, a batch a transaction."""
    while True:
        with transaction():
            stale = list(session().scalars(posts_stale(prose.PIPELINE).limit(BATCH)))
            rerender_posts(stale)
        if not stale:
            return


@job("posts.rerender_posts_showing")
def rerender_posts_showing(path: str) -> None:
    """Render again the posts that show a picture, once its smaller versions are made."""
    with transaction():
        rerender_posts(list(session().scalars(posts_showing(path))))


@job("posts.empty_trash", every=timedelta(hours=6))
def empty_trash() -> None:
    """Remove for good what has lain in the trash for thirty days."""
    with transaction():
        for post in session().scalars(trash_older_than(clock.now() - TRASH_LIFE).limit(BATCH)):
            purge_post(post, by=House())
