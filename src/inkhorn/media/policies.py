"""Who may do what with an upload, and the one door through which an edge gets one."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import selectinload

from inkhorn.core.access import Actor, Forbidden
from inkhorn.core.database import is_writing, session
from inkhorn.core.errors import NotFound
from inkhorn.media.models import PORTRAIT, Asset, Reach

LARGEST_ID = 2**31 - 1

Question = Callable[[Actor, Asset], bool]


def can_see_library(actor: Actor, asset: Asset) -> bool:
    """Whoever may upload sees what is there, since two need not send the same picture twice."""
    return actor.may("media.upload") or actor.may("media.manage_any")


def can_change_asset(actor: Actor, asset: Asset) -> bool:
    is_own = actor.id is not None and asset.uploaded_by_id == actor.id
    return actor.may("media.manage_any") or (is_own and actor.may("media.upload"))


def can_fetch_file(actor: Actor, reach: Reach) -> bool:
    """Whether a file is handed to somebody who knows its address; signed addresses are asked about elsewhere."""
    if reach in (Reach.PUBLIC, Reach.NOBODY):
        return True
    return actor.may("media.upload") or (reach is Reach.MEMBERS and actor.may("members.read"))


def get_asset_for(actor: Actor, asset_id: int, *, can: Question) -> Asset:
    """The upload with its versions and tags; NotFound for strangers, Forbidden for those who may at least see the library."""
    asset = None
    if 0 < asset_id <= LARGEST_ID:
        held: dict[str, Any] = {"with_for_update": {"of": Asset}, "populate_existing": True} if is_writing() else {}
        shown = (selectinload(Asset.renditions), selectinload(Asset.tags))
        asset = session().get(Asset, asset_id, options=shown, **held)
    if asset is None or asset.origin == PORTRAIT or not can_see_library(actor, asset):
        raise NotFound("There is no such upload, or it is not yours to see.")
    if not can(actor, asset):
        raise Forbidden("You may use this upload, but not change it. Ask an editor.")
    return asset
