"""Other bytes in the place of an upload's, wherever it is shown."""

from inkhorn.core import audit
from inkhorn.core.access import Actor
from inkhorn.core.database import after_commit, session
from inkhorn.core.errors import Conflict
from inkhorn.media.content import SVG, FileRefused
from inkhorn.media.events import asset_replaced, asset_stored
from inkhorn.media.models import Asset, FormerName
from inkhorn.media.queries import asset_by_sha256
from inkhorn.media.services.keeping import kind_of
from inkhorn.media.services.receiving import Incoming


class AlreadyThere(Conflict):
    """The library has these bytes already."""


def replace_asset(asset: Asset, incoming: Incoming, *, by: Actor) -> None:
    """Let other bytes stand for the upload: it gets a new address, the old ones lead there, and what shows it shows the new one.

    An address is never used for other bytes, since browsers keep what they got for a year.
    """
    known = asset_by_sha256(incoming.sha256)
    if known is asset:
        raise AlreadyThere("This is the file that stands there already. Nothing was changed.")
    if known is not None:
        raise AlreadyThere(f"The library has this file already, as “{known.filename}”. Use that one, or remove it first.")
    if kind_of(incoming.content) is not asset.kind:
        raise FileRefused(f"This is another kind of file. Choose one of the kind that stands there ({asset.content_type}).")
    _cleaned, seen = incoming.cleaned()
    kept = incoming.kept
    session().add(FormerName(uuid=asset.uuid, asset_id=asset.id))
    asset.uuid, asset.key, asset.size_bytes = incoming.uuid, kept.key, kept.size_bytes
    asset.content_type, asset.sha256 = incoming.kept_as.content_type, incoming.sha256
    if seen is not None:
        asset.width, asset.height, asset.is_animated, asset.colour = seen.width, seen.height, seen.is_animated, seen.colour
        asset.blur = seen.blur
    # Files of the old versions are swept up once no row names them; until then open pages may still show them.
    asset.renditions.clear()
    asset.rendered_at = asset.created_at if incoming.content is SVG else None
    after_commit(incoming.take)
    session().flush()
    audit.record(by, "media.replaced", asset, filename=incoming.filename, size_bytes=asset.size_bytes)
    asset_stored.send(asset)
    asset_replaced.send(asset)
