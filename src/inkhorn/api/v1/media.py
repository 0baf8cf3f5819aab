"""Uploads: listed, sent, described, replaced, put aside and taken back; the same looking into files as at the desk."""

from collections.abc import Callable
from typing import Any, BinaryIO, cast

from flask import Response, g, request
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import UnsupportedMediaType

from inkhorn.api.answers import once, refuse_blind, refuse_stale
from inkhorn.api.asking import asked_nothing
from inkhorn.api.bodies import UNKEEPABLE, BadBody
from inkhorn.api.lists import show_page, show_row, told_row, version_of_row
from inkhorn.api.parameters import parameters_of, parameters_of_one
from inkhorn.api.resources.media import ASSET, REPLACEMENT, UPLOAD, AssetBody
from inkhorn.api.room import Surface, many, one
from inkhorn.api.shapes import Shape
from inkhorn.api.v1.surface import bp
from inkhorn.core.access import holds, open_to
from inkhorn.core.config import config
from inkhorn.media import services
from inkhorn.media.models import Asset
from inkhorn.media.policies import can_change_asset, can_see_library, get_asset_for
from inkhorn.media.queries import Wanted, library

# What stands around a file in a form: boundaries, names, alt and caption.
FORM_ROOM_BYTES = 64 * 1024


@bp.operation("GET", "/media", "list_media")
@open_to(holds("media.upload"))
@bp.answers(many(ASSET), parameters=parameters_of(ASSET), tag="media")
def list_media() -> Response:
    return show_page(ASSET, library(Wanted()).order_by(None), as_objects=True)


@bp.operation("GET", "/media/<int:asset_id>", "get_media")
@open_to(holds("media.upload"))
@bp.answers(one(ASSET), parameters=parameters_of_one(ASSET), tag="media")
def get_media(asset_id: int) -> Response:
    return show_row(ASSET, get_asset_for(g.actor, asset_id, can=can_see_library), _path(asset_id))


@bp.operation("POST", "/media", "store_media")
@open_to(holds("media.upload"))
@bp.answers(one(ASSET), 201, tag="media", writes=True, body={"multipart/form-data": {"schema": UPLOAD}})
def store_media() -> Response:
    """The file may be known already: the same bytes are kept once, and what is there is answered."""
    asked_nothing()
    request.max_content_length = config().max_upload_mb * 1024 * 1024 + FORM_ROOM_BYTES
    file, alt, caption = _sent(UPLOAD)
    with services.receive(cast("BinaryIO", file.stream), filename=file.filename or "") as incoming:

        def work() -> Response:
            asset = services.store_asset(incoming, by=g.actor, alt=alt, caption=caption)
            return told_row(ASSET, asset, _path(asset.id), 201)

        return once(work)


@bp.operation("PATCH", "/media/<int:asset_id>", "describe_media")
@open_to(holds("media.upload"))
@bp.answers(one(ASSET), tag="media", writes=True)
@bp.takes(AssetBody)
def describe_media(body: dict[str, Any], asset_id: int) -> Response:
    return _changed(asset_id, lambda asset: services.describe_asset(asset, by=g.actor, **body))


@bp.operation("POST", "/media/<int:asset_id>/file", "replace_media")
@open_to(holds("media.upload"))
@bp.answers(one(ASSET), tag="media", writes=True, body={"multipart/form-data": {"schema": REPLACEMENT}})
def replace_media(asset_id: int) -> Response:
    """Other bytes of the same kind, wherever it is shown; the old address leads to the new one."""
    refuse_blind()
    get_asset_for(g.actor, asset_id, can=can_change_asset)
    request.max_content_length = config().max_upload_mb * 1024 * 1024 + FORM_ROOM_BYTES
    file, _alt, _caption = _sent(REPLACEMENT)
    with services.receive(cast("BinaryIO", file.stream), filename=file.filename or "") as incoming:
        return _changed(asset_id, lambda asset: services.replace_asset(asset, incoming, by=g.actor))


def add_move(bp: Surface, name: str, act: Callable[..., None]) -> None:
    """Put it in the trash, or take it back from there."""

    @bp.operation("POST", f"/media/<int:asset_id>/{name}", f"{name}_media")
    @open_to(holds("media.upload"))
    @bp.answers(one(ASSET), tag="media", writes=True)
    def move(asset_id: int) -> Response:
        return _changed(asset_id, lambda asset: act(asset, by=g.actor))


add_move(bp, "trash", services.trash_asset)
add_move(bp, "restore", services.restore_asset)


def _changed(asset_id: int, act: Callable[[Asset], None]) -> Response:
    asked_nothing()

    def work() -> Response:
        asset = get_asset_for(g.actor, asset_id, can=can_change_asset)
        refuse_stale(version_of_row(ASSET, asset))
        act(asset)
        return told_row(ASSET, asset, _path(asset_id))

    return once(work)


def _sent(shape: Shape) -> tuple[FileStorage, str, str]:
    """The one file and what is said of it; BadBody points at what is missing, strange or too much."""
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType("Send the file as multipart/form-data, in a part named file.")
    errors = [
        {"detail": "There is no such field.", "pointer": f"/{name}", "field": name}
        for name in {*request.form, *request.files} - set(shape["properties"])
        | ({"file"} & set(request.form))
        | (set(request.files) - {"file"})
    ]
    files = request.files.getlist("file")
    if len(files) != 1:
        errors.append({"detail": "Send one file, with a name, in a part named file.", "pointer": "/file", "field": "file"})
    for name, most in (("alt", UPLOAD["properties"]["alt"]["maxLength"]), ("caption", UPLOAD["properties"]["caption"]["maxLength"])):
        said = request.form.getlist(name)
        if len(said) > 1 or any(len(text) > most or UNKEEPABLE.search(text) for text in said):
            errors.append({"detail": f"Say it once, in at most {most} characters that can be kept.", "pointer": f"/{name}", "field": name})
    if errors:
        raise BadBody(errors)
    return files[0], request.form.get("alt", ""), request.form.get("caption", "")


def _path(asset_id: int) -> str:
    return f"/api/v1/media/{asset_id}"
