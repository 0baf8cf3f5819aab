"""Work on uploads that happens outside the request."""

from datetime import timedelta

from inkhorn.core.database import session, transaction
from inkhorn.core.jobs import job
from inkhorn.media import services
from inkhorn.media.models import Asset


@job("media.make_renditions", max_attempts=4, time_limit=600)
def make_renditions(asset_id: int) -> None:
    """Draw the smaller versions of a picture; a second run replaces those of the first."""
    asset = session().get(Asset, asset_id)
    if asset is None:
        return
    # Nobody waits for the database while the pictures are drawn, and no old snapshot of it is held.
    session().expunge(asset)
    session().rollback()
    drawings = services.draw_renditions(asset)
    with transaction():
        asset = session().get(Asset, asset_id)
        if asset is not None:
            services.keep_renditions(asset, drawings)


@job("media.sweep_orphans", every=timedelta(hours=1), max_attempts=1)
def sweep_orphans() -> None:
    """Delete files that no upload speaks of, and what work that was killed left behind."""
    services.sweep_orphans()
