"""What has happened to uploads."""

from blinker import signal

from inkhorn.core import audit

asset_stored = signal("asset_stored")
renditions_made = signal("renditions_made")
# Other bytes stand for it now, at another address; whatever shows it must show those.
asset_replaced = signal("asset_replaced")
# A song or an episode plays it from now on.
sound_placed = signal("sound_placed")
# With the uuid of an upload whose parts count no more, and may still lie in the bucket.
parts_left = signal("parts_left")
# Asks with an upload and actor= where it is shown; each room answers with a list of media.queries.Use.
uses_sought = signal("uses_sought")

AUDITED = audit.declare(
    {
        "media.stored": "uploaded",
        "media.described": "described",
        "media.replaced": "replaced the file of",
        "media.trashed": "moved to the trash the upload",
        "media.restored": "took back the upload",
        "media.removed": "removed the upload",
        "media.store_claimed": "made the store of uploads the site's own",
        "media.avatar_changed": "changed the picture of",
        "media.album_begun": "began the album",
        "media.album_revised": "changed the album",
        "media.album_published": "published the album",
        "media.album_unpublished": "unpublished the album",
        "media.album_removed": "removed the album",
        "media.show_begun": "began the show",
        "media.show_revised": "changed the show",
        "media.show_published": "published the show",
        "media.show_unpublished": "unpublished the show",
        "media.show_removed": "removed the show",
        "media.episode_added": "added the episode",
        "media.episode_revised": "changed the episode",
        "media.episode_published": "published the episode",
        "media.episode_unpublished": "unpublished the episode",
        "media.episode_removed": "removed the episode",
    }
)
