"""Files as readers get them, and the desk's upload."""

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, flash, g, jsonify, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse
from werkzeug.wsgi import wrap_file

from inkhorn.core.access import everyone, holds, open_to
from inkhorn.core.config import config
from inkhorn.core.database import transaction
from inkhorn.core.errors import NotFound
from inkhorn.core.links import own_path
from inkhorn.core.storage import storage
from inkhorn.media import services
from inkhorn.media.content import CONTENT_TYPES, is_inline
from inkhorn.media.forms import StoreAssetForm
from inkhorn.media.models import Asset
from inkhorn.media.queries import asset_by_key

bp = Blueprint("media", __name__)

# Whatever a file says it is: opened on its own it runs nothing, asks for nothing and belongs to no site.
SANDBOX = "sandbox; default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'unsafe-inline'"
# A key is never used for other bytes (that of a smaller version holds their digest), so a copy never grows old.
FOR_EVER = "public, max-age=31536000, immutable"
# What the form's other fields and the seams between the parts may take.
FORM_ROOM_BYTES = 64 * 1024


@bp.get("/media/<path:key>")
@open_to(everyone)
def show_file(key: str) -> Response:
    content_type = CONTENT_TYPES.get(key.rpartition(".")[2])
    store = storage()
    if content_type is None or (stored := store.stat(key)) is None:
        raise NotFound(_("There is no file at this address."))
    if elsewhere := store.url(key):
        return _redirect(elsewhere)
    response = Response(wrap_file(request.environ, store.open(key)), direct_passthrough=True)
    response.content_type = f"{content_type}; charset=utf-8" if content_type.startswith("text/") else content_type
    response.content_length = stored.size_bytes
    response.last_modified = stored.modified_at
    response.set_etag(f"{stored.size_bytes:x}-{int(stored.modified_at.timestamp()):x}")
    response.headers["Cache-Control"] = FOR_EVER
    response.headers["Content-Security-Policy"] = SANDBOX
    # Feed readers and mail programs show pictures from pages of their own.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if not is_inline(content_type):
        response.headers["Content-Disposition"] = _as_download(key)
    response.make_conditional(request, accept_ranges=True, complete_length=stored.size_bytes)
    return response


@bp.post("/desk/media/upload")
@open_to(holds("media.upload"))
def store_asset() -> BaseResponse:
    request.max_content_length = config().max_upload_mb * 1024 * 1024 + FORM_ROOM_BYTES
    form = StoreAssetForm.accepted()
    sent = form.file.data
    with services.receive(sent.stream, filename=sent.filename or "") as incoming, transaction():
        asset = services.store_asset(incoming, by=g.actor, alt=form.alt.data or "")
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        return jsonify(_told(asset))
    flash(_("“%(name)s” was uploaded.", name=asset.filename))
    return redirect(own_path(form.next.data) or "/desk/", 303)


def _as_download(key: str) -> str:
    asset = asset_by_key(key)
    name = asset.filename if asset else key.rpartition("/")[2]
    plain = "".join(letter for letter in name if " " <= letter <= "~" and letter not in '"\\;%') or "file"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _told(asset: Asset) -> dict[str, Any]:
    return {
        "id": asset.id,
        "path": asset.path,
        "filename": asset.filename,
        "content_type": asset.content_type,
        "width": asset.width,
        "height": asset.height,
        "alt": asset.alt,
    }


def _redirect(address: str) -> Response:
    response = Response(status=302)
    response.headers["Location"] = address
    return response
