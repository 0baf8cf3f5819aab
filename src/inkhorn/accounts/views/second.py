"""The second step of signing in, by app, paper or passkey; and the passkey that is both steps at once."""

from collections.abc import Callable
from functools import partial

from flask import Response, flash, jsonify, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts.forms.doors import SignInForm
from inkhorn.accounts.forms.factors import PasskeyAnswerForm, SecondFactorForm
from inkhorn.accounts.identity import passkeys, second
from inkhorn.accounts.identity.second import Completed
from inkhorn.accounts.models import OneTimeToken
from inkhorn.accounts.pages import SecondFactorPage
from inkhorn.accounts.queries import factors_of
from inkhorn.accounts.services.passkeys import Act
from inkhorn.accounts.services.tokens import LinkSpent
from inkhorn.accounts.views.doors import let_in, passkey_way, sign_in_sheet
from inkhorn.accounts.views.room import PASSKEY_SCRIPT, bp, fields_of, hidden, say_wrong, show_sheet
from inkhorn.core.access import everyone, open_to
from inkhorn.core.errors import InkhornError
from inkhorn.core.links import own_path
from inkhorn.core.themes import Link

# Stands in the address of the sheet that asks for a recovery code.
PAPER = "paper"
FEW_CODES = 3


@bp.get("/sign-in/second")
@open_to(everyone)
def show_second_factor() -> BaseResponse:
    wanted = own_path(request.args.get("next"))
    try:
        return _sheet(second.waiting_here(), SecondFactorForm(by=request.args.get("by"), next=wanted))
    except LinkSpent as error:
        return _begin_again(error, wanted)


@bp.post("/sign-in/second")
@open_to(everyone)
def try_second_factor() -> BaseResponse:
    form = SecondFactorForm(request.form)
    return _complete(form, lambda: second.complete_by_code(form.code.data or ""), is_sound=form.validate())


@bp.post("/sign-in/second/passkey/options")
@open_to(everyone)
def ask_for_second_passkey() -> Response:
    return jsonify(publicKey=second.ask_for_passkey())


@bp.post("/sign-in/second/passkey")
@open_to(everyone)
def try_second_passkey() -> BaseResponse:
    answer = PasskeyAnswerForm(request.form)
    form = SecondFactorForm(next=answer.next.data)
    return _complete(form, lambda: second.complete_by_passkey(answer.credential.data or ""))


@bp.post("/sign-in/passkey/options")
@open_to(everyone)
def ask_for_passkey() -> Response:
    return jsonify(publicKey=passkeys.ask(Act.SIGN_IN, must_verify=True))


@bp.post("/sign-in/passkey")
@open_to(everyone)
def sign_in_by_passkey() -> BaseResponse:
    form = PasskeyAnswerForm(request.form)
    wanted, is_remembered = own_path(form.next.data), bool(form.is_remembered.data)
    try:
        admitted = passkeys.come_in(form.credential.data, wanted=wanted, is_remembered=is_remembered)
    except InkhornError as error:
        return say_wrong(sign_in_sheet, SignInForm(next=wanted), error)
    return let_in(admitted, wanted=wanted, is_remembered=is_remembered)


def _complete(form: SecondFactorForm, complete: Callable[[], Completed], *, is_sound: bool = True) -> BaseResponse:
    try:
        waiting = second.waiting_here()
        if not is_sound:
            return _sheet(waiting, form, 422)
        try:
            done = complete()
        except LinkSpent:
            raise
        except InkhornError as error:
            return say_wrong(partial(_sheet, second.waiting_here()), form, error)
    except LinkSpent as error:
        return _begin_again(error, own_path(form.next.data))
    _tell_of_paper(done)
    return let_in(done.admitted, wanted=done.wanted, is_remembered=done.is_remembered)


def _sheet(waiting: OneTimeToken, form: SecondFactorForm, status: int = 200, *, error: str = "") -> BaseResponse:
    known, wanted = factors_of(waiting.user_id or 0), own_path(form.next.data)
    by_paper = form.by.data == PAPER or not known.has_authenticator
    here = partial(url_for, "accounts.show_second_factor", next=wanted)
    other = Link(_("Use the app"), here()) if by_paper else Link(_("Use a recovery code"), here(by=PAPER), note=_("No phone at hand?"))
    with_app = {"kind": "code", "label": _("Six digits"), "autocomplete": "one-time-code"}
    with_paper = {"label": _("Recovery code"), "autocomplete": "off", "hint": _("Sixteen letters and digits; each code works once.")}
    return show_sheet(
        SecondFactorPage,
        status=status,
        title=_("One more step"),
        name="second_factor",
        lead=_lead(by_paper=by_paper, has_passkey=known.passkeys > 0),
        error=error,
        form_action=url_for("accounts.try_second_factor"),
        hidden=hidden([("by", PAPER if by_paper else None), ("next", wanted)]),
        fields=fields_of(form, code=with_paper if by_paper else with_app),
        submit=_("Sign in"),
        ways=passkey_way(_("Use a passkey"), "accounts.try_second_passkey", wanted) if known.passkeys else (),
        links=(*((other,) if known.has_authenticator else ()), Link(_("Begin again"), url_for("accounts.sign_in", next=wanted))),
        scripts=(PASSKEY_SCRIPT,) if known.passkeys else (),
    )


def _lead(*, by_paper: bool, has_passkey: bool) -> str:
    if not by_paper:
        told = _("Type the six digits that your app shows for this site.")
    elif has_passkey:
        told = _("Use a passkey, or one of your recovery codes. If all of them are lost, an administrator of the site can help.")
    else:
        told = _("Type one of your recovery codes. If all of them are lost, an administrator of the site can help.")
    return str(told)


def _begin_again(error: LinkSpent, wanted: str | None) -> BaseResponse:
    told = _("That took too long, or it was begun in another browser. Sign in once more.")
    return sign_in_sheet(SignInForm(next=wanted), error.status, error=told)


def _tell_of_paper(done: Completed) -> None:
    """Whoever used up a code from paper is told at the desk how many are left."""
    if done.way != "recovery" or not done.admitted.user.holds("desk.open"):
        return
    left = factors_of(done.admitted.user.id).recovery_codes
    told = _("You came in by a recovery code. Codes left: %(left)s.", left=left)
    more = _("Make new ones in your account, under Two-factor.")
    flash(f"{told} {more}" if left <= FEW_CODES else told, "warning" if left <= FEW_CODES else "message")
