"""Files that come with the forms of albums and shows: covers, and sounds several at once."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from flask import flash, g, jsonify, redirect, request
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.core.config import Config, config
from inkhorn.core.database import transaction
from inkhorn.core.errors import InkhornError, Unavailable
from inkhorn.media import services
from inkhorn.media.policies import can_see_library, get_asset_for
from inkhorn.media.services.receiving import Incoming
from inkhorn.media.services.shelves.shelf import PART_BYTES
from inkhorn.media.services.sound.tracks import fetched_again, listened_to
from inkhorn.media.sound_forms import TracksForm
from inkhorn.media.views.portraits import MOST_PORTRAIT_BYTES
from inkhorn.media.views.room import FORM_ROOM_BYTES, wants_json

# Of files in one form: more of them are sent one by one, as the module does anyway.
MOST_AT_ONCE = 20

Keep = Callable[[Incoming, Incoming | None], str]


@dataclass(frozen=True)
class Kept:
    """What became of the files that were sent: the names of those kept, and why others were not."""

    names: list[str]
    refusals: list[str]


def with_room_for_files(number: int) -> None:
    """Let the request be as large as so many uploads."""
    request.max_content_length = _bytes_of(number, config())


def largest_body(loaded: Config) -> int:
    """More than this is taken nowhere, whoever sends it: several files, a cover beside a long text, a part, a portrait."""
    cover = (loaded.max_upload_mb + loaded.max_form_mb) * 1024 * 1024
    return max(_bytes_of(MOST_AT_ONCE, loaded), cover, PART_BYTES + 1, MOST_PORTRAIT_BYTES + FORM_ROOM_BYTES)


def _bytes_of(number: int, loaded: Config) -> int:
    return loaded.max_upload_mb * 1024 * 1024 * min(number, MOST_AT_ONCE) + FORM_ROOM_BYTES


def kept_cover(form: Any) -> int | None:
    """The number of the picture that came along, kept; 0 where the cover is to go, None where it stays."""
    sent = form.cover.data
    if not sent or not getattr(sent, "filename", ""):
        return 0 if form.has_no_cover.data else None
    with services.receive(sent.stream, filename=sent.filename) as incoming:
        if not incoming.content.is_picture:
            raise services.FileRefused(_("A cover is a picture: JPEG, PNG, WebP, AVIF or GIF."))
        with transaction():
            return int(services.store_asset(incoming, by=g.actor).id)


def keep_each(form: TracksForm, keep: Keep) -> Kept:
    """Keep every sound in a transaction of its own, so that one that is refused does not take the others along."""
    kept = Kept([], [])
    # Whoever sends words where a file belongs sends no file.
    for sent in [each for each in form.file.data or () if isinstance(each, FileStorage) and each.filename][:MOST_AT_ONCE]:
        _keep(services.receive(cast("BinaryIO", sent.stream), filename=sent.filename or ""), keep, kept, sent.filename or "")
    for number in (form.asset_id.data or [])[:MOST_AT_ONCE]:
        try:
            asset = get_asset_for(g.actor, number, can=can_see_library)
        except InkhornError as refusal:
            kept.refusals.append(str(refusal))
        else:
            _keep(fetched_again(asset), keep, kept, asset.filename)
    return kept


def _keep(received: AbstractContextManager[Incoming], keep: Keep, kept: Kept, filename: str) -> None:
    try:
        with listened_to(received) as (incoming, cover), transaction():
            name = keep(incoming, cover)
        kept.names.append(name)
    except Unavailable as busy:
        # The script sends one at a time, and asks again after a while.
        if wants_json():
            raise
        kept.refusals.append(f"{filename}: {busy}")
    except InkhornError as refusal:
        kept.refusals.append(f"{filename}: {refusal}")


def answer_sent(kept: Kept, back: str) -> BaseResponse:
    """To a program JSON, to a browser the page again with what happened."""
    if not kept.names and not kept.refusals:
        kept.refusals.append(_("Choose a file to upload."))
    if wants_json():
        answer = jsonify({"kept": kept.names, "refused": kept.refusals})
        answer.status_code = 200 if kept.names else 422
        return answer
    if kept.names:
        flash(ngettext("%(num)d sound was added.", "%(num)d sounds were added.", len(kept.names)))
    for sentence in kept.refusals:
        flash(sentence, "warning")
    return redirect(back, 303)


def refused_by(form: Any, error: InkhornError) -> Any:
    """The form with the refusal beside the field that it names."""
    field = {"file": "cover"}.get(getattr(error, "field", None) or "", getattr(error, "field", None))
    if field in form and not form[field].errors:
        form[field].errors = [str(error)]
    return form
