"""What shows an upload, and whom it is handed to because of that."""

from collections.abc import Iterable, Sequence

from sqlalchemy import bindparam, delete, select

from inkhorn.core.database import session
from inkhorn.media.models import Asset, FormerName, Reach, Usage

_SHOWN_BY = select(Usage).where(Usage.room == bindparam("room"), Usage.noun_id == bindparam("noun_id"))
# Databases bound how many values one query may carry.
MOST_AT_ONCE = 500


def note_usages(
    room: str, noun_id: int, *, uuids: Iterable[str] = (), asset_ids: Iterable[int] = (), reach: Reach, is_new: bool = False
) -> None:
    """Say anew which uploads something of a room shows, by name or number, and who may read it; what it showed before is forgotten."""
    shown = _known(uuids) | set(asset_ids)
    if is_new and not shown:
        return
    kept = {each.asset_id: each for each in session().scalars(_SHOWN_BY, {"room": room, "noun_id": noun_id})}
    for asset_id in kept.keys() - shown:
        session().delete(kept[asset_id])
    for asset_id in _held(shown - kept.keys()) | (shown & kept.keys()):
        if asset_id not in kept:
            session().add(Usage(asset_id=asset_id, room=room, noun_id=noun_id, reach=reach))
        else:
            kept[asset_id].reach = reach
    if shown or kept:
        session().flush()
        settle_reach(sorted(shown | kept.keys()))


def set_reach(room: str, noun_id: int, reach: Reach) -> None:
    """Say who may read something now that shows uploads; which ones has not changed."""
    kept = session().scalars(_SHOWN_BY, {"room": room, "noun_id": noun_id}).all()
    changed = [each for each in kept if each.reach is not reach]
    for each in changed:
        each.reach = reach
    if changed:
        session().flush()
        settle_reach([each.asset_id for each in changed])


def forget_usages(room: str, noun_ids: Sequence[int]) -> None:
    """Nothing is shown by these any more, since they are gone."""
    for start in range(0, len(noun_ids), MOST_AT_ONCE):
        theirs = (Usage.room == room, Usage.noun_id.in_(noun_ids[start : start + MOST_AT_ONCE]))
        asset_ids = list(session().scalars(select(Usage.asset_id).where(*theirs).distinct()))
        if asset_ids:
            session().execute(delete(Usage).where(*theirs).execution_options(synchronize_session="fetch"))
            settle_reach(asset_ids)


def settle_reach(asset_ids: Sequence[int]) -> None:
    """Bring whom each upload is handed to in step with what shows it and how it is marked."""
    session().flush()
    for start in range(0, len(asset_ids), MOST_AT_ONCE):
        some = asset_ids[start : start + MOST_AT_ONCE]
        # Held before it is asked what shows them: of two changes at once the second sees the first one's.
        held = select(Asset).where(Asset.id.in_(some)).order_by(Asset.id).with_for_update(key_share=True)
        assets = session().scalars(held.execution_options(populate_existing=True)).all()
        found: dict[int, set[Reach]] = {}
        for asset_id, reach in session().execute(select(Usage.asset_id, Usage.reach).where(Usage.asset_id.in_(some)).distinct()):
            found.setdefault(asset_id, set()).add(reach)
        for asset in assets:
            asset.reach = _reach_of(asset, found.get(asset.id, set()))
            if asset.id in found:
                # What is shown again is not to be removed in thirty days.
                asset.trashed_at = None
    session().flush()


def _reach_of(asset: Asset, shown_to: set[Reach]) -> Reach:
    if asset.is_for_members:
        return Reach.MEMBERS
    widest = (Reach.PUBLIC, Reach.MEMBERS, Reach.STAFF)
    return next((reach for reach in widest if reach in shown_to), Reach.PUBLIC)


def _held(asset_ids: set[int]) -> set[int]:
    """Those of the uploads that are there, and now stay there until the end of the transaction."""
    held: set[int] = set()
    wanted = sorted(asset_ids)
    for start in range(0, len(wanted), MOST_AT_ONCE):
        some = select(Asset.id).where(Asset.id.in_(wanted[start : start + MOST_AT_ONCE])).order_by(Asset.id)
        held |= set(session().scalars(some.with_for_update(read=True, key_share=True)))
    return held


def _known(uuids: Iterable[str]) -> set[int]:
    """Numbers of the uploads of these names, or that once had them."""
    wanted, found = sorted(set(uuids)), set()
    for start in range(0, len(wanted), MOST_AT_ONCE):
        some = wanted[start : start + MOST_AT_ONCE]
        now = {name: number for number, name in session().execute(select(Asset.id, Asset.uuid).where(Asset.uuid.in_(some)))}
        found |= set(now.values())
        if left := [each for each in some if each not in now]:
            found |= set(session().scalars(select(FormerName.asset_id).where(FormerName.uuid.in_(left))))
    return found
