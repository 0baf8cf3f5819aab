"""Files that are sent whole, by a form of the desk."""

from typing import Any

from flask import flash, g, jsonify, redirect, request
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.core.access import holds, open_to
from inkhorn.core.database import transaction
from inkhorn.core.errors import InkhornError
from inkhorn.core.links import own_path
from inkhorn.media import services
from inkhorn.media.forms import StoreAssetForm
from inkhorn.media.models import Asset
from inkhorn.media.views.room import bounded_upload, bp, wants_json

# Of a plain form; a browser with scripts sends each by itself.
MOST_AT_ONCE = 30


@bp.post("/desk/media/upload")
@open_to(holds("media.upload"))
def store_asset() -> BaseResponse:
    with bounded_upload():
        form = StoreAssetForm.accepted()
    sent = request.files.getlist("file")[:MOST_AT_ONCE]
    if len(sent) > 1 and not wants_json():
        for each in sent:
            _say_of(each)
        return redirect(own_path(form.next.data) or "/desk/", 303)
    asset = _kept(sent[0], alt=form.alt.data or "")
    if wants_json():
        return jsonify(told(asset))
    flash(_("“%(name)s” was uploaded.", name=asset.filename))
    return redirect(own_path(form.next.data) or "/desk/", 303)


def _kept(sent: FileStorage, *, alt: str = "") -> Asset:
    with services.receive(sent.stream, filename=sent.filename or "") as incoming, transaction():
        return services.store_asset(incoming, by=g.actor, alt=alt)


def _say_of(sent: FileStorage) -> None:
    """One of several: what is wrong with it must not cost the others."""
    try:
        flash(_("“%(name)s” was uploaded.", name=_kept(sent).filename))
    except InkhornError as error:
        flash(_("“%(name)s” was not uploaded: %(why)s", name=(sent.filename or "")[:100], why=str(error)), "warning")


def told(asset: Asset) -> dict[str, Any]:
    return {
        "id": asset.id,
        "path": asset.path,
        "filename": asset.filename,
        "content_type": asset.content_type,
        "width": asset.width,
        "height": asset.height,
        "alt": asset.alt,
    }
