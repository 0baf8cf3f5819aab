"""What posts do when something happened elsewhere."""

from inkhorn.core.jobs import enqueue
from inkhorn.media.events import renditions_made
from inkhorn.media.models import Asset
from inkhorn.posts import tasks


@renditions_made.connect
def _show_smaller_pictures(asset: Asset) -> None:
    enqueue(tasks.rerender_posts_showing, unique=asset.path, path=asset.path)
