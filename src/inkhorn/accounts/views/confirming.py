"""Confirming a registration: by the digits of the letter, or by its link."""

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse
from wtforms import Form

from inkhorn.accounts import passwords
from inkhorn.accounts.forms.joining import CodeForm, OwnPasswordForm
from inkhorn.accounts.identity import browsers
from inkhorn.accounts.models import OneTimeToken, Purpose, Registration
from inkhorn.accounts.pages import ConfirmPage, Way
from inkhorn.accounts.services import doors, registering, tokens
from inkhorn.accounts.services.tokens import LinkSpent
from inkhorn.accounts.views.doors import let_in
from inkhorn.accounts.views.joining import closed_sheet
from inkhorn.accounts.views.links import spent_sheet
from inkhorn.accounts.views.room import Draw, bp, fields_of, say_wrong, show_sheet
from inkhorn.core import limits
from inkhorn.core.access import everyone, open_to
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import InkhornError, Invalid
from inkhorn.core.themes import Link


@bp.get("/join/confirm")
@open_to(everyone)
def show_confirmation() -> BaseResponse:
    token = _token_held()
    if token is not None:
        try:
            asked = registering.registration_of(token)
        except LinkSpent as error:
            return spent_sheet(error)
        return _link_sheet(asked)(OwnPasswordForm())
    asked_here = registering.registration_here(browsers.here().browser)
    if asked_here is None:
        return spent_sheet(LinkSpent(_("There is nothing to confirm in this browser. Ask for an account once more.")))
    return _code_sheet(asked_here)(CodeForm(), notice=_("A letter is on its way to you."))


@bp.post("/join/confirm")
@open_to(everyone)
def confirm_registration() -> BaseResponse:
    token = _token_held()
    try:
        return _confirm_by_link(token) if token is not None else _confirm_by_code()
    except LinkSpent as error:
        return spent_sheet(error)
    except registering.RegistrationClosed as error:
        return closed_sheet(error)


@bp.post("/join/again")
@open_to(everyone)
def ask_again() -> BaseResponse:
    asked = registering.registration_here(browsers.here().browser)
    if asked is None:
        return spent_sheet(LinkSpent(_("There is nothing to confirm in this browser. Ask for an account once more.")))
    draw = _code_sheet(asked)
    try:
        limits.spend(limits.JOIN_PLACE, limits.place_of(request.remote_addr))
        limits.spend(limits.CONFIRM_AGAIN, str(asked.id))
        # However many registrations name one mailbox, and from wherever: it gets no more letters than these in a day.
        limits.spend(limits.CONFIRM_AGAIN_ADDRESS, asked.email)
        with transaction():
            registering.ask_again(session().merge(asked))
    except registering.RegistrationClosed as error:
        return closed_sheet(error)
    except InkhornError as error:
        return say_wrong(draw, CodeForm(), error)
    return draw(CodeForm(), notice=_("Another letter is on its way. The newest digits count."))


def _confirm_by_code() -> BaseResponse:
    visit, form = browsers.here(), CodeForm(request.form)
    asked = registering.registration_here(visit.browser)
    if asked is None or visit.browser is None:
        raise LinkSpent(_("There is nothing to confirm in this browser. Ask for an account once more."))
    if not form.validate():
        return _code_sheet(asked)(form, 422)
    draw = _code_sheet(asked)
    try:
        token = tokens.token_by_code(Purpose.CONFIRM, form.code.data or "", browser=visit.browser)
        return _make_account(token, asked.wanted)
    except LinkSpent:
        raise
    except InkhornError as error:
        return say_wrong(draw, form, error)


def _confirm_by_link(token: OneTimeToken) -> BaseResponse:
    asked, form = registering.registration_of(token), OwnPasswordForm(request.form)
    draw, is_same_browser = _link_sheet(asked), asked.browser_digest == browsers.here().browser
    if not (is_same_browser or form.validate()):
        return draw(form, 422)
    try:
        if not is_same_browser:
            # Whoever asked with somebody else's address must not be let in by that person's click.
            _check_own_password(asked, form.password.data or "")
        return _make_account(token, asked.wanted)
    except LinkSpent:
        raise
    except InkhornError as error:
        return say_wrong(draw, form, error)


def _check_own_password(asked: Registration, password: str) -> None:
    limits.spend(limits.PROOF, "registration", str(asked.id))
    if not passwords.is_right(password, asked.password):
        raise Invalid(_("That is not the password that was chosen."), field="password")


def _make_account(token: OneTimeToken, wanted: str | None) -> BaseResponse:
    visit = browsers.here_to_stay()
    with transaction():
        user = registering.confirm_registration(token, visit)
        opened = doors.admit(user, visit, way="registration")
    return let_in(opened, wanted=wanted, is_remembered=False)


def _token_held() -> OneTimeToken | None:
    secret = browsers.held()
    if not secret:
        return None
    try:
        return tokens.token_of(secret, Purpose.CONFIRM)
    except LinkSpent:
        return None


def _code_sheet(asked: Registration) -> Draw:
    # Read now: when something goes wrong the registration may be gone.
    lead = _("Type the six digits that were sent to %(email)s, or follow the link in the letter.", email=asked.email)

    def draw(form: Form, status: int = 200, *, error: str = "", notice: str = "") -> BaseResponse:
        return show_sheet(
            ConfirmPage,
            status=status,
            title=_("Look into your mailbox"),
            name="confirm",
            lead=lead,
            error=error,
            notice=notice,
            form_action=url_for("accounts.confirm_registration"),
            fields=fields_of(form, code={"kind": "code", "autocomplete": "one-time-code"}),
            submit=_("Confirm"),
            ways=(Way(label=_("Send another letter"), address=url_for("accounts.ask_again"), kind="mail"),),
            links=_ways_back(),
        )

    return draw


def _link_sheet(asked: Registration) -> Draw:
    is_same_browser = asked.browser_digest == browsers.here().browser
    lead = _("One press, and the account of %(name)s (%(email)s) is made.", name=asked.name, email=asked.email)
    if not is_same_browser:
        lead += " " + _("This is not the browser in which you asked, so write the password you chose there.")

    def draw(form: Form, status: int = 200, *, error: str = "") -> BaseResponse:
        return show_sheet(
            ConfirmPage,
            status=status,
            title=_("Confirm your account"),
            name="confirm_by_link",
            lead=lead,
            error=error,
            form_action=url_for("accounts.confirm_registration"),
            fields=() if is_same_browser else fields_of(form, password={"kind": "password", "autocomplete": "current-password"}),
            submit=_("Make the account"),
            links=_ways_back(),
        )

    return draw


def _ways_back() -> tuple[Link, ...]:
    return (Link(_("Sign in"), url_for("accounts.sign_in"), note=_("Have an account?")),)
