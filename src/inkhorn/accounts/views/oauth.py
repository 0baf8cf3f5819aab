"""Signing in with another provider: sent there, come back, and an account opened by its word."""

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts.forms.doors import SignInForm
from inkhorn.accounts.forms.oauth import JoinByIdentityForm
from inkhorn.accounts.identity import browsers, oauth
from inkhorn.accounts.identity.providers import Provider, provider_named
from inkhorn.accounts.models import User
from inkhorn.accounts.pages import JoinPage, NoticePage
from inkhorn.accounts.services import linking
from inkhorn.accounts.services.linking import Ceremony, Identity
from inkhorn.accounts.settings import AccountSettings
from inkhorn.accounts.views.doors import let_in, sign_in_sheet
from inkhorn.accounts.views.room import bp, fields_of, say_wrong, show_sheet
from inkhorn.core import limits, links, settings
from inkhorn.core.access import everyone, open_to
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import InkhornError, Invalid, Unavailable
from inkhorn.core.themes import Link, is_safe_address


@bp.post("/sign-in/with/<provider>")
@open_to(everyone)
def sign_in_with(provider: str) -> BaseResponse:
    chosen, wanted = provider_named(provider), links.own_path(request.form.get("next"))
    try:
        return send_off(chosen, wanted=wanted)
    except InkhornError as error:
        return refused(error, wanted)


@bp.get("/sign-in/with/<provider>/back")
@open_to(everyone)
def come_back(provider: str) -> BaseResponse:
    chosen, visit, answer = provider_named(provider), browsers.here(), oauth.Answer.of(request.args)
    try:
        # Used up before anybody else is asked, so that one answer does one thing.
        with transaction():
            ceremony = linking.claim_ceremony(answer.state, chosen.name, visit)
    except InkhornError as error:
        return refused(error)
    try:
        identity = oauth.identify(chosen, ceremony, answer)
        return _link(chosen, identity, ceremony) if ceremony.user_id else _enter(identity, ceremony)
    except InkhornError as error:
        if not (ceremony.user_id or isinstance(error, Unavailable | oauth.NotAgreed)):
            with transaction():
                linking.note_refusal(chosen.name, visit, error)
        return refused(error, ceremony.wanted)


@bp.get("/sign-in/with/<provider>/join")
@open_to(everyone)
def show_joining(provider: str) -> BaseResponse:
    chosen = provider_named(provider)
    try:
        offer = linking.offered(browsers.held(), chosen.name, browsers.here())
    except InkhornError as error:
        return refused(error)
    return _joining_sheet(JoinByIdentityForm(name=offer.identity.name), chosen, offer.identity)


@bp.post("/sign-in/with/<provider>/join")
@open_to(everyone)
def join_by_identity(provider: str) -> BaseResponse:
    chosen, visit, form = provider_named(provider), browsers.here(), JoinByIdentityForm(request.form)
    try:
        offer = linking.offered(browsers.held(), chosen.name, visit)
        if not form.validate():
            return _joining_sheet(form, chosen, offer.identity, 422)
        limits.spend(limits.JOIN_PLACE, limits.place_of(visit.address))
        limits.spend(limits.JOIN_ALL)
        with transaction():
            accepts = bool(form.terms.data)
            opened = linking.join_by_identity(browsers.held(), chosen.name, visit, name=form.name.data, accepts_terms=accepts)
    except Invalid as error:
        return say_wrong(lambda *drawn: _joining_sheet(drawn[0], chosen, offer.identity, drawn[1]), form, error)
    except InkhornError as error:
        return refused(error)
    return let_in(opened, wanted=offer.wanted, is_remembered=False)


def send_off(chosen: Provider, *, wanted: str | None = None, user: User | None = None) -> BaseResponse:
    """Send the browser to the provider, whose answer will sign somebody in, or link for the user who asks for it."""
    limits.spend(limits.PROVIDER_PLACE, limits.place_of(request.remote_addr))
    door = oauth.door_of(chosen)
    visit, back = browsers.here_to_stay(), links.absolute(url_for("accounts.come_back", provider=chosen.name))
    with transaction():
        begun = linking.begin_ceremony(chosen.name, visit, back=back, wanted=wanted, user=user)
    address = oauth.way_there(chosen, door, begun, back=back)
    page = show_sheet(
        NoticePage,
        title=_("On to %(provider)s", provider=chosen.label),
        name="leaving",
        lead=_("You come back here when you have agreed there. If nothing happens, go on by yourself."),
        links=(Link(_("Go on to %(provider)s", provider=chosen.label), address),),
    )
    # A redirect in answer to a form would be held to the policy for forms, which is this site alone; this is not.
    page.headers["Refresh"] = f"0;url={address}"
    return page


def refused(error: InkhornError, wanted: str | None = None) -> BaseResponse:
    """Back to the sign-in sheet in a sentence; to the account for whoever is signed in already."""
    if g.actor.is_signed_in:
        flash(str(error), "warning")
        return redirect(url_for("accounts.show_sign_in_ways"), code=303)
    return say_wrong(sign_in_sheet, SignInForm(next=wanted), error)


def _enter(identity: Identity, ceremony: Ceremony) -> BaseResponse:
    offer, visit = "", browsers.here()
    with transaction():
        opened = linking.sign_in_by_identity(identity, visit, wanted=ceremony.wanted)
        if opened is None:
            offer = linking.offer_account(identity, visit, wanted=ceremony.wanted)
    if opened is not None:
        return let_in(opened, wanted=ceremony.wanted, is_remembered=False)
    response = redirect(url_for("accounts.show_joining", provider=identity.provider), code=303)
    browsers.hold(response, offer)
    return response


def _link(chosen: Provider, identity: Identity, ceremony: Ceremony) -> BaseResponse:
    # Whoever signed out or in as somebody else meanwhile links nothing.
    if g.actor.id != ceremony.user_id:
        raise linking.CeremonyOver
    with transaction():
        linking.link_identity(session().merge(g.actor.user), identity, by=g.actor)
    flash(_("%(provider)s is linked: you can sign in with it from now on.", provider=chosen.label))
    return redirect(url_for("accounts.show_sign_in_ways"), code=303)


def _joining_sheet(form: JoinByIdentityForm, chosen: Provider, identity: Identity, status: int = 200) -> BaseResponse:
    terms = settings.read(AccountSettings).terms_address
    terms = terms if is_safe_address(terms) else ""
    marks = {"terms": {"kind": "tick", "aside": Link(_("Read them"), terms)}} if terms else {}
    return show_sheet(
        JoinPage,
        status=status,
        title=_("Open an account"),
        name="join_by_identity",
        lead=_(
            "%(provider)s opens no account here for you so far. Open one for %(email)s, and sign in with %(provider)s from then on.",
            provider=chosen.label,
            email=identity.email,
        ),
        form_action=url_for("accounts.join_by_identity", provider=chosen.name),
        fields=fields_of(form, name={"autocomplete": "name"}, **marks),
        submit=_("Open the account"),
        links=(Link(_("Sign in to it"), url_for("accounts.sign_in"), note=_("You have an account already?")),),
    )
