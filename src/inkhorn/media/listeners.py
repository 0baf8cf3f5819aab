"""What uploads do when something happened to them."""

from inkhorn.core.jobs import enqueue
from inkhorn.media import tasks
from inkhorn.media.events import asset_stored
from inkhorn.media.models import Asset, Kind


@asset_stored.connect
def _draw_smaller(asset: Asset) -> None:
    if asset.kind is Kind.IMAGE and asset.rendered_at is None:
        enqueue(tasks.make_renditions, unique=str(asset.id), asset_id=asset.id)
