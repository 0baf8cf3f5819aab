"""The accounts elsewhere that open one's own: linked and unlinked."""

from typing import Any

from flask import flash, g, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts.identity.freshness import fresh
from inkhorn.accounts.identity.providers import issuers, provider_named, providers
from inkhorn.accounts.queries import identities_of
from inkhorn.accounts.services import linking
from inkhorn.accounts.views.oauth import refused, send_off
from inkhorn.accounts.views.room import bp
from inkhorn.core.access import open_to, signed_in
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import InkhornError
from inkhorn.core.forms import Form


@bp.post("/account/identities/<provider>/link")
@open_to(signed_in)
@fresh
def link_identity(provider: str) -> BaseResponse:
    Form.accepted()
    chosen = provider_named(provider)
    try:
        return send_off(chosen, user=g.actor.user)
    except InkhornError as error:
        return refused(error)


@bp.post("/account/identities/<int:identity_id>/unlink")
@open_to(signed_in)
@fresh
def unlink_identity(identity_id: int) -> BaseResponse:
    Form.accepted()
    try:
        with transaction():
            user = session().merge(g.actor.user)
            linking.unlink_identity(user, identity_id, issuers=issuers(), by=g.actor, session_id=g.session_id)
    except InkhornError as error:
        return refused(error)
    flash(_("The account is unlinked, and every other browser is signed out."))
    return redirect(url_for("accounts.show_sign_in_ways"), code=303)


def linked_identities() -> dict[str, Any]:
    """What the account's section about signing in says of other providers."""
    known = providers()
    return {"identities": session().scalars(identities_of(g.actor.id)).all(), "providers": known}
