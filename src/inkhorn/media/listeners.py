"""What uploads do when something happened to them."""

from flask_babel import ngettext
from sqlalchemy import func, select

from inkhorn.accounts.events import account_closed, belongings_counted
from inkhorn.accounts.models import User
from inkhorn.accounts.services.closing import Belongings
from inkhorn.core.access import Actor
from inkhorn.core.database import session
from inkhorn.core.jobs import enqueue
from inkhorn.media import tasks
from inkhorn.media.events import asset_replaced, asset_stored, parts_left, sound_placed, uses_sought
from inkhorn.media.models import Asset, Kind
from inkhorn.media.queries import Use, uploads_of
from inkhorn.media.services.leaving import leave_sounds, leave_uploads
from inkhorn.media.services.sound.showing import uses_of


@asset_stored.connect
def _draw_smaller(asset: Asset) -> None:
    if asset.kind is Kind.IMAGE and asset.rendered_at is None:
        enqueue(tasks.make_renditions, unique=str(asset.id), asset_id=asset.id)


@asset_replaced.connect
def _listen_anew(asset: Asset) -> None:
    if asset.kind is Kind.AUDIO:
        enqueue(tasks.listen_anew, unique=str(asset.id), asset_id=asset.id)


@sound_placed.connect
def _draw_wave(asset: Asset) -> None:
    enqueue(tasks.draw_wave, unique=str(asset.id), asset_id=asset.id)


@parts_left.connect
def _discard_parts(uuid: str) -> None:
    enqueue(tasks.discard_parts, unique=uuid, uuid=uuid)


@uses_sought.connect
def _tell_uses(asset: Asset, *, actor: Actor) -> list[Use]:
    return uses_of(asset, actor)


@account_closed.connect
def _leave_uploads(user: User, *, heir: User | None) -> None:
    leave_uploads(user, heir)
    leave_sounds(user, heir)


@belongings_counted.connect
def _count_uploads(user: User) -> Belongings:
    number = session().scalar(select(func.count()).select_from(uploads_of(user).order_by(None).subquery())) or 0
    return Belongings(number, ngettext("%(num)d upload", "%(num)d uploads", number))
