"""The room's blueprint, and what it hands to the templates and to whoever recognises people."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Blueprint, request
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import RequestEntityTooLarge

from inkhorn.accounts.models import Session
from inkhorn.core.access import Actor
from inkhorn.core.config import config
from inkhorn.media.content import FileRefused
from inkhorn.media.events import uses_sought
from inkhorn.media.forms import AvatarForm
from inkhorn.media.models import Asset
from inkhorn.media.queries import Use, portrait_beside, portrait_of

bp = Blueprint("media", __name__, template_folder="../templates")
bp.add_app_template_global(portrait_of)
bp.add_app_template_global(AvatarForm, "portrait_form")

# What a form's other fields and the seams between the parts may take.
FORM_ROOM_BYTES = 64 * 1024


@bp.record
def offer_portraits(state: BlueprintSetupState) -> None:
    state.app.extensions["inkhorn.portrait"] = portrait_beside(Session.user_id)


def wants_json() -> bool:
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


class FormTooLarge(FileRefused):
    """More was sent than one form may bring."""

    status = 413


@contextmanager
def bounded_upload() -> Iterator[None]:
    """Read a form with files in it, as large as the settings allow; FormTooLarge in words where it is larger."""
    most = config().max_upload_mb
    request.max_content_length = most * 1024 * 1024 + FORM_ROOM_BYTES
    try:
        yield
    except RequestEntityTooLarge as error:
        raise FormTooLarge(
            f"More than {most} MB were sent at once. Send fewer or smaller files; the media library takes larger ones in parts."
        ) from error


def uses_told(asset: Asset, actor: Actor) -> list[Use]:
    """Where the rooms show an upload, as far as the actor may know."""
    return [use for _room, uses in uses_sought.send(asset, actor=actor) for use in uses]
