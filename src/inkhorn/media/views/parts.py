"""Uploads in parts, for the library's script: begin, send, ask how far it is, finish or stop."""

from flask import Response, g, jsonify, request, url_for
from flask_babel import gettext as _

from inkhorn.accounts.policies import get_user_for
from inkhorn.core.access import Forbidden, holds, open_to
from inkhorn.core.database import transaction
from inkhorn.core.errors import Invalid
from inkhorn.core.forms import Form, is_own_token
from inkhorn.media import services
from inkhorn.media.content import FileRefused
from inkhorn.media.forms import BeginUploadForm
from inkhorn.media.models import Upload
from inkhorn.media.services import parts
from inkhorn.media.views.room import bp
from inkhorn.media.views.uploading import told

LONGEST_OFFSET = 15


@bp.post("/desk/media/uploads")
@open_to(holds("media.upload"))
def begin_upload() -> Response:
    form = BeginUploadForm.accepted()
    with transaction():
        user = get_user_for(g.actor, g.actor.id)
        upload = parts.begin_upload(
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
    return _how_far(upload, parts.offset_of(upload))


@bp.patch("/desk/media/uploads/<string(length=32):uuid>")
@open_to(holds("media.upload"))
def add_part(uuid: str) -> Response:
    _refuse_forged()
    # One more than a part has: a server that marks the end of what it hands on is asked for another byte before it says so.
    request.max_content_length = parts.PART_BYTES + 1
    if (request.content_length or 0) > parts.PART_BYTES:
        raise parts.PartTooLarge
    upload = parts.get_upload_for(g.actor, uuid)
    try:
        reached = parts.add_part(upload, _offset(), request.stream)
    except parts.WrongOffset as wrong:
        answer = _how_far(upload, wrong.offset)
        answer.status_code = wrong.status
        return answer
    except FileRefused:
        _forget(upload)
        raise
    return _how_far(upload, reached)


@bp.post("/desk/media/uploads/<string(length=32):uuid>/finish")
@open_to(holds("media.upload"))
def finish_upload(uuid: str) -> Response:
    Form.accepted()
    upload = parts.get_upload_for(g.actor, uuid)
    try:
        with parts.finish_upload(upload) as incoming, transaction():
            asset = services.store_asset(incoming, by=g.actor)
            parts.forget_upload(upload)
    except FileRefused:
        # It will be refused the next time as well.
        _forget(upload)
        raise
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


def _how_far(upload: Upload, offset: int) -> Response:
    answer = jsonify({"id": upload.uuid, "offset": offset, "size": upload.size_bytes, "part": parts.PART_BYTES})
    answer.headers |= {"Upload-Offset": str(offset), "Upload-Length": str(upload.size_bytes), "Cache-Control": "private, no-store"}
    return answer


def _offset() -> int:
    said = request.headers.get("Upload-Offset", "")
    if not said.isascii() or not said.isdigit() or len(said) > LONGEST_OFFSET:
        raise Invalid(_("Upload-Offset must be a number of bytes."), field="Upload-Offset")
    return int(said)


def _refuse_forged() -> None:
    # A body of bytes has no place for a hidden field.
    if not is_own_token(request.headers.get("X-CSRF-Token")):
        raise Forbidden(_("This page was open for too long or belongs to another sign-in. Open it anew."))
