"""What has happened to posts; each is sent with the post, inside the transaction that changed it."""

from blinker import signal

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
