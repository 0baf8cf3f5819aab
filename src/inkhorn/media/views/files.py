"""Files as readers get them: for everybody at their plain address, for some at a signed one."""

from base64 import b64decode
from urllib.parse import quote, urlsplit

from flask import Response, g, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse
from werkzeug.wsgi import wrap_file

from inkhorn.accounts.identity.sessions import recognise_person
from inkhorn.core import large_files
from inkhorn.core.access import everyone, open_to
from inkhorn.core.database import end_read
from inkhorn.core.errors import NotFound
from inkhorn.core.links import href
from inkhorn.core.storage import storage
from inkhorn.media.content import CONTENT_TYPES, is_inline
from inkhorn.media.models import Reach
from inkhorn.media.policies import can_fetch_file
from inkhorn.media.queries import BLUR_END, NAME_IN_PATH, asset_by_former_name, asset_by_key, blur_of, reach_of
from inkhorn.media.services.signing import is_signed_for, sign_for
from inkhorn.media.views.room import bp

# Whatever a file says it is: opened on its own it runs nothing, asks for nothing and belongs to no site.
SANDBOX = "sandbox; default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'unsafe-inline'"
# A key is never used for other bytes (that of a smaller version holds their digest), so a copy never grows old.
FOR_EVER = "public, max-age=31536000, immutable"
FOR_ONE_READER = "private, max-age=3600"
# Whoever replaces a file, or moves all to another host, must not wait a year for browsers to notice.
BRIEFLY = "public, max-age=300"


@bp.get("/media/<path:key>")
@open_to(everyone)
def show_file(key: str) -> BaseResponse:
    content_type = CONTENT_TYPES.get(key.rpartition(".")[2])
    named = NAME_IN_PATH.fullmatch(f"/media/{key.rpartition('/')[0]}/{key.rpartition('/')[2][:32]}")
    if content_type is None or named is None:
        raise NotFound(_("There is no file at this address."))
    reach = reach_of(named[1])
    if reach is None:
        return _led_on(named[1])
    is_for_some = reach in (Reach.MEMBERS, Reach.STAFF)
    if is_for_some and not is_signed_for(named[1], request.args.get("pass")):
        return _signed_for_reader(key, named[1], reach)
    if key.endswith(BLUR_END):
        return _few_pixels(named[1], FOR_ONE_READER if is_for_some else FOR_EVER)
    if is_for_some:
        return _handed_over(key, content_type, FOR_ONE_READER)
    if (elsewhere := storage().url(key)) and urlsplit(elsewhere).netloc != request.host:
        return _redirect(elsewhere, BRIEFLY)
    return _handed_over(key, content_type, FOR_EVER)


def _few_pixels(uuid: str, kept: str) -> Response:
    """What stands for a picture until it has come; it is in the row, so that no store is asked."""
    if not (blur := blur_of(uuid)):
        raise NotFound(_("There is no file at this address."))
    response = Response(b64decode(blur), content_type="image/webp")
    response.headers["Cache-Control"] = kept
    response.headers["Content-Security-Policy"] = SANDBOX
    return response


def _led_on(uuid: str) -> Response:
    """To what replaced the file of that name."""
    if (asset := asset_by_former_name(uuid)) is None:
        raise NotFound(_("There is no file at this address."))
    return _redirect(href(asset.path), BRIEFLY)


def _signed_for_reader(key: str, uuid: str, reach: Reach) -> Response:
    """For whoever may have it, to an address that is good for some hours, since players and downloads ask without saying who they are for."""
    recognise_person()
    if not can_fetch_file(g.actor, reach):
        raise NotFound(_("There is no file at this address."))
    download = "&download" if "download" in request.args else ""
    return _redirect(f"/media/{key}?pass={sign_for(uuid)}{download}", "private, no-store")


def _handed_over(key: str, content_type: str, kept: str) -> Response:
    # Known before the store is asked, which may take its time: nothing of the database is held meanwhile.
    name = _as_download(key) if not is_inline(content_type) or "download" in request.args else None
    end_read()
    store = storage()
    if (stored := store.stat(key)) is None:
        raise NotFound(_("There is no file at this address."))
    response = Response(wrap_file(request.environ, store.open(key)), direct_passthrough=True)
    response.content_type = f"{content_type}; charset=utf-8" if content_type.startswith("text/") else content_type
    response.content_length = stored.size_bytes
    response.last_modified = stored.modified_at
    response.set_etag(f"{stored.size_bytes:x}-{int(stored.modified_at.timestamp()):x}")
    response.headers["Cache-Control"] = kept
    response.headers["Content-Security-Policy"] = SANDBOX
    # Feed readers and mail programs show pictures from pages of their own.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    # Under its original name, whatever the storage calls it.
    if name is not None:
        response.headers["Content-Disposition"] = name
    response.make_conditional(request, accept_ranges=True, complete_length=stored.size_bytes)
    return large_files.hand_over(response)


def _as_download(key: str) -> str:
    asset = asset_by_key(key)
    name = asset.filename if asset else key.rpartition("/")[2]
    plain = "".join(letter for letter in name if " " <= letter <= "~" and letter not in '"\\;%') or "file"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _redirect(address: str, kept: str) -> Response:
    response = Response(status=302)
    response.headers["Location"] = address
    response.headers["Cache-Control"] = kept
    return response
