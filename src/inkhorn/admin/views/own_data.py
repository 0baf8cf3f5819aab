"""Everything that is kept of whoever asks; it stands here because only the top floor knows every room."""

from flask import Response, g, stream_with_context
from flask.blueprints import BlueprintSetupState

from inkhorn.accounts.policies import get_user_for
from inkhorn.admin.views.room import bp, fresh
from inkhorn.core import clock, limits
from inkhorn.core.access import open_to, signed_in
from inkhorn.core.database import transaction
from inkhorn.core.forms import Form
from inkhorn.transfer.services import own_data


# Whoever finds a browser open must not carry all of it away.
@open_to(signed_in)
@fresh
def download_own_data() -> Response:
    Form.accepted()
    limits.spend(limits.EXPORT, str(g.actor.id))
    with transaction():
        user = get_user_for(g.actor, g.actor.id)
        own_data.take_own_data(user, by=g.actor)
    response = Response(stream_with_context(own_data.own_archive(user.id)), content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="my-data-{clock.now():%Y-%m-%d}.zip"'
    return response


@bp.record
def stand_beside_the_account(state: BlueprintSetupState) -> None:
    # It belongs to the account's own pages, not under the owner's room.
    state.app.add_url_rule("/account/data/download", "admin.download_own_data", download_own_data, methods=["POST"])
