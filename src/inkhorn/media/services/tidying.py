"""Putting uploads that nothing uses aside, taking them back, and removing them for good after thirty days."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import exists, select

from inkhorn.core import audit, clock
from inkhorn.core.access import Actor, House
from inkhorn.core.database import session
from inkhorn.core.errors import Conflict
from inkhorn.media.models import Asset, Avatar, Usage
from inkhorn.media.services.leaving import remove_assets

TRASH_LIFE = timedelta(days=30)
MOST_PURGED = 200


class StillUsed(Conflict):
    """Something shows the upload."""

    def __init__(self, asset: Asset) -> None:
        super().__init__(f"“{asset.filename}” is shown somewhere, so it was not removed. Take it out there first.")


def trash_asset(asset: Asset, *, by: Actor) -> None:
    """Put an upload aside for thirty days; StillUsed where something shows it. Twice is once."""
    if asset.trashed_at is not None:
        return
    if session().scalar(select(exists().where(Usage.asset_id == asset.id))) or session().scalar(
        select(exists().where(Avatar.asset_id == asset.id))
    ):
        raise StillUsed(asset)
    asset.trashed_at = clock.now()
    session().flush()
    audit.record(by, "media.trashed", asset)


def restore_asset(asset: Asset, *, by: Actor) -> None:
    """Take an upload back out of the trash."""
    if asset.trashed_at is None:
        return
    asset.trashed_at = None
    session().flush()
    audit.record(by, "media.restored", asset)


def purge_trash() -> int:
    """Remove for good what has lain in the trash for thirty days and is shown nowhere; how many went."""
    old = select(Asset.id).where(Asset.trashed_at < clock.now() - TRASH_LIFE, ~exists().where(Usage.asset_id == Asset.id))
    # Held, and asked again once they are: something may have come to show one meanwhile.
    held = old.order_by(Asset.id).limit(MOST_PURGED).with_for_update(skip_locked=True)
    numbers: Sequence[int] = session().scalars(held).all()
    numbers = session().scalars(old.where(Asset.id.in_(numbers)).order_by(Asset.id)).all() if numbers else numbers
    return remove_assets(numbers, by=House())
