"""What comments do when something happened to them, or elsewhere."""

from inkhorn.accounts.events import account_closed
from inkhorn.accounts.models import User
from inkhorn.comments.events import (
    comment_approved,
    comment_edited,
    comment_held,
    comment_imported,
    comment_liked,
    comment_marked_spam,
    comment_pinned,
    comment_purged,
    comment_reported,
    comment_trashed,
    comment_withheld,
    confirmation_asked,
)
from inkhorn.comments.models import Comment, State
from inkhorn.comments.queries import state_counts
from inkhorn.comments.services.importing import remember_gone
from inkhorn.comments.services.leaving import leave_comments
from inkhorn.comments.services.threading import note_change
from inkhorn.comments.tasks import telling
from inkhorn.comments.tasks.doubting import why_not
from inkhorn.core.access import House
from inkhorn.core.events import letter_leaving
from inkhorn.core.jobs import enqueue
from inkhorn.core.mail.letters import Ready
from inkhorn.posts.events import site_counted


@site_counted.connect
def _count_comments(_nobody: None) -> dict[str, int]:
    return {"comments": state_counts(House())[State.APPROVED]}


@account_closed.connect
def _leave_comments(user: User, *, heir: User | None) -> None:
    # Whoever has their posts removed wants to be named no more.
    leave_comments(user, keeps_name=heir is not None)


@comment_approved.connect
@comment_edited.connect
@comment_imported.connect
@comment_liked.connect
@comment_marked_spam.connect
@comment_pinned.connect
@comment_trashed.connect
@comment_withheld.connect
def _note_change(comment: Comment, **_more: object) -> None:
    note_change(comment)


@confirmation_asked.connect
def _ask_to_confirm(comment: Comment) -> None:
    enqueue(telling.ask_to_confirm, comment_id=comment.id)


@comment_approved.connect
def _tell_of_comment(comment: Comment, *, is_first: bool) -> None:
    if is_first:
        enqueue(telling.tell_of_comment, comment_id=comment.id)


@comment_held.connect
def _tell_moderators(comment: Comment) -> None:
    enqueue(telling.tell_moderators, comment_id=comment.id)


@comment_reported.connect
def _tell_of_report(comment: Comment) -> None:
    enqueue(telling.tell_of_report, comment_id=comment.id)


@letter_leaving.connect
def _look_once_more(letter: Ready) -> str | None:
    return why_not(letter.purpose)


@comment_purged.connect
def _keep_from_coming_back(comment: Comment) -> None:
    remember_gone(comment)
