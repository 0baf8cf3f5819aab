"""Other ways for a file to come in: in the place of another one, or from an address."""

from urllib.parse import unquote, urlsplit

from flask import flash, g, redirect
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.core import limits
from inkhorn.core.access import holds, open_to
from inkhorn.core.config import config
from inkhorn.core.database import end_read, transaction
from inkhorn.core.errors import InkhornError
from inkhorn.core.fetch import fetch
from inkhorn.core.forms import FormRefused
from inkhorn.core.turns import aside
from inkhorn.media import services
from inkhorn.media.forms import FetchAssetForm, ReplaceAssetForm
from inkhorn.media.models import Asset
from inkhorn.media.policies import can_change_asset, get_asset_for
from inkhorn.media.services.receiving import fetched_file
from inkhorn.media.views.library import here
from inkhorn.media.views.room import bounded_upload, bp

FETCH_SECONDS = 20.0


@bp.post("/desk/media/<int:asset_id>/replace")
@open_to(holds("media.upload"))
def replace_asset(asset_id: int) -> BaseResponse:
    get_asset_for(g.actor, asset_id, can=can_change_asset)
    try:
        with bounded_upload():
            sent = ReplaceAssetForm.accepted().file.data
        with services.receive(sent.stream, filename=sent.filename or "") as incoming, transaction():
            services.replace_asset(get_asset_for(g.actor, asset_id, can=can_change_asset), incoming, by=g.actor)
    except InkhornError as error:
        return _told(error, here(asset_id))
    flash(_("The file was replaced. What shows it shows the new one in a moment."))
    return redirect(here(asset_id), 303)


@bp.post("/desk/media/fetch")
@open_to(holds("media.upload"))
def upload_from_address() -> BaseResponse:
    try:
        form = FetchAssetForm.accepted()
        limits.spend(limits.FETCH, str(g.actor.id))
        asset = _fetched(form.address.data.strip())
    except InkhornError as error:
        return _told(error, here())
    flash(_("“%(name)s” was taken in.", name=asset.filename))
    return redirect(here(asset.id), 303)


def _fetched(address: str) -> Asset:
    with fetched_file() as file:
        # Who asks is known; nothing of the database is held while another host takes its time.
        end_read()
        with aside():
            fetched = fetch(address, max_bytes=config().max_upload_mb * 1024 * 1024, timeout=FETCH_SECONDS, into=file)
        file.seek(0)
        name = unquote(urlsplit(fetched.final_url).path).rpartition("/")[2] or "file"
        with services.receive(file, filename=name) as incoming, transaction():
            return services.store_asset(incoming, by=g.actor)


def _told(error: InkhornError, back: str) -> BaseResponse:
    """The refusal beside the list; a forged or stale form is answered as everywhere."""
    if isinstance(error, FormRefused) and "csrf_token" in error.form.errors:
        raise error
    flash(str(error), "warning")
    return redirect(back, 303)
