"""What becomes of somebody's uploads when the account ends: handed to an heir, or taken away."""

from collections.abc import Sequence

from sqlalchemy import delete, select, update

from inkhorn.accounts.models import User
from inkhorn.core import audit
from inkhorn.core.access import Actor
from inkhorn.core.database import after_commit, session
from inkhorn.core.storage import storage
from inkhorn.media.models import PORTRAIT, Album, Asset, Episode, Show
from inkhorn.media.services.portraits import forget_portraits


def leave_uploads(user: User, heir: User | None) -> None:
    """Let the heir have the user's uploads; without one they will be nobody's. The picture of the user goes in any case."""
    forget_portraits(user)
    if heir is not None:
        theirs = update(Asset).where(Asset.uploaded_by_id == user.id, Asset.origin.is_distinct_from(PORTRAIT))
        session().execute(theirs.values(uploaded_by_id=heir.id).execution_options(synchronize_session=False))


def leave_sounds(user: User, heir: User | None) -> None:
    """Let the heir have the user's albums and shows; without one they are left to whoever edits everyone's."""
    for kind in (Album, Show, Episode):
        theirs = update(kind).where(kind.created_by_id == user.id)
        # Nothing that listeners hear has changed.
        values = {"created_by_id": heir.id if heir else None, "updated_at": kind.updated_at}
        session().execute(theirs.values(values).execution_options(synchronize_session=False))


def remove_assets(asset_ids: Sequence[int], *, by: Actor) -> int:
    """Take uploads away for good, rows and files; the caller knows that nothing shows them. How many went."""
    assets = session().scalars(select(Asset).where(Asset.id.in_(asset_ids))).all()
    keys = [asset.key for asset in assets] + [each.key for asset in assets for each in asset.renditions]
    for asset in assets:
        audit.record(by, "media.removed", asset, content_type=asset.content_type, size_bytes=asset.size_bytes)
    session().flush()
    for asset in assets:
        session().expunge(asset)
    session().execute(delete(Asset).where(Asset.id.in_(asset_ids)).execution_options(synchronize_session=False))
    after_commit(lambda: _take_away(keys))
    return len(assets)


def _take_away(keys: Sequence[str]) -> None:
    store = storage()
    for key in keys:
        store.delete(key)
