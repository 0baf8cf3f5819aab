"""What has happened to posts; each is sent with the post, inside the transaction that changed it."""

from blinker import signal

from inkhorn.core import audit

post_drafted = signal("post_drafted")
post_revised = signal("post_revised")
post_scheduled = signal("post_scheduled")
# Carries is_first: False when it comes back after it was withdrawn or trashed, so that nobody is told of it twice.
post_published = signal("post_published")
post_unpublished = signal("post_unpublished")
post_trashed = signal("post_trashed")
post_restored = signal("post_restored")
post_purged = signal("post_purged")
# Came from another program, or was brought up to date with it: what readers see has changed, and nobody is to be written to.
post_imported = signal("post_imported")

# Sent with the user who leaves and heir=: every byline of the one is now the other's, in as many posts as there are.
posts_handed_over = signal("posts_handed_over")

# Sent with a tag that is called otherwise now.
tag_renamed = signal("tag_renamed")

# A question to the rooms above, sent with what somebody at the desk looks for: the condition that such posts fulfil.
posts_sought = signal("posts_sought")

# Sent with None by whoever counts what the site holds; answered with a name and a number for each thing that a room keeps.
site_counted = signal("site_counted")

AUDITED = audit.declare(
    {
        "posts.drafted": "began",
        "posts.revised": "saved",
        "posts.published": "published",
        "posts.scheduled": "scheduled",
        "posts.unscheduled": "took off the schedule",
        "posts.unpublished": "unpublished",
        "posts.trashed": "moved to the trash",
        "posts.restored": "restored",
        "posts.purged": "removed for good",
        "posts.handed_over": "became the author of the posts of",
        "posts.tag_made": "made the tag",
        "posts.tag_changed": "changed the tag",
        "posts.tag_removed": "removed the tag",
        "posts.series_made": "made the series",
        "posts.series_changed": "changed the series",
        "posts.series_removed": "removed the series",
        "posts.redirect_added": "added a redirect",
        "posts.redirect_removed": "removed a redirect",
    }
)
