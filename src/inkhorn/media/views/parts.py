"""Uploads in parts, for the library's script: begin, send, ask how far it is, finish or stop."""

from base64 import b64decode
from contextlib import ExitStack
from typing import Any

from flask import Response, g, jsonify, request, url_for
from flask_babel import gettext as _

from inkhorn.accounts.policies import get_user_for
from inkhorn.core.access import Forbidden, holds, open_to
from inkhorn.core.database import end_read, transaction
from inkhorn.core.errors import Invalid, NotFound
from inkhorn.core.forms import Form, is_own_token
from inkhorn.core.turns import aside
from inkhorn.media import services
from inkhorn.media.content import FileRefused
from inkhorn.media.forms import BeginUploadForm
from inkhorn.media.models import Asset, Upload
from inkhorn.media.services import announcing, parts
from inkhorn.media.services.shelves.shelf import PART_BYTES, PartTooLarge, WrongOffset
from inkhorn.media.views.holding import held
from inkhorn.media.views.room import bp
from inkhorn.media.views.uploading import told

LONGEST_OFFSET, DIGEST_BYTES = 15, 32


@bp.post("/desk/media/uploads")
@open_to(holds("media.upload"))
def begin_upload() -> Response:
    form = BeginUploadForm.accepted()
    # Where the store would refuse the file once it is whole, that is said before two gigabytes are sent.
    services.own_store()
    with transaction():
        user = get_user_for(g.actor, g.actor.id)
        upload = announcing.begin_upload(
            user, filename=form.filename.data or "", size_bytes=form.size.data, sha256=(form.sha256.data or "").lower() or None
        )
    answer = _how_far(upload, 0)
    answer.status_code = 201
    answer.headers["Location"] = url_for("media.show_upload", uuid=upload.uuid)
    return answer


@bp.get("/desk/media/uploads/<string(length=32):uuid>")
@open_to(holds("media.upload"))
def show_upload(uuid: str) -> Response:
    upload = parts.get_upload_for(g.actor, uuid)
    return _how_far(upload, parts.offset_of(upload), parts.asset_of(upload))


@bp.patch("/desk/media/uploads/<string(length=32):uuid>")
@open_to(holds("media.upload"))
def add_part(uuid: str) -> Response:
    _refuse_forged()
    # One more than a part has: a server that marks the end of what it hands on is asked for another byte before it says so.
    request.max_content_length = PART_BYTES + 1
    if (request.content_length or 0) > PART_BYTES:
        raise PartTooLarge
    upload = parts.get_upload_for(g.actor, uuid)
    # A slow line takes minutes over a part, and no snapshot is held for so long.
    end_read()
    try:
        with parts.add_part(upload, _offset(), request.stream, digest=_digest()) as arrived:
            if arrived.is_to_be_noted:
                with transaction():
                    parts.note_part(upload, arrived)
    except WrongOffset as wrong:
        answer = _how_far(upload, wrong.offset)
        answer.status_code = wrong.status
        return answer
    except FileRefused:
        _forget(upload)
        raise
    return _how_far(upload, arrived.reached)


@bp.post("/desk/media/uploads/<string(length=32):uuid>/finish")
@open_to(holds("media.upload"))
def finish_upload(uuid: str) -> Response:
    Form.accepted()
    upload = parts.get_upload_for(g.actor, uuid)
    if (known := parts.asset_of(upload)) is not None:
        # The answer was lost on its way.
        return jsonify(told(known))
    try:
        with held(upload), ExitStack() as room:
            # Two gigabytes are fetched, looked into and kept.
            with aside():
                incoming = room.enter_context(parts.finish_upload(upload))
            with transaction():
                asset = services.store_asset(incoming, by=g.actor)
                parts.close_upload(upload, asset)
    except FileRefused:
        # It will be refused the next time as well.
        _forget(upload)
        raise
    except NotFound:
        # Of two that finish at once the second finds nothing left to do, and must not ask the snapshot in which the first was not done.
        end_read()
        if (known := parts.asset_of(upload)) is None:
            raise
        return jsonify(told(known))
    return jsonify(told(asset))


@bp.delete("/desk/media/uploads/<string(length=32):uuid>")
@open_to(holds("media.upload"))
def stop_upload(uuid: str) -> Response:
    _refuse_forged()
    _forget(parts.get_upload_for(g.actor, uuid))
    return Response(status=204)


def _forget(upload: Upload) -> None:
    with transaction():
        parts.forget_upload(upload)


def _how_far(upload: Upload, offset: int, asset: Asset | None = None) -> Response:
    far: dict[str, Any] = {"id": upload.uuid, "offset": offset, "size": upload.size_bytes, "part": PART_BYTES}
    answer = jsonify(far | ({"asset": told(asset)} if asset else {}))
    answer.headers |= {"Upload-Offset": str(offset), "Upload-Length": str(upload.size_bytes), "Cache-Control": "private, no-store"}
    return answer


def _offset() -> int:
    said = request.headers.get("Upload-Offset", "")
    if not said.isascii() or not said.isdigit() or len(said) > LONGEST_OFFSET:
        raise Invalid(_("Upload-Offset must be a number of bytes."), field="Upload-Offset")
    return int(said)


def _digest() -> bytes | None:
    """The SHA-256 of the part where it came along, written as RFC 9530 writes it; other digests say nothing to us."""
    for each in request.headers.get("Content-Digest", "").split(","):
        name, _equals, value = each.strip().partition("=")
        if name.lower() == "sha-256":
            try:
                digest = b64decode(value.strip(":"), validate=True)
            except ValueError:
                digest = b""
            if not (value.startswith(":") and value.endswith(":") and len(digest) == DIGEST_BYTES):
                raise Invalid(
                    _("Content-Digest must be sha-256=:…: with the Base64 of 32 bytes between the colons."), field="Content-Digest"
                )
            return digest
    return None


def _refuse_forged() -> None:
    # A body of bytes has no place for a hidden field.
    if not is_own_token(request.headers.get("X-CSRF-Token")):
        raise Forbidden(_("This page was open for too long or belongs to another sign-in. Open it anew."))
