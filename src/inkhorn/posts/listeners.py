"""What posts do when something happened elsewhere."""

from flask_babel import ngettext
from sqlalchemy import func, select

from inkhorn.accounts.events import account_closed, author_sought, belongings_counted, username_changed, username_wanted
from inkhorn.accounts.models import User
from inkhorn.accounts.services.closing import Belongings
from inkhorn.core.access import Actor
from inkhorn.core.database import session
from inkhorn.core.jobs import enqueue
from inkhorn.media.events import asset_replaced, renditions_made, uses_sought
from inkhorn.media.models import Asset
from inkhorn.media.queries import Use, uploads_of
from inkhorn.posts import tasks
from inkhorn.posts.events import post_drafted, post_imported, post_revised
from inkhorn.posts.models import Post
from inkhorn.posts.queries import address_at, is_author, posts_written_by
from inkhorn.posts.services import leaving, showing


@renditions_made.connect
@asset_replaced.connect
def _show_smaller_pictures(asset: Asset) -> None:
    enqueue(tasks.rerender_posts_showing, unique=str(asset.id), asset_id=asset.id)


@uses_sought.connect
def _tell_uses(asset: Asset, *, actor: Actor) -> list[Use]:
    return showing.uses_of(asset, actor)


@post_drafted.connect
def _note_first_shown(post: Post) -> None:
    showing.note_shown(post, is_new=True)


@post_revised.connect
@post_imported.connect
def _note_shown(post: Post) -> None:
    showing.note_shown(post)


@username_changed.connect
def _lead_readers_on(user: User, *, before: str, after: str) -> None:
    leaving.lead_author(before, after)


@username_wanted.connect
def _keep_old_addresses(user: User | None, *, username: str, before: str) -> bool:
    """An old address leads to whoever had it, or says that they are gone; nobody else may come to stand there."""
    held = address_at(leaving.author_path(username))
    return held is not None and held.post_id is None and held.target != leaving.author_path(before)


@author_sought.connect
def _know_authors(user: User) -> bool:
    return is_author(user)


@belongings_counted.connect
def _count_posts(user: User) -> Belongings:
    number = session().scalar(select(func.count()).select_from(posts_written_by(user).order_by(None).subquery())) or 0
    return Belongings(number, ngettext("%(num)d post or page", "%(num)d posts and pages", number))


@account_closed.connect
def _leave_posts(user: User, *, heir: User | None) -> None:
    was_author = is_author(user)
    if heir is not None:
        leaving.hand_over_posts(user, heir)
    else:
        leaving.remove_posts(user)
        _discard_uploads(user)
    if was_author:
        leaving.lead_author(user.username, heir.username if heir else None)


def _discard_uploads(user: User) -> None:
    # Others may show what this person uploaded; to look through all texts takes longer than a transaction may.
    numbers = list(session().scalars(uploads_of(user).with_only_columns(Asset.id)))
    for start in range(0, len(numbers), tasks.MOST_DISCARDED):
        some = numbers[start : start + tasks.MOST_DISCARDED]
        enqueue(tasks.discard_unused_uploads, asset_ids=some)
