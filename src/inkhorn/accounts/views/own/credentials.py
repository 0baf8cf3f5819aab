"""Account section "Signing in": the password, and the address of the account."""

from flask import flash, g, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from inkhorn.accounts import passwords
from inkhorn.accounts.counts import proof_key
from inkhorn.accounts.forms.credentials import NewEmailForm, PasswordForm
from inkhorn.accounts.identity import passkeys, sessions
from inkhorn.accounts.identity.freshness import fresh
from inkhorn.accounts.identity.sessions import own_session
from inkhorn.accounts.policies import is_staff
from inkhorn.accounts.services import credentials
from inkhorn.accounts.services.sessions import is_fresh, renew_session
from inkhorn.accounts.views.own.identities import linked_identities
from inkhorn.accounts.views.room import bp
from inkhorn.core import limits
from inkhorn.core.access import open_to, signed_in
from inkhorn.core.database import transaction
from inkhorn.core.desk import show_desk_page
from inkhorn.core.errors import InkhornError, Invalid


@bp.get("/account/signing-in")
@open_to(signed_in)
def show_sign_in_ways() -> BaseResponse:
    return _page()


@bp.post("/account/password")
@open_to(signed_in)
def change_password() -> BaseResponse:
    if not _may_choose_password():
        return redirect(_proving_first(), code=303)
    form = PasswordForm()
    if not form.validate():
        return _page(422, password_form=form)
    try:
        _check_current(form)
        password_hash = credentials.hash_new_password(g.actor.user, form.new_password.data or "")
    except InkhornError as error:
        return _page(error.status, password_form=_marked(form, error, "new_password"))
    with transaction():
        opened = own_session()
        credentials.change_password(opened.user, password_hash, by=g.actor, session_id=opened.id)
        token = renew_session(opened)
    flash(_("The password is changed. Every other browser has been signed out."))
    response = redirect(url_for("accounts.show_sign_in_ways"), code=303)
    sessions.remember(response, token, is_remembered=opened.is_remembered)
    return response


@bp.post("/account/address")
@open_to(signed_in)
@fresh
def ask_for_new_email() -> BaseResponse:
    form = NewEmailForm()
    if not form.validate():
        return _page(422, email_form=form)
    try:
        with transaction():
            credentials.ask_for_new_email(own_session().user, form.email.data or "", by=g.actor)
            # Last, so that a slip of the finger costs none of the day's two; refused here, nothing was asked for.
            limits.spend(limits.NEW_EMAIL, str(g.actor.id))
    except InkhornError as error:
        return _page(error.status, email_form=_marked(form, error, "email"))
    flash(_("Two letters are on their way, to the old address and to the new. When both have agreed, the change is made."))
    return redirect(url_for("accounts.show_sign_in_ways"), code=303)


def _may_choose_password() -> bool:
    """Whoever has a password proves it with the change; whoever has none must have proved otherwise who they are."""
    return g.actor.user.password is not None or is_fresh(g.session)


def _proving_first() -> str:
    return url_for("accounts.show_proof", next=url_for("accounts.show_sign_in_ways"))


def _check_current(form: PasswordForm) -> None:
    """The present password, where there is one; counted, so that a browser left open is no place to guess in."""
    kept = g.actor.user.password
    if kept is None:
        return
    key = proof_key(g.actor.id, g.session_id)
    limits.spend(limits.PROOF, *key)
    if not passwords.is_right(form.current_password.data or "", kept):
        raise credentials.WrongCurrentPassword
    limits.give_back(limits.PROOF, *key)


def _marked(form: PasswordForm | NewEmailForm, error: InkhornError, otherwise: str) -> PasswordForm | NewEmailForm:
    named = error.field if isinstance(error, Invalid) and error.field in form else otherwise
    form[named].errors = [*form[named].errors, str(error)]
    return form


def _page(status: int = 200, **forms: PasswordForm | NewEmailForm) -> BaseResponse:
    user = g.actor.user
    shown = {"password_form": PasswordForm(formdata=None), "email_form": NewEmailForm(formdata=None), **forms}
    least = passwords.LEAST_FOR_STAFF if is_staff(user) else passwords.LEAST_FOR_READERS
    more = {**linked_identities(), **passkeys.shown_to(user)}
    return show_desk_page(
        "accounts/show_sign_in_ways.html",
        status,
        least=least,
        user=user,
        proving_first=None if _may_choose_password() else _proving_first(),
        **shown,
        **more,
    )
