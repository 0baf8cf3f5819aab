"""Signing in by a link or six digits sent by mail, for members."""

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts.counts import login_key
from inkhorn.accounts.forms.joining import CodeForm, EmailForm
from inkhorn.accounts.identity import browsers
from inkhorn.accounts.models import OneTimeToken, Purpose
from inkhorn.accounts.pages import ConfirmPage, ForgottenPage, Way
from inkhorn.accounts.policies import is_staff
from inkhorn.accounts.services import credentials, doors, tokens
from inkhorn.accounts.services.tokens import LinkSpent
from inkhorn.accounts.settings import AccountSettings
from inkhorn.accounts.views.doors import let_in
from inkhorn.accounts.views.links import spent_sheet
from inkhorn.accounts.views.room import bp, fields_of, hidden, say_wrong, show_sheet
from inkhorn.core import limits, settings
from inkhorn.core.access import everyone, open_to
from inkhorn.core.database import transaction
from inkhorn.core.errors import InkhornError, Invalid, NotFound
from inkhorn.core.links import own_path


@bp.route("/sign-in/by-mail", methods=["POST"])
@open_to(everyone)
def ask_for_link() -> BaseResponse:
    """From the sign-in sheet without an address: ask for one; with one: send the letter."""
    _refuse_unwanted()
    form = EmailForm(request.form)
    if "email" not in request.form:
        return _ask_sheet(EmailForm(next=form.next.data))
    if not form.validate():
        return _ask_sheet(form, 422)
    visit = browsers.here_to_stay()
    try:
        limits.spend(limits.LINK_PLACE, limits.place_of(request.remote_addr))
        limits.spend(limits.LINK_ACCOUNT, *login_key(form.email.data or "", visit.browser))
    except InkhornError as error:
        return say_wrong(_ask_sheet, form, error)
    with transaction():
        credentials.ask_for_link(form.email.data or "", visit, wanted=own_path(form.next.data))
    return _code_sheet(CodeForm(), notice=_("If that address is that of a member, a letter is on its way to it."))


@bp.get("/sign-in/by-mail")
@open_to(everyone)
def show_link() -> BaseResponse:
    """Where the link of the letter leads: one press signs in, so that a program that follows links does not."""
    _refuse_unwanted()
    try:
        token = tokens.token_of(browsers.held(), Purpose.LINK)
    except LinkSpent:
        return _code_sheet(CodeForm())
    name = token.user.name if token.user else ""
    return show_sheet(
        ConfirmPage,
        title=_("Sign in"),
        name="sign_in_by_link",
        lead=_("One press, and you are in as %(name)s.", name=name),
        form_action=url_for("accounts.try_link"),
        submit=_("Sign in"),
    )


@bp.post("/sign-in/by-mail/confirm")
@open_to(everyone)
def try_link() -> BaseResponse:
    _refuse_unwanted()
    form = CodeForm(request.form)
    try:
        if "code" not in request.form:
            return _let_in(tokens.token_of(browsers.held(), Purpose.LINK))
        if not form.validate():
            return _code_sheet(form, 422)
        return _let_in(tokens.token_by_code(Purpose.LINK, form.code.data or "", browser=browsers.here().browser or ""))
    except LinkSpent as error:
        return spent_sheet(error)
    except Invalid as error:
        return say_wrong(_code_sheet, form, error)


def _let_in(token: OneTimeToken) -> BaseResponse:
    visit, wanted = browsers.here_to_stay(), own_path(token.details.get("wanted"))
    with transaction():
        user = token.user
        # Sent to a member who works here by now, it is no longer enough.
        if user is None or is_staff(user):
            raise LinkSpent
        tokens.claim_token(token)
        opened = doors.admit(user, visit, way="link", wanted=wanted)
    return let_in(opened, wanted=wanted, is_remembered=False)


def _refuse_unwanted() -> None:
    if not settings.read(AccountSettings).links_by_mail:
        raise NotFound


def _ask_sheet(form: EmailForm, status: int = 200, *, error: str = "") -> BaseResponse:
    return show_sheet(
        ForgottenPage,
        status=status,
        title=_("Sign in by mail"),
        name="sign_in_by_mail",
        lead=_("Write the address of your account; a link and six digits to sign in with are sent to it."),
        error=error,
        form_action=url_for("accounts.ask_for_link"),
        hidden=hidden([("next", own_path(form.next.data))]),
        fields=fields_of(form, email={"kind": "email", "autocomplete": "email"}),
        submit=_("Send me the link"),
    )


def _code_sheet(form: CodeForm, status: int = 200, *, error: str = "", notice: str = "") -> BaseResponse:
    return show_sheet(
        ConfirmPage,
        status=status,
        title=_("Look into your mailbox"),
        name="sign_in_by_code",
        lead=_("Type the six digits of the letter, or follow its link. They are good for ten minutes."),
        error=error,
        notice=notice,
        form_action=url_for("accounts.try_link"),
        fields=fields_of(form, code={"kind": "code", "autocomplete": "one-time-code"}),
        submit=_("Sign in"),
        ways=(Way(label=_("Ask for another letter"), address=url_for("accounts.ask_for_link"), kind="mail"),),
    )
