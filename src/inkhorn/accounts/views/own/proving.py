"""Proving again who one is: on the way to a page, and the letters and passkeys that acts held in place ask for."""

from flask import Response, g, jsonify, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts.counts import proof_letter_key
from inkhorn.accounts.forms.factors import GoOnForm, ProofForm
from inkhorn.accounts.identity import browsers, passkeys
from inkhorn.accounts.identity.freshness import carried_of, judge, proof_page
from inkhorn.accounts.identity.proving import ways_of
from inkhorn.accounts.identity.sessions import own_session
from inkhorn.accounts.services import factors
from inkhorn.accounts.services.passkeys import Act
from inkhorn.accounts.services.sessions import is_fresh
from inkhorn.accounts.views.room import bp
from inkhorn.core import limits
from inkhorn.core.access import Forbidden, open_to, signed_in
from inkhorn.core.database import transaction
from inkhorn.core.links import own_path


@bp.get("/account/proof")
@open_to(signed_in)
def show_proof() -> BaseResponse:
    wanted = own_path(request.args.get("next"))
    if is_fresh(g.session):
        return redirect(wanted or url_for("accounts.show_account"), code=303)
    return proof_page(ProofForm(formdata=None), action=url_for("accounts.try_proof"), carried=[("next", wanted)] if wanted else [])


@bp.post("/account/proof")
@open_to(signed_in)
def try_proof() -> BaseResponse:
    form, is_sound = ProofForm.sent()
    if refused := judge(form, is_sound=is_sound):
        return proof_page(form, action=url_for("accounts.try_proof"), carried=carried_of(request.form.items(multi=True)), error=refused)
    return redirect(own_path(request.form.get("next")) or url_for("accounts.show_account"), code=303)


@bp.post("/account/proof/code")
@open_to(signed_in)
def ask_for_proof_code() -> BaseResponse:
    form = ProofForm.accepted()
    user = g.actor.user
    if not ways_of(user).by_mail:
        raise Forbidden(_("Prove it by your password, app or passkey; letters are for those who have none of them."))
    action = own_path(form.proof_act.data) or url_for("accounts.try_proof")
    carried = carried_of(request.form.items(multi=True))
    try:
        limits.spend(limits.LINK_ACCOUNT, *proof_letter_key(user.id))
    except limits.TooMany as error:
        return proof_page(form, action=action, carried=carried, error=error)
    visit = browsers.here_to_stay()
    with transaction():
        factors.ask_for_proof(own_session().user, visit)
    return proof_page(ProofForm(formdata=None), action=action, carried=carried, notice=_("A letter with six digits is on its way to you."))


@bp.post("/account/proof/passkey/options")
@open_to(signed_in)
def ask_for_proof_passkey() -> Response:
    GoOnForm.accepted()
    return jsonify(publicKey=passkeys.ask(Act.PROVE, user=g.actor.user))
