"""What has happened to comments; each is sent with the comment, inside the transaction that changed it."""

from blinker import signal

from inkhorn.core import audit

# Somebody wrote one; whether readers see it, the next of these says.
comment_posted = signal("comment_posted")
# A guest wrote one and has yet to confirm that the address is theirs.
confirmation_asked = signal("confirmation_asked")
# It waits for a moderator.
comment_held = signal("comment_held")
# Readers see it. Carries is_first: False when it comes back, so that nobody is told of it twice.
comment_approved = signal("comment_approved")
# An approved one waits again: readers see it no more.
comment_withheld = signal("comment_withheld")
comment_edited = signal("comment_edited")
comment_marked_spam = signal("comment_marked_spam")
# By a moderator, or by whoever wrote it.
comment_trashed = signal("comment_trashed")
comment_restored = signal("comment_restored")
comment_pinned = signal("comment_pinned")
comment_reported = signal("comment_reported")
comment_liked = signal("comment_liked")
comment_purged = signal("comment_purged")
# Came from another program: what readers see has changed, and nobody is to be written to.
comment_imported = signal("comment_imported")

AUDITED = audit.declare(
    {
        "comments.posted": "commented",
        "comments.confirmed": "confirmed",
        "comments.approved": "approved",
        "comments.held": "put back in the queue",
        "comments.edited": "edited",
        "comments.marked_spam": "called spam",
        "comments.trashed": "removed",
        "comments.restored": "brought back",
        "comments.pinned": "pinned",
        "comments.unpinned": "unpinned",
        "comments.reported": "reported",
        "comments.purged": "removed for good",
        "comments.banned": "kept out",
        "comments.ban_lifted": "let in again",
    }
)
