"""A forgotten password: asking for a link, and choosing a new one behind it."""

from flask import g, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts import passwords
from inkhorn.accounts.counts import login_key
from inkhorn.accounts.forms.joining import EmailForm, NewPasswordForm
from inkhorn.accounts.identity import browsers
from inkhorn.accounts.models import OneTimeToken, Purpose
from inkhorn.accounts.pages import ForgottenPage, NewPasswordPage, NoticePage
from inkhorn.accounts.policies import is_staff
from inkhorn.accounts.services import credentials, doors, tokens
from inkhorn.accounts.services.sessions import InTheirName
from inkhorn.accounts.views.doors import let_in
from inkhorn.accounts.views.links import spent_sheet
from inkhorn.accounts.views.room import PASSWORD_SCRIPT, Draw, bp, fields_of, say_wrong, show_sheet
from inkhorn.core import limits
from inkhorn.core.access import everyone, open_to
from inkhorn.core.database import transaction
from inkhorn.core.errors import InkhornError, Invalid
from inkhorn.core.themes import Link


@bp.get("/forgotten-password")
@open_to(everyone)
def forgot_password() -> BaseResponse:
    return _forgotten_sheet(EmailForm(email=g.actor.user.email if g.actor.is_signed_in else ""))


@bp.post("/forgotten-password")
@open_to(everyone)
def ask_for_reset() -> BaseResponse:
    form = EmailForm(request.form)
    if not form.validate():
        return _forgotten_sheet(form, 422)
    try:
        limits.spend(limits.RESET_PLACE, limits.place_of(request.remote_addr))
        limits.spend(limits.RESET_ACCOUNT, *login_key(form.email.data or "", browsers.here().browser))
    except InkhornError as error:
        return say_wrong(_forgotten_sheet, form, error)
    with transaction():
        credentials.ask_for_reset(form.email.data or "", browsers.here())
    return show_sheet(
        NoticePage,
        title=_("Look into your mailbox"),
        name="reset_asked",
        lead=_("If that address is that of an account here, a letter with a link is on its way to it. The link is good for an hour."),
        links=(Link(_("Sign in"), url_for("accounts.sign_in")),),
    )


@bp.get("/new-password")
@open_to(everyone)
def show_new_password() -> BaseResponse:
    try:
        token = tokens.token_of(browsers.held(), Purpose.RESET)
    except tokens.LinkSpent as error:
        return spent_sheet(error)
    return _password_sheet(token)(NewPasswordForm())


@bp.post("/new-password")
@open_to(everyone)
def reset_password() -> BaseResponse:
    form = NewPasswordForm(request.form)
    try:
        token = tokens.token_of(browsers.held(), Purpose.RESET)
        if not form.validate():
            return _password_sheet(token)(form, 422)
        return _reset(token, form)
    except tokens.LinkSpent as error:
        return spent_sheet(error)


def _reset(token: OneTimeToken, form: NewPasswordForm) -> BaseResponse:
    user, visit = token.user, browsers.here_to_stay()
    if user is None:
        raise tokens.LinkSpent
    try:
        password_hash = credentials.hash_new_password(user, form.password.data or "")
    except Invalid as error:
        return say_wrong(_password_sheet(token), form, error)
    with transaction():
        again = tokens.token_of(browsers.held(), Purpose.RESET)
        user = credentials.reset_password(again, password_hash, by=InTheirName(user, visit))
        # The link stands for the password, and not for a second factor.
        opened = doors.admit(user, visit, way="password")
    return let_in(opened, wanted=None, is_remembered=False)


def _forgotten_sheet(form: EmailForm, status: int = 200, *, error: str = "") -> BaseResponse:
    return show_sheet(
        ForgottenPage,
        status=status,
        title=_("A new password"),
        name="forgotten_password",
        lead=_("Write the address of your account; a link to choose a new password is sent to it."),
        error=error,
        form_action=url_for("accounts.ask_for_reset"),
        fields=fields_of(form, email={"kind": "email", "autocomplete": "email"}),
        submit=_("Send me the link"),
        links=(Link(_("Sign in"), url_for("accounts.sign_in"), note=_("Remembered it?")),),
    )


def _password_sheet(token: OneTimeToken) -> Draw:
    works_here = token.user is not None and is_staff(token.user)
    least = passwords.LEAST_FOR_STAFF if works_here else passwords.LEAST_FOR_READERS

    def draw(form: NewPasswordForm, status: int = 200, *, error: str = "") -> BaseResponse:
        hint = _("At least %(number)s characters; a few words in a row are good.", number=least)
        return show_sheet(
            NewPasswordPage,
            status=status,
            title=_("Choose a new password"),
            name="new_password",
            lead=_("Every browser that is signed in to this account is signed out by it."),
            error=error,
            form_action=url_for("accounts.reset_password"),
            fields=fields_of(form, password={"kind": "password", "autocomplete": "new-password", "hint": hint}),
            submit=_("Keep this password"),
            scripts=(PASSWORD_SCRIPT,),
        )

    return draw
