"""Everything that the first version can be asked, and what it shows."""

import inkhorn.api.v1.comments
import inkhorn.api.v1.media
import inkhorn.api.v1.people
import inkhorn.api.v1.search
import inkhorn.api.v1.site
import inkhorn.api.v1.songs
import inkhorn.api.v1.sound
import inkhorn.api.v1.tokens
import inkhorn.api.v1.work
from inkhorn.api.documents import add_description
from inkhorn.api.resources import labels as shown
from inkhorn.api.resources import people, settings, site, sound, work
from inkhorn.api.resources.comments import COMMENT
from inkhorn.api.resources.media import ASSET
from inkhorn.api.resources.posts import POST
from inkhorn.api.v1 import labels, posts
from inkhorn.api.v1.surface import bp
from inkhorn.posts.models import PostKind

# Their operations are added as soon as they are imported.
OPERATIONS = (
    inkhorn.api.v1.comments,
    inkhorn.api.v1.media,
    inkhorn.api.v1.people,
    inkhorn.api.v1.search,
    inkhorn.api.v1.site,
    inkhorn.api.v1.songs,
    inkhorn.api.v1.sound,
    inkhorn.api.v1.tokens,
    inkhorn.api.v1.work,
)
RESOURCES = (
    *(POST, shown.TAG, shown.SERIES, people.AUTHOR, people.USER, people.ME, ASSET, COMMENT),
    *(sound.ALBUM, sound.SHOW, sound.EPISODE, settings.SETTINGS, site.MENU, site.REDIRECT, work.ENTRY, work.JOB),
)

for kind in PostKind:
    posts.add_operations(bp, kind)
for sorting in (labels.TAGS, labels.SERIES):
    labels.add_operations(bp, sorting)
add_description(bp)
