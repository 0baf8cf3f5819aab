"""Account section "Two-factor": the app, the codes on paper, and saying no to both."""

from flask import Response, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts.codes import seed_address
from inkhorn.accounts.forms.factors import AppCodeForm, GoOnForm
from inkhorn.accounts.identity import passkeys
from inkhorn.accounts.identity.freshness import fresh
from inkhorn.accounts.identity.sessions import own_session, renew_here
from inkhorn.accounts.identity.squares import squares_of
from inkhorn.accounts.policies import demands_second_factor
from inkhorn.accounts.queries import authenticator_of, factors_of
from inkhorn.accounts.services import factors
from inkhorn.accounts.views.room import bp
from inkhorn.core import settings
from inkhorn.core.access import open_to, signed_in
from inkhorn.core.config import config
from inkhorn.core.database import transaction
from inkhorn.core.desk import show_desk_page
from inkhorn.core.links import own_path


@bp.get("/account/two-factor")
@open_to(signed_in)
def show_factors() -> Response:
    user = g.actor.user
    return show_desk_page(
        "accounts/show_factors.html",
        user=user,
        known=factors_of(user.id),
        app=authenticator_of(user.id),
        is_demanded=demands_second_factor(user, is_production=config().is_production),
        has_passkeys=passkeys.party() is not None,
        wanted=own_path(request.args.get("next")),
    )


@bp.post("/account/two-factor/app/begin")
@open_to(signed_in)
@fresh
def begin_authenticator() -> BaseResponse:
    form = GoOnForm.accepted()
    with transaction():
        factors.begin_authenticator(own_session())
    return redirect(url_for("accounts.show_authenticator", next=own_path(form.next.data)), code=303)


@bp.get("/account/two-factor/app")
@open_to(signed_in)
@fresh
def show_authenticator() -> BaseResponse:
    try:
        return _app_page(AppCodeForm(formdata=None, next=own_path(request.args.get("next"))))
    except factors.NothingBegun as error:
        return _back(str(error), "warning")


@bp.post("/account/two-factor/app/confirm")
@open_to(signed_in)
@fresh
def confirm_authenticator() -> BaseResponse:
    form, is_sound = AppCodeForm.sent()
    try:
        if not is_sound:
            return _app_page(form, 422)
        sheet = _confirm(form.code.data or "")
    except factors.WrongAppCode as error:
        form.code.errors = [str(error)]
        return _app_page(form, error.status)
    except factors.NothingBegun as error:
        return _back(str(error), "warning")
    return show_codes(
        sheet, own_path(form.next.data), done=_("The app is set up. From now on you are asked for its code when you sign in.")
    )


@bp.post("/account/two-factor/app/remove")
@open_to(signed_in)
@fresh
def remove_authenticator() -> BaseResponse:
    GoOnForm.accepted()
    try:
        with transaction():
            factors.remove_authenticator(own_session(), by=g.actor)
            renew_here()
    except factors.LastFactor as error:
        return _back(str(error), "warning")
    return _back(_("The app is removed. Every other browser has been signed out."))


@bp.get("/account/two-factor/codes")
@open_to(signed_in)
def show_recovery_codes() -> Response:
    return show_desk_page("accounts/show_recovery_codes.html", known=factors_of(g.actor.id), sheet=None, wanted=None, done="")


@bp.post("/account/two-factor/codes/make")
@open_to(signed_in)
@fresh
def make_recovery_codes() -> BaseResponse:
    GoOnForm.accepted()
    try:
        factors.refuse_without_factor(g.actor.user)
        sheet = factors.draw_codes()
        with transaction():
            factors.make_recovery_codes(own_session(), sheet, by=g.actor)
            renew_here()
    except factors.NotEnrolled as error:
        return _back(str(error), "warning")
    return show_codes(sheet, None, done=_("Ten new codes are made; the old ones are worth nothing now."))


@bp.post("/account/two-factor/decline")
@open_to(signed_in)
def decline_second_factor() -> BaseResponse:
    form = GoOnForm.accepted()
    try:
        with transaction():
            factors.decline_second_factor(own_session().user, by=g.actor)
    except factors.FactorDemanded as error:
        return _back(str(error), "warning")
    flash(_("You will not be asked again. You can set up a second factor here whenever you like."))
    return redirect(own_path(form.next.data) or url_for("accounts.show_factors"), code=303)


def show_codes(sheet: factors.CodeSheet | None, wanted: str | None, *, done: str) -> BaseResponse:
    """The new codes, this once, in the very answer; where there were some already, on one goes."""
    if sheet is None:
        flash(done)
        return redirect(wanted or url_for("accounts.show_factors"), code=303)
    known = factors_of(g.actor.id)
    return show_desk_page("accounts/show_recovery_codes.html", known=known, sheet=sheet, wanted=wanted, done=done)


def _confirm(typed: str) -> factors.CodeSheet | None:
    """Turn the app on; recovery codes where there are none yet, drawn before anybody is kept waiting by it."""
    factors.refuse_wrong_first_code(g.session, typed)
    sheet = factors.codes_for_first_factor(g.actor.user)
    with transaction():
        factors.confirm_authenticator(own_session(), typed, sheet=sheet, by=g.actor)
        renew_here()
    return sheet


def _back(told: str, kind: str = "message") -> BaseResponse:
    flash(told, kind)
    return redirect(url_for("accounts.show_factors"), code=303)


def _app_page(form: AppCodeForm, status: int = 200) -> Response:
    user, seed = g.actor.user, factors.seed_begun(g.session)
    address = seed_address(seed, label=user.email or user.username, issuer=settings.read(settings.SiteSettings).title)
    groups = [seed[start : start + 4] for start in range(0, len(seed), 4)]
    return show_desk_page(
        "accounts/show_authenticator.html", status, form=form, address=address, groups=groups, squares=squares_of(address)
    )
