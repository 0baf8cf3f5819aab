"""Everything that the second version can be asked, and what it shows."""

from inkhorn.api.documents import add_description
from inkhorn.api.resources.posts_v2 import POST_V2
from inkhorn.api.v2 import posts
from inkhorn.api.v2.surface import bp
from inkhorn.posts.models import PostKind

RESOURCES = (POST_V2,)

for kind in PostKind:
    posts.add_operations(bp, kind)
add_description(bp)
