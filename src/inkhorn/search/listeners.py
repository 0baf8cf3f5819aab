"""What the index does when posts and people change; who may see a post is asked with every search, so that moves change nothing here."""

from sqlalchemy import ColumnElement

from inkhorn.accounts.events import account_closed, profile_changed
from inkhorn.accounts.models import User
from inkhorn.comments.events import (
    comment_approved,
    comment_edited,
    comment_imported,
    comment_marked_spam,
    comment_purged,
    comment_trashed,
    comment_withheld,
)
from inkhorn.comments.models import Comment
from inkhorn.comments.settings import CommentSettings
from inkhorn.core import settings
from inkhorn.core.events import settings_changed
from inkhorn.core.jobs import enqueue
from inkhorn.core.settings import Section, SiteSettings
from inkhorn.posts.events import post_drafted, post_imported, post_revised, posts_handed_over, posts_sought, tag_renamed
from inkhorn.posts.models import Post, Tag
from inkhorn.search import services, tasks
from inkhorn.search.grammar import understand
from inkhorn.search.queries import holding


@post_drafted.connect
@post_revised.connect
def _index(post: Post) -> None:
    enqueue(tasks.index_post, unique=str(post.id), post_id=post.id)


@post_imported.connect
def _catch_up(post: Post) -> None:
    # An import sends thousands, which are taken in together.
    enqueue(tasks.catch_up, unique="all")


@profile_changed.connect
def _index_author(user: User) -> None:
    enqueue(tasks.index_posts_of, unique=f"{user.id}:0", user_id=user.id)


@tag_renamed.connect
def _index_tagged(tag: Tag) -> None:
    enqueue(tasks.index_posts_tagged, unique=f"{tag.id}:0", tag_id=tag.id)


@posts_handed_over.connect
@account_closed.connect
def _index_without(user: User, heir: User | None = None) -> None:
    # By the name, since nothing may join the two any more; and now, since jobs carry no names.
    services.mark_name(user.name)
    enqueue(tasks.catch_up, unique="all")


@comment_approved.connect
def _index_comments(comment: Comment, **_more: object) -> None:
    services.mark_post(comment.post_id)
    enqueue(tasks.index_post, unique=str(comment.post_id), post_id=comment.post_id)


@comment_withheld.connect
@comment_edited.connect
@comment_marked_spam.connect
@comment_trashed.connect
@comment_purged.connect
def _forget_comments(comment: Comment) -> None:
    # At once: what was taken away is not to be found until some job has run.
    services.forget_comments(comment.post_id)
    enqueue(tasks.index_post, unique=str(comment.post_id), post_id=comment.post_id)


@comment_imported.connect
def _catch_up_with_comments(comment: Comment) -> None:
    services.mark_post(comment.post_id)
    enqueue(tasks.catch_up, unique="all")


@settings_changed.connect
def _search_comments_or_not(tuned: Section, *, before: Section) -> None:
    if isinstance(tuned, CommentSettings) and isinstance(before, CommentSettings) and tuned.are_searched != before.are_searched:
        services.mark_all()
        enqueue(tasks.catch_up, unique="all")


@posts_sought.connect
def _know_words(text: str) -> ColumnElement[bool]:
    return holding(understand(text), timezone=settings.read(SiteSettings).timezone)
