"""The passkeys of one's own account: added, named, removed."""

from flask import Response, flash, g, jsonify, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts.forms.factors import GoOnForm, NewPasskeyForm, PasskeyNameForm
from inkhorn.accounts.identity import passkeys
from inkhorn.accounts.identity.freshness import fresh
from inkhorn.accounts.identity.providers import issuers
from inkhorn.accounts.identity.sessions import own_session, renew_here
from inkhorn.accounts.policies import get_passkey_for
from inkhorn.accounts.services import factors
from inkhorn.accounts.services import passkeys as kept
from inkhorn.accounts.services.factors import LastFactor, LastWayIn
from inkhorn.accounts.views.own.factors import show_codes
from inkhorn.accounts.views.room import bp
from inkhorn.core.access import open_to, signed_in
from inkhorn.core.database import transaction
from inkhorn.core.desk import show_desk_page
from inkhorn.core.errors import InkhornError
from inkhorn.core.links import own_path


@bp.get("/account/passkeys/new")
@open_to(signed_in)
@fresh
def offer_passkey() -> BaseResponse:
    return _offer(NewPasskeyForm(formdata=None, next=own_path(request.args.get("next"))))


@bp.post("/account/passkeys/new/options")
@open_to(signed_in)
@fresh
def ask_for_new_passkey() -> Response:
    GoOnForm.accepted()
    return jsonify(publicKey=passkeys.ask_for_new(g.actor.user))


@bp.post("/account/passkeys/new")
@open_to(signed_in)
@fresh
def add_passkey() -> BaseResponse:
    form, is_sound = NewPasskeyForm.sent()
    if not is_sound:
        return _offer(form, 422)
    if not form.credential.data:
        # Held on the way here and proved again, or sent by a browser that does not know passkeys.
        return _offer(form, notice=_("That was you. Now make the passkey."))
    try:
        made = passkeys.hear_new(form.credential.data, g.actor.user)
        sheet = factors.codes_for_first_factor(g.actor.user)
        with transaction():
            passkey = kept.add_passkey(own_session(), made, name=form.name.data or "", sheet=sheet, by=g.actor)
            renew_here()
    except InkhornError as error:
        return _offer(form, error.status, error=str(error))
    told = _("“%(name)s” is added. Every other browser has been signed out.", name=passkey.name)
    return show_codes(sheet, own_path(form.next.data), done=told)


@bp.post("/account/passkeys/<int:passkey_id>/rename")
@open_to(signed_in)
def rename_passkey(passkey_id: int) -> BaseResponse:
    form = PasskeyNameForm.accepted()
    with transaction():
        kept.rename_passkey(get_passkey_for(g.actor, passkey_id), form.name.data or "", by=g.actor)
    flash(_("Renamed."))
    return redirect(url_for("accounts.show_sign_in_ways"), code=303)


@bp.post("/account/passkeys/<int:passkey_id>/remove")
@open_to(signed_in)
@fresh
def remove_passkey(passkey_id: int) -> BaseResponse:
    GoOnForm.accepted()
    try:
        with transaction():
            passkey = get_passkey_for(g.actor, passkey_id)
            name = passkey.name
            kept.remove_passkey(passkey, own_session(), issuers=issuers(), by=g.actor)
            renew_here()
    except (LastFactor, LastWayIn) as error:
        flash(str(error), "warning")
    else:
        flash(_("“%(name)s” is removed. Every other browser has been signed out.", name=name))
    return redirect(url_for("accounts.show_sign_in_ways"), code=303)


def _offer(form: NewPasskeyForm, status: int = 200, *, error: str = "", notice: str = "") -> Response:
    has_passkeys = passkeys.party() is not None
    return show_desk_page("accounts/offer_passkey.html", status, form=form, error=error, notice=notice, has_passkeys=has_passkeys)
