"""Registering: asking for an account. Whether the address is known is said by letter alone."""

from flask import g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts import passwords
from inkhorn.accounts.forms.joining import JoinForm
from inkhorn.accounts.identity import browsers
from inkhorn.accounts.pages import JoinPage, NoticePage
from inkhorn.accounts.queries import email_key
from inkhorn.accounts.services import registering
from inkhorn.accounts.services.registering import Application, RegistrationClosed
from inkhorn.accounts.settings import AccountSettings
from inkhorn.accounts.views.doors import home_of
from inkhorn.accounts.views.room import PASSWORD_SCRIPT, bp, fields_of, hidden, puzzle_for, say_wrong, show_sheet
from inkhorn.core import captcha, limits, settings
from inkhorn.core.access import everyone, open_to
from inkhorn.core.database import transaction
from inkhorn.core.errors import InkhornError
from inkhorn.core.links import own_path
from inkhorn.core.themes import Link, is_safe_address

FORM = "join"


@bp.get("/join")
@open_to(everyone)
def join() -> BaseResponse:
    if g.actor.is_signed_in:
        return redirect(home_of(g.actor.user), code=303)
    try:
        registering.refuse_closed_registration()
    except RegistrationClosed as error:
        return closed_sheet(error)
    return _sheet(JoinForm(next=own_path(request.args.get("next"))))


@bp.post("/join")
@open_to(everyone)
def ask_to_join() -> BaseResponse:
    form = JoinForm(request.form)
    try:
        registering.refuse_closed_registration()
        if not form.validate():
            return _sheet(form, 422)
        _ask(form)
    except RegistrationClosed as error:
        return closed_sheet(error)
    except InkhornError as error:
        return say_wrong(_sheet, form, error)
    return redirect(url_for("accounts.show_confirmation"), code=303)


def closed_sheet(error: RegistrationClosed) -> BaseResponse:
    """What is shown where nobody can open an account by themselves: why, and the way in for whoever has one."""
    sign_in = Link(_("Sign in"), url_for("accounts.sign_in"), note=_("Have an account?"))
    return show_sheet(NoticePage, status=403, title=_("No new accounts"), name="closed", lead=str(error), links=(sign_in,))


def _ask(form: JoinForm) -> None:
    place, wanted = limits.place_of(request.remote_addr), _application(form)
    limits.spend(limits.JOIN_PLACE, place)
    limits.spend(limits.JOIN_ALL)
    proof = captcha.check(FORM, request.form, address=request.remote_addr)
    # Before the transaction, since a hash takes long and nobody else is to wait for it.
    password_hash = registering.judge_application(wanted)
    # Only now, so that neither robots nor slips of the finger use up what somebody has in a day.
    limits.spend(limits.JOIN_ADDRESS, email_key(wanted.email))
    visit = browsers.here_to_stay()
    with transaction():
        captcha.spend(proof)
        registering.ask_to_join(wanted, visit, password_hash=password_hash)


def _application(form: JoinForm) -> Application:
    return Application(
        email=form.email.data or "",
        name=form.name.data or "",
        password=form.password.data or "",
        accepts_terms=bool(form.terms.data),
        language=(form.language.data or "")[:35] or None,
        timezone=(form.timezone.data or "")[:64] or None,
        wanted=own_path(form.next.data),
    )


def _sheet(form: JoinForm, status: int = 200, *, error: str = "") -> BaseResponse:
    tuned = settings.read(AccountSettings)
    terms = tuned.terms_address if is_safe_address(tuned.terms_address) else ""
    marks = {
        "name": {"autocomplete": "name"},
        "email": {"kind": "email", "autocomplete": "email"},
        "password": {
            "kind": "password",
            "autocomplete": "new-password",
            "hint": _("At least %(number)s characters; a few words in a row are good.", number=passwords.LEAST_FOR_READERS),
        },
    }
    if terms:
        marks["terms"] = {"kind": "tick", "aside": Link(_("Read them"), terms)}
    return show_sheet(
        JoinPage,
        status=status,
        title=_("Join"),
        name="join",
        lead=_("An account takes a name, an address and a password."),
        error=error,
        form_action=url_for("accounts.ask_to_join"),
        hidden=(*hidden([("next", own_path(form.next.data))]),),
        fields=fields_of(form, **marks),
        puzzle=puzzle_for(FORM),
        submit=_("Ask for an account"),
        links=(Link(_("Sign in"), url_for("accounts.sign_in"), note=_("Have an account?")),),
        scripts=(PASSWORD_SCRIPT,),
    )
